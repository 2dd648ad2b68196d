//===- T5.cpp - T5 ------------------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// T5ForConditionalGeneration: an encoder and a decoder, whose inputs are the
// labels shifted by one; positions are learned biases of the scores by bucketed
// distance, one table for each stack.
//===--------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

struct T5 {
  int64_t width, headSize, mlpWidth, layers, decoderLayers, heads, vocab;
  int64_t buckets, maxDistance, seqLen, start, pad;
  double eps, factor, drop;
  bool isGated = false, scalesOutput;
  std::string activation;

  explicit T5(HfConfig &c);
  void readActivation(HfConfig &c);
  double std() const { return factor / std::sqrt(double(width)); }
  void attention(Weights &w, const std::string &at) const;
  Weights block(bool isDecoder) const;
  std::vector<int32_t> bucketsOf(bool isDecoder) const;
  Value bias(ModelBuilder &m, Value table, bool isDecoder) const;
  Value attend(ModelBuilder &m, Value x, Value memory, Value bias, bool causal,
               Values &w, const std::string &at,
               const std::string &stack) const;
  Value run(ModelBuilder &m, ValueRange operands, Values &w,
            bool isDecoder) const;
  Value stack(ModelBuilder &m, Value x, Value memory) const;
  Value shifted(ModelBuilder &m, Value labels) const;
};

T5::T5(HfConfig &c)
    : width(c.whole("d_model|hidden_size", 512)),
      headSize(c.whole("d_kv|head_dim", 64, 1, 1 << 16)),
      mlpWidth(c.whole("d_ff", 2048)),
      layers(c.whole("num_layers|num_hidden_layers", 6, 1, 10000)),
      decoderLayers(c.whole("num_decoder_layers", layers, 1, 10000)),
      heads(c.whole("num_heads|num_attention_heads", 8, 1, 1 << 16)),
      vocab(c.whole("vocab_size", 32128, 1, kMostRows)),
      buckets(c.whole("relative_attention_num_buckets", 32, 4, 1 << 16)),
      maxDistance(c.whole("relative_attention_max_distance", 128, 2)),
      seqLen(c.whole("n_positions", 512, 1, 1 << 16)),
      pad(c.whole("pad_token_id", 0, 0, kMostRows)),
      eps(c.positive("layer_norm_epsilon", 1e-6)),
      factor(c.number("initializer_factor", 1.0, 0, 1000)),
      drop(c.dropout("dropout_rate", 0.1)) {
  start = c.whole("decoder_start_token_id", pad, 0, kMostRows);
  if (start >= vocab || pad >= vocab)
    c.refuse("expects 'pad_token_id' and 'decoder_start_token_id' below "
             "'vocab_size', " +
             std::to_string(vocab));
  // Files of T5 1.1 say by this that outputs are not scaled.
  scalesOutput =
      c.flag("scale_decoder_outputs", c.flag("tie_word_embeddings", true));
  if (maxDistance <= buckets / 2)
    c.refuse("expects 'relative_attention_max_distance' above half of "
             "'relative_attention_num_buckets', but got " +
             std::to_string(maxDistance) + " for " + std::to_string(buckets));
  c.demand("is_decoder", false);
  readActivation(c);
  c.ignore({"output_past"});
}

void T5::readActivation(HfConfig &c) {
  activation = c.word("feed_forward_proj", "relu");
  if (activation.starts_with("gated-")) {
    isGated = true;
    activation = activation.substr(6);
    if (activation == "gelu") // T5 1.1 means the approximation
      activation = "gelu_new";
  }
  const auto &known = ModelBuilder::activations();
  if (llvm::is_contained(known, activation))
    return c.ignore({"dense_act_fn", "is_gated_act"});
  std::string names;
  for (const std::string &name : known)
    names += (names.empty() ? "" : ", ") + name;
  c.refuse("expects 'feed_forward_proj' to be one of " + names +
           ", or that behind 'gated-', but got '" + activation + "'");
}

void T5::attention(Weights &w, const std::string &at) const {
  const int64_t inner = heads * headSize;
  w.linear(at + "q", width, inner, factor / std::sqrt(double(width * headSize)),
           false);
  w.linear(at + "k", width, inner, std(), false);
  w.linear(at + "v", width, inner, std(), false);
  w.linear(at + "o", inner, width, factor / std::sqrt(double(inner)), false);
}

Weights T5::block(bool isDecoder) const {
  Weights w;
  w.norm("layer.0.layer_norm", width, false, factor);
  attention(w, "layer.0.SelfAttention.");
  if (isDecoder) {
    w.norm("layer.1.layer_norm", width, false, factor);
    attention(w, "layer.1.EncDecAttention.");
  }
  const std::string at = isDecoder ? "layer.2." : "layer.1.";
  w.norm(at + "layer_norm", width, false, factor);
  w.linear(at + (isGated ? "DenseReluDense.wi_0" : "DenseReluDense.wi"), width,
           mlpWidth, std(), false);
  if (isGated)
    w.linear(at + "DenseReluDense.wi_1", width, mlpWidth, std(), false);
  w.linear(at + "DenseReluDense.wo", mlpWidth, width,
           factor / std::sqrt(double(mlpWidth)), false);
  return w;
}

/// The bucket of each distance key - query from 1 - seqLen on, in float32 steps
/// as transformers computes it.
std::vector<int32_t> T5::bucketsOf(bool isDecoder) const {
  std::vector<int32_t> numbers;
  for (int64_t distance = 1 - seqLen; distance < seqLen; ++distance) {
    int64_t count = buckets, bucket = 0, far = std::max<int64_t>(-distance, 0);
    if (!isDecoder) {
      count /= 2;
      bucket = distance > 0 ? count : 0;
      far = std::abs(distance);
    }
    const int64_t exact = count / 2;
    if (far < exact) {
      numbers.push_back(static_cast<int32_t>(bucket + far));
      continue;
    }
    const float ratio = static_cast<float>(far) / static_cast<float>(exact);
    const auto range =
        static_cast<float>(std::log(double(maxDistance) / double(exact)));
    const float large =
        std::log(ratio) / range * static_cast<float>(count - exact);
    numbers.push_back(static_cast<int32_t>(
        bucket + std::min(exact + static_cast<int64_t>(large), count - 1)));
  }
  return numbers;
}

/// [heads, seq, seq] of a table [buckets, heads].
Value T5::bias(ModelBuilder &m, Value table, bool isDecoder) const {
  auto distances = RankedTensorType::get({2 * seqLen - 1}, m.i32());
  const std::vector<int32_t> buckets = bucketsOf(isDecoder);
  Value ids = ConstantOp::create(
      m.b, m.loc, distances,
      DenseElementsAttr::get(distances, ArrayRef<int32_t>(buckets)));
  Value byDistance = m.embed(table, ids);
  RankedTensorType plane = m.tensor({kSeq, kSeq}, m.i32());
  Value query = IotaOp::create(m.b, m.loc, plane, 0);
  Value key = IotaOp::create(m.b, m.loc, plane, 1);
  Value at = SubOp::create(m.b, m.loc, plane, key, query);
  at = m.add(at, m.scalar(static_cast<double>(seqLen - 1), m.i32()));
  return TransposeOp::create(m.b, m.loc, m.tensor({heads, kSeq, kSeq}),
                             m.embed(byDistance, at),
                             m.b.getDenseI64ArrayAttr({2, 0, 1}));
}

/// Without `bias` there is none.
Value T5::attend(ModelBuilder &m, Value x, Value memory, Value bias,
                 bool causal, Values &w, const std::string &at,
                 const std::string &stack) const {
  auto part = [&](Value from, const char *name) {
    return m.reshape(m.linear(from, w, at + name), {heads, headSize});
  };
  Value q = part(x, "q"), k = part(memory, "k"), v = part(memory, "v");
  Value y = m.attention(q, k, v,
                        {.scale = 1.0,
                         .causal = causal,
                         .dropout = drop,
                         .dropoutName = stack + at + "dropout",
                         .bias = bias});
  return m.drop(m.linear(y, w, at + "o"), stack + at + "out_dropout", drop);
}

/// Operands: the stream, the bias, and for a decoder what was encoded.
Value T5::run(ModelBuilder &m, ValueRange operands, Values &w,
              bool isDecoder) const {
  const std::string stack = isDecoder ? "decoder.block.*." : "encoder.block.*.";
  Value x = operands[0];
  auto norm = [&](const std::string &at) {
    return m.rmsNorm(x, w.at(at + "layer_norm.weight"), eps);
  };
  Value y = norm("layer.0.");
  x = m.add(x, attend(m, y, y, operands[1], isDecoder, w,
                      "layer.0.SelfAttention.", stack));
  if (isDecoder)
    x = m.add(x, attend(m, norm("layer.1."), operands[2], Value(), false, w,
                        "layer.1.EncDecAttention.", stack));
  const std::string at =
      (isDecoder ? "layer.2." : "layer.1.") + std::string("DenseReluDense.");
  y = norm(isDecoder ? "layer.2." : "layer.1.");
  Value inner =
      m.activation(activation, m.linear(y, w, at + (isGated ? "wi_0" : "wi")));
  if (isGated)
    inner = m.mul(inner, m.linear(y, w, at + "wi_1"));
  inner = m.drop(inner, stack + at + "dropout", drop);
  y = m.linear(inner, w, at + "wo");
  return m.add(x, m.drop(y, stack + at + "out_dropout", drop));
}

/// A stack over embedded tokens; with `memory` the decoder.
Value T5::stack(ModelBuilder &m, Value x, Value memory) const {
  const bool isDecoder = static_cast<bool>(memory);
  const std::string name = isDecoder ? "decoder" : "encoder";
  x = m.drop(x, name + ".dropout", drop);
  Value table = m.parameter(
      {name + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight",
       {buckets, heads},
       std()});
  Value places = bias(m, table, isDecoder);
  const int64_t count = isDecoder ? decoderLayers : layers;
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> operands{x, places};
    if (isDecoder)
      operands.push_back(memory);
    x = m.layer(name + "_block", name + ".block." + std::to_string(i) + ".",
                block(isDecoder), operands, [&](ValueRange inside, Values &w) {
                  return run(m, inside, w, isDecoder);
                });
  }
  Value scale =
      m.parameter({name + ".final_layer_norm.weight", {width}, 0, factor});
  return m.drop(m.rmsNorm(x, scale, eps), name + ".final_dropout", drop);
}

/// The labels behind a start token; those that do not count are padding.
Value T5::shifted(ModelBuilder &m, Value labels) const {
  auto type = cast<RankedTensorType>(labels.getType());
  Value ids =
      PadOp::create(m.b, m.loc, type, labels, m.b.getDenseI64ArrayAttr({0, 1}),
                    DenseI64ArrayAttr(), m.b.getF64FloatAttr(double(start)));
  Value zero = m.scalar(0, m.i32());
  Value kept = MaxOp::create(m.b, m.loc, type, ids, zero, UnitAttr());
  if (pad == 0)
    return kept;
  Value isPadding = m.compare("lt", ids, zero, m.i32());
  return m.add(kept, m.mul(isPadding, m.scalar(double(pad), m.i32())));
}

} // namespace

Module buildT5(MLIRContext &context, HfConfig &c, const std::string &name,
               int64_t seqLen) {
  T5 s(c);
  s.seqLen = seqLen ? seqLen : s.seqLen;
  if (s.seqLen > 1 << 16)
    c.refuse("expects --seq-len to be at most 65536, but got " +
             std::to_string(s.seqLen));
  if (!c.error().empty())
    return {};
  ModelBuilder m(context, name, s.seqLen);
  RankedTensorType ids = m.tensor({kBatch, kSeq}, m.i32());
  ValueRange inputs =
      m.begin({{"input_ids", ids, s.vocab}, {"labels", ids, 0}});
  Value table = m.parameter({"shared.weight", {s.vocab, s.width}, s.factor});
  Value memory = s.stack(m, m.embed(table, inputs[0]), Value());
  Value x = s.stack(m, m.embed(table, s.shifted(m, inputs[1])), memory);
  if (s.scalesOutput)
    x = m.mul(x, m.scalar(1.0 / std::sqrt(double(s.width))));
  Value logits = m.dot("bsd,vd->bsv", x, table, m.like(x, {s.vocab}));
  return m.finish(m.crossEntropy(logits, inputs[1], -100));
}

} // namespace ds
