//===- GpuStreams.h - How a program's streams wait for each other -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan says which instruction is on which stream and what it waits for.
// The first stream is there anyway; others leave it where all meet and come
// back to it where they meet again.  All of it is legal while a stream is
// captured, so that a graph has the same order.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_GPUSTREAMS_H
#define DS_RUNTIME_EXEC_GPUSTREAMS_H

#include "backends/cuda/Device.h"
#include "plan/Plan.h"

#include <array>
#include <map>

namespace ds::rt {

inline constexpr size_t kStreams = size_t(plan::Stream::MAX) + 1;
/// Of each stream: how many of its instructions since a step began.
using StreamCounts = std::array<uint32_t, kStreams>;

/// Gives its events back at the end, before its device.
class GpuStreams {
public:
  explicit GpuStreams(cuda::Device &device) : device_(device) {}
  GpuStreams(const GpuStreams &) = delete;
  ~GpuStreams();

  /// Makes the streams and events that a program needs.
  Status prepare(const plan::Program &program);

  static size_t indexOf(const plan::Instr &instr) {
    return size_t(instr.stream());
  }
  cuda::Stream of(const plan::Instr &instr) const {
    return device_.stream(indexOf(instr));
  }
  /// A step is enqueued anew.
  void restart();
  /// Call before and behind the enqueueing of an instruction that is no loop
  /// or call.
  cuda::Result begin(uint32_t number, const plan::Instr &instr);
  /// Whether the instruction that begins may do so later than its stream's last
  /// one ended.
  bool waited() const { return waited_; }
  /// What has to be done before it begins.
  const StreamCounts &needs(const plan::Instr &instr) const {
    return needs_[indexOf(instr)];
  }
  cuda::Result end(uint32_t number, const plan::Instr &instr);

private:
  using Mask = uint8_t; ///< A bit for each stream but the first.

  cuda::Result make(cuda::Event &event);
  void addStretch(uint32_t first, uint32_t last, Mask streams);

  cuda::Device &device_;
  std::map<uint32_t, cuda::Event> events_; ///< Behind instructions.
  std::map<uint32_t, Mask> forks_, joins_; ///< By first and last instruction.
  cuda::Event fork_ = nullptr;
  std::map<size_t, cuda::Event> ends_; ///< Of streams, where they join.
  bool joined_ = false, waited_ = false;

  StreamCounts counts_{};                      ///< Enqueued so far.
  std::array<StreamCounts, kStreams> needs_{}; ///< Of what comes next on each.
  /// Stream and count of an instruction that is waited for.
  std::map<uint32_t, std::pair<size_t, uint32_t>> placeOf_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUSTREAMS_H
