//===- GpuTrail.h - How far a GPU has come in a step --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GPU tells of an error later, and not where it was.  So it writes a number
// into memory of the host now and then: what comes after the last one is at
// fault.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_GPUTRAIL_H
#define DS_RUNTIME_EXEC_GPUTRAIL_H

#include "backends/cuda/Device.h"

#include <algorithm>

namespace ds::rt {

class GpuTrail {
public:
  /// `word`: 4 bytes that both can use.
  GpuTrail(const cuda::Device &device, std::byte *word)
      : device_(device), word_(reinterpret_cast<volatile uint32_t *>(word)) {}

  /// A step is enqueued anew; the GPU writes after `every` instructions.
  void begin(uint32_t every) {
    numbers_.clear();
    every_ = every;
  }
  /// Instruction `number` was enqueued.
  cuda::Result add(uint32_t number) {
    numbers_.push_back(number);
    if (numbers_.size() % every_ != 0 || !works_)
      return cuda::kSuccess;
    const cuda::Result result = device_.driver().writeValue(
        device_.stream(), cuda::addressOf(const_cast<uint32_t *>(word_)),
        uint32_t(numbers_.size()), 0);
    // Some shared GPUs cannot; then less is known.
    works_ = result != cuda::kNotSupported;
    return works_ ? result : cuda::kSuccess;
  }

  /// What was enqueued is about to run.
  void start() { *word_ = 0; }
  /// How many instructions are surely done.
  uint32_t done() const { return *word_; }
  /// The numbers of those of which one is running, or is at fault; empty when
  /// all are done.
  std::vector<uint32_t> running() const {
    const size_t first = done();
    const size_t end = works_ ? first + every_ : numbers_.size();
    return {numbers_.begin() + std::ptrdiff_t(std::min(first, numbers_.size())),
            numbers_.begin() + std::ptrdiff_t(std::min(end, numbers_.size()))};
  }

private:
  const cuda::Device &device_;
  volatile uint32_t *word_;
  std::vector<uint32_t> numbers_; ///< In the order of their execution.
  uint32_t every_ = 1;
  bool works_ = true;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUTRAIL_H
