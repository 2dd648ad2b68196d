//===- Match.cpp - A file's tensors for a plan's ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checkpoint/Match.h"
#include "base/JsonText.h"
#include "base/Nearest.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace ds::rt {

std::string Names::text(const std::vector<std::string> &near) const {
  constexpr size_t kShown = 5;
  std::string text;
  for (size_t i = 0; i < std::min(names_.size(), kShown); ++i) {
    text += (i > 0 ? ", " : "") + quotedName(names_[i]);
    text += (words_[i].empty() ? "" : " ") + words_[i];
    const std::string nearest = nearestName(names_[i], near);
    if (!nearest.empty())
      text += " (nearest is " + quotedName(nearest) + ")";
  }
  return text + (names_.size() > kShown ? ", ..." : "");
}

std::string Prefix::fileName(const std::string &name) const {
  if (text.empty())
    return name;
  if (!inPlan)
    return text + name;
  return name.starts_with(text) ? name.substr(text.size()) : name;
}

Prefix findPrefix(const std::set<std::string> &names, const Weights &weights) {
  auto found = [&](const Prefix &prefix) {
    return std::ranges::count_if(names, [&](const std::string &name) {
      return weights.find(prefix.fileName(name)) != nullptr;
    });
  };
  Prefix best;
  auto most = found(best);
  for (const char *text : {"transformer.", "model.", "bert.", "vit."})
    for (bool inPlan : {true, false})
      if (auto count = found({text, inPlan}); count > most) {
        most = count;
        best = {text, inPlan};
      }
  return best;
}

const std::set<std::string> &optionalScalars() {
  static const std::set<std::string> names = {
      "seed", "skipped_steps", "loss_scale", "loss_scale.patience",
      "loss_scale.good_steps"};
  return names;
}

bool isKnownBuffer(const std::string &name) {
  for (std::string_view end :
       {".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq",
        "embeddings.position_ids", "embeddings.token_type_ids"})
    if (name.ends_with(end))
      return true;
  for (std::string_view begin :
       {"bert.pooler.", "pooler.", "vit.pooler.", "cls.seq_relationship."})
    if (name.starts_with(begin))
      return true;
  return false;
}

std::vector<std::string> tiedTo(const std::string &name) {
  if (name == "lm_head.weight")
    return {"transformer.wte.weight", "wte.weight", "model.embed_tokens.weight",
            "embed_tokens.weight", "shared.weight"};
  if (name == "encoder.embed_tokens.weight" ||
      name == "decoder.embed_tokens.weight")
    return {"shared.weight"};
  if (name == "cls.predictions.decoder.weight")
    return {"bert.embeddings.word_embeddings.weight"};
  if (name == "cls.predictions.decoder.bias")
    return {"cls.predictions.bias"};
  return {};
}

StatusOr<bool> sameTensor(const Weights::Tensor &a, const Weights::Tensor &b) {
  if (a.entry->dtype != b.entry->dtype || a.entry->shape != b.entry->shape)
    return false;
  constexpr uint64_t kChunk = 1 << 16;
  std::vector<std::byte> left(kChunk), right(kChunk);
  for (uint64_t at = 0; at < a.entry->bytes; at += kChunk) {
    const uint64_t bytes = std::min(kChunk, a.entry->bytes - at);
    DS_RT_RETURN_IF_ERROR(a.file->read(*a.entry, at, bytes, left.data()));
    DS_RT_RETURN_IF_ERROR(b.file->read(*b.entry, at, bytes, right.data()));
    if (std::memcmp(left.data(), right.data(), bytes) != 0)
      return false;
  }
  return true;
}

} // namespace ds::rt
