//===- Mixtral.cpp - Experts instead of one MLP -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dense dispatch: every expert sees every token, and those that a token has
// not chosen count nothing.  The choice is transformers': the largest
// probabilities of a softmax over all experts, divided by their sum.
//===--------------------------------------------------------------------===//

#include "Llama.h"

using namespace mlir;

namespace ds {

void LlamaShape::readExperts(HfConfig &c) {
  experts = c.whole("num_local_experts|num_experts", 8, 1, 1024);
  chosen = c.whole("num_experts_per_tok", 2);
  if (chosen > experts)
    c.refuse("expects 'num_experts_per_tok' to be at most the " +
             std::to_string(experts) + " experts, but got " +
             std::to_string(chosen));
  c.demand("output_router_logits", false);
  c.demand("router_jitter_noise", 0.0);
  c.ignore({"router_aux_loss_coef"});
}

static std::string expertName(int64_t expert, const char *part) {
  return "block_sparse_moe.experts." + std::to_string(expert) + "." + part;
}

void LlamaShape::addExperts(Weights &w) const {
  w.linear("block_sparse_moe.gate", width, experts, std, false);
  for (int64_t i = 0; i < experts; ++i) {
    w.linear(expertName(i, "w1"), width, mlpWidth, std, false);
    w.linear(expertName(i, "w2"), mlpWidth, width, std, false);
    w.linear(expertName(i, "w3"), width, mlpWidth, std, false);
  }
}

/// The weight of each expert for each token [batch, seq, experts]; 0 where it
/// is not chosen.
static Value route(ModelBuilder &m, Value logits, int64_t experts,
                   int64_t chosen) {
  auto type = cast<RankedTensorType>(logits.getType());
  Value p = SoftmaxOp::create(m.b, m.loc, type, logits,
                              m.b.getF64FloatAttr(1.0), UnitAttr());
  RankedTensorType ids = m.tensor({kBatch, kSeq}, m.i32());
  Value number = IotaOp::create(m.b, m.loc, m.tensor({experts}, m.i32()), 0);
  Value left = p, mask;
  for (int64_t i = 0; i < chosen; ++i) {
    Value best = ArgReduceOp::create(m.b, m.loc, ids, "max", left);
    best = m.repeat(best, m.as(p, m.i32()), {0, 1});
    Value is = m.compare("eq", best, number, m.b.getF32Type());
    mask = mask ? m.add(mask, is) : is;
    // Below every probability.
    left = SubOp::create(m.b, m.loc, type, left, m.mul(is, m.scalar(2)));
  }
  Value kept = m.mul(p, mask);
  Value sum = SumOp::create(m.b, m.loc, m.tensor({kBatch, kSeq}), kept,
                            /*trailing=*/true, /*squares=*/false);
  return DivOp::create(m.b, m.loc, type, kept, m.repeat(sum, type, {0, 1}),
                       UnitAttr());
}

Value LlamaShape::runExperts(ModelBuilder &m, Value x, Values &w) const {
  Value weights =
      route(m, m.linear(x, w, "block_sparse_moe.gate"), experts, chosen);
  SmallVector<Type> columns(experts, m.like(x, {1}));
  auto split = SplitOp::create(m.b, m.loc, columns, weights);
  auto type = cast<RankedTensorType>(x.getType());
  Value sum;
  for (int64_t i = 0; i < experts; ++i) {
    Value gate = m.activation(activation, m.linear(x, w, expertName(i, "w1")));
    Value y = m.mul(gate, m.linear(x, w, expertName(i, "w3")));
    y = m.linear(y, w, expertName(i, "w2"));
    Value weight = ReshapeOp::create(m.b, m.loc, m.tensor({kBatch, kSeq}),
                                     split.getResult(i));
    y = m.mul(y, m.repeat(weight, type, {0, 1}));
    sum = sum ? m.add(sum, y) : y;
  }
  return sum;
}

} // namespace ds
