//===- Narrow.h - Arrays of 16-bit numbers as float32 -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_COMM_LOCAL_NARROW_H
#define DS_RUNTIME_COMM_LOCAL_NARROW_H

#include "plan_generated.h"

#include <cstdint>

namespace ds::rt {

/// Conversions of a type; `round` takes the nearest number, the even one of
/// two, and keeps NaN and infinity.
struct Narrow {
  void (*widen)(const uint16_t *from, float *to, uint64_t count);
  void (*round)(const float *from, uint16_t *to, uint64_t count);
};

/// The fastest that this machine has, of bf16 or f16.
Narrow narrowOf(plan::DType dtype);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_NARROW_H
