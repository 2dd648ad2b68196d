//===- Breakdown.h - A run's bytes and time by what they are for --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_BREAKDOWN_H
#define DS_RUNTIME_EXEC_BREAKDOWN_H

#include "exec/Backend.h"
#include "exec/Report.h"
#include "plan/Plan.h"

namespace ds::rt {

/// The bytes of one rank's arenas: each class of persistent buffers, then what
/// lies between them (`temporary`).  The parts add up to the arenas.  Costs a
/// look at every page.
std::vector<PartReport> memoryParts(const plan::Program &program,
                                    const Backend &backend);

/// Where the time of steps went.
class StepTimes {
public:
  /// One step: its whole time and that of its instructions.
  void add(double ms, const std::array<double, kWorks> &seconds);
  size_t steps() const { return count_; }
  /// Median milliseconds of a step; 0 without steps.
  double medianMs() const;
  /// Medians by work, beside what is planned; works that a plan has not are
  /// left out.
  std::vector<PartReport> parts(const PlannedWork &work) const;

private:
  /// The last steps suffice; memory does not grow with time.
  static constexpr size_t kMost = 1 << 14;
  struct Step {
    double ms;
    std::array<float, kWorks> workMs;
  };
  template <typename Value> double median(Value value) const;

  std::vector<Step> steps_;
  size_t count_ = 0;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_BREAKDOWN_H
