//===- DSKernelsLayers.cpp - Layers and their gradients as loops --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// KernelOpInterface of DSOpsNN.td.  A reduction over a row and the formulas
// that use it are separate linalg ops; generated code runs them as phases over
// a row that is in the cache.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <limits>

using namespace mlir;
using namespace ds;

/// All dimensions but the last one.
static int64_t leadingRank(Value tensor) {
  return tensorType(tensor).getRank() - 1;
}

/// One value per row, from values per row.
static Value perRow(OpBuilder &builder, Location loc, ArrayRef<Operand> rows,
                    llvm::function_ref<Scalar(Formula &)> body) {
  return pointwise(builder, loc, tensorType(rows[0].tensor), rows,
                   [&](Formula &f) -> Results { return {body(f)}; })[0];
}

/// The sum over each row of a formula.
static Value sumRows(OpBuilder &builder, Location loc, RankedTensorType type,
                     ArrayRef<Operand> operands,
                     llvm::function_ref<Scalar(Formula &)> body) {
  return reduce(builder, loc, rowType(type), type.getShape(), operands, 0.0,
                [&](Formula &f, Scalar sum) { return sum + body(f); });
}

//===--------------------------------------------------------------------===//
// Embeddings
//===--------------------------------------------------------------------===//

namespace {
/// Where an id points, and whether that is inside the table.
struct Place {
  Value index, isInside;
};
} // namespace

static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Operand i as a position in [0, size); ids outside point to 0.
static Place placeOf(Formula &f, unsigned i, int64_t size) {
  Value id = f.indexIn(i);
  Value isInside = arith::CmpIOp::create(
      f.builder, f.loc, arith::CmpIPredicate::ult, id, f.constantIndex(size));
  return {arith::SelectOp::create(f.builder, f.loc, isInside, id,
                                  f.constantIndex(0)),
          isInside};
}

/// Whether the current position along `dim` is operand i.
static Value isAt(Formula &f, unsigned i, unsigned dim) {
  return arith::CmpIOp::create(f.builder, f.loc, arith::CmpIPredicate::eq,
                               f.indexIn(i), f.index(dim));
}

DS_KERNEL_WALK(EmbeddingOp, KernelKind::Row, tensorType(getResult()).getShape(),
               tensorType(getIds()).getRank())

LogicalResult EmbeddingOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  results =
      pointwise(builder, getLoc(), type, {{operands[1], /*rows=*/true}},
                [&](Formula &f) -> Results {
                  Value column = f.index(type.getRank() - 1);
                  Place row =
                      placeOf(f, 0, tensorType(operands[0]).getDimSize(0));
                  return {f.select(row.isInside,
                                   f.extract(operands[0], {row.index, column}),
                                   f.constant(kNaN))};
                });
  return success();
}

DS_KERNEL_WALK(EmbeddingGradOp, KernelKind::Scatter,
               tensorType(getGrad()).getShape(), tensorType(getIds()).getRank())

SmallVector<unsigned> EmbeddingGradOp::getSummedOperands() { return {0}; }

LogicalResult EmbeddingGradOp::lowerToLinalg(OpBuilder &builder,
                                             ValueRange operands,
                                             SmallVectorImpl<Value> &results) {
  auto table = tensorType(getInto());
  ArrayRef<int64_t> rows = tensorType(getIds()).getShape();
  auto perId = [&](Type type, llvm::function_ref<Scalar(Formula &)> body) {
    return pointwise(builder, getLoc(), RankedTensorType::get(rows, type),
                     {operands[1]},
                     [&](Formula &f) -> Results { return {body(f)}; })[0];
  };
  // An id outside of the table has no row.
  Value isInside = perId(builder.getI1Type(), [&](Formula &f) -> Scalar {
    return {&f, placeOf(f, 0, table.getDimSize(0)).isInside};
  });
  Value base = perId(builder.getI64Type(), [&](Formula &f) {
    return f.in(0) * f.constant(static_cast<double>(table.getDimSize(1)));
  });
  auto added = RankedTensorType::get(tensorType(getGrad()).getShape(),
                                     table.getElementType());
  Value values = pointwise(builder, getLoc(), added, {operands[2]},
                           [](Formula &f) -> Results { return {f.in(0)}; })[0];
  values.getDefiningOp()->setAttr("ds.combine", builder.getStringAttr("add"));
  results.assign({isInside, base, values});
  return success();
}

//===--------------------------------------------------------------------===//
// Norms
//===--------------------------------------------------------------------===//

namespace {
/// Mean (null for RMS norms) and 1 / sqrt(variance + eps) of every row.
struct Stats {
  Value mean, rstd;
};
} // namespace

static Stats rowStats(OpBuilder &builder, Location loc, Value input, double eps,
                      bool rms) {
  RankedTensorType type = tensorType(input);
  double scale = 1.0 / static_cast<double>(type.getShape().back());
  Stats stats;
  SmallVector<Operand> operands{input};
  if (!rms) {
    Value sum = sumRows(builder, loc, type, {input},
                        [](Formula &f) { return f.in(0); });
    stats.mean = perRow(builder, loc, {sum},
                        [&](Formula &f) { return scale * f.in(0); });
    operands.push_back({stats.mean, /*rows=*/true});
  }
  Value squares = sumRows(builder, loc, type, operands, [&](Formula &f) {
    Scalar x = rms ? f.in(0) : f.in(0) - f.in(1);
    return x * x;
  });
  stats.rstd = perRow(builder, loc, {squares}, [&](Formula &f) {
    return 1.0 / f.sqrt(scale * f.in(0) + f.constant(eps));
  });
  return stats;
}

DS_KERNEL_WALK(LayerNormOp, KernelKind::Row, tensorType(getResult()).getShape(),
               leadingRank(getResult()))

LogicalResult LayerNormOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  Stats stats = rowStats(builder, getLoc(), operands[0],
                         getEps().convertToDouble(), /*rms=*/false);
  results =
      pointwise(builder, getLoc(), tensorType(getResult()),
                {operands[0],
                 operands[1],
                 operands[2],
                 {stats.mean, true},
                 {stats.rstd, true}},
                [](Formula &f) -> Results {
                  return {(f.in(0) - f.in(3)) * f.in(4) * f.in(1) + f.in(2)};
                });
  return success();
}

DS_KERNEL_WALK(RmsNormOp, KernelKind::Row, tensorType(getResult()).getShape(),
               leadingRank(getResult()))

LogicalResult RmsNormOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                       SmallVectorImpl<Value> &results) {
  Stats stats = rowStats(builder, getLoc(), operands[0],
                         getEps().convertToDouble(), /*rms=*/true);
  results = pointwise(
      builder, getLoc(), tensorType(getResult()),
      {operands[0], operands[1], {stats.rstd, true}},
      [](Formula &f) -> Results { return {f.in(0) * f.in(2) * f.in(1)}; });
  return success();
}

DS_KERNEL_WALK(NormStatsOp, KernelKind::Row, tensorType(getInput()).getShape(),
               leadingRank(getInput()))

LogicalResult NormStatsOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  Stats stats = rowStats(builder, getLoc(), operands[0],
                         getEps().convertToDouble(), getRms());
  if (getRms())
    stats.mean =
        pointwise(builder, getLoc(), tensorType(getMean()), {},
                  [](Formula &f) -> Results { return {f.constant(0.0)}; })[0];
  Location loc = getLoc();
  results.assign({narrowed(builder, loc, tensorType(getMean()), stats.mean),
                  narrowed(builder, loc, tensorType(getRstd()), stats.rstd)});
  return success();
}

DS_KERNEL_WALK(NormInputGradOp, KernelKind::Row,
               tensorType(getResult()).getShape(), leadingRank(getResult()))

LogicalResult NormInputGradOp::lowerToLinalg(OpBuilder &builder,
                                             ValueRange operands,
                                             SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType type = tensorType(getResult());
  double scale = 1.0 / static_cast<double>(type.getShape().back());
  SmallVector<Operand> inputs{operands[0],
                              operands[1],
                              operands[2],
                              {operands[3], true},
                              {operands[4], true}};
  auto normalized = [](Formula &f) { return (f.in(0) - f.in(3)) * f.in(4); };
  auto scaled = [](Formula &f) { return f.in(2) * f.in(1); };
  Value along = sumRows(builder, loc, type, inputs,
                        [&](Formula &f) { return scaled(f) * normalized(f); });
  inputs.push_back({along, true});
  if (!getRms())
    inputs.push_back({sumRows(builder, loc, type, {operands[1], operands[2]},
                              [](Formula &f) { return f.in(1) * f.in(0); }),
                      true});
  results = pointwise(builder, loc, type, inputs, [&](Formula &f) -> Results {
    Scalar g = scaled(f) - normalized(f) * (scale * f.in(5));
    return {f.in(4) * (getRms() ? g : g - scale * f.in(6))};
  });
  return success();
}

DS_KERNEL_WALK(NormalizeOp, KernelKind::Elementwise,
               tensorType(getResult()).getShape(), leadingRank(getResult()))

FailureOr<SmallVector<unsigned>> NormalizeOp::getRowOperands() {
  return SmallVector<unsigned>{1, 2};
}

LogicalResult NormalizeOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  results = pointwise(
      builder, getLoc(), tensorType(getResult()),
      {operands[0], {operands[1], true}, {operands[2], true}},
      [](Formula &f) -> Results { return {(f.in(0) - f.in(1)) * f.in(2)}; });
  return success();
}

//===--------------------------------------------------------------------===//
// Rotary embedding
//===--------------------------------------------------------------------===//

DS_KERNEL_WALK(RotaryOp, KernelKind::Row, tensorType(getResult()).getShape(), 2)

LogicalResult RotaryOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                      SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  int64_t half = type.getShape().back() / 2;
  results = pointwise(
      builder, getLoc(), type, {operands[0]}, [&](Formula &f) -> Results {
        OpBuilder &b = f.builder;
        Value i = f.index(3), n = f.constantIndex(half);
        Value low =
            arith::CmpIOp::create(b, f.loc, arith::CmpIPredicate::ult, i, n);
        Value up = arith::AddIOp::create(b, f.loc, i, n);
        Value down = arith::SubIOp::create(b, f.loc, i, n);
        Value partner = arith::SelectOp::create(b, f.loc, low, up, down);
        Value angle = arith::SelectOp::create(b, f.loc, low, i, down);
        Scalar x = f.in(0);
        Scalar y = f.extract(operands[0],
                             {f.index(0), f.index(1), f.index(2), partner});
        Scalar cos = f.extract(operands[1], {f.index(1), angle});
        Scalar sin = f.extract(operands[2], {f.index(1), angle});
        double sign = getInverse() ? 1.0 : -1.0;
        Scalar signedSin =
            f.select(low, f.constant(sign), f.constant(-sign)) * sin;
        return {x * cos + y * signedSin};
      });
  // Loops run over each half by itself: the selects above become constant.
  results[0].getDefiningOp()->setAttr("ds.segments",
                                      builder.getI64IntegerAttr(2));
  return success();
}

//===--------------------------------------------------------------------===//
// Softmax
//===--------------------------------------------------------------------===//

/// `value` at positions that the row sees, `otherwise` at others: the last row
/// sees all.
static Scalar causal(Formula &f, bool active, RankedTensorType type,
                     Scalar value, double otherwise) {
  if (!active)
    return value;
  int64_t rank = type.getRank();
  Value last = f.index(rank - 2);
  if (int64_t before = type.getDimSize(rank - 1) - type.getDimSize(rank - 2))
    last =
        arith::AddIOp::create(f.builder, f.loc, last, f.constantIndex(before));
  Value seen = arith::CmpIOp::create(
      f.builder, f.loc, arith::CmpIPredicate::ule, f.index(rank - 1), last);
  seen.getDefiningOp()->setAttr("ds.causal", f.builder.getUnitAttr());
  return f.select(seen, value, f.constant(otherwise));
}

/// Tells the code generator that `value` matters at t <= s only, or is zero
/// elsewhere: loops may end early.
static void markCausal(Value value, bool active) {
  if (active)
    value.getDefiningOp()->setAttr("ds.causal",
                                   UnitAttr::get(value.getContext()));
}

static constexpr double kMinusInfinity =
    -std::numeric_limits<double>::infinity();

DS_KERNEL_WALK(SoftmaxOp, KernelKind::Row, tensorType(getResult()).getShape(),
               leadingRank(getResult()))

LogicalResult SoftmaxOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                       SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType type = tensorType(getResult());
  double scale = getScale().convertToDouble();
  bool masked = getCausal();
  Value top =
      reduce(builder, loc, rowType(type), type.getShape(), {operands[0]},
             kMinusInfinity, [&](Formula &f, Scalar top) {
               return f.max(top, causal(f, masked, type, scale * f.in(0),
                                        kMinusInfinity));
             });
  Value exps =
      pointwise(builder, loc, wideType(type), {operands[0], {top, true}},
                [&](Formula &f) -> Results {
                  Scalar e = f.exp(scale * f.in(0) - f.in(1));
                  return {causal(f, masked, type, e, 0.0)};
                })[0];
  Value sum =
      sumRows(builder, loc, type, {exps}, [](Formula &f) { return f.in(0); });
  Value inverse =
      perRow(builder, loc, {sum}, [](Formula &f) { return 1.0 / f.in(0); });
  results = pointwise(
      builder, loc, type, {exps, {inverse, true}}, [&](Formula &f) -> Results {
        return {causal(f, masked, type, f.in(0) * f.in(1), 0.0)};
      });
  for (Value value : {top, exps, sum, results[0]})
    markCausal(value, masked);
  return success();
}

DS_KERNEL_WALK(SoftmaxGradOp, KernelKind::Row,
               tensorType(getResult()).getShape(), leadingRank(getResult()))

LogicalResult SoftmaxGradOp::lowerToLinalg(OpBuilder &builder,
                                           ValueRange operands,
                                           SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  double scale = getScale().convertToDouble();
  Value sum = sumRows(builder, getLoc(), type, {operands[0], operands[1]},
                      [](Formula &f) { return f.in(0) * f.in(1); });
  results = pointwise(builder, getLoc(), type,
                      {operands[0], operands[1], {sum, true}},
                      [&](Formula &f) -> Results {
                        return {scale * f.in(0) * (f.in(1) - f.in(2))};
                      });
  return success();
}

//===--------------------------------------------------------------------===//
// Cross-entropy
//===--------------------------------------------------------------------===//

namespace {
/// What softmax cross-entropy needs of a row.
struct Exponentials {
  Value top, exps, sum;
};
} // namespace

/// `value` in columns that are classes.
static Scalar ofClass(Formula &f, RankedTensorType logits,
                      std::optional<uint64_t> classes, Scalar value,
                      double otherwise) {
  if (!classes)
    return value;
  Value isClass = arith::CmpIOp::create(
      f.builder, f.loc, arith::CmpIPredicate::ult,
      f.index(static_cast<unsigned>(logits.getRank() - 1)),
      f.constantIndex(static_cast<int64_t>(*classes)));
  return f.select(isClass, value, f.constant(otherwise));
}

static Exponentials exponentials(OpBuilder &builder, Location loc, Value logits,
                                 std::optional<uint64_t> classes) {
  RankedTensorType type = tensorType(logits);
  Exponentials e;
  e.top = reduce(builder, loc, rowType(type), type.getShape(), {logits},
                 kMinusInfinity, [&](Formula &f, Scalar top) {
                   return f.max(
                       top, ofClass(f, type, classes, f.in(0), kMinusInfinity));
                 });
  e.exps = pointwise(builder, loc, wideType(type), {logits, {e.top, true}},
                     [&](Formula &f) -> Results {
                       Scalar e = f.exp(f.in(0) - f.in(1));
                       return {ofClass(f, type, classes, e, 0.0)};
                     })[0];
  e.sum =
      sumRows(builder, loc, type, {e.exps}, [](Formula &f) { return f.in(0); });
  return e;
}

/// 0 where operand i, a target, is the one that does not count.
static Scalar unlessIgnored(Formula &f, unsigned i,
                            std::optional<uint64_t> ignore, Scalar value) {
  if (!ignore)
    return value;
  Value isIgnored = arith::CmpIOp::create(
      f.builder, f.loc, arith::CmpIPredicate::eq, f.indexIn(i),
      f.constantIndex(static_cast<int64_t>(*ignore)));
  return f.select(isIgnored, f.constant(0.0), value);
}

DS_KERNEL_WALK(CrossEntropyRowsOp, KernelKind::Row,
               tensorType(getLogits()).getShape(), leadingRank(getLogits()))

LogicalResult
CrossEntropyRowsOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType logits = tensorType(operands[0]);
  Exponentials e = exponentials(builder, loc, operands[0], getClasses());
  // Found by a look at every element, not where the target points: a gradient
  // in the same kernel may have overwritten the logits by then.
  Value hit =
      reduce(builder, loc, rowType(logits), logits.getShape(),
             {operands[0], {operands[1], true}}, kMinusInfinity,
             [&](Formula &f, Scalar found) {
               Value isHit = isAt(f, 1, logits.getRank() - 1);
               return f.max(
                   found, f.select(isHit, f.in(0), f.constant(kMinusInfinity)));
             });
  results =
      pointwise(builder, loc, tensorType(getLosses()),
                {e.top, e.sum, hit, operands[1]}, [&](Formula &f) -> Results {
                  auto classes = static_cast<int64_t>(
                      getClasses().value_or(logits.getShape().back()));
                  Value isInside = placeOf(f, 3, classes).isInside;
                  Scalar loss =
                      f.select(isInside, f.log(f.in(1)) + (f.in(0) - f.in(2)),
                               f.constant(kNaN));
                  return {unlessIgnored(f, 3, getIgnore(), loss)};
                });
  return success();
}

DS_KERNEL_WALK(CrossEntropyGradOp, KernelKind::Row,
               tensorType(getResult()).getShape(), leadingRank(getResult()))

LogicalResult
CrossEntropyGradOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType type = tensorType(getResult());
  Exponentials e = exponentials(builder, loc, operands[0], getClasses());
  double rows = static_cast<double>(getAllRows());
  Value share = perRow(builder, loc, {e.sum, operands[2]}, [&](Formula &f) {
    return (1.0 / rows) * f.in(1) / f.in(0);
  });
  results = pointwise(
      builder, loc, type,
      {e.exps, {share, true}, {operands[1], true}, operands[2]},
      [&](Formula &f) -> Results {
        Scalar one = f.select(isAt(f, 2, type.getRank() - 1),
                              (1.0 / rows) * f.in(3), f.constant(0.0));
        Scalar grad = ofClass(f, type, getClasses(), f.in(0) * f.in(1) - one,
                              /*otherwise=*/0.0);
        return {unlessIgnored(f, 2, getIgnore(), grad)};
      });
  return success();
}
