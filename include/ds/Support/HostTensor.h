//===- HostTensor.h - A tensor on the host, in float64 ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the reference interpreter computes with: every element type is held as
// double, which represents float32, bfloat16 and 32-bit integers exactly and
// lets gradients be checked against finite differences.  Only what has 16 bits
// is rounded: that is a decision of the program, visible in its types.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_HOSTTENSOR_H
#define DS_SUPPORT_HOSTTENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>
#include <vector>

namespace ds {

/// Whether values of `element` are rounded to 16 bits by whoever makes them.
inline bool isNarrow(mlir::Type element) {
  return element.isBF16() || element.isF16();
}

/// The type in which values of `element` add up before they are rounded.
inline mlir::Type wideElement(mlir::Type element) {
  return isNarrow(element) ? mlir::Float32Type::get(element.getContext())
                           : element;
}

/// `value` as a number of `element` holds it: of 16 bits the nearest one, the
/// even one of two.  Wider types hold it as it is, which is more than they can.
inline double roundedTo(mlir::Type element, double value) {
  if (!isNarrow(element) || value == 0 || !std::isfinite(value))
    return value;
  const int digits = element.isBF16() ? 8 : 11;
  const int least = element.isBF16() ? -126 : -14; // exponents of normal ones,
  const int most = element.isBF16() ? 127 : 15;    // as 2^e <= |x| < 2^(e+1)
  const int unit = std::max(std::ilogb(value), least) - (digits - 1);
  const double nearest =
      std::ldexp(std::nearbyint(std::ldexp(value, -unit)), unit);
  return std::abs(nearest) < std::ldexp(1.0, most + 1)
             ? nearest
             : std::copysign(HUGE_VAL, value);
}

/// A dense row-major tensor of doubles; rank 0 has one element.
struct HostTensor {
  std::vector<int64_t> shape;
  std::vector<double> data;

  HostTensor() = default;
  explicit HostTensor(llvm::ArrayRef<int64_t> shape, double value = 0.0)
      : shape(shape.begin(), shape.end()), data(count(shape), value) {}
  explicit HostTensor(mlir::Type type)
      : HostTensor(llvm::cast<mlir::RankedTensorType>(type).getShape()) {}

  int64_t size() const { return static_cast<int64_t>(data.size()); }
  int64_t rank() const { return static_cast<int64_t>(shape.size()); }

  /// Makes every element one of `type`'s; see roundedTo.
  void roundTo(mlir::Type type) {
    const mlir::Type element = mlir::getElementTypeOrSelf(type);
    if (isNarrow(element))
      for (double &x : data)
        x = roundedTo(element, x);
  }

  static int64_t count(llvm::ArrayRef<int64_t> shape) {
    int64_t n = 1;
    for (int64_t dim : shape)
      n *= dim;
    return n;
  }
};

} // namespace ds

#endif // DS_SUPPORT_HOSTTENSOR_H
