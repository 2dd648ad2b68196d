//===- Scalars.cpp - Single values of any type --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Scalars.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace ds::rt {
namespace {

template <typename T> double load(const std::byte *from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return static_cast<double>(value);
}

template <typename T> void store(std::byte *to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

template <typename T> void storeInteger(std::byte *to, double value) {
  constexpr double low = static_cast<double>(std::numeric_limits<T>::min());
  constexpr double high = static_cast<double>(std::numeric_limits<T>::max());
  double rounded = std::nearbyint(value);
  if (std::isnan(value))
    return store(to, T{0});
  if (rounded >= high)
    return store(to, std::numeric_limits<T>::max());
  store(to, rounded <= low ? std::numeric_limits<T>::min()
                           : static_cast<T>(rounded));
}

double loadHalf(const std::byte *from) {
  uint16_t bits;
  std::memcpy(&bits, from, 2);
  int exponent = bits >> 10 & 31;
  double mantissa = bits & 1023;
  double value = exponent == 31  ? (mantissa != 0 ? NAN : INFINITY)
                 : exponent == 0 ? std::ldexp(mantissa, -24)
                                 : std::ldexp(mantissa + 1024, exponent - 25);
  return bits >> 15 ? -value : value;
}

void storeHalf(std::byte *to, double value) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  if (std::isnan(value))
    return store<uint16_t>(to, 0x7e00);
  int exponent = 0;
  if (magnitude > 0 && std::isfinite(magnitude))
    std::frexp(magnitude, &exponent);
  int unit = exponent < -13 ? -24 : exponent - 11; // of the last bit
  double steps = std::nearbyint(std::ldexp(magnitude, -unit));
  if (!std::isfinite(magnitude) || std::ldexp(steps, unit) > 65504)
    return store<uint16_t>(to, sign | 0x7c00);
  // A carry out of the mantissa moves into the exponent by itself.
  uint16_t bits = static_cast<uint16_t>((unit + 24) * 1024 + steps);
  store<uint16_t>(to, sign | bits);
}

void storeBrain(std::byte *to, double value) {
  // Through float32 with round to odd, so that rounding happens once.
  float single = static_cast<float>(value);
  uint32_t bits = std::bit_cast<uint32_t>(single);
  if (std::isnan(value))
    return store<uint16_t>(to, 0x7fc0);
  if (double(single) != value && std::isfinite(single)) {
    if (std::fabs(double(single)) > std::fabs(value))
      bits -= 1;
    bits |= 1;
  }
  bits += 0x7fff + (bits >> 16 & 1);
  store<uint16_t>(to, static_cast<uint16_t>(bits >> 16));
}

} // namespace

double loadScalar(plan::DType dtype, const std::byte *from) {
  switch (dtype) {
  case plan::DType::f32:
    return load<float>(from);
  case plan::DType::f64:
    return load<double>(from);
  case plan::DType::bf16:
    return std::bit_cast<float>(uint32_t(load<uint16_t>(from)) << 16);
  case plan::DType::f16:
    return loadHalf(from);
  case plan::DType::i32:
    return load<int32_t>(from);
  case plan::DType::i64:
    return load<int64_t>(from);
  case plan::DType::u8:
    return load<uint8_t>(from);
  case plan::DType::u16:
    return load<uint16_t>(from);
  case plan::DType::u32:
    return load<uint32_t>(from);
  }
  return 0;
}

void storeScalar(plan::DType dtype, std::byte *to, double value) {
  switch (dtype) {
  case plan::DType::f32:
    return store(to, static_cast<float>(value));
  case plan::DType::f64:
    return store(to, value);
  case plan::DType::bf16:
    return storeBrain(to, value);
  case plan::DType::f16:
    return storeHalf(to, value);
  case plan::DType::i32:
    return storeInteger<int32_t>(to, value);
  case plan::DType::i64:
    return storeInteger<int64_t>(to, value);
  case plan::DType::u8:
    return storeInteger<uint8_t>(to, value);
  case plan::DType::u16:
    return storeInteger<uint16_t>(to, value);
  case plan::DType::u32:
    return storeInteger<uint32_t>(to, value);
  }
}

} // namespace ds::rt
