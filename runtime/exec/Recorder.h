//===- Recorder.h - When and how long, while a rank runs ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place that takes down times: sums by kind of work for each step's
// report, sums by instruction for --profile, and single events for --trace.
// All tables are made before the first step; nothing is allocated, locked or
// looked up by name in it.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_RECORDER_H
#define DS_RUNTIME_EXEC_RECORDER_H

#include "exec/Profile.h"
#include "exec/Trace.h"

#include <array>

namespace ds::rt {

class Recorder {
public:
  /// Of a program of `instructions`; without `trace`, no single events.
  /// `trace` outlives it.
  explicit Recorder(size_t instructions, const TraceBuffer *trace = nullptr,
                    int rank = 0);

  /// The rank enters a phase, of step `step`.
  void enter(Phase phase, uint64_t step, double now);
  void endStep(double now) {
    if (step_)
      step_->end = now;
  }
  /// The phase before ends without another.
  void endPhase(double now) {
    if (phase_)
      phase_->end = now;
    phase_ = nullptr;
  }

  /// Instruction `number` begins; returns what `end` takes.
  InstrEvent *begin(uint32_t number, double now) {
    if (!step_)
      return nullptr;
    if (step_->events == events_.size()) {
      ++step_->lost;
      return nullptr;
    }
    InstrEvent *event = &events_[step_->events++];
    *event = {now, 0, number};
    return event;
  }
  void end(InstrEvent *event, plan::Op op, uint32_t number, double began,
           double now) {
    seconds_[slots_[size_t(op)]] += now - began;
    times_[number].seconds += now - began;
    ++times_[number].calls;
    if (event)
      event->end = now;
  }

  /// Seconds by Work since the last call.
  std::array<double, kWorks> takeSeconds();
  /// What each instruction took since the last reset, by its number.
  const std::vector<InstrTime> &times() const { return times_; }
  void resetTimes() { times_.assign(times_.size(), {}); }

private:
  void beginStep(uint64_t step, double now);
  void beginPhase(Phase phase, uint64_t step, double now);

  /// Where an operation's time is added; the last slot is for Loop and Call,
  /// whose instructions have their time already.
  std::array<uint8_t, size_t(plan::Op::MAX) + 1> slots_;
  std::array<double, kWorks + 1> seconds_{};
  std::vector<InstrTime> times_;

  const TraceBuffer *trace_;
  int rank_;
  StepEvents *step_ = nullptr;   ///< The one that runs.
  PhaseEvent *phase_ = nullptr;  ///< The one that has not ended.
  std::span<InstrEvent> events_; ///< Of `step_`.
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_RECORDER_H
