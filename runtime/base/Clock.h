//===- Clock.h - Time for waits and measurements ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_CLOCK_H
#define DS_RUNTIME_BASE_CLOCK_H

#include <ctime>

namespace ds::rt {

/// Seconds since some fixed time; never goes back.
inline double monotonicSeconds() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_CLOCK_H
