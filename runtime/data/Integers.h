//===- Integers.h - Integers of any type in a buffer --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_DATA_INTEGERS_H
#define DS_RUNTIME_DATA_INTEGERS_H

#include "plan_generated.h"

#include <cstddef>
#include <cstring>

namespace ds::rt {

inline bool isInteger(plan::DType dtype) { return dtype >= plan::DType::i32; }

inline uint64_t elementBytes(plan::DType dtype) {
  constexpr uint8_t sizes[] = {4, 8, 2, 2, 4, 8, 1, 2, 4}; // order of DType
  return sizes[static_cast<size_t>(dtype)];
}

/// The low bytes of `value`, which fits: inputs are bounded by the plan.
inline void storeInteger(plan::DType dtype, std::byte *to, uint64_t value) {
  std::memcpy(to, &value, elementBytes(dtype)); // little-endian
}

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_INTEGERS_H
