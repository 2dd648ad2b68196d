//===- Differentiate.h - Reverse-mode differentiation of a block --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_DIFFERENTIATE_H
#define DS_PASSES_DIFFERENTIATE_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// Builds, at `builder`'s insertion point, the gradients of `outputs` times
/// `seeds` (of their types), added up, in each of `inputs`.
///
/// Looks at the ops of the insertion block that come before that point.  An
/// input that no output depends on has a null gradient.  Fails with a
/// diagnostic at an op that has no gradient.  New ops carry `ds.backward`, the
/// `ds.block` and the location's name of the op they belong to.
/// Time and new ops are linear in the number of ops.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
differentiate(mlir::OpBuilder &builder, mlir::ValueRange outputs,
              mlir::ValueRange seeds, mlir::ValueRange inputs);

} // namespace ds

#endif // DS_PASSES_DIFFERENTIATE_H
