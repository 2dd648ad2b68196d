//===- Measured.h - What a traced run measured ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_PLAN_MEASURED_H
#define DS_TOOLS_DS_PLAN_MEASURED_H

#include "plan/Plan.h"

#include <string>
#include <vector>

namespace ds::rt {

/// An instruction on the time line of a step; microseconds since its begin.
struct TimedInstr {
  uint32_t number;
  double begin, end;
};

/// What `ds-run --trace` says of one rank.
struct Measured {
  std::string entry;
  uint64_t steps = 0;           ///< That `micros` are the mean of.
  std::vector<double> micros;   ///< Of a step, by instruction's number.
  uint64_t shown = 0;           ///< The step of `line`: of median length.
  std::vector<TimedInstr> line; ///< As they began.
  double stepMicros = 0;        ///< Of the step `shown`.
  double gbps = 0;              ///< Of the run's triad; 0: not known.
};

/// Reads the trace `path` of `plan`, of the first step only if it is the only
/// one: it warms up.  Refuses the trace of another plan.
StatusOr<Measured> readTrace(const std::string &path, const LoadedPlan &plan,
                             uint32_t rank);

} // namespace ds::rt

#endif // DS_TOOLS_DS_PLAN_MEASURED_H
