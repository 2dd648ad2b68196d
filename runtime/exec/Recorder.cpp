//===- Recorder.cpp - When and how long, while a rank runs --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Recorder.h"

#include <algorithm>

namespace ds::rt {

Recorder::Recorder(size_t instructions, const TraceBuffer *trace, int rank)
    : times_(instructions), trace_(trace && *trace ? trace : nullptr),
      rank_(rank) {
  for (size_t op = 0; op < slots_.size(); ++op)
    slots_[op] = uint8_t(workOf(plan::Op(op)).value_or(Work(kWorks)));
}

std::array<double, kWorks> Recorder::takeSeconds() {
  std::array<double, kWorks> taken;
  std::copy_n(seconds_.begin(), kWorks, taken.begin());
  seconds_.fill(0);
  return taken;
}

void Recorder::beginStep(uint64_t step, double now) {
  RankTrace &trace = trace_->rank(rank_);
  const uint64_t place = trace_->keptSteps().place(trace.stepCount++);
  step_ = &trace.steps[place];
  *step_ = {step, now, 0, 0, 0, 0, 0};
  events_ = trace_->events(rank_, place);
}

void Recorder::beginPhase(Phase phase, uint64_t step, double now) {
  RankTrace &trace = trace_->rank(rank_);
  phase_ = &trace.phases[RankTrace::kPhases.place(trace.phaseCount++)];
  *phase_ = {now, 0, phase, step};
}

void Recorder::enter(Phase phase, uint64_t step, double now) {
  if (!trace_)
    return;
  endPhase(now);
  switch (phase) {
  case Phase::Inputs:
    return beginStep(step, now);
  case Phase::Step:
    step_->ran = now;
    return;
  case Phase::Report:
    step_->outputs = now;
    return;
  default:
    return beginPhase(phase, step, now);
  }
}

} // namespace ds::rt
