//===- Float16.h - Numbers of 16 bits -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bfloat16 ("brain") and IEEE's float16 ("half"), one at a time.  To 16 bits
// numbers are rounded once, to the nearest, the even one of two; NaN and
// infinity stay what they are.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_FLOAT16_H
#define DS_RUNTIME_BASE_FLOAT16_H

#include <bit>
#include <cmath>
#include <cstdint>

namespace ds::rt {

inline float fromBrain(uint16_t bits) {
  return std::bit_cast<float>(uint32_t(bits) << 16);
}

inline uint16_t toBrain(double value) {
  if (std::isnan(value))
    return 0x7fc0;
  // Through float32 with round to odd, so that rounding happens once.
  const float single = static_cast<float>(value);
  uint32_t bits = std::bit_cast<uint32_t>(single);
  if (double(single) != value && std::isfinite(single)) {
    if (std::fabs(double(single)) > std::fabs(value))
      bits -= 1;
    bits |= 1;
  }
  bits += 0x7fff + (bits >> 16 & 1);
  return static_cast<uint16_t>(bits >> 16);
}

inline double fromHalf(uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double mantissa = bits & 1023;
  const double value = exponent == 31 ? (mantissa != 0 ? NAN : INFINITY)
                       : exponent == 0
                           ? std::ldexp(mantissa, -24)
                           : std::ldexp(mantissa + 1024, exponent - 25);
  return bits >> 15 ? -value : value;
}

inline uint16_t toHalf(double value) {
  if (std::isnan(value))
    return 0x7e00;
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::fabs(value);
  int exponent = 0;
  if (magnitude > 0 && std::isfinite(magnitude))
    std::frexp(magnitude, &exponent);
  const int unit = exponent < -13 ? -24 : exponent - 11; // of the last bit
  const double steps = std::nearbyint(std::ldexp(magnitude, -unit));
  if (!std::isfinite(magnitude) || std::ldexp(steps, unit) > 65504)
    return sign | 0x7c00;
  // A carry out of the mantissa moves into the exponent by itself.
  return sign | static_cast<uint16_t>((unit + 24) * 1024 + steps);
}

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_FLOAT16_H
