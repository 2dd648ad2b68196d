//===- FlashAttention.cpp - Attention as one kernel ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Codegen/Attention.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Memory.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_FLASHATTENTIONPASS
#include "ds/Passes/Memory.h.inc"

namespace {

/// The forward op of a gradient, in its block.
AttentionOp forwardOf(AttentionGradOp grad) {
  for (Operation *user : grad.getQuery().getUsers()) {
    auto forward = dyn_cast<AttentionOp>(user);
    if (forward && forward->getBlock() == grad->getBlock() &&
        forward->isBeforeInBlock(grad) &&
        forward.getQuery() == grad.getQuery() &&
        forward.getKey() == grad.getKey() &&
        forward.getValue() == grad.getValue() &&
        forward.getScaleAttr() == grad.getScaleAttr() &&
        forward.getCausal() == grad.getCausal() &&
        forward.getDropoutAttr() == grad.getDropoutAttr())
      return forward;
  }
  return {};
}

/// Makes ops that are marked as the one is that they replace.
class Replacement {
public:
  explicit Replacement(Operation *op) : b(op), loc(op->getLoc()), old(op) {}

  template <typename Op, typename... Args> Op make(Args &&...args) {
    auto op = Op::create(b, loc, std::forward<Args>(args)...);
    for (StringRef name : {kBlockAttr, kBackwardAttr})
      if (Attribute value = old->getAttr(name))
        op->setAttr(name, value);
    return op;
  }
  Value asFloat32(Value value) {
    auto type =
        RankedTensorType::get(tensorType(value).getShape(), b.getF32Type());
    return make<CastOp>(type, value);
  }

private:
  OpBuilder b;
  Location loc;
  Operation *old;
};

FlashAttentionOp replace(AttentionOp op) {
  Replacement by(op);
  Type type = op.getQuery().getType();
  auto flash = by.make<FlashAttentionOp>(
      type, rowStatisticType(type), op.getQuery(), op.getKey(), op.getValue(),
      op.getScaleAttr(), op.getCausalAttr());
  op.getResult().replaceAllUsesWith(flash.getResult());
  op.erase();
  return flash;
}

void replace(AttentionGradOp op, FlashAttentionOp forward) {
  Replacement by(op);
  Value result = by.asFloat32(forward.getResult()),
        grad = by.asFloat32(op.getGrad());
  Value products = by.make<MulOp>(result.getType(), result, grad);
  auto delta = by.make<SumOp>(
      cast<RankedTensorType>(forward.getLogsumexp().getType()), products,
      /*trailing=*/true, /*squares=*/false);
  auto flash = by.make<FlashAttentionGradOp>(
      op.getDquery().getType(), op.getDkey().getType(),
      op.getDvalue().getType(), op.getQuery(), op.getKey(), op.getValue(),
      op.getGrad(), forward.getLogsumexp(), delta.getResult(),
      op.getScaleAttr(), op.getCausalAttr());
  op->replaceAllUsesWith(flash->getResults());
  op.erase();
}

struct FlashAttention : impl::FlashAttentionPassBase<FlashAttention> {
  using FlashAttentionPassBase::FlashAttentionPassBase;

  void runOnOperation() override {
    SmallVector<AttentionOp> forwards;
    llvm::MapVector<AttentionOp, SmallVector<AttentionGradOp>> gradients;
    getOperation().walk([&](Operation *op) {
      if (auto forward = dyn_cast<AttentionOp>(op);
          forward && hasFlashAttention(forward))
        forwards.push_back(forward);
      else if (auto grad = dyn_cast<AttentionGradOp>(op))
        if (AttentionOp forward = forwardOf(grad))
          gradients[forward].push_back(grad);
    });
    for (AttentionOp forward : forwards) {
      SmallVector<AttentionGradOp> grads = gradients.lookup(forward);
      FlashAttentionOp flash = replace(forward);
      for (AttentionGradOp grad : grads)
        replace(grad, flash);
    }
  }
};

} // namespace
} // namespace ds
