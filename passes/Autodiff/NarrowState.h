//===- NarrowState.h - Parameters and states of 16 bits -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_AUTODIFF_NARROWSTATE_H
#define DS_PASSES_AUTODIFF_NARROWSTATE_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// `value` with elements of type `element`.
mlir::Value withElements(mlir::OpBuilder &builder, mlir::Value value,
                         mlir::Type element);

/// Gives a flat unit and its members elements of type `element`.
void setElements(UnitOp unit, mlir::Type element);

/// Makes every update of `function` one of float32: what it reads of 16-bit
/// units is cast, and what it writes is rounded to nearest or, with `counter`,
/// the seed and the number of the step, at random.
void widenUpdates(mlir::func::FuncOp function, mlir::ValueRange counter);

} // namespace ds

#endif // DS_PASSES_AUTODIFF_NARROWSTATE_H
