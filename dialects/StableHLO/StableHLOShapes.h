//===- StableHLOShapes.h - Checks that verifiers share ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes that are not known yet fit every size.
//===--------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_SHAPES_H
#define DS_STABLEHLO_SHAPES_H

#include "ds/Dialect/StableHLO/StableHLO.h"

#include "mlir/IR/TypeUtilities.h"

namespace ds::stablehlo {

inline mlir::RankedTensorType tensor(mlir::Value value) {
  return mlir::cast<mlir::RankedTensorType>(value.getType());
}

/// Whether two sizes may be the same.
inline bool fits(int64_t a, int64_t b) {
  return a == b || mlir::ShapedType::isDynamic(a) ||
         mlir::ShapedType::isDynamic(b);
}

/// Fails with an error unless `dims` are distinct and in [0, rank).
mlir::LogicalResult checkDims(mlir::Operation *op, llvm::StringRef what,
                              llvm::ArrayRef<int64_t> dims, int64_t rank);

/// Fails with an error unless a result of this shape is what `type` says.
mlir::LogicalResult checkShape(mlir::Operation *op, mlir::RankedTensorType type,
                               llvm::ArrayRef<int64_t> shape);

/// Fails with an error unless a list has `size` entries.
mlir::LogicalResult checkCount(mlir::Operation *op, llvm::StringRef what,
                               size_t count, size_t size);

/// Fails with an error unless these are `count` integer scalars.
mlir::LogicalResult checkIndices(mlir::Operation *op, mlir::ValueRange indices,
                                 int64_t count);

/// Whether a type is a tensor of truth values.
inline bool isTruth(mlir::Type type) {
  return mlir::getElementTypeOrSelf(type).isInteger(1);
}

} // namespace ds::stablehlo

#endif // DS_STABLEHLO_SHAPES_H
