//===- Trace.cpp - What ranks leave of when things happened -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Trace.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace ds::rt {

std::vector<uint64_t> Kept::numbers(uint64_t count) const {
  std::vector<uint64_t> all;
  for (uint64_t i = 0; i < std::min(count, first); ++i)
    all.push_back(i);
  for (uint64_t i = std::max(first, count - std::min(count, last)); i < count;
       ++i)
    all.push_back(i);
  return all;
}

/// At most 8 steps: the first two, as the first warms up, and the last ones.
static Kept keptSteps(uint64_t steps, uint64_t room) {
  constexpr uint64_t most = std::extent_v<decltype(RankTrace::steps)>;
  const uint64_t kept = std::clamp<uint64_t>(std::min(steps, room), 1, most);
  const uint64_t first = std::min<uint64_t>(2, kept / 2);
  return {first, kept - first};
}

StatusOr<TraceBuffer> TraceBuffer::create(int world, uint64_t perStep,
                                          uint64_t steps) {
  TraceBuffer buffer;
  buffer.world_ = world;
  buffer.perStep_ = std::clamp<uint64_t>(perStep, 1, kMostEvents);
  buffer.kept_ = rt::keptSteps(steps, kMostEvents / buffer.perStep_);
  const uint64_t bytes = sizeof(RankTrace) + buffer.kept_.size() *
                                                 buffer.perStep_ *
                                                 sizeof(InstrEvent);
  buffer.bytesPerRank_ = (bytes + 4095) / 4096 * 4096;
  // Populated: the step loop meets no page that is missing.
  void *mapping = mmap(nullptr, buffer.bytesPerRank_ * uint64_t(world),
                       PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (mapping == MAP_FAILED)
    return inputError(
        "cannot map %llu bytes for --trace: %s",
        (unsigned long long)(buffer.bytesPerRank_ * uint64_t(world)),
        std::strerror(errno));
  buffer.mapping_ = static_cast<std::byte *>(mapping);
  for (int rank = 0; rank < world; ++rank)
    new (&buffer.rank(rank)) RankTrace();
  return buffer;
}

TraceBuffer::TraceBuffer(TraceBuffer &&other) noexcept {
  *this = std::move(other);
}

TraceBuffer &TraceBuffer::operator=(TraceBuffer &&other) noexcept {
  std::swap(kept_, other.kept_);
  std::swap(world_, other.world_);
  std::swap(perStep_, other.perStep_);
  std::swap(bytesPerRank_, other.bytesPerRank_);
  std::swap(mapping_, other.mapping_);
  return *this;
}

TraceBuffer::~TraceBuffer() {
  if (mapping_)
    munmap(mapping_, bytesPerRank_ * uint64_t(world_));
}

RankTrace &TraceBuffer::rank(int rank) const {
  return *reinterpret_cast<RankTrace *>(mapping_ +
                                        uint64_t(rank) * bytesPerRank_);
}

std::span<InstrEvent> TraceBuffer::events(int rank, uint64_t place) const {
  auto *events = reinterpret_cast<InstrEvent *>(&this->rank(rank) + 1);
  return {events + place * perStep_, perStep_};
}

} // namespace ds::rt
