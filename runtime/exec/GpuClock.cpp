//===- GpuClock.cpp - When a GPU did which instruction ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuClock.h"

namespace ds::rt {

using namespace cuda;

GpuClock::~GpuClock() {
  if (!device_.isAbandoned())
    for (Event event : events_)
      (void)device_.driver().eventDestroy(event);
}

Result GpuClock::mark() {
  if (marks_ == events_.size()) {
    Event event = nullptr;
    const Result result = device_.driver().eventCreate(&event, 0);
    if (result != kSuccess)
      return result;
    events_.push_back(event);
  }
  return device_.driver().eventRecord(events_[marks_++], device_.stream());
}

Result GpuClock::begin() {
  numbers_.clear();
  marks_ = 0;
  return mark();
}

Result GpuClock::add(uint32_t number) {
  numbers_.push_back(number);
  return mark();
}

StatusOr<std::vector<GpuClock::Time>> GpuClock::read() const {
  std::vector<Time> times;
  for (size_t i = 0; i < numbers_.size(); ++i) {
    float milliseconds = 0;
    const Result result = device_.driver().eventElapsedTime(
        &milliseconds, events_[0], events_[i + 1]);
    if (result != kSuccess)
      return device_.error(result,
                           "cannot read the times of " + device_.title());
    times.push_back({numbers_[i], double(milliseconds) * 1e-3});
  }
  return times;
}

} // namespace ds::rt
