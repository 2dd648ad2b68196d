//===- Recompute.h - Making forward values again ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the rematerialization passes share.
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_RECOMPUTE_H
#define DS_PASSES_RECOMPUTE_H

#include "ds/Dialect/DS/DS.h"

#include "llvm/ADT/SetVector.h"

namespace ds {

/// Whether `op` makes a parameter or a constant available: what is read or
/// gathered where it is needed anyway.
bool isParameterLike(mlir::Operation *op);

/// Forward ops that the backward pass makes again instead of keeping results.
struct SecondCopy {
  llvm::SetVector<mlir::Operation *> ops;    ///< In program order.
  llvm::SmallVector<mlir::OpOperand *> uses; ///< By gradient ops.
  mlir::Operation *before = nullptr;         ///< The first of these.

  /// A use that takes its value from the copy; all are in one block.
  void addUse(mlir::OpOperand &use);
};

/// Clones the ops of `copy` before its first use, and has the uses take the
/// clones' results.  Activations that enter go through a `ds.barrier` after the
/// latest gradient, numbered from `barriers` on, so that CSE keeps both copies.
void makeAgain(const SecondCopy &copy, int64_t &barriers);

} // namespace ds

#endif // DS_PASSES_RECOMPUTE_H
