//===- Checksum.cpp - XXH3-128 of a plan file -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only file that includes xxhash, whole and inlined: no library to link.
//===--------------------------------------------------------------------===//
#include "plan/Container.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace ds::rt {

struct Checksum::State {
  XXH3_state_t xxh;
};

Checksum::Checksum() : state_(new State) { XXH3_128bits_reset(&state_->xxh); }
Checksum::~Checksum() { delete state_; }

void Checksum::update(std::span<const std::byte> bytes) {
  XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size());
}

std::array<uint64_t, 2> Checksum::digest() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(&state_->xxh);
  return {hash.low64, hash.high64};
}

} // namespace ds::rt
