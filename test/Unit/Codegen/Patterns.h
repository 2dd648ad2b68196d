//===- Patterns.h - Numbers by their bits --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TEST_UNIT_CODEGEN_PATTERNS_H
#define DS_TEST_UNIT_CODEGEN_PATTERNS_H

#include "ds/Support/HostTensor.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"

namespace ds::test {

/// A number of 16 bits from its pattern and back.
inline double fromBits(mlir::Type element, uint16_t bits) {
  return llvm::APFloat(llvm::cast<mlir::FloatType>(element).getFloatSemantics(),
                       llvm::APInt(16, bits))
      .convertToDouble();
}
inline uint16_t toBits(mlir::Type element, double value) {
  llvm::APFloat number(roundedTo(element, value));
  bool losesInfo;
  number.convert(llvm::cast<mlir::FloatType>(element).getFloatSemantics(),
                 llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

/// Numbers of every sign, exponent, and upper part of a mantissa, with lower
/// parts around the middle between two numbers of fewer bits.
inline HostTensor patterns(mlir::RankedTensorType type) {
  static constexpr uint32_t lower[] = {0,      0x8000, 0x7fff, 0x8001,
                                       0x1000, 0x0fff, 0x1001, 0xffff};
  HostTensor tensor(type);
  mlir::Type element = type.getElementType();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const auto upper = static_cast<uint32_t>(i & 0xffff);
    const uint32_t low = lower[(i >> 16) % std::size(lower)];
    if (isNarrow(element)) {
      tensor.data[i] = fromBits(element, static_cast<uint16_t>(upper));
    } else {
      const float number = llvm::bit_cast<float>(upper << 16 | low);
      tensor.data[i] = number;
      if (element.isF64() && std::isfinite(number)) // what float32 cannot hold
        tensor.data[i] *= 1 + static_cast<double>(i % 3 - 1) * 0x1p-40;
    }
  }
  return tensor;
}

} // namespace ds::test

#endif // DS_TEST_UNIT_CODEGEN_PATTERNS_H
