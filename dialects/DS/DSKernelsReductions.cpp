//===- DSKernelsReductions.cpp - Sums and other folds as loops ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Sums
//===--------------------------------------------------------------------===//

static KernelKind sumKind(SumOp op) {
  bool whole = tensorType(op.getResult()).getRank() == 0;
  return op.getTrailing() || whole ? KernelKind::Row : KernelKind::Column;
}

static int64_t sumRows(SumOp op) {
  int64_t kept = tensorType(op.getResult()).getRank();
  if (sumKind(op) == KernelKind::Row)
    return kept;
  return tensorType(op.getInput()).getRank() - kept;
}

DS_KERNEL_WALK(SumOp, sumKind(*this), tensorType(getInput()).getShape(),
               sumRows(*this))

LogicalResult SumOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                   SmallVectorImpl<Value> &results) {
  Value sum = reduce(
      builder, getLoc(), wideType(tensorType(getResult())),
      tensorType(getInput()).getShape(), {operands[0]}, 0.0,
      [&](Formula &f, Scalar sum) {
        Scalar x = f.in(0);
        return sum + (getSquares() ? x * x : x);
      },
      /*leading=*/sumKind(*this) == KernelKind::Column);
  results.push_back(narrowed(builder, getLoc(), tensorType(getResult()), sum));
  return success();
}

Value SumOp::foldPart(OpBuilder &b, Value input, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(
      shape, wideElement(tensorType(getResult()).getElementType()));
  return SumOp::create(b, getLoc(), type, input,
                       /*trailing=*/sumKind(*this) == KernelKind::Row,
                       getSquares());
}

Value SumOp::foldParts(OpBuilder &b, Value parts) {
  return SumOp::create(b, getLoc(), getResult().getType(), parts,
                       /*trailing=*/sumKind(*this) == KernelKind::Row,
                       /*squares=*/false);
}

//===--------------------------------------------------------------------===//
// Other reductions
//===--------------------------------------------------------------------===//

static Scalar fold(Formula &f, StringRef kind, bool isUnsigned, Scalar sofar,
                   Scalar x) {
  if (kind == "mul")
    return sofar * x;
  if (kind == "and")
    return {&f, arith::AndIOp::create(f.builder, f.loc, sofar.value, x.value)};
  if (kind == "or")
    return {&f, arith::OrIOp::create(f.builder, f.loc, sofar.value, x.value)};
  return f.extremum(sofar, x, kind == "max", isUnsigned);
}

/// The fold of rows of `input`, one element per row, in the computation's type.
static Value foldRows(OpBuilder &builder, Location loc, StringRef kind,
                      bool isUnsigned, Value input, ArrayRef<int64_t> rows) {
  RankedTensorType type = tensorType(input);
  Type element = Formula::computeType(type.getElementType());
  return reduce(builder, loc, RankedTensorType::get(rows, element),
                type.getShape(), {input},
                neutralElement(kind, element, isUnsigned),
                [&](Formula &f, Scalar sofar) {
                  return fold(f, kind, isUnsigned, sofar, f.in(0));
                });
}

DS_KERNEL_WALK(ReduceOp, KernelKind::Row, tensorType(getInput()).getShape(),
               tensorType(getResult()).getRank())

LogicalResult ReduceOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                      SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  Value rows = foldRows(builder, getLoc(), getKind(), getIsUnsigned(),
                        operands[0], type.getShape());
  results.push_back(narrowed(builder, getLoc(), type, rows));
  return success();
}

Value ReduceOp::foldPart(OpBuilder &b, Value input, ArrayRef<int64_t> shape) {
  auto type =
      RankedTensorType::get(shape, tensorType(getResult()).getElementType());
  return ReduceOp::create(b, getLoc(), type, getKind(), input, getIsUnsigned());
}

Value ReduceOp::foldParts(OpBuilder &b, Value parts) {
  return foldPart(b, parts, tensorType(getResult()).getShape());
}

DS_KERNEL_WALK(ReduceGradOp, KernelKind::Row, tensorType(getInput()).getShape(),
               tensorType(getGrad()).getRank())

/// Whether an element is what the row's fold is; NaN is.
static Value isIt(Formula &f, Scalar x, Scalar best) {
  using Predicate = arith::CmpFPredicate;
  Value isEqual = arith::CmpFOp::create(f.builder, f.loc, Predicate::OEQ,
                                        x.value, best.value);
  Value isNaN =
      arith::CmpFOp::create(f.builder, f.loc, Predicate::UNO, x.value, x.value);
  return arith::OrIOp::create(f.builder, f.loc, isEqual, isNaN);
}

static Scalar isZero(Formula &f, Scalar x) {
  Value is = arith::CmpFOp::create(f.builder, f.loc, arith::CmpFPredicate::OEQ,
                                   x.value, f.constant(0).value);
  return {&f, is};
}

/// The other elements' product: where none is 0 the row's divided by the
/// element, where one is 0 the product of the rest, for that one alone.
static Value gradOfProduct(OpBuilder &builder, Location loc,
                           RankedTensorType type, RankedTensorType rows,
                           Value input, Value grad) {
  Value product =
      reduce(builder, loc, rows, type.getShape(), {input}, 1.0,
             [](Formula &f, Scalar sofar) {
               Scalar x = f.in(0);
               return sofar * f.select(isZero(f, x).value, f.constant(1), x);
             });
  Value zeros = reduce(builder, loc, rows, type.getShape(), {input}, 0.0,
                       [](Formula &f, Scalar sofar) {
                         return sofar + f.select(isZero(f, f.in(0)).value,
                                                 f.constant(1), f.constant(0));
                       });
  return pointwise(
      builder, loc, type, {input, {grad, true}, {product, true}, {zeros, true}},
      [](Formula &f) -> Results {
        Scalar x = f.in(0), whole = f.in(1) * f.in(2);
        Scalar none = f.constant(0);
        Value hasNone = isZero(f, f.in(3)).value;
        Value hasOne = isZero(f, f.in(3) - f.constant(1)).value;
        return {f.select(isZero(f, x).value, f.select(hasOne, whole, none),
                         f.select(hasNone, whole / x, none))};
      })[0];
}

LogicalResult ReduceGradOp::lowerToLinalg(OpBuilder &builder,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType type = tensorType(getResult());
  Value input = operands[0], grad = operands[1];
  auto rows = RankedTensorType::get(
      tensorType(grad).getShape(), Formula::computeType(type.getElementType()));
  if (getKind() == "mul") {
    results.push_back(gradOfProduct(builder, loc, type, rows, input, grad));
    return success();
  }
  Value best = foldRows(builder, loc, getKind(), /*isUnsigned=*/false, input,
                        rows.getShape());
  Value count =
      reduce(builder, loc, rows, type.getShape(), {input, {best, true}}, 0.0,
             [](Formula &f, Scalar sofar) {
               return sofar + f.select(isIt(f, f.in(0), f.in(1)), f.constant(1),
                                       f.constant(0));
             });
  results = pointwise(builder, loc, type,
                      {input, {grad, true}, {best, true}, {count, true}},
                      [](Formula &f) -> Results {
                        return {f.select(isIt(f, f.in(0), f.in(2)),
                                         f.in(1) / f.in(3), f.constant(0))};
                      });
  return success();
}

DS_KERNEL_WALK(ArgReduceOp, KernelKind::Row, tensorType(getInput()).getShape(),
               tensorType(getResult()).getRank())

/// The best element of each row, then the first place that has it.
LogicalResult ArgReduceOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  Value input = operands[0];
  RankedTensorType type = tensorType(getResult());
  ArrayRef<int64_t> shape = tensorType(input).getShape();
  Value best = foldRows(builder, getLoc(), getKind(), getIsUnsigned(), input,
                        type.getShape());
  results.push_back(reduce(
      builder, getLoc(), type, shape, {input, {best, true}},
      neutralElement("min", type.getElementType(), /*isUnsigned=*/false),
      [&](Formula &f, Scalar first) -> Scalar {
        Scalar x = f.arg(0), wanted = f.arg(1);
        Value is = isa<FloatType>(x.value.getType())
                       ? isIt(f, x, wanted)
                       : arith::CmpIOp::create(f.builder, f.loc,
                                               arith::CmpIPredicate::eq,
                                               x.value, wanted.value);
        Scalar place{&f, arith::IndexCastOp::create(
                             f.builder, f.loc, f.type,
                             f.index(static_cast<unsigned>(shape.size()) - 1))};
        const double none = neutralElement("min", f.type, /*isUnsigned=*/false);
        return f.extremum(first, f.select(is, place, f.constant(none)),
                          /*isMax=*/false, /*isUnsigned=*/false);
      }));
  return success();
}
