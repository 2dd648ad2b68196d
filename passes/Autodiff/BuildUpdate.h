//===- BuildUpdate.h - The optimizer's part of a training step ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_AUTODIFF_BUILDUPDATE_H
#define DS_PASSES_AUTODIFF_BUILDUPDATE_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// What all units' updates share, float64 scalars of a step.
struct UpdateScalars {
  mlir::Value gradScale; ///< Gradients are multiplied by it: clipping.
  mlir::Value rate;      ///< The learning rate.
  mlir::Value time;      ///< The number of this update, from 1.
  mlir::Value skip;      ///< Null, or not zero where nothing is to change.
  mlir::Value momentum;  ///< Null, or in place of every optimizer's beta1.
  double clipValue = 0;  ///< Not 0: what elements of gradients are bounded by.
};

/// The optimizer of `unit`: its attribute `ds.optimizer`, or `fallback`.
OptimizerAttr optimizerOf(UnitOp unit, OptimizerAttr fallback);

/// Declares the units of what `optimizer` keeps beside the elements of `unit`.
void addOptimizerState(mlir::OpBuilder &builder, OptimizerAttr optimizer,
                       UnitOp unit);

/// Reads `unit` and its optimizer state, updates them with `grad`, which has
/// the unit's shape, and writes them.
void buildUpdate(mlir::OpBuilder &builder, OptimizerAttr optimizer, UnitOp unit,
                 mlir::Value grad, const UpdateScalars &scalars);

} // namespace ds

#endif // DS_PASSES_AUTODIFF_BUILDUPDATE_H
