//===- Narrow.cpp - Arrays of 16-bit numbers as float32 -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bfloat16 by integer arithmetic, which compilers vectorize; float16 by F16C
// where the machine has it, else one by one.
//===--------------------------------------------------------------------===//
#include "comm/local/Narrow.h"
#include "base/Float16.h"

#include <bit>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace ds::rt {
namespace {

void widenBrain(const uint16_t *from, float *to, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    to[i] = fromBrain(from[i]);
}

void roundBrain(const float *from, uint16_t *to, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(from[i]);
    const uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);
    const uint32_t quiet = bits | 0x400000;
    to[i] = uint16_t((from[i] != from[i] ? quiet : nearest) >> 16);
  }
}

void widenHalf(const uint16_t *from, float *to, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    to[i] = float(fromHalf(from[i]));
}

void roundHalf(const float *from, uint16_t *to, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    to[i] = toHalf(from[i]);
}

#ifdef __x86_64__
__attribute__((target("avx,f16c"))) void
widenHalfByEight(const uint16_t *from, float *to, uint64_t count) {
  uint64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(
                                 reinterpret_cast<const __m128i *>(from + i))));
  widenHalf(from + i, to + i, count - i);
}

__attribute__((target("avx,f16c"))) void
roundHalfByEight(const float *from, uint16_t *to, uint64_t count) {
  uint64_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm_storeu_si128(
        reinterpret_cast<__m128i *>(to + i),
        _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT));
  roundHalf(from + i, to + i, count - i);
}
#endif

} // namespace

Narrow narrowOf(plan::DType dtype) {
  if (dtype == plan::DType::bf16)
    return {widenBrain, roundBrain};
#ifdef __x86_64__
  if (__builtin_cpu_supports("f16c") && __builtin_cpu_supports("avx"))
    return {widenHalfByEight, roundHalfByEight};
#endif
  return {widenHalf, roundHalf};
}

} // namespace ds::rt
