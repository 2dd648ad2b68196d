//===- DSPositions.h - Arithmetic on positions inside a body ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSPOSITIONS_H
#define DS_DIALECTS_DS_DSPOSITIONS_H

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace ds {

/// Arithmetic on positions inside a body.
struct Positions {
  using Value = mlir::Value;
  explicit Positions(Formula &f) : f(f) {}

  Value number(int64_t value) { return f.constantIndex(value); }
  Value add(Value x, Value y) {
    return mlir::arith::AddIOp::create(f.builder, f.loc, x, y);
  }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, number(y)); }
  Value subtract(Value x, Value y) {
    return mlir::arith::SubIOp::create(f.builder, f.loc, x, y);
  }
  Value multiply(Value x, int64_t y) {
    if (y == 1)
      return x;
    return mlir::arith::MulIOp::create(f.builder, f.loc, x, number(y));
  }
  Value compare(mlir::arith::CmpIPredicate how, Value x, int64_t y) {
    return mlir::arith::CmpIOp::create(f.builder, f.loc, how, x, number(y));
  }
  /// Both conditions; `x` may be null.
  Value both(Value x, Value y) {
    return x ? mlir::arith::AndIOp::create(f.builder, f.loc, x, y).getResult()
             : y;
  }
  Value select(Value condition, Value yes, Value no) {
    return mlir::arith::SelectOp::create(f.builder, f.loc, condition, yes, no);
  }
  /// `x` or the nearest of [0, last].
  Value clamp(Value x, int64_t last) {
    x = mlir::arith::MaxSIOp::create(f.builder, f.loc, x, number(0));
    return mlir::arith::MinSIOp::create(f.builder, f.loc, x, number(last));
  }

  Formula &f;
};

} // namespace ds

#endif // DS_DIALECTS_DS_DSPOSITIONS_H
