//===- ForwardState.h - What a step makes of buffers --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every micro-batch of a step sees buffers as they were at its start.  What is
// floating becomes the mean of what the micro-batches make of it, summed as
// gradients are; integers become what the first micro-batch makes of them.  So
// nothing depends on the number of ranks.
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_AUTODIFF_FORWARDSTATE_H
#define DS_PASSES_AUTODIFF_FORWARDSTATE_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// The new values of a loss function's buffers.
struct ForwardState {
  explicit ForwardState(mlir::func::FuncOp loss);
  llvm::SmallVector<WriteOp> means;  ///< Of floating units.
  llvm::SmallVector<WriteOp> firsts; ///< Of the others.
};

/// Builds what `writes` make of a step's first micro-batch, and returns it.
/// `inputs` are the step's, stacked; `counter` is empty or the seed and the
/// step, where masks are counted from.
llvm::SmallVector<mlir::Value> buildFirsts(mlir::OpBuilder &builder,
                                           mlir::func::FuncOp loss,
                                           llvm::ArrayRef<WriteOp> writes,
                                           mlir::ValueRange inputs,
                                           mlir::ValueRange counter);

/// Writes the mean of `count` micro-batches, whose sum is `sum`.
void writeMean(mlir::OpBuilder &builder, WriteOp write, mlir::Value sum,
               int64_t count);

} // namespace ds

#endif // DS_PASSES_AUTODIFF_FORWARDSTATE_H
