//===- Philox.h - Counter-based random words ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011.  The runtime makes initial values with it, generated kernels the
// masks of dropout, and the interpreter checks these.
//===--------------------------------------------------------------------===//
#ifndef DS_RT_PHILOX_H
#define DS_RT_PHILOX_H

#include <array>
#include <cstdint>

namespace ds {

inline constexpr int kPhiloxRounds = 10;
inline constexpr uint32_t kPhiloxMul0 = 0xD2511F53, kPhiloxMul1 = 0xCD9E8D57;
/// Added to the two words of the key after each round.
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9, kPhiloxWeyl1 = 0xBB67AE85;

/// The four words of one counter.
constexpr std::array<uint32_t, 4> philox(std::array<uint32_t, 4> c, uint32_t k0,
                                         uint32_t k1) {
  for (int round = 0; round < kPhiloxRounds;
       ++round, k0 += kPhiloxWeyl0, k1 += kPhiloxWeyl1) {
    uint64_t p0 = uint64_t{kPhiloxMul0} * c[0];
    uint64_t p1 = uint64_t{kPhiloxMul1} * c[2];
    c = {static_cast<uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<uint32_t>(p1),
         static_cast<uint32_t>(p0 >> 32) ^ c[3] ^ k1,
         static_cast<uint32_t>(p0)};
  }
  return c;
}

} // namespace ds

#endif // DS_RT_PHILOX_H
