//===- GpuStreams.cpp - How a program's streams wait for each other -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuStreams.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

GpuStreams::~GpuStreams() {
  if (device_.isAbandoned())
    return;
  for (auto [number, event] : events_)
    (void)device_.driver().eventDestroy(event);
  for (auto [stream, event] : ends_)
    (void)device_.driver().eventDestroy(event);
  if (fork_)
    (void)device_.driver().eventDestroy(fork_);
}

Result GpuStreams::make(Event &event) {
  return event ? kSuccess
               : device_.driver().eventCreate(&event, kEventNoTiming);
}

/// The instructions [first, last] of a block are between two meetings.
void GpuStreams::addStretch(uint32_t first, uint32_t last, Mask streams) {
  if (streams == 0)
    return;
  forks_[first] = joins_[last] = streams;
  for (size_t s = 1; s < kStreams; ++s)
    if (streams >> s & 1)
      ends_[s];
}

Status GpuStreams::prepare(const plan::Program &program) {
  uint32_t number = 0;
  for (const auto *block : *program.blocks()) {
    uint32_t first = number;
    Mask streams = 0;
    for (const auto *instr : *block->instrs()) {
      if (instr->op_type() == plan::Op::Loop ||
          instr->op_type() == plan::Op::Call) {
        addStretch(first, number - 1, streams);
        first = number + 1;
        streams = 0;
      } else if (indexOf(*instr) > 0) {
        streams = Mask(streams | 1u << indexOf(*instr));
      }
      if (instr->waits())
        for (uint32_t wait : *instr->waits())
          events_[wait];
      ++number;
    }
    addStretch(first, number - 1, streams);
  }
  if (ends_.empty())
    return {};
  DS_RT_RETURN_IF_ERROR(device_.addStreams(ends_.rbegin()->first + 1));
  Result result = make(fork_);
  for (auto &[stream, event] : ends_)
    if (result == kSuccess)
      result = make(event);
  for (auto &[behind, event] : events_)
    if (result == kSuccess)
      result = make(event);
  return result == kSuccess ? Status()
                            : device_.error(result, "cannot make events on " +
                                                        device_.title());
}

void GpuStreams::restart() {
  counts_ = {};
  needs_ = {};
}

Result GpuStreams::begin(uint32_t number, const plan::Instr &instr) {
  const Driver &driver = device_.driver();
  Result result = kSuccess;
  waited_ = indexOf(instr) > 0 || joined_ ||
            (instr.waits() && instr.waits()->size() > 0);
  joined_ = false;
  if (auto fork = forks_.find(number); fork != forks_.end()) {
    result = driver.eventRecord(fork_, device_.stream());
    for (size_t s = 1; s < kStreams && result == kSuccess; ++s)
      if (fork->second >> s & 1) {
        needs_[s][0] = counts_[0];
        result = driver.streamWait(device_.stream(s), fork_, 0);
      }
  }
  if (instr.waits())
    for (uint32_t wait : *instr.waits())
      if (result == kSuccess) {
        const auto &[stream, count] = placeOf_.at(wait);
        uint32_t &need = needs_[indexOf(instr)][stream];
        need = std::max(need, count);
        result = driver.streamWait(of(instr), events_.at(wait), 0);
      }
  return result;
}

Result GpuStreams::end(uint32_t number, const plan::Instr &instr) {
  const Driver &driver = device_.driver();
  Result result = kSuccess;
  ++counts_[indexOf(instr)];
  if (auto event = events_.find(number); event != events_.end()) {
    placeOf_[number] = {indexOf(instr), counts_[indexOf(instr)]};
    result = driver.eventRecord(event->second, of(instr));
  }
  if (auto join = joins_.find(number); join != joins_.end()) {
    joined_ = true;
    for (size_t s = 1; s < kStreams; ++s) {
      if (!(join->second >> s & 1))
        continue;
      needs_[0][s] = counts_[s];
      if (result == kSuccess)
        result = driver.eventRecord(ends_.at(s), device_.stream(s));
      if (result == kSuccess)
        result = driver.streamWait(device_.stream(), ends_.at(s), 0);
    }
  }
  return result;
}

} // namespace ds::rt
