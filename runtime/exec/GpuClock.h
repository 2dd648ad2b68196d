//===- GpuClock.h - When a GPU did which instruction --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_GPUCLOCK_H
#define DS_RUNTIME_EXEC_GPUCLOCK_H

#include "backends/cuda/Device.h"

namespace ds::rt {

/// An event behind each instruction of a step, and one before the first.  Gives
/// them back at the end, before its device.
class GpuClock {
public:
  explicit GpuClock(const cuda::Device &device) : device_(device) {}
  GpuClock(const GpuClock &) = delete;
  ~GpuClock();

  /// A step begins here on the stream.
  cuda::Result begin();
  /// Here instruction `number` ends.
  cuda::Result add(uint32_t number);

  struct Time {
    uint32_t number;
    double end; ///< Seconds since the beginning of the step.
  };
  /// All of a step that has ended, in the order of their execution.
  StatusOr<std::vector<Time>> read() const;

private:
  cuda::Result mark();

  const cuda::Device &device_;
  std::vector<cuda::Event> events_; ///< As many as were ever needed.
  std::vector<uint32_t> numbers_;   ///< Of the instructions so far.
  size_t marks_ = 0;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUCLOCK_H
