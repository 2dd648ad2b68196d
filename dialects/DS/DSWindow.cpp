//===- DSWindow.cpp - Windows: what they are, checks, gradients ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSWindow.h"
#include "DSIntegers.h"
#include "DSShapes.h"

#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// What they are
//===--------------------------------------------------------------------===//

namespace {

template <typename Op> void readLists(Op op, WindowWalk &walk) {
  const size_t rank = op.getSizes().size();
  auto list = [&](std::optional<ArrayRef<int64_t>> given, int64_t otherwise) {
    return given ? SmallVector<int64_t>(*given)
                 : SmallVector<int64_t>(rank, otherwise);
  };
  walk.sizes = SmallVector<int64_t>(op.getSizes());
  walk.by = list(op.getBy(), 1);
  walk.low = list(op.getLow(), 0);
  walk.interior = list(op.getInterior(), 0);
  walk.apart = list(op.getApart(), 1);
}

} // namespace

WindowWalk::WindowWalk(ReduceWindowOp op)
    : whole(tensorType(op.getInput())), parts(tensorType(op.getResult())) {
  readLists(op, *this);
}
WindowWalk::WindowWalk(ArgReduceWindowOp op)
    : whole(tensorType(op.getInput())), parts(tensorType(op.getResult())) {
  readLists(op, *this);
}
WindowWalk::WindowWalk(ReduceWindowGradOp op)
    : whole(tensorType(op.getResult())), parts(tensorType(op.getGrad())) {
  readLists(op, *this);
}

WindowDim WindowWalk::into(int64_t dim) const {
  return {by[dim],
          apart[dim],
          -low[dim],
          interior[dim] + 1,
          sizes[dim],
          parts.getDimSize(dim),
          whole.getDimSize(dim)};
}

WindowDim WindowWalk::outOf(int64_t dim) const {
  return {interior[dim] + 1,
          -apart[dim],
          low[dim],
          by[dim],
          sizes[dim],
          whole.getDimSize(dim),
          parts.getDimSize(dim)};
}

//===--------------------------------------------------------------------===//
// Checks
//===--------------------------------------------------------------------===//

/// Positions are counted in 64 bits, with room.
static constexpr int64_t kLargest = int64_t{1} << 31;

static LogicalResult verifyList(Operation *op, StringRef name,
                                ArrayRef<int64_t> list, RankedTensorType type,
                                int64_t least) {
  if (static_cast<int64_t>(list.size()) != type.getRank())
    return op->emitOpError("expects '")
           << name << "' to have a number for each dimension of " << type
           << ", but got " << list.size();
  for (int64_t number : list)
    if (number < least || number >= kLargest)
      return op->emitOpError("expects '")
             << name << "' of at least " << least << " and below 2^31, but got "
             << number;
  return success();
}

static LogicalResult verifyWindows(Operation *op, const WindowWalk &w) {
  for (RankedTensorType type : {w.whole, w.parts})
    if (!type.hasStaticShape())
      return op->emitOpError("expects static shapes, but got ") << type;
  if (w.whole.getRank() != w.parts.getRank())
    return op->emitOpError("expects windows of the rank of what they are taken "
                           "of, but got ")
           << w.parts << " of " << w.whole;
  if (failed(verifyList(op, "sizes", w.sizes, w.whole, 1)) ||
      failed(verifyList(op, "by", w.by, w.whole, 1)) ||
      failed(verifyList(op, "low", w.low, w.whole, 1 - kLargest)) ||
      failed(verifyList(op, "interior", w.interior, w.whole, 0)) ||
      failed(verifyList(op, "apart", w.apart, w.whole, 1)))
    return failure();
  int64_t taps = 1;
  for (int64_t size : w.sizes)
    if (llvm::MulOverflow(taps, size, taps) || taps >= kLargest)
      return op->emitOpError("expects windows of less than 2^31 elements, but "
                             "got sizes [")
             << w.sizes << "]";
  for (RankedTensorType type : {w.whole, w.parts})
    for (int64_t size : type.getShape())
      if (size >= kLargest)
        return op->emitOpError("expects dimensions below 2^31, but got ")
               << type;
  return success();
}

template <typename Op> static LogicalResult verifyFold(Op op, bool hasSums) {
  StringRef kind = op.getKind();
  const bool isSum = kind == "sum" || kind == "mul";
  if (kind != "max" && kind != "min" && !(hasSums && isSum))
    return op.emitOpError("expects kind ")
           << (hasSums ? "'sum', 'max', 'min' or 'mul'" : "'max' or 'min'")
           << ", but got '" << kind << "'";
  if (failed(verifyWindows(op, WindowWalk(op))))
    return failure();
  return verifySign(op, op.getIsUnsigned(),
                    tensorType(op.getInput()).getElementType());
}

LogicalResult ReduceWindowOp::verify() {
  if (tensorType(getInput()).getElementType() !=
      tensorType(getResult()).getElementType())
    return emitOpError("expects a result of the input's elements, but got ")
           << getResult().getType() << " from " << getInput().getType();
  return verifyFold(*this, /*hasSums=*/true);
}

LogicalResult ArgReduceWindowOp::verify() {
  return verifyFold(*this, /*hasSums=*/false);
}

LogicalResult ReduceWindowGradOp::verify() {
  auto grad = tensorType(getGrad()), places = tensorType(getPlaces());
  if (grad.getElementType() != tensorType(getResult()).getElementType())
    return emitOpError("expects a result of the gradient's elements, but got ")
           << getResult().getType() << " from " << grad;
  if (grad.getShape() != places.getShape())
    return emitOpError("expects a place for each window, but got ")
           << places << " for " << grad;
  return verifyWindows(*this, WindowWalk(*this));
}

LogicalResult CumulativeOp::verify() {
  RankedTensorType type = tensorType(getInput());
  StringRef kind = getKind();
  if (kind != "sum" && kind != "mul" && kind != "max" && kind != "min" &&
      kind != "logsumexp")
    return emitOpError("expects kind 'sum', 'mul', 'max', 'min' or "
                       "'logsumexp', but got '")
           << kind << "'";
  if (!type.hasStaticShape())
    return emitOpError("expects static shapes, but got ") << type;
  if (kind == "logsumexp" && !isa<FloatType>(type.getElementType()))
    return emitOpError("expects floating-point numbers for kind 'logsumexp', "
                       "but got ")
           << type;
  const int64_t dim = getDimAttr().getInt();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError("expects 'dim' to be a dimension of ")
           << type << ", but got " << dim;
  if (!getFactors())
    return success();
  if (kind != "sum")
    return emitOpError("expects factors for kind 'sum' only, but got '")
           << kind << "'";
  if (getFactors().getType() != type)
    return emitOpError("expects factors of the input's type ")
           << type << ", but got " << getFactors().getType();
  return success();
}

//===--------------------------------------------------------------------===//
// Gradients of windows
//===--------------------------------------------------------------------===//

namespace {

/// The elements at place `tap` of all windows, 1 outside, and the way back.
class Tap {
public:
  Tap(OpBuilder &b, Location loc, const WindowWalk &w, int64_t tap)
      : b(b), loc(loc), w(w) {
    for (int64_t d = w.sizes.size() - 1; d >= 0; --d) {
      at.insert(at.begin(), tap % w.sizes[d] * w.apart[d]);
      tap /= w.sizes[d];
    }
    SmallVector<int64_t> shape;
    for (auto [d, size] : llvm::enumerate(w.parts.getShape()))
      shape.push_back(std::max<int64_t>(size - 1, 0) * w.by[d] +
                      (w.sizes[d] - 1) * w.apart[d] + 1);
    around = w.whole.clone(shape);
  }
  Value take(Value x) {
    Value padded = PadOp::create(b, loc, around, x, list(w.low),
                                 list(w.interior), b.getF64FloatAttr(1));
    return SliceOp::create(b, loc, w.parts, padded, at, list(w.by));
  }
  /// Gradients of what was taken, where they belong; zeros elsewhere.
  Value putBack(Value grads) {
    SmallVector<int64_t> between, low, steps;
    bool isDense = true;
    for (size_t d = 0; d < at.size(); ++d) {
      between.push_back(w.by[d] - 1);
      isDense &= w.interior[d] == 0;
      steps.push_back(w.interior[d] + 1);
    }
    Value padded = PadOp::create(b, loc, around, grads, list(at), list(between),
                                 FloatAttr());
    // Without the places in front, and as many as the whole has.
    SmallVector<int64_t> shape;
    for (size_t d = 0; d < at.size(); ++d) {
      low.push_back(-w.low[d]);
      const int64_t size = w.whole.getDimSize(d);
      shape.push_back(size == 0 ? 0 : (size - 1) * steps[d] + 1);
    }
    Value inside = PadOp::create(b, loc, w.whole.clone(shape), padded,
                                 list(low), DenseI64ArrayAttr(), FloatAttr());
    if (isDense)
      return inside;
    return SliceOp::create(b, loc, w.whole, inside,
                           SmallVector<int64_t>(at.size(), 0), list(steps));
  }

private:
  DenseI64ArrayAttr list(ArrayRef<int64_t> numbers) {
    return b.getDenseI64ArrayAttr(numbers);
  }
  OpBuilder &b;
  Location loc;
  const WindowWalk &w;
  SmallVector<int64_t> at;
  RankedTensorType around; ///< The whole with all places of all windows.
};

/// Each element's gradient is the product of the others in its window: those
/// in front times those behind.
Value gradOfProducts(OpBuilder &b, Location loc, const WindowWalk &w, Value x,
                     Value grad) {
  auto times = [&](Value lhs, Value rhs) -> Value {
    return lhs ? MulOp::create(b, loc, lhs.getType(), lhs, rhs) : rhs;
  };
  const int64_t taps = w.taps();
  SmallVector<Value> elements, inFront{Value()};
  for (int64_t tap = 0; tap < taps; ++tap) {
    elements.push_back(Tap(b, loc, w, tap).take(x));
    inFront.push_back(times(inFront.back(), elements.back()));
  }
  Value behind = grad, sum;
  for (int64_t tap = taps - 1; tap >= 0; --tap) {
    Value part = Tap(b, loc, w, tap).putBack(times(inFront[tap], behind));
    sum = sum ? AddOp::create(b, loc, sum.getType(), sum, part).getResult()
              : part;
    behind = times(behind, elements[tap]);
  }
  return sum;
}

} // namespace

void ReduceWindowOp::buildVjp(OpBuilder &b, ValueRange grads,
                              MutableArrayRef<Value> out) {
  WindowWalk w(*this);
  Type type = getInput().getType();
  if (getKind() == "mul") {
    out[0] = gradOfProducts(b, getLoc(), w, getInput(), grads[0]);
    return;
  }
  if (getKind() != "sum") {
    auto places = RankedTensorType::get(w.parts.getShape(), b.getI32Type());
    Value winners = ArgReduceWindowOp::create(
        b, getLoc(), places, getKindAttr(), getInput(), getSizesAttr(),
        getByAttr(), getLowAttr(), getInteriorAttr(), getApartAttr(),
        getIsUnsignedAttr());
    out[0] = ReduceWindowGradOp::create(
        b, getLoc(), type, grads[0], winners, getSizesAttr(), getByAttr(),
        getLowAttr(), getInteriorAttr(), getApartAttr());
    return;
  }
  // An element is in the windows that begin up to their length before it.
  SmallVector<int64_t> by, low, interior;
  for (int64_t d = 0; d < w.whole.getRank(); ++d) {
    by.push_back(w.interior[d] + 1);
    low.push_back((w.sizes[d] - 1) * w.apart[d] - w.low[d]);
    interior.push_back(w.by[d] - 1);
  }
  out[0] = ReduceWindowOp::create(
      b, getLoc(), type, getKindAttr(), grads[0], getSizesAttr(),
      b.getDenseI64ArrayAttr(by), b.getDenseI64ArrayAttr(low),
      b.getDenseI64ArrayAttr(interior), getApartAttr(), UnitAttr());
}

//===--------------------------------------------------------------------===//
// Gradients of cumulative folds
//===--------------------------------------------------------------------===//

namespace {

/// What the gradients of one ds.cumulative are written with.
struct Cumulation {
  Cumulation(OpBuilder &b, CumulativeOp op)
      : b(b), loc(op.getLoc()), op(op), type(tensorType(op.getInput())) {}

  Value binary(StringRef name, Value lhs, Value rhs, Type result = {}) {
    OperationState state(loc, name, {lhs, rhs}, {result ? result : Type(type)});
    return b.create(state)->getResult(0);
  }
  /// Each element at the next place of the walk, or with `back` at the one
  /// before; `filling` where none comes.
  Value moved(Value x, bool back, double filling) {
    SmallVector<int64_t> low(type.getRank(), 0);
    low[op.getDim()] = back == op.getReverse() ? 1 : -1;
    return PadOp::create(b, loc, x.getType(), x, b.getDenseI64ArrayAttr(low),
                         DenseI64ArrayAttr(), b.getF64FloatAttr(filling));
  }
  /// The other way: y[t] = x[t] + factors[t + 1] * y[t + 1].
  Value back(Value x, Value factors = {}) {
    return CumulativeOp::create(b, loc, type, "sum", x,
                                factors ? moved(factors, /*back=*/true, 0)
                                        : Value(),
                                op.getDim(), !op.getReverse());
  }
  Value compare(StringRef relation, Value lhs, Value rhs) {
    return CompareOp::create(
        b, loc, RankedTensorType::get(type.getShape(), b.getI1Type()), relation,
        lhs, rhs, /*is_unsigned=*/false);
  }
  Value exp(Value x) { return ExpOp::create(b, loc, type, x); }
  Value select(Value condition, Value yes, Value no) {
    return SelectOp::create(b, loc, yes.getType(), condition, yes, no);
  }
  Value gradOfExtremum(Value grad);
  Value gradOfLogSumExp(Value grad);

  OpBuilder &b;
  Location loc;
  CumulativeOp op;
  RankedTensorType type;
};

} // namespace

/// Each gradient goes to the last place up to its own that has something new.
Value Cumulation::gradOfExtremum(Value grad) {
  const bool isMax = op.getKind() == "max";
  const int64_t dim = op.getDim(), rank = type.getRank();
  auto places = RankedTensorType::get(type.getShape(), b.getI32Type());
  Value before = moved(op.getResult(), /*back=*/false,
                       neutralElement(op.getKind(), type.getElementType(),
                                      /*isUnsigned=*/false));
  Value isNew = compare(isMax ? "gt" : "lt", op.getInput(), before);
  const int64_t first = op.getReverse() ? type.getDimSize(dim) - 1 : 0;
  Value here = IotaOp::create(b, loc, places, dim);
  Value start = ConstantOp::create(b, loc, places, static_cast<double>(first));
  Value from = CumulativeOp::create(
      b, loc, places, op.getReverse() ? "min" : "max",
      select(isNew, here, start), Value(), dim, op.getReverse());
  SmallVector<int64_t> others;
  for (int64_t d = 0; d < rank; ++d)
    if (d != dim)
      others.push_back(d);
  Value zeros = ConstantOp::create(b, loc, type, 0.0);
  return ScatterOp::create(b, loc, type, "add", zeros, from, grad,
                           ArrayRef<int64_t>(), ArrayRef<int64_t>(dim), others,
                           others, ArrayRef<int64_t>(dim), rank,
                           /*clamps=*/false);
}

/// With h[t] = sum of grad[s] * exp(y[t] - y[s]) over all s from t on, whose
/// factors are at most 1, each element has exp(x[t] - y[t]) * h[t].
Value Cumulation::gradOfLogSumExp(Value grad) {
  Value x = op.getInput(), y = op.getResult();
  Value one = ConstantOp::create(b, loc, type, 1.0);
  // Where both are the same infinity their difference is no number.
  auto ratio = [&](Value part, Value whole) {
    return select(compare("eq", part, whole), one,
                  exp(binary("ds.sub", part, whole)));
  };
  Value before = moved(y, /*back=*/false, 0);
  return binary("ds.mul", ratio(x, y), back(grad, ratio(before, y)));
}

void CumulativeOp::buildVjp(OpBuilder &b, ValueRange grads,
                            MutableArrayRef<Value> out) {
  if (!isa<FloatType>(tensorType(getInput()).getElementType()))
    return;
  Cumulation c(b, *this);
  if (getKind() == "max" || getKind() == "min") {
    out[0] = c.gradOfExtremum(grads[0]);
  } else if (getKind() == "logsumexp") {
    out[0] = c.gradOfLogSumExp(grads[0]);
  } else if (getKind() == "mul") {
    Value inFront = c.moved(getResult(), /*back=*/false, 1);
    out[0] = c.binary("ds.mul", inFront, c.back(grads[0], getInput()));
  } else {
    out[0] = c.back(grads[0], getFactors());
    if (getFactors())
      out[1] =
          c.binary("ds.mul", out[0], c.moved(getResult(), /*back=*/false, 0));
  }
}

} // namespace ds
