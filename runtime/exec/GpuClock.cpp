//===- GpuClock.cpp - When a GPU did which instruction ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuClock.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

GpuClock::~GpuClock() {
  if (!device_.isAbandoned())
    for (Event event : events_)
      (void)device_.driver().eventDestroy(event);
}

Result GpuClock::mark(size_t stream) {
  if (used_ == events_.size()) {
    Event event = nullptr;
    const Result result = device_.driver().eventCreate(&event, 0);
    if (result != kSuccess)
      return result;
    events_.push_back(event);
  }
  if (last_.size() <= stream)
    last_.resize(stream + 1);
  last_[stream] = used_;
  return device_.driver().eventRecord(events_[used_++], device_.stream(stream));
}

Result GpuClock::begin() {
  marks_.clear();
  used_ = 0;
  return mark(0);
}

Result GpuClock::begins(size_t stream) { return mark(stream); }

Result GpuClock::ends(uint32_t number, size_t stream) {
  marks_.push_back({number, last_[stream], used_});
  return mark(stream);
}

StatusOr<GpuClock::Times> GpuClock::read() const {
  Times times;
  std::vector<double> at(used_);
  for (size_t i = 1; i < used_; ++i) {
    float milliseconds = 0;
    const Result result = device_.driver().eventElapsedTime(
        &milliseconds, events_[0], events_[i]);
    if (result != kSuccess)
      return device_.error(result,
                           "cannot read the times of " + device_.title());
    at[i] = double(milliseconds) * 1e-3;
    times.end = std::max(times.end, at[i]);
  }
  for (const Mark &mark : marks_)
    times.instructions.push_back({mark.number, at[mark.begin], at[mark.end]});
  std::ranges::sort(times.instructions, [](const Time &a, const Time &b) {
    return std::pair(a.begin, a.number) < std::pair(b.begin, b.number);
  });
  return times;
}

} // namespace ds::rt
