//===- DSKernelsWindow.cpp - Folds of windows and prefixes as loops -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small window is written out, so that loops run over the results and take
// vectors of neighbours; a large one is a loop inside, one result at a time.
// What is folded along a dimension runs over it in order, in place, with the
// dimensions behind it as columns.
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSPositions.h"
#include "DSWindow.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ds;

namespace {

using Places = SmallVector<Value>;
using Compare = arith::CmpIPredicate;

/// Elements of the longest vectors, with what LLVM unrolls.
constexpr int64_t kLongestVector = 64;

/// Windows of more places are loops.
constexpr int64_t kWrittenOut = 32;

/// Loops with this value need not become vectors; see FormulaEmitter.
void allowScalars(Value value) {
  Operation *op = value.getDefiningOp();
  op->setAttr("ds.optional_vectors", UnitAttr::get(op->getContext()));
}

/// What a position has at one place of its window.
struct Partner {
  Value inside; ///< Whether there is one; null where that is sure.
  Places at;
  Value place; ///< Its number in the window, i32.
};

/// Folds what the positions of a tensor are paired with.
class Pairing {
public:
  /// From windows to elements, or from elements to windows.
  Pairing(OpBuilder &builder, Location loc, const WindowWalk &w, bool into)
      : builder(builder), loc(loc), sizes(w.sizes),
        shape((into ? w.parts : w.whole).getShape()) {
    for (int64_t d = 0; d < w.whole.getRank(); ++d)
      dims.push_back(into ? w.into(d) : w.outOf(d));
  }

  using Body =
      llvm::function_ref<Scalar(Positions &, const Partner &, Scalar sofar)>;

  /// Starts from `start`; operands of the body have the positions' shape.
  Value fold(Type element, ArrayRef<Value> operands, double start, Body body) {
    auto type = RankedTensorType::get(shape, element);
    SmallVector<Operand> inputs;
    for (Value operand : operands)
      inputs.push_back(Operand(operand, /*rows=*/true));
    if (HostTensor::count(sizes) <= kWrittenOut)
      return pointwise(builder, loc, type, inputs, [&](Formula &f) -> Results {
        return {writeOut(f, start, body)};
      })[0];
    // Says how large the loops inside are, and is not read.
    SmallVector<int64_t> loops(shape), inner;
    for (int64_t size : sizes) {
      inner.push_back(static_cast<int64_t>(loops.size()));
      loops.push_back(size);
    }
    Value window = tensor::EmptyOp::create(builder, loc, sizes, element);
    inputs.push_back(Operand::along(window, inner));
    auto wide = RankedTensorType::get(shape, Formula::computeType(element));
    Value folded = reduce(builder, loc, wide, loops, inputs, start,
                          [&](Formula &f, Scalar sofar) {
                            return loopOver(f, sofar, start, body);
                          });
    return pointwise(builder, loc, type, {folded},
                     [](Formula &f) -> Results { return {f.in(0)}; })[0];
  }

private:
  Scalar writeOut(Formula &f, double start, Body body) {
    Positions p(f);
    Scalar sofar = f.constant(start);
    SmallVector<int64_t> tap(sizes.size(), 0);
    for (int64_t n = 0, e = HostTensor::count(sizes); n < e; ++n) {
      Partner partner;
      bool exists = true;
      for (size_t d = 0; d < dims.size() && exists; ++d)
        exists = find(p, d, tap[d], Value(), partner);
      partner.place = arith::ConstantOp::create(f.builder, f.loc,
                                                f.builder.getI32IntegerAttr(n));
      if (exists)
        sofar = body(p, partner, sofar);
      for (int64_t d = tap.size() - 1; d >= 0 && ++tap[d] == sizes[d]; --d)
        tap[d] = 0;
    }
    return sofar;
  }

  Scalar loopOver(Formula &f, Scalar sofar, double start, Body body) {
    Positions p(f);
    Partner partner;
    Value place = p.number(0);
    for (size_t d = 0; d < dims.size(); ++d) {
      Value tap = f.index(shape.size() + d);
      place = p.add(p.multiply(place, sizes[d]), tap);
      if (!find(p, d, 0, tap, partner))
        return f.constant(start);
    }
    partner.place = arith::IndexCastOp::create(f.builder, f.loc,
                                               f.builder.getI32Type(), place);
    return body(p, partner, sofar);
  }

  /// Adds dimension `d` for place `known`, or `tap` of its loop; false where
  /// no position has a partner.
  bool find(Positions &p, size_t d, int64_t known, Value tap,
            Partner &partner) {
    const WindowDim &dim = dims[d];
    const int64_t begin = dim.begin + known * dim.apart;
    const int64_t reach = tap ? (dim.taps - 1) * dim.apart : 0;
    const int64_t least = begin + std::min<int64_t>(reach, 0);
    const int64_t most =
        begin + std::max<int64_t>(reach, 0) + (dim.count - 1) * dim.factor;
    const int64_t last = (dim.size - 1) * dim.divisor;
    if (dim.size == 0 || most < 0 || least > last)
      return false;
    Value at = p.multiply(p.f.index(d), dim.factor);
    if (tap)
      at = p.add(at, p.multiply(tap, dim.apart));
    at = p.add(at, begin);
    if (least < 0 || most > last || dim.divisor != 1) {
      // Those in front are large when they have no sign.
      Value here = p.compare(Compare::ult, at, last + 1);
      at = p.select(here, at, p.number(0));
      // Places with gaps, or that a loop inside counts: LLVM may not manage.
      if (tap || dim.factor != 1 || dim.divisor != 1)
        allowScalars(at);
      if (dim.divisor != 1) {
        OpBuilder &b = p.f.builder;
        Value n = p.number(dim.divisor);
        Value rest = arith::RemUIOp::create(b, p.f.loc, at, n);
        here = p.both(here, p.compare(Compare::eq, rest, 0));
        at = arith::DivUIOp::create(b, p.f.loc, at, n);
      }
      partner.inside = p.both(partner.inside, here);
    }
    partner.at.push_back(at);
    return true;
  }

  OpBuilder &builder;
  Location loc;
  ArrayRef<int64_t> sizes;
  SmallVector<int64_t> shape;
  SmallVector<WindowDim> dims;
};

template <typename Op> bool isWrittenOut(Op op) {
  return HostTensor::count(op.getSizes()) <= kWrittenOut;
}

template <typename Op> SmallVector<int64_t> loopsOf(Op op) {
  SmallVector<int64_t> loops(tensorType(op.getResult()).getShape());
  if (!isWrittenOut(op))
    llvm::append_range(loops, op.getSizes());
  return loops;
}

template <typename Op> int64_t rowsOf(Op op) {
  const int64_t rank = tensorType(op.getResult()).getRank();
  return isWrittenOut(op) ? std::max<int64_t>(rank - 1, 0) : rank;
}

double startOf(StringRef kind, Type element, bool isUnsigned) {
  return kind == "sum" ? 0 : neutralElement(kind, element, isUnsigned);
}

Scalar combine(Formula &f, StringRef kind, bool isUnsigned, Scalar a,
               Scalar b) {
  if (kind == "sum")
    return a + b;
  if (kind == "mul")
    return a * b;
  return f.extremum(a, b, kind == "max", isUnsigned);
}

/// The fold of the windows of `input`.
Value foldWindows(Pairing &pairing, StringRef kind, bool isUnsigned,
                  Value input, Type element) {
  const double start = startOf(kind, element, isUnsigned);
  return pairing.fold(element, {}, start,
                      [&](Positions &p, const Partner &partner, Scalar sofar) {
                        Scalar x = p.f.extract(input, partner.at);
                        if (partner.inside)
                          x = p.f.select(partner.inside, x,
                                         p.f.constant(start));
                        return combine(p.f, kind, isUnsigned, sofar, x);
                      });
}

} // namespace

#define DS_WINDOW_WALK(OP)                                                     \
  DS_KERNEL_WALK(OP, isWrittenOut(*this) ? KernelKind::Move : KernelKind::Row, \
                 loopsOf(*this), rowsOf(*this))

DS_WINDOW_WALK(ReduceWindowOp)

LogicalResult ReduceWindowOp::lowerToLinalg(OpBuilder &builder,
                                            ValueRange operands,
                                            SmallVectorImpl<Value> &results) {
  WindowWalk w(*this);
  Pairing pairing(builder, getLoc(), w, /*into=*/true);
  results.push_back(foldWindows(pairing, getKind(), getIsUnsigned(),
                                operands[0], w.parts.getElementType()));
  return success();
}

DS_WINDOW_WALK(ArgReduceWindowOp)

/// The best element of each window, then the first place that has it.
LogicalResult
ArgReduceWindowOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                 SmallVectorImpl<Value> &results) {
  WindowWalk w(*this);
  Type element = Formula::computeType(w.whole.getElementType());
  Type i32 = builder.getI32Type();
  Pairing pairing(builder, getLoc(), w, /*into=*/true);
  Value best =
      foldWindows(pairing, getKind(), getIsUnsigned(), operands[0], element);
  const double none = neutralElement("min", i32, /*isUnsigned=*/false);
  Value first = pairing.fold(
      i32, {best}, none,
      [&](Positions &p, const Partner &partner, Scalar sofar) {
        Formula &f = p.f;
        Value x = f.convert(tensor::ExtractOp::create(f.builder, f.loc,
                                                      operands[0], partner.at),
                            element);
        Value is;
        if (isa<FloatType>(element))
          is = arith::OrIOp::create(
              f.builder, f.loc,
              arith::CmpFOp::create(f.builder, f.loc, arith::CmpFPredicate::OEQ,
                                    x, f.args[0]),
              arith::CmpFOp::create(f.builder, f.loc, arith::CmpFPredicate::UNO,
                                    x, x));
        else
          is = arith::CmpIOp::create(f.builder, f.loc, Compare::eq, x,
                                     f.args[0]);
        if (partner.inside)
          is = p.both(is, partner.inside);
        return f.extremum(sofar,
                          f.select(is, {&f, partner.place}, f.constant(none)),
                          /*isMax=*/false, /*isUnsigned=*/false);
      });
  results = pointwise(
      builder, getLoc(), w.parts, {first}, [&](Formula &f) -> Results {
        Scalar place = f.in(0);
        Value isNone = arith::CmpIOp::create(
            f.builder, f.loc, Compare::eq, place.value, f.constant(none).value);
        return {f.select(isNone, f.constant(-1), place)};
      });
  return success();
}

DS_WINDOW_WALK(ReduceWindowGradOp)

LogicalResult
ReduceWindowGradOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                  SmallVectorImpl<Value> &results) {
  WindowWalk w(*this);
  Pairing pairing(builder, getLoc(), w, /*into=*/false);
  results.push_back(pairing.fold(
      w.whole.getElementType(), {}, 0,
      [&](Positions &p, const Partner &partner, Scalar sofar) {
        Formula &f = p.f;
        Value place = tensor::ExtractOp::create(f.builder, f.loc, operands[1],
                                                partner.at);
        Value is = arith::CmpIOp::create(f.builder, f.loc, Compare::eq, place,
                                         partner.place);
        if (partner.inside)
          is = p.both(is, partner.inside);
        return sofar +
               f.select(is, f.extract(operands[0], partner.at), f.constant(0));
      }));
  return success();
}

//===--------------------------------------------------------------------===//
// Along a dimension
//===--------------------------------------------------------------------===//

DS_KERNEL_WALK(CumulativeOp, KernelKind::Scatter,
               tensorType(getResult()).getShape(), getDim() + 1)

SmallVector<unsigned> CumulativeOp::getSummedOperands() {
  if (getKind() == "max" || getKind() == "min")
    return {};
  return getFactors() ? SmallVector<unsigned>{0, 1} : SmallVector<unsigned>{0};
}

static Scalar logAddExp(Formula &f, Scalar a, Scalar b) {
  auto flags = arith::FastMathFlagsAttr::get(
      f.builder.getContext(),
      arith::FastMathFlags::nsz | arith::FastMathFlags::arcp |
          arith::FastMathFlags::contract | arith::FastMathFlags::afn);
  Scalar difference = a - b;
  Scalar apart = {&f, math::AbsFOp::create(f.builder, f.loc, difference.value)};
  Scalar more = {
      &f, math::Log1pOp::create(f.builder, f.loc, f.exp(-apart).value, flags)};
  // Of two equal infinities, or with NaN.
  Value isNone =
      arith::CmpFOp::create(f.builder, f.loc, arith::CmpFPredicate::UNO,
                            difference.value, difference.value);
  return f.select(isNone, a + b,
                  f.extremum(a, b, /*isMax=*/true, /*isUnsigned=*/false) +
                      more);
}

/// Each row is combined with the one before it, which is complete.
LogicalResult CumulativeOp::lowerToLinalg(OpBuilder &builder,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  Location loc = getLoc();
  RankedTensorType type = tensorType(getResult());
  const int64_t dim = getDim(), length = type.getDimSize(dim);
  const int64_t columns =
      HostTensor::count(type.getShape().drop_front(dim + 1));
  auto rowsOf = [&](Type element) {
    return RankedTensorType::get(type.getShape().take_front(dim + 1), element);
  };
  auto step = [&](Positions &p) -> Value {
    Value i = p.f.index(dim);
    return getReverse() ? p.subtract(p.number(length - 1), i) : i;
  };
  Value isInside = pointwise(
      builder, loc, rowsOf(builder.getI1Type()), {}, [](Formula &f) -> Results {
        Positions p(f);
        return {{&f, p.compare(Compare::eq, p.number(0), 0)}};
      })[0];
  Value base = pointwise(
      builder, loc, rowsOf(builder.getI64Type()), {},
      [&](Formula &f) -> Results {
        Positions p(f);
        Value row = p.number(0);
        for (int64_t d = 0; d < dim; ++d)
          row = p.add(p.multiply(row, type.getDimSize(d)), f.index(d));
        row = p.add(p.multiply(row, length), step(p));
        return {{&f, arith::IndexCastOp::create(f.builder, f.loc,
                                                f.builder.getI64Type(),
                                                p.multiply(row, columns))}};
      })[0];
  Value values = pointwise(builder, loc, type, {}, [&](Formula &f) -> Results {
    Positions p(f);
    Places here, before;
    for (int64_t d = 0; d < type.getRank(); ++d)
      here.push_back(d == dim ? step(p) : f.index(d));
    before = here;
    before[dim] = p.clamp(p.add(here[dim], getReverse() ? 1 : -1), length - 1);
    Scalar x = f.extract(operands[0], here);
    Scalar y = f.extract(operands[0], before);
    if (getFactors())
      y = f.extract(operands[1], here) * y;
    Scalar both = getKind() == "logsumexp"
                      ? logAddExp(f, y, x)
                      : combine(f, getKind(), /*isUnsigned=*/false, y, x);
    Value isFirst = p.compare(Compare::eq, f.index(dim), 0);
    // Vectors that are longer than a row would read what they write.
    if (columns < kLongestVector)
      allowScalars(isFirst);
    return {f.select(isFirst, x, both)};
  })[0];
  values.getDefiningOp()->setAttr("ds.combine", builder.getStringAttr("set"));
  results.assign({isInside, base, values});
  return success();
}
