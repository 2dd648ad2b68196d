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

/// What `DifferentiableOpInterface::buildVjp` does, for a loop: only for
/// operands that `isActive` (others have null gradients), since each costs
/// something in every round.  Replaces `scan` by one that also stacks what its
/// gradient needs; it is then dead, and the caller's to erase.
mlir::LogicalResult
differentiateScan(mlir::OpBuilder &builder, ScanOp scan,
                  mlir::ValueRange resultGrads,
                  llvm::function_ref<bool(mlir::Value)> isActive,
                  llvm::MutableArrayRef<mlir::Value> operandGrads);

} // namespace ds

#endif // DS_PASSES_DIFFERENTIATE_H
