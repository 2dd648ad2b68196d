//===- Gpt2.cpp - GPT-2 -------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GPT2LMHeadModel: learned positions, one product for query, key and value,
// weights (in, out).
//===--------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

struct Gpt2 {
  int64_t layers, width, heads, mlpWidth, vocab, positions;
  double eps, std, embedDrop, attentionDrop, residualDrop;
  bool isTied, isScaled;
  std::string activation;

  explicit Gpt2(HfConfig &c);
  Weights block() const;
  Value run(ModelBuilder &m, Value x, Values &w) const;
};

Gpt2::Gpt2(HfConfig &c)
    : layers(c.whole("n_layer|num_hidden_layers", 12, 1, 10000)),
      width(c.whole("n_embd|hidden_size", 768)),
      heads(c.whole("n_head|num_attention_heads", 12)),
      mlpWidth(c.whole("n_inner", 4 * width)),
      vocab(c.whole("vocab_size", 50257, 1, kMostRows)),
      positions(c.whole("n_positions|max_position_embeddings|n_ctx", 1024, 1,
                        kMostRows)),
      eps(c.positive("layer_norm_epsilon", 1e-5)),
      std(c.number("initializer_range", 0.02, 0, 1)),
      embedDrop(c.dropout("embd_pdrop", 0.1)),
      attentionDrop(c.dropout("attn_pdrop", 0.1)),
      residualDrop(c.dropout("resid_pdrop", 0.1)),
      isTied(c.flag("tie_word_embeddings", true)),
      isScaled(c.flag("scale_attn_weights", true)),
      activation(c.word("activation_function", "gelu_new",
                        ModelBuilder::activations())) {
  checkHeads(c, "n_head|num_attention_heads", heads, "n_embd|hidden_size",
             width);
  if (const int64_t kv = c.whole("num_key_value_heads", heads); kv != heads)
    c.refuse("expects " + c.shown("num_key_value_heads") + " to equal " +
             c.shown("n_head") + " for GPT-2, but got " + std::to_string(kv) +
             " for " + std::to_string(heads));
  c.demand("scale_attn_by_inverse_layer_idx", false);
  c.demand("add_cross_attention", false);
  c.ignore({"reorder_and_upcast_attn", "summary_activation",
            "summary_first_dropout", "summary_proj_to_labels", "summary_type",
            "summary_use_proj", "n_ctx", "n_positions"});
}

Weights Gpt2::block() const {
  // Residual projections start smaller.
  const double residual = std / std::sqrt(2.0 * static_cast<double>(layers));
  Weights w;
  w.norm("ln_1", width, true);
  w.linear("attn.c_attn", width, 3 * width, std, true, true);
  w.linear("attn.c_proj", width, width, residual, true, true);
  w.norm("ln_2", width, true);
  w.linear("mlp.c_fc", width, mlpWidth, std, true, true);
  w.linear("mlp.c_proj", mlpWidth, width, residual, true, true);
  return w;
}

Value Gpt2::run(ModelBuilder &m, Value x, Values &w) const {
  const int64_t size = width / heads;
  Value y = m.layerNorm(x, w, "ln_1", eps);
  y = m.linear(y, w, "attn.c_attn", true);
  Type part = x.getType();
  auto qkv = SplitOp::create(m.b, m.loc, TypeRange{part, part, part}, y);
  SmallVector<Value> parts;
  for (Value value : qkv.getParts())
    parts.push_back(m.reshape(value, {heads, size}));
  y = m.attention(
      parts[0], parts[1], parts[2],
      {.scale = isScaled ? 1.0 / std::sqrt(static_cast<double>(size)) : 1.0,
       .dropout = attentionDrop,
       .dropoutName = "transformer.h.*.attn.attn_dropout"});
  y = m.linear(y, w, "attn.c_proj", true);
  x = m.add(x, m.drop(y, "transformer.h.*.attn.resid_dropout", residualDrop));
  y = m.layerNorm(x, w, "ln_2", eps);
  y = m.activation(activation, m.linear(y, w, "mlp.c_fc", true));
  y = m.linear(y, w, "mlp.c_proj", true);
  return m.add(x, m.drop(y, "transformer.h.*.mlp.dropout", residualDrop));
}

} // namespace

Module buildGpt2(MLIRContext &context, HfConfig &c, const std::string &name,
                 int64_t seqLen) {
  const Gpt2 s(c);
  seqLen = boundSeqLen(c, "n_positions", s.positions, seqLen);
  if (!c.error().empty())
    return {};
  ModelBuilder m(context, name);
  RankedTensorType ids = m.tensor({kBatch, kSeq}, m.i32());
  ValueRange inputs =
      m.begin({{"tokens", ids, s.vocab}, {"targets", ids, s.vocab}});
  Value table =
      m.parameter({"transformer.wte.weight", {s.vocab, s.width}, s.std});
  Value x = m.embed(table, inputs[0]);
  x = m.add(x, m.positions(m.parameter(
                   {"transformer.wpe.weight", {s.positions, s.width}, s.std})));
  x = m.drop(x, "transformer.drop", s.embedDrop);
  for (int64_t i = 0; i < s.layers; ++i)
    x = m.layer("block", "transformer.h." + std::to_string(i) + ".", s.block(),
                x, [&](ValueRange operands, Values &w) {
                  return s.run(m, operands[0], w);
                });
  Weights last;
  last.norm("ln_f", s.width, true);
  Values norm = m.parameters("transformer.", last);
  x = m.layerNorm(x, norm, "ln_f", s.eps);
  Value head = s.isTied
                   ? table
                   : m.parameter({"lm_head.weight", {s.vocab, s.width}, s.std});
  Value logits = m.dot("bsd,vd->bsv", x, head, m.like(x, {s.vocab}));
  Module module = m.finish(m.crossEntropy(logits, inputs[1]));
  (*module)->setAttr("ds.seq_len", m.b.getI64IntegerAttr(seqLen));
  return module;
}

} // namespace ds
