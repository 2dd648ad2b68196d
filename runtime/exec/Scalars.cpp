//===- Scalars.cpp - Single values of any type --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Scalars.h"
#include "base/Float16.h"

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

uint16_t bitsOf(const std::byte *from) {
  uint16_t bits;
  std::memcpy(&bits, from, sizeof(bits));
  return bits;
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

} // namespace

double loadScalar(plan::DType dtype, const std::byte *from) {
  switch (dtype) {
  case plan::DType::f32:
    return load<float>(from);
  case plan::DType::f64:
    return load<double>(from);
  case plan::DType::bf16:
    return fromBrain(bitsOf(from));
  case plan::DType::f16:
    return fromHalf(bitsOf(from));
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
    return store(to, toBrain(value));
  case plan::DType::f16:
    return store(to, toHalf(value));
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
