//===- DSVjpIndex.cpp - Gradients of moves of elements ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An element's gradient goes back to where the element came from.
//===--------------------------------------------------------------------===//

#include "DSIndex.h"

using namespace mlir;

namespace ds {
namespace {

RankedTensorType withShape(ArrayRef<int64_t> shape, RankedTensorType like) {
  return RankedTensorType::get(shape, like.getElementType());
}

Value reshaped(OpBuilder &b, Location loc, Value value, Type type) {
  if (value.getType() == type)
    return value;
  return ReshapeOp::create(b, loc, type, value);
}

/// The sum over all dimensions of `value` but `kept`, which are ascending.
Value sumExcept(OpBuilder &b, Location loc, Value value,
                ArrayRef<int64_t> kept) {
  auto sum = [&](ArrayRef<int64_t> shape, bool trailing) {
    RankedTensorType type = withShape(shape, tensorType(value));
    value = SumOp::create(b, loc, type, value, trailing, /*squares=*/false);
  };
  ArrayRef<int64_t> shape = tensorType(value).getShape();
  const int64_t rank = tensorType(value).getRank();
  const int64_t first = kept.empty() ? rank : kept.front();
  if (first > 0)
    sum(shape.drop_front(first), /*trailing=*/false);
  shape = tensorType(value).getShape();
  const int64_t behind = kept.empty() ? 0 : rank - 1 - kept.back();
  if (behind > 0)
    sum(shape.drop_back(behind), /*trailing=*/true);
  // Those between are summed by a product with ones.
  std::string all, rest, between;
  SmallVector<int64_t> result, ones;
  for (auto [i, size] : llvm::enumerate(tensorType(value).getShape())) {
    bool keeps = llvm::is_contained(kept, static_cast<int64_t>(i) + first);
    all.push_back(static_cast<char>('a' + i));
    (keeps ? rest : between).push_back(all.back());
    (keeps ? result : ones).push_back(size);
  }
  if (between.empty())
    return value;
  RankedTensorType type = tensorType(value);
  Value one = ConstantOp::create(b, loc, withShape(ones, type), 1.0);
  return DotOp::create(b, loc, withShape(result, type),
                       all + "," + between + "->" + rest, value, one);
}

Value zeros(OpBuilder &b, Location loc, Type type) {
  return ConstantOp::create(b, loc, cast<RankedTensorType>(type), 0.0);
}

/// `value` inside of `type`, its first element at `low`, with zeros around.
Value padded(OpBuilder &b, Location loc, Type type, Value value,
             ArrayRef<int64_t> low,
             DenseI64ArrayAttr interior = DenseI64ArrayAttr()) {
  if (value.getType() == type)
    return value;
  return PadOp::create(b, loc, type, value, b.getDenseI64ArrayAttr(low),
                       interior, FloatAttr());
}

} // namespace

//===--------------------------------------------------------------------===//
// Views
//===--------------------------------------------------------------------===//

void WindowOp::buildVjp(OpBuilder &b, ValueRange grads,
                        MutableArrayRef<Value> out) {
  auto in = tensorType(getInput());
  SmallVector<int64_t> low(in.getRank(), 0);
  low[getDim()] = static_cast<int64_t>(getAt());
  out[0] = padded(b, getLoc(), in, grads[0], low);
}

void StackOp::buildVjp(OpBuilder &b, ValueRange grads,
                       MutableArrayRef<Value> out) {
  int64_t at = 0;
  for (auto [i, part] : llvm::enumerate(getParts())) {
    out[i] =
        WindowOp::create(b, getLoc(), part.getType(), grads[0], getDim(), at);
    at += tensorType(part).getDimSize(getDim());
  }
}

//===--------------------------------------------------------------------===//
// Places that are known
//===--------------------------------------------------------------------===//

void TransposeOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  SmallVector<int64_t> back(getDims().size());
  for (auto [i, dim] : llvm::enumerate(getDims()))
    back[dim] = static_cast<int64_t>(i);
  out[0] =
      TransposeOp::create(b, getLoc(), getInput().getType(), grads[0], back);
}

void SliceOp::buildVjp(OpBuilder &b, ValueRange grads,
                       MutableArrayRef<Value> out) {
  SmallVector<int64_t> between;
  for (int64_t d = 0, e = tensorType(getInput()).getRank(); d < e; ++d)
    between.push_back(getStride(d) - 1);
  out[0] =
      padded(b, getLoc(), getInput().getType(), grads[0], getAt(),
             getBy() ? b.getDenseI64ArrayAttr(between) : DenseI64ArrayAttr());
}

void ReverseOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  out[0] =
      ReverseOp::create(b, getLoc(), grads[0].getType(), grads[0], getDims());
}

void BroadcastOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  auto in = tensorType(getInput());
  // Repeated dimensions are summed with the new ones.
  SmallVector<int64_t> kept, dims = getPlaces();
  SmallVector<int64_t> shape;
  for (auto [size, dim] : llvm::zip_equal(in.getShape(), dims))
    if (size == tensorType(getResult()).getDimSize(dim))
      kept.push_back(dim);
  SmallVector<int64_t> sorted(kept);
  llvm::sort(sorted);
  Value grad = sumExcept(b, getLoc(), grads[0], sorted);
  if (kept != sorted) {
    SmallVector<int64_t> order;
    for (int64_t dim : kept) {
      order.push_back(llvm::find(sorted, dim) - sorted.begin());
      shape.push_back(tensorType(getResult()).getDimSize(dim));
    }
    grad = TransposeOp::create(b, getLoc(), withShape(shape, in), grad, order);
  }
  out[0] = reshaped(b, getLoc(), grad, in);
}

/// The elements that are in the result, where they are, zeros for the others.
void PadOp::buildVjp(OpBuilder &b, ValueRange grads,
                     MutableArrayRef<Value> out) {
  auto in = tensorType(getInput()), res = tensorType(getResult());
  SmallVector<int64_t> at, by, shape, low;
  for (int64_t d = 0; d < in.getRank(); ++d) {
    const int64_t step = getStep(d), begin = getLowOf(d);
    const int64_t first = begin < 0 ? (-begin + step - 1) / step : 0;
    const int64_t room = res.getDimSize(d) - begin;
    const int64_t end =
        std::min(in.getDimSize(d), room <= 0 ? 0 : (room + step - 1) / step);
    const int64_t size = std::max<int64_t>(end - first, 0);
    at.push_back(size == 0 ? 0 : begin + first * step);
    by.push_back(step);
    shape.push_back(size);
    low.push_back(size == 0 ? 0 : first);
  }
  if (llvm::is_contained(shape, 0)) { // none of them
    out[0] = zeros(b, getLoc(), in);
    return;
  }
  Value kept = SliceOp::create(b, getLoc(), withShape(shape, in), grads[0], at,
                               b.getDenseI64ArrayAttr(by));
  out[0] = padded(b, getLoc(), in, kept, low);
}

//===--------------------------------------------------------------------===//
// Places that are computed
//===--------------------------------------------------------------------===//

void DynamicSliceOp::buildVjp(OpBuilder &b, ValueRange grads,
                              MutableArrayRef<Value> out) {
  Type type = getInput().getType();
  out[0] = DynamicUpdateOp::create(b, getLoc(), type, zeros(b, getLoc(), type),
                                   grads[0], getStarts());
}

void DynamicUpdateOp::buildVjp(OpBuilder &b, ValueRange grads,
                               MutableArrayRef<Value> out) {
  Type part = getPart().getType();
  out[0] = DynamicUpdateOp::create(b, getLoc(), getInput().getType(), grads[0],
                                   zeros(b, getLoc(), part), getStarts());
  out[1] = DynamicSliceOp::create(b, getLoc(), part, grads[0], getStarts());
}

void GatherOp::buildVjp(OpBuilder &b, ValueRange grads,
                        MutableArrayRef<Value> out) {
  Type type = getInput().getType();
  out[0] = ScatterOp::create(b, getLoc(), type, "add", zeros(b, getLoc(), type),
                             getIndices(), grads[0], getOffset(),
                             getCollapsed(), getBatch(), getOf(), getMap(),
                             getVector(), /*clamps=*/!getDrops());
}

namespace {

/// What a scatter's gradient is made of: elements of the whole, and what the
/// windows of the updates see of them.
class ScatterGrad {
public:
  ScatterGrad(OpBuilder &b, ScatterOp op)
      : b(b), loc(op.getLoc()), op(op), windows(op) {}

  /// The windows of a tensor like the input; zeros where they are left out.
  Value seen(Value whole) {
    auto type = withElement(op.getUpdates(), whole);
    return GatherOp::create(b, loc, type, whole, op.getIndices(),
                            op.getWindow(), op.getInserted(), op.getBatch(),
                            op.getOf(), op.getMap(), op.getVector(),
                            windows.sizes, /*drops=*/!op.getClamps());
  }
  Value scattered(StringRef kind, Value whole, Value updates) {
    return ScatterOp::create(b, loc, whole.getType(), kind, whole,
                             op.getIndices(), updates, op.getWindow(),
                             op.getInserted(), op.getBatch(), op.getOf(),
                             op.getMap(), op.getVector(), op.getClamps());
  }
  Value equal(Value x, Value y) {
    auto type = RankedTensorType::get(tensorType(x).getShape(), b.getI1Type());
    return CompareOp::create(b, loc, type, "eq", x, y, /*is_unsigned=*/false);
  }
  /// `value` where `mask`, else zero.
  Value where(Value mask, Value value) {
    return SelectOp::create(b, loc, value.getType(), mask, value,
                            zeros(b, loc, value.getType()));
  }
  Value ones(Value like) {
    return ConstantOp::create(b, loc, tensorType(like), 1.0);
  }
  /// A number for each element of the updates.
  Value numbers() {
    auto type = tensorType(op.getUpdates());
    Type i32 = b.getI32Type();
    Value flat = IotaOp::create(
        b, loc, RankedTensorType::get({type.getNumElements()}, i32), 0);
    return reshaped(b, loc, flat, RankedTensorType::get(type.getShape(), i32));
  }
  static RankedTensorType withElement(Value shape, Value element) {
    return RankedTensorType::get(tensorType(shape).getShape(),
                                 tensorType(element).getElementType());
  }

private:
  OpBuilder &b;
  Location loc;
  ScatterOp op;
  Windows windows;
};

} // namespace

void ScatterOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  ScatterGrad s(b, *this);
  Location loc = getLoc();
  Value grad = grads[0], updates = getUpdates();
  if (getKind() == "add") {
    out[0] = grad;
    out[2] = s.seen(grad);
  } else if (getKind() == "set") {
    // The last of the updates that meet in one place has left its number.
    Value numbers = s.numbers();
    auto type = ScatterGrad::withElement(getInput(), numbers);
    Value last =
        s.scattered("set", ConstantOp::create(b, loc, type, -1.0), numbers);
    out[0] = s.scattered("set", grad, zeros(b, loc, updates.getType()));
    out[2] = s.where(s.equal(s.seen(last), numbers), s.seen(grad));
  } else if (getKind() == "mul") {
    Value product = MulOp::create(b, loc, grad.getType(), grad, getResult());
    out[0] = s.scattered("mul", grad, updates);
    out[2] = DivOp::create(b, loc, updates.getType(), s.seen(product), updates);
  } else { // max, min: those that are the result share its gradient evenly
    Value isInput = s.equal(getInput(), getResult());
    Value isUpdate = s.equal(updates, s.seen(getResult()));
    Value count = s.scattered("add", s.where(isInput, s.ones(getInput())),
                              s.where(isUpdate, s.ones(updates)));
    Value share = DivOp::create(b, loc, grad.getType(), grad, count);
    out[0] = s.where(isInput, share);
    out[2] = s.where(isUpdate, s.seen(share));
  }
}

} // namespace ds
