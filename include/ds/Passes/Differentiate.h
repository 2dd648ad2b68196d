//===- Differentiate.h - Reverse-mode differentiation of a block --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_DIFFERENTIATE_H
#define DS_PASSES_DIFFERENTIATE_H

#include "mlir/IR/Builders.h"

namespace ds {

/// Builds, at `builder`'s insertion point, the gradients of `output` times
/// `seed` (its type) in each of `inputs`.
///
/// Looks at the ops of the insertion block that come before that point.  An
/// input that `output` does not depend on has a null gradient.  Fails with a
/// diagnostic at an op that has no gradient.  New ops carry `ds.backward`, the
/// `ds.block` and the location's name of the op they belong to.
/// Time and new ops are linear in the number of ops.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
differentiate(mlir::OpBuilder &builder, mlir::Value output, mlir::Value seed,
              mlir::ValueRange inputs);

} // namespace ds

#endif // DS_PASSES_DIFFERENTIATE_H
