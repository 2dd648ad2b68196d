//===- Overflow.h - Steps whose gradients are not finite ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A step that overflows changes no parameter: its updates are told to skip, it
// is counted in @skipped_steps, not in @step, and the loss scale goes on.
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_AUTODIFF_OVERFLOW_H
#define DS_PASSES_AUTODIFF_OVERFLOW_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// What becomes of steps that overflow.
struct OverflowRule {
  bool check = false;  ///< Whether they are skipped.
  LossScaleAttr scale; ///< Null: gradients are what they are.
};

/// Whether a step overflowed, as scalars of both types, and with what scale.
struct Overflow {
  mlir::Value fine, skip; ///< Float64: one is 1, the other 0.
  mlir::Value done;       ///< `fine` as int64.
  mlir::Value skipped;    ///< `skip` as int64.
};

/// Declares the state of `rule`.
void addOverflowState(mlir::OpBuilder &builder, const OverflowRule &rule);

/// The loss scale before the step, a float64 scalar; null without one.
mlir::Value readLossScale(mlir::OpBuilder &builder, mlir::Location loc,
                          const OverflowRule &rule);

/// How many steps were run before: what data and masks are counted by.
mlir::Value readSteps(mlir::OpBuilder &builder, mlir::Location loc,
                      const OverflowRule &rule);

/// Looks at the norm of all gradients of all ranks.
Overflow findOverflow(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value norm);

/// Counts the step and makes the next scale of `scale`.  Returns what a step
/// reports of it: skipped, the scale that it had, and whether that is
/// exhausted.
llvm::SmallVector<mlir::Value> writeOverflowState(mlir::OpBuilder &builder,
                                                  mlir::Location loc,
                                                  const OverflowRule &rule,
                                                  const Overflow &overflow,
                                                  mlir::Value scale);

} // namespace ds

#endif // DS_PASSES_AUTODIFF_OVERFLOW_H
