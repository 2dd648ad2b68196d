//===- HostTensor.h - A tensor on the host, in float64 ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the reference interpreter computes with: every element type is held as
// double, which represents float32, bfloat16 and 32-bit integers exactly and
// lets gradients be checked against finite differences.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_HOSTTENSOR_H
#define DS_SUPPORT_HOSTTENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace ds {

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

  static int64_t count(llvm::ArrayRef<int64_t> shape) {
    int64_t n = 1;
    for (int64_t dim : shape)
      n *= dim;
    return n;
  }
};

} // namespace ds

#endif // DS_SUPPORT_HOSTTENSOR_H
