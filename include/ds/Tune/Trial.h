//===- Trial.h - Running a candidate to see how long a step takes -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A trial is a process of its own: whatever the plan does there, crash or hang
// included, is an answer and not a failure of the search.
//===--------------------------------------------------------------------===//
#ifndef DS_TUNE_TRIAL_H
#define DS_TUNE_TRIAL_H

#include <functional>
#include <optional>
#include <string>

namespace ds {

/// What a trial gave.
struct TrialResult {
  std::optional<double> stepMs; ///< Median of the steps after the first.
  std::string failure;          ///< Why there is no time: "exit code 3: ...".
  bool crashed = false;         ///< It failed by itself, not by our limit.
};

/// Runs the plan at `path` for at most `seconds`.
using TrialRunner =
    std::function<TrialResult(const std::string &path, double seconds)>;

/// Trials by `program`, a path to ds-run: reads its JSON lines and ends it as
/// soon as a few steps have been timed.  No process of a trial outlives it, nor
/// this process.
TrialRunner processTrials(std::string program);

} // namespace ds

#endif // DS_TUNE_TRIAL_H
