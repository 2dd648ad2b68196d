//===- StopWatch.cpp - How long a GPU takes for some work ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/StopWatch.h"

namespace ds::rt::cuda {

StopWatch::~StopWatch() {
  if (!device_.isAbandoned())
    for (Event event : events_)
      if (event)
        (void)device_.driver().eventDestroy(event);
}

Result StopWatch::mark(int which) {
  Event &event = events_[which];
  if (!event)
    if (Result made = device_.driver().eventCreate(&event, 0); made != kSuccess)
      return made;
  return device_.driver().eventRecord(event, device_.stream());
}

Result StopWatch::read(float &milliseconds,
                       const std::function<Device::Watch()> &watch) const {
  if (Result done = device_.wait(kPatience, watch); done != kSuccess)
    return done;
  return device_.driver().eventElapsedTime(&milliseconds, events_[0],
                                           events_[1]);
}

} // namespace ds::rt::cuda
