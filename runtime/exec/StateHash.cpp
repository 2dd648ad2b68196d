//===- StateHash.cpp - One number for the whole state -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cpu/Threads.h"
#include "exec/State.h"

#include <atomic>
#include <cstring>

namespace ds::rt {
namespace {

/// SplitMix64's finalizer: every input bit reaches every output bit.
inline uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

uint64_t hashName(const char *name) {
  uint64_t hash = 0xcbf29ce484222325; // FNV-1a
  for (; *name; ++name)
    hash = (hash ^ uint8_t(*name)) * 0x100000001b3;
  return mix(hash);
}

template <typename Bits>
uint64_t hashRange(uint64_t key, const std::byte *data, uint64_t first,
                   uint64_t count) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < count; ++i) {
    Bits bits;
    std::memcpy(&bits, data + i * sizeof(Bits), sizeof(Bits));
    uint64_t place = key + (first + i) * 0x9e3779b97f4a7c15;
    sum += mix(mix(place) ^ uint64_t(bits));
  }
  return sum;
}

uint64_t hashBits(uint64_t size, uint64_t key, const std::byte *data,
                  uint64_t first, uint64_t count) {
  switch (size) {
  case 1:
    return hashRange<uint8_t>(key, data, first, count);
  case 2:
    return hashRange<uint16_t>(key, data, first, count);
  case 4:
    return hashRange<uint32_t>(key, data, first, count);
  default:
    return hashRange<uint64_t>(key, data, first, count);
  }
}

} // namespace

StatusOr<uint64_t> hashState(const View &view,
                             const std::vector<StatePiece> &pieces) {
  std::atomic<uint64_t> total{0};
  auto add = [&](const StatePiece &part) -> Status {
    const uint64_t key = hashName(part.tensor->name()->c_str());
    const uint64_t size = bytesOf(part.dtype);
    parallelRanges(part.count, 1 << 16, [&](uint64_t begin, uint64_t end) {
      total += hashBits(size, key, part.data + begin * size, part.first + begin,
                        end - begin);
    });
    return {};
  };
  for (const StatePiece &piece : pieces)
    if (piece.owned && piece.tensor->kind() != plan::BufferClass::scalar)
      DS_RT_RETURN_IF_ERROR(eachPart(view, piece, Access::Read, add));
  return total.load();
}

} // namespace ds::rt
