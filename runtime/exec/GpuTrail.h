//===- GpuTrail.h - How far a GPU has come in a step --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GPU tells of an error later, and not where it was.  So each stream writes a
// number into memory of the host now and then: what comes after the last one is
// at fault.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_GPUTRAIL_H
#define DS_RUNTIME_EXEC_GPUTRAIL_H

#include "backends/cuda/Device.h"
#include "plan/Plan.h"

#include <algorithm>
#include <array>

namespace ds::rt {

class GpuTrail {
public:
  static constexpr size_t kStreams = size_t(plan::Stream::MAX) + 1;

  /// `words`: 4 bytes for each stream that both can use.
  GpuTrail(const cuda::Device &device, std::byte *words)
      : device_(device), words_(reinterpret_cast<volatile uint32_t *>(words)) {}

  /// A step is enqueued anew; each stream writes after `every` instructions.
  void begin(uint32_t every) {
    for (std::vector<uint32_t> &numbers : numbers_)
      numbers.clear();
    every_ = every;
  }
  /// Instruction `number` was enqueued.
  cuda::Result add(uint32_t number, size_t stream) {
    std::vector<uint32_t> &numbers = numbers_[stream];
    numbers.push_back(number);
    if (numbers.size() % every_ != 0 || !works_)
      return cuda::kSuccess;
    const cuda::Result result = device_.driver().writeValue(
        device_.stream(stream),
        cuda::addressOf(const_cast<uint32_t *>(words_ + stream)),
        uint32_t(numbers.size()), 0);
    // Some shared GPUs cannot; then less is known.
    works_ = result != cuda::kNotSupported;
    return works_ ? result : cuda::kSuccess;
  }

  /// What was enqueued is about to run.
  void start() {
    for (size_t stream = 0; stream < kStreams; ++stream)
      words_[stream] = 0;
  }
  /// How many instructions are surely done.
  uint32_t done() const {
    uint32_t all = 0;
    for (size_t stream = 0; stream < kStreams; ++stream)
      all += words_[stream];
    return all;
  }
  /// The numbers of those of a stream of which one is running, or is at fault;
  /// empty when all are done.
  std::vector<uint32_t> running(size_t stream) const {
    const std::vector<uint32_t> &numbers = numbers_[stream];
    const size_t first = std::min<size_t>(words_[stream], numbers.size());
    const size_t end =
        works_ ? std::min(first + every_, numbers.size()) : numbers.size();
    return {numbers.begin() + std::ptrdiff_t(first),
            numbers.begin() + std::ptrdiff_t(end)};
  }
  /// Those of all streams.
  std::vector<uint32_t> running() const {
    std::vector<uint32_t> all;
    for (size_t stream = 0; stream < kStreams; ++stream)
      std::ranges::copy(running(stream), std::back_inserter(all));
    return all;
  }

private:
  const cuda::Device &device_;
  volatile uint32_t *words_;
  /// By stream, in the order of their execution.
  std::array<std::vector<uint32_t>, kStreams> numbers_;
  uint32_t every_ = 1;
  bool works_ = true;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUTRAIL_H
