//===- Families.cpp - Families and named shapes -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Families.h"

namespace ds {
namespace {

const std::map<std::string, std::string> kLlamaKeys = {
    {"--layers", "num_hidden_layers"},
    {"--width", "hidden_size"},
    {"--heads", "num_attention_heads"},
    {"--kv-heads", "num_key_value_heads"},
    {"--mlp-width", "intermediate_size"},
    {"--vocab", "vocab_size"},
    {"--seq-len", "max_position_embeddings"}};

const std::map<std::string, std::string> kGpt2Keys = {
    {"--layers", "n_layer"},     {"--width", "n_embd"},
    {"--heads", "n_head"},       {"--kv-heads", "num_key_value_heads"},
    {"--mlp-width", "n_inner"},  {"--vocab", "vocab_size"},
    {"--seq-len", "n_positions"}};

const std::map<std::string, std::string> kBertKeys = {
    {"--layers", "num_hidden_layers"},
    {"--width", "hidden_size"},
    {"--heads", "num_attention_heads"},
    {"--mlp-width", "intermediate_size"},
    {"--vocab", "vocab_size"},
    {"--seq-len", "max_position_embeddings"}};

const std::map<std::string, std::string> kVitKeys = {
    {"--layers", "num_hidden_layers"},
    {"--width", "hidden_size"},
    {"--heads", "num_attention_heads"},
    {"--mlp-width", "intermediate_size"}};

const std::map<std::string, std::string> kT5Keys = {
    {"--layers", "num_layers"}, {"--width", "d_model"},
    {"--heads", "num_heads"},   {"--mlp-width", "d_ff"},
    {"--vocab", "vocab_size"},  {"--seq-len", "n_positions"}};

} // namespace

const std::vector<Family> &families() {
  using Names = std::vector<std::string>;
  static const Names attention = {"attention_dropout"};
  static const Names encoder = {"hidden_dropout_prob",
                                "attention_probs_dropout_prob"};
  static const std::vector<Family> all = {
      {"gpt2", "GPT2LMHeadModel", "GPT-2", buildGpt2, kGpt2Keys,
       Names{"embd_pdrop", "attn_pdrop", "resid_pdrop"}, 0.1},
      {"llama", "LlamaForCausalLM", "Llama", buildLlama, kLlamaKeys, attention,
       0, false},
      {"mistral", "MistralForCausalLM", "Mistral", buildLlama, kLlamaKeys,
       attention, 0, false},
      {"mixtral", "MixtralForCausalLM", "Mixtral", buildLlama, kLlamaKeys,
       attention, 0, false},
      {"qwen2", "Qwen2ForCausalLM", "Qwen2", buildLlama, kLlamaKeys, attention,
       0, false},
      {"qwen3", "Qwen3ForCausalLM", "Qwen3", buildLlama, kLlamaKeys, attention,
       0, false},
      {"gemma", "GemmaForCausalLM", "Gemma", buildLlama, kLlamaKeys, attention,
       0, false},
      {"bert", "BertForMaskedLM", "BERT", buildBert, kBertKeys, encoder, 0.1},
      {"vit", "ViTForImageClassification", "ViT", buildVit, kVitKeys, encoder,
       0},
      {"t5", "T5ForConditionalGeneration", "T5", buildT5, kT5Keys,
       Names{"dropout_rate"}, 0.1},
  };
  return all;
}

const std::vector<NamedModel> &namedModels() {
  static const std::vector<NamedModel> all = {
      {"gpt2-124m", R"({"model_type": "gpt2"})"},
      {"gpt2-355m",
       R"({"model_type": "gpt2", "n_layer": 24, "n_embd": 1024, "n_head": 16})"},
      {"gpt2-774m",
       R"({"model_type": "gpt2", "n_layer": 36, "n_embd": 1280, "n_head": 20})"},
      {"gpt2-1558m",
       R"({"model_type": "gpt2", "n_layer": 48, "n_embd": 1600, "n_head": 25})"},
      {"llama-tiny", R"({"model_type": "llama", "num_hidden_layers": 4,
        "hidden_size": 256, "num_attention_heads": 8, "num_key_value_heads": 4,
        "intermediate_size": 688, "vocab_size": 256,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-5})"},
      {"llama-1b", R"({"model_type": "llama", "num_hidden_layers": 16,
        "hidden_size": 2048, "num_attention_heads": 32,
        "num_key_value_heads": 8, "intermediate_size": 8192,
        "vocab_size": 128256, "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-5, "rope_theta": 500000,
        "tie_word_embeddings": true})"},
      {"llama-8b", R"({"model_type": "llama", "num_hidden_layers": 32,
        "hidden_size": 4096, "num_attention_heads": 32,
        "num_key_value_heads": 8, "intermediate_size": 14336,
        "vocab_size": 128256, "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-5, "rope_theta": 500000})"},
      {"llama-70b", R"({"model_type": "llama", "num_hidden_layers": 80,
        "hidden_size": 8192, "num_attention_heads": 64,
        "num_key_value_heads": 8, "intermediate_size": 28672,
        "vocab_size": 128256, "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-5, "rope_theta": 500000})"},
      {"llama-405b", R"({"model_type": "llama", "num_hidden_layers": 126,
        "hidden_size": 16384, "num_attention_heads": 128,
        "num_key_value_heads": 8, "intermediate_size": 53248,
        "vocab_size": 128256, "max_position_embeddings": 8192,
        "rms_norm_eps": 1e-5, "rope_theta": 500000})"},
      {"bert-base", R"({"model_type": "bert"})"},
      {"bert-large", R"({"model_type": "bert", "num_hidden_layers": 24,
        "hidden_size": 1024, "num_attention_heads": 16,
        "intermediate_size": 4096})"},
      {"vit-base", R"({"model_type": "vit"})"},
      {"vit-large", R"({"model_type": "vit", "num_hidden_layers": 24,
        "hidden_size": 1024, "num_attention_heads": 16,
        "intermediate_size": 4096})"},
      {"mixtral-8x7b", R"({"model_type": "mixtral",
        "max_position_embeddings": 32768})"},
      {"t5-small", R"({"model_type": "t5"})"},
      {"t5-base", R"({"model_type": "t5", "d_model": 768, "d_ff": 3072,
        "num_layers": 12, "num_heads": 12})"},
  };
  return all;
}

int64_t boundSeqLen(HfConfig &c, const std::string &key, int64_t most,
                    int64_t seqLen) {
  if (seqLen > most)
    c.refuse("expects --seq-len to be at most " + c.shown(key) + ", " +
             std::to_string(most) + ", but got " + std::to_string(seqLen));
  return seqLen == 0 ? most : seqLen;
}

int64_t readPadding(HfConfig &c, int64_t missing, int64_t vocab) {
  if (c.isNull("pad_token_id"))
    return -1;
  // From the end, below 0, as torch.nn.Embedding takes it.
  const int64_t id = c.whole("pad_token_id", missing, -vocab, vocab - 1);
  return id < 0 && c.has("pad_token_id") ? id + vocab : id;
}

void checkHeads(HfConfig &c, const std::string &heads, int64_t count,
                const std::string &width, int64_t size) {
  if (size % count != 0)
    c.refuse("expects " + c.shown(heads) + " to divide " + c.shown(width) +
             ", but got " + std::to_string(count) + " heads for width " +
             std::to_string(size));
}

} // namespace ds
