//===- Report.h - What a run tells about itself -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_REPORT_H
#define DS_RUNTIME_EXEC_REPORT_H

#include "plan_generated.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ds::rt {

struct ArenaReport {
  int rank;
  plan::Space space;
  uint64_t plannedBytes;
  uint64_t measuredBytes; ///< The most that was resident so far.
};

/// A part of an arena or of a step: what the plan states, what was measured.
struct PartReport {
  std::string name;
  double planned, measured;
  std::string note; ///< For people.
};

/// Instructions that do the same, in a mean step.
struct ProfileRow {
  std::string what; ///< "gemm 1024x2304x768 NN", "kernel add_gelu", ...
  double calls = 0, ms = 0, plannedMs = 0;
  double flops = 0, bytes = 0; ///< Of all calls; bytes moved at least.
  double limitMs = 0;          ///< At the run's limits; 0: none is known.
  bool product = false;
};

/// What one rank could reach at most; 0: not known.
struct Limits {
  double gflops = 0; ///< Of the run's best product.
  double gbps = 0;   ///< Of a triad over its arena, with all ranks at once.
};

struct StartReport {
  int world;
  double startupMs;       ///< From process start to the first step, without:
  double initialValuesMs; ///< making or loading the state.
  uint64_t firstStep;
  std::vector<ArenaReport> arenas;
  /// The processor of each thread of each rank; empty: not bound.
  std::vector<std::vector<int>> binding;
  /// What libraries took of each rank's GPU besides the arenas; empty on CPUs.
  std::vector<uint64_t> libraryBytes;
  std::vector<std::string> notes; ///< What a user should know.
};

struct StepReport {
  uint64_t step;
  std::vector<std::pair<std::string, double>> outputs;
  double stepMs;
  double tokensPerSecond; ///< 0 when the inputs are no tokens.
};

struct EndReport {
  uint64_t steps;
  double medianStepMs; ///< 0 without steps.
  double predictedStepMs;
  double productFlops;                ///< Of one step and rank.
  std::vector<uint64_t> peakRssBytes; ///< One per rank.
  std::vector<ArenaReport> arenas;
  /// Bytes of rank 0's arenas by what they hold.  The last one, `temporary`, is
  /// shared by buffers that live at different times.
  std::vector<PartReport> memory;
  /// Milliseconds of rank 0's step by work, medians; with `inputs, outputs`.
  std::vector<PartReport> time;
  /// Of rank 0, when it was asked for; without the first step if there are
  /// more.
  std::vector<ProfileRow> profile;
  Limits limits;                     ///< Of `profile`.
  std::optional<uint64_t> stateHash; ///< When it was asked for.
};

/// Called by rank 0 only.
class RunObserver {
public:
  virtual ~RunObserver() = default;
  virtual void onStart(const StartReport &report) = 0;
  virtual void onStep(const StepReport &report) = 0;
  virtual void onSaved(const std::string &folder, uint64_t step) = 0;
  virtual void onEnd(const EndReport &report) = 0;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_REPORT_H
