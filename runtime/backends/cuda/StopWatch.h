//===- StopWatch.h - How long a GPU takes for some work -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_BACKENDS_CUDA_STOPWATCH_H
#define DS_RUNTIME_BACKENDS_CUDA_STOPWATCH_H

#include "backends/cuda/Device.h"

namespace ds::rt::cuda {

/// Two events on the device's first stream, and the time between them.  Gives
/// them back at the end, before its device.
class StopWatch {
public:
  explicit StopWatch(const Device &device) : device_(device) {}
  StopWatch(const StopWatch &) = delete;
  ~StopWatch();

  /// Time `which`, 0 or 1, is when the stream comes here.
  Result mark(int which);
  /// Waits for all that was enqueued; kNotReady when that takes longer than
  /// kPatience, in seconds, or when `watch` gives up (Device::wait).
  static constexpr double kPatience = 60;
  Result read(float &milliseconds,
              const std::function<Device::Watch()> &watch = nullptr) const;

private:
  const Device &device_;
  Event events_[2] = {};
};

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_STOPWATCH_H
