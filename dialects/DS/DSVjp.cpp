//===- DSVjp.cpp - Gradients --------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// buildVjp of every differentiable op that is not elementwise.  Shapes are
// static here.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

using namespace mlir;

namespace ds {
namespace {

Value zeros(OpBuilder &b, Location loc, Type type) {
  return ConstantOp::create(b, loc, cast<RankedTensorType>(type), 0.0);
}

} // namespace

//===--------------------------------------------------------------------===//
// Views
//===--------------------------------------------------------------------===//

void UnflattenOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  SmallVector<Value> tensors;
  SmallVector<int64_t> offsets;
  for (auto [grad, offset] : llvm::zip_equal(grads, getOffsets())) {
    if (!grad) // a parameter that the loss does not use: its part stays zero
      continue;
    tensors.push_back(grad);
    offsets.push_back(offset);
  }
  out[0] = FlattenOp::create(b, getLoc(), getFlat().getType(), tensors,
                             b.getDenseI64ArrayAttr(offsets));
}

void ReshapeOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  out[0] = ReshapeOp::create(b, getLoc(), getInput().getType(), grads[0]);
}

void SplitOp::buildVjp(OpBuilder &b, ValueRange grads,
                       MutableArrayRef<Value> out) {
  SmallVector<Value> parts;
  for (auto [grad, part] : llvm::zip_equal(grads, getParts()))
    parts.push_back(grad ? grad : zeros(b, getLoc(), part.getType()));
  out[0] = ConcatOp::create(b, getLoc(), getInput().getType(), parts);
}

void ConcatOp::buildVjp(OpBuilder &b, ValueRange grads,
                        MutableArrayRef<Value> out) {
  auto split = SplitOp::create(b, getLoc(), getOperandTypes(), grads[0]);
  llvm::copy(split.getParts(), out.begin());
}

void TakeOp::buildVjp(OpBuilder &b, ValueRange grads,
                      MutableArrayRef<Value> out) {
  out[0] = grads[0].getType() == getInput().getType()
               ? grads[0]
               : PadOp::create(b, getLoc(), getInput().getType(), grads[0]);
}

//===--------------------------------------------------------------------===//
// Products and reductions
//===--------------------------------------------------------------------===//

void DotOp::buildVjp(OpBuilder &b, ValueRange grads,
                     MutableArrayRef<Value> out) {
  ProductSpec letters = getLetters();
  std::string lhs = letters.lhs.str(), rhs = letters.rhs.str(),
              result = letters.result.str();
  Value grad = grads[0];
  // A float32 result of two operands of 16 bits.
  Type element = tensorType(getLhs()).getElementType();
  if (tensorType(grad).getElementType() != element) {
    auto type = RankedTensorType::get(tensorType(grad).getShape(), element);
    grad = CastOp::create(b, getLoc(), type, grad);
  }
  out[0] = DotOp::create(b, getLoc(), getLhs().getType(),
                         result + "," + rhs + "->" + lhs, grad, getRhs());
  out[1] = DotOp::create(b, getLoc(), getRhs().getType(),
                         lhs + "," + result + "->" + rhs, getLhs(), grad);
}

void SumOp::buildVjp(OpBuilder &b, ValueRange grads,
                     MutableArrayRef<Value> out) {
  auto in = tensorType(getInput()), res = tensorType(getResult());
  Value grad = grads[0];
  if (res.getElementType() != in.getElementType()) {
    auto type = RankedTensorType::get(res.getShape(), in.getElementType());
    grad = CastOp::create(b, getLoc(), type, grad);
  }
  // A trailing sum to rank 0 is a leading one, too.
  if (getTrailing() && res.getRank() != 0) {
    // Repeat along trailing dimensions: an outer product with ones.
    std::string rows, inner;
    for (int64_t i = 0; i < in.getRank(); ++i)
      (i < res.getRank() ? rows : inner).push_back(static_cast<char>('a' + i));
    auto onesType = RankedTensorType::get(
        in.getShape().drop_front(res.getRank()), in.getElementType());
    Value ones = ConstantOp::create(b, getLoc(), onesType, 1.0);
    grad = DotOp::create(b, getLoc(), in,
                         rows + "," + inner + "->" + rows + inner, grad, ones);
  } else {
    grad = BroadcastOp::create(b, getLoc(), in, grad);
  }
  if (getSquares()) {
    Value twice = AddOp::create(b, getLoc(), in, getInput(), getInput());
    grad = MulOp::create(b, getLoc(), in, grad, twice);
  }
  out[0] = grad;
}

void ReduceOp::buildVjp(OpBuilder &b, ValueRange grads,
                        MutableArrayRef<Value> out) {
  out[0] = ReduceGradOp::create(b, getLoc(), getInput().getType(), getKind(),
                                getInput(), grads[0]);
}

//===--------------------------------------------------------------------===//
// Layers
//===--------------------------------------------------------------------===//

void EmbeddingOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  Value into = zeros(b, getLoc(), getTable().getType());
  out[0] = EmbeddingGradOp::create(b, getLoc(), getTable().getType(), into,
                                   getIds(), grads[0]);
}

void LayerNormOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  auto grad = LayerNormGradOp::create(
      b, getLoc(), getInput().getType(), getScale().getType(),
      getScale().getType(), getInput(), getScale(), grads[0], getEpsAttr());
  llvm::copy(grad.getResults(), out.begin());
}

void RmsNormOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  auto grad = RmsNormGradOp::create(b, getLoc(), getInput().getType(),
                                    getScale().getType(), getInput(),
                                    getScale(), grads[0], getEpsAttr());
  llvm::copy(grad.getResults(), out.begin());
}

void RotaryOp::buildVjp(OpBuilder &b, ValueRange grads,
                        MutableArrayRef<Value> out) {
  out[0] = RotaryOp::create(b, getLoc(), getInput().getType(), grads[0],
                            getCos(), getSin(), !getInverse());
}

void AttentionOp::buildVjp(OpBuilder &b, ValueRange grads,
                           MutableArrayRef<Value> out) {
  auto grad = AttentionGradOp::create(
      b, getLoc(), getQuery().getType(), getKey().getType(),
      getValue().getType(), getQuery(), getKey(), getValue(), grads[0],
      getCounter(), getScaleAttr(), getCausalAttr(), getDropoutAttr());
  llvm::copy(grad.getResults(), out.begin());
}

void SoftmaxOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  out[0] =
      SoftmaxGradOp::create(b, getLoc(), getResult(), grads[0], getScaleAttr());
}

void CrossEntropyOp::buildVjp(OpBuilder &b, ValueRange grads,
                              MutableArrayRef<Value> out) {
  out[0] = CrossEntropyGradOp::create(
      b, getLoc(), getLogits().getType(), getLogits(), getTargets(), grads[0],
      /*rows=*/IntegerAttr(), getIgnoreAttr(), getClassesAttr());
}

} // namespace ds
