//===- Bert.cpp - BERT and ViT ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// BertForMaskedLM and ViTForImageClassification: encoders without a causal
// mask; one normalizes behind each part of a layer, the other in front of it.
//===--------------------------------------------------------------------===//

#include "Families.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

struct Encoder {
  bool isVit;
  int64_t layers, width, heads, mlpWidth;
  double eps, std, attentionDrop, drop;
  bool hasQkvBias = true;
  std::string activation;
  Value mask; ///< As ModelBuilder::Attention has it.

  Encoder(HfConfig &c, bool isVit);
  Weights block() const;
  Value run(ModelBuilder &m, Value x, Value mask, Values &w) const;
  Value attention(ModelBuilder &m, Value x, Value mask, Values &w) const;
  /// The names that differ.
  std::string prefix() const {
    return isVit ? "vit.encoder.layer." : "bert.encoder.layer.";
  }
  std::string self(const char *part) const {
    return std::string(isVit ? "attention.attention." : "attention.self.") +
           part;
  }
};

Encoder::Encoder(HfConfig &c, bool isVit)
    : isVit(isVit), layers(c.whole("num_hidden_layers", 12, 1, 10000)),
      width(c.whole("hidden_size", 768)),
      heads(c.whole("num_attention_heads", 12)),
      mlpWidth(c.whole("intermediate_size", 3072)),
      eps(c.positive("layer_norm_eps", 1e-12)),
      std(c.number("initializer_range", 0.02, 0, 1)),
      attentionDrop(
          c.dropout("attention_probs_dropout_prob", isVit ? 0.0 : 0.1)),
      drop(c.dropout("hidden_dropout_prob", isVit ? 0.0 : 0.1)),
      activation(c.word("hidden_act", "gelu", ModelBuilder::activations())) {
  checkHeads(c, "num_attention_heads", heads, "hidden_size", width);
}

Weights Encoder::block() const {
  Weights w;
  if (isVit)
    w.norm("layernorm_before", width, true);
  for (const char *part : {"query", "key", "value"})
    w.linear(self(part), width, width, std, hasQkvBias);
  w.linear("attention.output.dense", width, width, std, true);
  w.norm(isVit ? "layernorm_after" : "attention.output.LayerNorm", width, true);
  w.linear("intermediate.dense", width, mlpWidth, std, true);
  w.linear("output.dense", mlpWidth, width, std, true);
  if (!isVit)
    w.norm("output.LayerNorm", width, true);
  return w;
}

Value Encoder::attention(ModelBuilder &m, Value x, Value mask,
                         Values &w) const {
  const int64_t size = width / heads;
  auto part = [&](const char *name) {
    return m.reshape(m.linear(x, w, self(name)), {heads, size});
  };
  Value q = part("query"), k = part("key"), v = part("value");
  Value y = m.attention(q, k, v,
                        {.scale = 1.0 / std::sqrt(static_cast<double>(size)),
                         .causal = false,
                         .dropout = attentionDrop,
                         .dropoutName = prefix() + "*.attention.dropout",
                         .mask = mask});
  y = m.linear(y, w, "attention.output.dense");
  return m.drop(y, prefix() + "*.attention.output.dropout", drop);
}

Value Encoder::run(ModelBuilder &m, Value x, Value mask, Values &w) const {
  auto mlp = [&](Value y) {
    y = m.activation(activation, m.linear(y, w, "intermediate.dense"));
    return m.drop(m.linear(y, w, "output.dense"), prefix() + "*.output.dropout",
                  drop);
  };
  if (isVit) {
    Value y = m.layerNorm(x, w, "layernorm_before", eps);
    x = m.add(x, attention(m, y, mask, w));
    return m.add(x, mlp(m.layerNorm(x, w, "layernorm_after", eps)));
  }
  x = m.layerNorm(m.add(attention(m, x, mask, w), x), w,
                  "attention.output.LayerNorm", eps);
  return m.layerNorm(m.add(mlp(x), x), w, "output.LayerNorm", eps);
}

//===--------------------------------------------------------------------===//
// BERT
//===--------------------------------------------------------------------===//

struct Bert : Encoder {
  int64_t vocab, positions, types, padding;
  bool isTied;

  explicit Bert(HfConfig &c)
      : Encoder(c, false), vocab(c.whole("vocab_size", 30522, 1, kMostRows)),
        positions(c.whole("max_position_embeddings", 512, 1, kMostRows)),
        types(c.whole("type_vocab_size", 2)), padding(readPadding(c, 0, vocab)),
        isTied(c.flag("tie_word_embeddings", true)) {
    c.demand("is_decoder", false);
    c.demand("add_cross_attention", false);
    c.demand("position_embedding_type", "absolute");
  }
  Value embed(ModelBuilder &m, Value words, Value ids, Value typeIds) const;
  Value head(ModelBuilder &m, Value x, Value words) const;
};

Value Bert::embed(ModelBuilder &m, Value words, Value ids,
                  Value typeIds) const {
  const std::string at = "bert.embeddings.";
  Value place =
      m.parameter({at + "position_embeddings.weight", {positions, width}, std});
  Value type =
      m.parameter({at + "token_type_embeddings.weight", {types, width}, std});
  Value x = m.add(m.embedTokens(words, ids, padding), m.embed(type, typeIds));
  x = m.add(x, m.positions(place));
  Weights norm;
  norm.norm("LayerNorm", width, true);
  Values w = m.parameters(at, norm);
  return m.drop(m.layerNorm(x, w, "LayerNorm", eps), at + "dropout", drop);
}

Value Bert::head(ModelBuilder &m, Value x, Value words) const {
  Weights list;
  list.linear("transform.dense", width, width, std, true);
  list.norm("transform.LayerNorm", width, true);
  list.list.push_back({"bias", {vocab}});
  if (!isTied)
    list.list.push_back({"decoder.weight", {vocab, width}, std});
  Values w = m.parameters("cls.predictions.", list);
  x = m.activation(activation, m.linear(x, w, "transform.dense"));
  x = m.layerNorm(x, w, "transform.LayerNorm", eps);
  Value logits = m.dot("bsd,vd->bsv", x, isTied ? words : w["decoder.weight"],
                       m.like(x, {vocab}));
  return m.add(logits, w["bias"]);
}

//===--------------------------------------------------------------------===//
// ViT
//===--------------------------------------------------------------------===//

struct Vit : Encoder {
  int64_t image, patch, channels, classes;

  explicit Vit(HfConfig &c)
      : Encoder(c, true), image(c.whole("image_size", 224, 1, 1 << 14)),
        patch(c.whole("patch_size", 16, 1, 1 << 14)),
        channels(c.whole("num_channels", 3, 1, 1 << 10)),
        classes(c.entries("id2label", c.whole("num_labels", 2))) {
    hasQkvBias = c.flag("qkv_bias", true);
    if (image % patch != 0)
      c.refuse("expects " + c.shown("patch_size") + " to divide " +
               c.shown("image_size") + ", but got " + std::to_string(patch) +
               " for " + std::to_string(image));
    c.ignore({"encoder_stride", "pooler_act", "pooler_output_size"});
  }
  int64_t side() const { return image / patch; }
  Value embed(ModelBuilder &m, Value pixels) const;
};

/// Patches are a product of their pixels, with the class token in front.
Value Vit::embed(ModelBuilder &m, Value pixels) const {
  const std::string at = "vit.embeddings.";
  const int64_t n = side();
  Value token = m.parameter({at + "cls_token", {1, 1, width}, std});
  Value place =
      m.parameter({at + "position_embeddings", {1, n * n + 1, width}, std});
  Value kernel = m.parameter({at + "patch_embeddings.projection.weight",
                              {width, channels, patch, patch},
                              std});
  Value bias = m.parameter({at + "patch_embeddings.projection.bias", {width}});
  pixels = ReshapeOp::create(
      m.b, m.loc, m.tensor({kBatch, channels, n, patch, n, patch}), pixels);
  Value x = m.dot("bcipjq,dcpq->bijd", pixels, kernel,
                  m.tensor({kBatch, n, n, width}));
  x = ReshapeOp::create(m.b, m.loc, m.tensor({kBatch, n * n, width}), x);
  x = m.add(x, bias);
  token = ReshapeOp::create(m.b, m.loc, m.tensor({1, width}), token);
  token = BroadcastOp::create(m.b, m.loc, m.tensor({kBatch, 1, width}), token);
  x = StackOp::create(m.b, m.loc, m.tensor({kBatch, kSeq, width}),
                      ValueRange{token, x}, 1);
  place = ReshapeOp::create(m.b, m.loc, m.tensor({kSeq, width}), place);
  return m.drop(m.add(x, place), at + "dropout", drop);
}

} // namespace

Module buildBert(MLIRContext &context, HfConfig &c, const std::string &name,
                 int64_t seqLen) {
  const Bert s(c);
  seqLen = boundSeqLen(c, "max_position_embeddings", s.positions, seqLen);
  if (!c.error().empty())
    return {};
  ModelBuilder m(context, name, seqLen);
  RankedTensorType ids = m.tensor({kBatch, kSeq}, m.i32());
  ValueRange inputs = m.begin({{"input_ids", ids, s.vocab},
                               {"token_type_ids", ids, s.types},
                               {"attention_mask", ids, 2},
                               {"labels", ids, 0}});
  Value words = m.parameter(
      {"bert.embeddings.word_embeddings.weight", {s.vocab, s.width}, s.std});
  Value x = s.embed(m, words, inputs[0], inputs[1]);
  Value mask = m.cast(inputs[2], m.b.getF32Type());
  mask = SubOp::create(m.b, m.loc, mask.getType(), mask, m.scalar(1));
  mask = m.mul(mask, m.scalar(-kHidden));
  for (int64_t i = 0; i < s.layers; ++i)
    x = m.layer("block", s.prefix() + std::to_string(i) + ".", s.block(),
                {x, mask}, [&](ValueRange operands, Values &w) {
                  return s.run(m, operands[0], operands[1], w);
                });
  return m.finish(m.crossEntropy(s.head(m, x, words), inputs[3], -100));
}

Module buildVit(MLIRContext &context, HfConfig &c, const std::string &name,
                int64_t /*seqLen*/) {
  const Vit s(c);
  if (!c.error().empty())
    return {};
  ModelBuilder m(context, name, s.side() * s.side() + 1);
  ValueRange inputs = m.begin(
      {{"pixel_values", m.tensor({kBatch, s.channels, s.image, s.image}), 0},
       {"labels", m.tensor({kBatch}, m.i32()), s.classes}});
  Value x = s.embed(m, inputs[0]);
  for (int64_t i = 0; i < s.layers; ++i)
    x = m.layer("block", s.prefix() + std::to_string(i) + ".", s.block(), x,
                [&](ValueRange operands, Values &w) {
                  return s.run(m, operands[0], Value(), w);
                });
  Weights norm, last;
  norm.norm("layernorm", s.width, true);
  Values w = m.parameters("vit.", norm);
  x = m.layerNorm(x, w, "layernorm", s.eps);
  x = WindowOp::create(m.b, m.loc, m.tensor({kBatch, 1, s.width}), x, 1, 0);
  x = ReshapeOp::create(m.b, m.loc, m.tensor({kBatch, s.width}), x);
  last.linear("classifier", s.width, s.classes, s.std, true);
  w = m.parameters("", last);
  return m.finish(m.crossEntropy(m.linear(x, w, "classifier"), inputs[1]));
}

} // namespace ds
