//===- DSIndex.h - Which element goes where -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The dimension numbers of ds.gather and ds.scatter, which verifier,
// interpreter, gradients and kernels read in the same way.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSINDEX_H
#define DS_DIALECTS_DS_DSINDEX_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// How windows of a tensor, starts in a tensor of indices, and the windows one
/// after the other (a gather's result, a scatter's updates) belong together.
struct Windows {
  explicit Windows(GatherOp op);
  explicit Windows(ScatterOp op);

  mlir::RankedTensorType whole;   ///< What windows are taken of.
  mlir::RankedTensorType indices; ///< Their starts.
  mlir::RankedTensorType parts;   ///< The windows.

  llvm::ArrayRef<int64_t> offset;    ///< Dimensions of `parts` in a window.
  llvm::ArrayRef<int64_t> collapsed; ///< Of `whole`, that `parts` lacks.
  llvm::ArrayRef<int64_t> batch;     ///< Of `whole`, walked together with ...
  llvm::ArrayRef<int64_t> of;        ///< ... these of `indices`.
  llvm::ArrayRef<int64_t> map; ///< Dimension of `whole` of each start element.
  int64_t vector;              ///< Dimension of `indices`; its rank: none.
  llvm::SmallVector<int64_t> sizes; ///< Of a window, for each of `whole`.

  /// Starts outside count as the nearest one inside; else their windows are
  /// left out.
  bool clamps;

  /// Whether `whole` has the dimension in `parts`, as a part of the window.
  bool isOffset(int64_t dim) const;
  /// For each dimension of `whole` that of `parts`, or -1.
  llvm::SmallVector<int64_t> partOfWhole() const;
  /// For each dimension of `indices` that of `parts`, or -1.
  llvm::SmallVector<int64_t> partOfIndices() const;
};

/// Calls `body` for each position of a shape, with its number.
template <typename Body>
void forEach(llvm::ArrayRef<int64_t> shape, Body body) {
  llvm::SmallVector<int64_t> at(shape.size(), 0);
  for (int64_t i = 0, e = HostTensor::count(shape); i < e; ++i) {
    body(llvm::ArrayRef(at), i);
    for (int64_t d = at.size() - 1; d >= 0 && ++at[d] == shape[d]; --d)
      at[d] = 0;
  }
}

} // namespace ds

#endif // DS_DIALECTS_DS_DSINDEX_H
