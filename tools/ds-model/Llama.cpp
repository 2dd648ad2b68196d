//===- Llama.cpp - Llama and its relatives ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LlamaForCausalLM, and Mistral, Qwen2, Qwen3, Gemma and Mixtral: rotary
// positions, grouped key heads, a gated MLP; weights (out, in).
//===--------------------------------------------------------------------===//

#include "Llama.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

/// What transformers takes where config.json has nothing.
struct Defaults {
  int64_t vocab = 32000, width = 4096, mlpWidth = 14336, layers = 32,
          heads = 32, kvHeads = 8, headSize = 0, positions = 4096 * 32;
  double eps = 1e-6, theta = 10000;
  bool isTied = false;
  const char *activation = "silu";
};

Defaults defaultsOf(const std::string &type) {
  if (type == "llama")
    return {.mlpWidth = 11008, .kvHeads = 0, .positions = 2048};
  if (type == "qwen2")
    return {
        .vocab = 151936, .mlpWidth = 22016, .kvHeads = 32, .positions = 32768};
  if (type == "qwen3")
    return {.vocab = 151936,
            .mlpWidth = 22016,
            .kvHeads = 32,
            .headSize = 128,
            .positions = 32768};
  if (type == "gemma")
    return {.vocab = 256000,
            .width = 3072,
            .mlpWidth = 24576,
            .layers = 28,
            .heads = 16,
            .kvHeads = 16,
            .headSize = 256,
            .positions = 8192,
            .isTied = true,
            .activation = "gelu_pytorch_tanh"};
  if (type == "mixtral")
    return {.eps = 1e-5, .theta = 1e6};
  return {};
}

} // namespace

LlamaShape::LlamaShape(HfConfig &c, const std::string &type) : type(type) {
  const Defaults d = defaultsOf(type);
  layers = c.whole("num_hidden_layers", d.layers, 1, 10000);
  width = c.whole("hidden_size", d.width);
  heads = c.whole("num_attention_heads", d.heads);
  // A null, not an absent key, means as many as heads.
  kvHeads = c.whole(
      "num_key_value_heads",
      d.kvHeads == 0 || c.isNull("num_key_value_heads") ? heads : d.kvHeads);
  mlpWidth = c.whole("intermediate_size", d.mlpWidth);
  vocab = c.whole("vocab_size", d.vocab, 1, kMostRows);
  padding = readPadding(c, type == "gemma" ? 0 : -1, vocab);
  positions = c.whole("max_position_embeddings", d.positions, 1, kMostRows);
  eps = c.positive("rms_norm_eps", d.eps);
  std = c.number("initializer_range", 0.02, 0, 1);
  isTied = c.flag("tie_word_embeddings", d.isTied);
  activation = c.word("hidden_act", d.activation, ModelBuilder::activations());
  attentionDrop = c.dropout("attention_dropout", 0);
  hasQkvBias = type == "qwen2";
  hasHeadNorm = type == "qwen3";
  isGemma = type == "gemma";
  if (type == "llama" || hasHeadNorm || isGemma)
    hasQkvBias = hasOutBias = c.flag("attention_bias", false);
  if (type == "llama")
    hasMlpBias = c.flag("mlp_bias", false);
  if (isGemma)
    c.demand("use_bidirectional_attention", false);
  if (isGemma && activation == "gelu") // old files mean the approximation
    activation = "gelu_pytorch_tanh";
  if (type == "mixtral")
    readExperts(c);
  headSize = c.whole("head_dim", d.headSize, 1, 1 << 16);
  if (headSize == 0) {
    checkHeads(c, "num_attention_heads", heads, "hidden_size", width);
    headSize = std::max<int64_t>(1, width / heads);
  }
  if (heads % kvHeads != 0)
    c.refuse("expects " + c.shown("num_key_value_heads") + " to divide " +
             c.shown("num_attention_heads") + ", but got " +
             std::to_string(kvHeads) + " for " + std::to_string(heads) +
             " heads");
  if (headSize % 2 != 0)
    c.refuse("expects an even head size for rotary positions, but got " +
             std::to_string(headSize));
  readRotary(c, d.theta);
  readWindow(c);
  c.ignore({"hidden_activation", "pretraining_tp"});
}

/// The window of each layer that has one.
void LlamaShape::readWindow(HfConfig &c) {
  const bool isQwen = type == "qwen2" || type == "qwen3";
  if (!isQwen && type != "mistral" && type != "mixtral")
    return;
  const bool mayHave = !isQwen || c.flag("use_sliding_window", false);
  window =
      c.whole("sliding_window", type == "mistral" ? 4096 : 0, 1, kMostRows);
  if (c.isNull("sliding_window") || !mayHave)
    window = 0;
  firstWindow = isQwen ? c.whole("max_window_layers", 28, 0) : 0;
  const std::vector<std::string> types = c.words("layer_types");
  if (types.empty())
    return;
  if (static_cast<int64_t>(types.size()) != layers)
    return c.refuse("expects 'layer_types' to have an entry for each of the " +
                    std::to_string(layers) + " layers, but got " +
                    std::to_string(types.size()));
  for (const std::string &kind : types) {
    if (kind != "full_attention" && kind != "sliding_attention")
      return c.refuse("expects 'layer_types' to hold full_attention or "
                      "sliding_attention, but got '" +
                      kind + "'");
    hasWindow.push_back(kind == "sliding_attention");
  }
}

int64_t LlamaShape::windowOf(int64_t layer) const {
  const bool has = hasWindow.empty() ? layer >= firstWindow : hasWindow[layer];
  // One that sees the whole sequence is none.
  return has && window < seqLen ? window : 0;
}

bool LlamaShape::seesWindow() const {
  for (int64_t i = 0; i < layers; ++i)
    if (windowOf(i))
      return true;
  return false;
}

Weights LlamaShape::block() const {
  const int64_t q = heads * headSize, kv = kvHeads * headSize;
  const double one = isGemma ? 0.0 : 1.0;
  Weights w;
  w.norm("input_layernorm", width, false, one);
  w.linear("self_attn.q_proj", width, q, std, hasQkvBias);
  w.linear("self_attn.k_proj", width, kv, std, hasQkvBias);
  w.linear("self_attn.v_proj", width, kv, std, hasQkvBias);
  w.linear("self_attn.o_proj", q, width, std, hasOutBias);
  if (hasHeadNorm) {
    w.norm("self_attn.q_norm", headSize, false);
    w.norm("self_attn.k_norm", headSize, false);
  }
  w.norm("post_attention_layernorm", width, false, one);
  if (experts) {
    addExperts(w);
    return w;
  }
  w.linear("mlp.gate_proj", width, mlpWidth, std, hasMlpBias);
  w.linear("mlp.up_proj", width, mlpWidth, std, hasMlpBias);
  w.linear("mlp.down_proj", mlpWidth, width, std, hasMlpBias);
  return w;
}

Value LlamaShape::attention(ModelBuilder &m, Value x, Values &w,
                            int64_t window) const {
  auto table = RankedTensorType::get({seqLen, headSize / 2}, m.b.getF32Type());
  Value cos = rotaryTable(m, table, "cos"), sin = rotaryTable(m, table, "sin");
  auto rotate = [&](Value v) -> Value {
    return RotaryOp::create(m.b, m.loc, v.getType(), v, cos, sin, UnitAttr());
  };
  auto project = [&](const char *name, int64_t count) {
    return m.reshape(m.linear(x, w, name), {count, headSize});
  };
  Value q = project("self_attn.q_proj", heads);
  Value k = project("self_attn.k_proj", kvHeads);
  Value v = project("self_attn.v_proj", kvHeads);
  if (hasHeadNorm) {
    q = m.rmsNorm(q, w.at("self_attn.q_norm.weight"), eps);
    k = m.rmsNorm(k, w.at("self_attn.k_norm.weight"), eps);
  }
  q = rotate(q);
  k = rotate(k);
  Value y =
      m.attention(q, k, v,
                  {.scale = 1.0 / std::sqrt(static_cast<double>(headSize)),
                   .dropout = attentionDrop,
                   .dropoutName = "model.layers.*.self_attn.attention_dropout",
                   .window = window});
  return m.linear(y, w, "self_attn.o_proj");
}

/// Gemma's scales are 1 more than its weights.
Value LlamaShape::norm(ModelBuilder &m, Value x, Value weight) const {
  return m.rmsNorm(x, isGemma ? m.add(weight, m.scalar(1)) : weight, eps);
}

Value LlamaShape::run(ModelBuilder &m, Value x, Values &w,
                      int64_t window) const {
  Value y = norm(m, x, w.at("input_layernorm.weight"));
  x = m.add(x, attention(m, y, w, window));
  y = norm(m, x, w.at("post_attention_layernorm.weight"));
  if (experts)
    return m.add(x, runExperts(m, y, w));
  Value gate = m.activation(activation, m.linear(y, w, "mlp.gate_proj"));
  y = m.mul(gate, m.linear(y, w, "mlp.up_proj"));
  return m.add(x, m.linear(y, w, "mlp.down_proj"));
}

Module buildLlama(MLIRContext &context, HfConfig &c, const std::string &name,
                  int64_t seqLen) {
  LlamaShape s(c, c.word("model_type", "llama"));
  s.seqLen = boundSeqLen(c, "max_position_embeddings", s.positions, seqLen);
  if (!c.error().empty())
    return {};
  // What is written out has positions of its own.
  ModelBuilder m(context, name, s.seesWindow() ? s.seqLen : 0);
  RankedTensorType ids = m.tensor({kBatch, kSeq}, m.i32());
  ValueRange inputs =
      m.begin({{"tokens", ids, s.vocab}, {"targets", ids, s.vocab}});
  Value table =
      m.parameter({"model.embed_tokens.weight", {s.vocab, s.width}, s.std});
  Value x = m.embedTokens(table, inputs[0], s.padding);
  if (s.isGemma)
    x = m.mul(x, m.scalar(std::sqrt(static_cast<float>(s.width))));
  for (int64_t i = 0; i < s.layers; ++i) {
    const int64_t window = s.windowOf(i);
    x = m.layer(window ? "windowed_block" : "block",
                "model.layers." + std::to_string(i) + ".", s.block(), x,
                [&](ValueRange operands, Values &w) {
                  return s.run(m, operands[0], w, window);
                });
  }
  Weights last;
  last.norm("norm", s.width, false, s.isGemma ? 0.0 : 1.0);
  x = s.norm(m, x, m.parameters("model.", last).at("norm.weight"));
  Value head = s.isTied
                   ? table
                   : m.parameter({"lm_head.weight", {s.vocab, s.width}, s.std});
  Value logits = m.dot("bsd,vd->bsv", x, head, m.like(x, {s.vocab}));
  Module module = m.finish(m.crossEntropy(logits, inputs[1]));
  (*module)->setAttr("ds.seq_len", m.b.getI64IntegerAttr(s.seqLen));
  return module;
}

} // namespace ds
