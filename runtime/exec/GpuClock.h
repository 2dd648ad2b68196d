//===- GpuClock.h - When a GPU did which instruction --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_GPUCLOCK_H
#define DS_RUNTIME_EXEC_GPUCLOCK_H

#include "backends/cuda/Device.h"

namespace ds::rt {

/// An event behind each instruction of a step, one before the first, and one
/// before each that may have waited for other streams.  Gives them back at the
/// end, before its device.
class GpuClock {
public:
  explicit GpuClock(const cuda::Device &device) : device_(device) {}
  GpuClock(const GpuClock &) = delete;
  ~GpuClock();

  /// A step begins here on the first stream.
  cuda::Result begin();
  /// Here instruction `number` may begin; without it, where the one before on
  /// its stream ended.
  cuda::Result begins(size_t stream);
  /// Here it ends.
  cuda::Result ends(uint32_t number, size_t stream);

  /// Seconds since the beginning of the step.
  struct Time {
    uint32_t number;
    double begin, end;
  };
  struct Times {
    std::vector<Time> instructions; ///< In the order they began.
    double end = 0;                 ///< Of the last one to end.
  };
  /// All of a step that has ended.
  StatusOr<Times> read() const;

private:
  struct Mark {
    uint32_t number;
    size_t begin, end; ///< Events.
  };
  cuda::Result mark(size_t stream);

  const cuda::Device &device_;
  std::vector<cuda::Event> events_; ///< As many as were ever needed.
  size_t used_ = 0;
  std::vector<size_t> last_; ///< Event on each stream.
  std::vector<Mark> marks_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUCLOCK_H
