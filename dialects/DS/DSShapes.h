//===- DSShapes.h - Dimensions that are known to be equal ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSSHAPES_H
#define DS_DIALECTS_DS_DSSHAPES_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// The name of dimension `index`, or empty for a static dimension.
inline llvm::StringRef dimName(mlir::RankedTensorType type, unsigned index) {
  auto dims = llvm::dyn_cast_or_null<DimsAttr>(type.getEncoding());
  if (!dims || !type.isDynamicDim(index))
    return "";
  return dims.getNames()[index].getValue();
}

/// Whether two dimensions are known to be equal: same size, or same name.
inline bool sameDim(mlir::RankedTensorType a, unsigned i,
                    mlir::RankedTensorType b, unsigned j) {
  return a.getDimSize(i) == b.getDimSize(j) && dimName(a, i) == dimName(b, j);
}

/// Whether `b` has the shape of the last (`suffix`) or first dimensions of `a`.
inline bool isPart(mlir::RankedTensorType a, mlir::RankedTensorType b,
                   bool suffix) {
  int64_t skip = suffix ? a.getRank() - b.getRank() : 0;
  if (b.getRank() > a.getRank())
    return false;
  for (int64_t i = 0; i < b.getRank(); ++i)
    if (!sameDim(a, skip + i, b, i))
      return false;
  return true;
}

/// All but the last `inner` dimensions of `a` and `b` are equal.
inline bool sameRows(mlir::RankedTensorType a, mlir::RankedTensorType b,
                     unsigned innerA, unsigned innerB) {
  if (a.getRank() < innerA || b.getRank() < innerB ||
      a.getRank() - innerA != b.getRank() - innerB)
    return false;
  for (unsigned i = 0, e = a.getRank() - innerA; i < e; ++i)
    if (!sameDim(a, i, b, i))
      return false;
  return true;
}

/// Whether `a` and `b` have the same shape.
inline bool sameShape(mlir::RankedTensorType a, mlir::RankedTensorType b) {
  return a.getRank() == b.getRank() && isPart(a, b, /*suffix=*/true);
}

/// What brings elementwise ops of two operands into one form.
void populateElementwisePatterns(mlir::RewritePatternSet &patterns);

/// Floating-point numbers have a sign.
mlir::LogicalResult verifySign(mlir::Operation *op, bool isUnsigned,
                               mlir::Type element);

} // namespace ds

#endif // DS_DIALECTS_DS_DSSHAPES_H
