//===- ds-model.cpp - Writes models of known families -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   ds-model gpt2-124m -o gpt2.mlir
//   ds-model --hf config.json -o llama.mlir
//===--------------------------------------------------------------------===//

#include "../CommandLine.h"
#include "Families.h"
#include "base/Files.h"
#include "base/JsonText.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace ds;

namespace {

/// A config.json is a page; the plan carries it.
constexpr uint64_t kMostConfig = 1 << 20;

int fail(int code, const std::string &message) {
  std::fprintf(stderr, "ds-model: error: %s\n", message.c_str());
  return code;
}

struct Options {
  std::string name, output = "-", hf;
  std::map<std::string, std::optional<int64_t>> sizes; ///< By flag.
  std::optional<double> dropout;
};

std::string list(const std::vector<std::string> &names) {
  std::string text;
  for (const std::string &name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> namesOfModels() {
  std::vector<std::string> names;
  for (const NamedModel &model : namedModels())
    names.emplace_back(model.name);
  return names;
}

/// Why a flag's value is none, or nothing.
std::string checkFlags(const Options &o) {
  for (const auto &[flag, value] : o.sizes)
    if (value && (*value < 1 || *value > (int64_t{1} << 31) - 1))
      return "expects " + flag + " to be a positive 32-bit number, but got " +
             std::to_string(*value);
  if (o.dropout && !(*o.dropout >= 0 && *o.dropout < 1)) {
    char number[32];
    std::snprintf(number, sizeof number, "%g", *o.dropout);
    return std::string("expects --dropout to be at least 0 and below 1, but "
                       "got ") +
           number;
  }
  return "";
}

/// Of families that one may expect here; else empty.
std::string whyNotBuilt(const std::string &type) {
  if (type.starts_with("resnet"))
    return "convolutions are not built yet in ds-model";
  if (type == "gemma2" || type == "gemma3" || type == "gemma3_text")
    return "soft-capped scores and norms behind each part are not built yet";
  return "";
}

/// The family that 'model_type' names; null with the error in `config`.
const Family *familyOf(HfConfig &config) {
  std::vector<std::string> types;
  for (const Family &family : families())
    types.emplace_back(family.type);
  const std::string type = config.word("model_type", "");
  if (type.empty()) {
    config.refuse("expects 'model_type', which says what the model is: " +
                  list(types));
    return nullptr;
  }
  for (const Family &family : families())
    if (type == family.type)
      return &family;
  const std::string why = whyNotBuilt(type);
  config.refuse("no model of 'model_type' " + rt::quotedName(type) +
                " can be built" +
                (why.empty() ? rt::didYouMean(type, types) : ": " + why) +
                "; known: " + list(types));
  return nullptr;
}

/// Flags as the keys of the family that they change.
void applyFlags(HfConfig &config, const Family &family, const Options &o) {
  const bool isNamed = o.hf.empty();
  for (const auto &[flag, value] : o.sizes) {
    auto key = family.keys.find(flag);
    // A file's position table is as long as its weights: --seq-len is used as
    // the length of the samples only.
    if (key == family.keys.end()) {
      if (value)
        config.refuse("expects no " + flag + ": a model of type " +
                      family.type + " has none");
      continue;
    }
    if (flag == "--seq-len" && !isNamed)
      continue;
    if (value)
      config.set(key->second, flag, *value);
    else if (isNamed)
      config.nameFlag(key->second, flag);
  }
  if (o.dropout && *o.dropout != 0 && !family.takesDropout)
    config.refuse(std::string("expects --dropout for GPT-2 only: ") +
                  family.title + " has none");
  else if (o.dropout || isNamed)
    for (const std::string &key : family.dropouts)
      config.set(key, "--dropout", o.dropout.value_or(0));
}

/// What no family is asked about.
void checkCommon(HfConfig &config, const Family &family) {
  const std::vector<std::string> given = config.words("architectures");
  if (!given.empty() &&
      std::ranges::find(given, family.architecture) == given.end())
    config.refuse("expects 'architectures' to hold " +
                  std::string(family.architecture) + ", but got " +
                  rt::quotedName(given.front()) +
                  "; set it to train that model instead");
  if (config.has("quantization_config"))
    config.refuse("has a 'quantization_config': quantized weights are not "
                  "built; load weights of floating-point numbers");
  config.ignore({"_name_or_path",
                 "architectures",
                 "auto_map",
                 "bos_token_id",
                 "chunk_size_feed_forward",
                 "classifier_dropout",
                 "decoder_start_token_id",
                 "dtype",
                 "eos_token_id",
                 "gradient_checkpointing",
                 "id2label",
                 "label2id",
                 "is_encoder_decoder",
                 "model_type",
                 "output_attentions",
                 "output_hidden_states",
                 "pad_token_id",
                 "problem_type",
                 "return_dict",
                 "sep_token_id",
                 "task_specific_params",
                 "tie_word_embeddings",
                 "tokenizer_class",
                 "torch_dtype",
                 "transformers_version",
                 "use_cache"});
}

/// The file as a model has it that we trained: what `transformers` needs to
/// load it, in the type that we save.
std::string savedConfig(HfConfig &config, const Family &family) {
  config.write("architectures",
               nlohmann::ordered_json::array({family.architecture}));
  config.remove("torch_dtype");
  config.write("dtype", "float32");
  return config.text();
}

/// A named model of another shape is no longer the named one.
std::string nameOf(const Options &o, const Family &family, HfConfig &config) {
  if (!o.hf.empty())
    return family.type;
  bool changed = false;
  for (const auto &[flag, value] : o.sizes)
    changed |= value && flag != "--seq-len";
  if (!changed)
    return o.name;
  auto size = [&](const char *flag) {
    return std::to_string(config.whole(family.keys.at(flag), 0));
  };
  return std::string(family.type) + "-" + size("--layers") + "x" +
         size("--width");
}

int write(mlir::ModuleOp module, const std::string &output) {
  if (failed(mlir::verify(module)))
    return fail(70, "the model is malformed");
  std::string message;
  auto file = mlir::openOutputFile(output, &message);
  if (!file)
    return fail(1, message);
  module->print(file->os());
  file->os().flush();
  if (file->os().has_error()) {
    file->os().clear_error();
    return fail(1, "cannot write '" + output + "'");
  }
  file->keep();
  return 0;
}

/// Says what a reader of the file might miss.
void tell(HfConfig &config, const Family &family) {
  if (const auto keys = config.unasked(); !keys.empty())
    std::fprintf(stderr, "ds-model: warning: not used of the config: %s\n",
                 list(keys).c_str());
  for (const std::string &key : family.dropouts)
    if (config.dropout(key, family.dropoutMissing) != 0) {
      std::fprintf(stderr,
                   "ds-model: note: trains with dropout, as the config has "
                   "it; --dropout=0 is without\n");
      break;
    }
}

int build(HfConfig &config, const Options &o) {
  const int wrong = o.hf.empty() ? 2 : 1;
  const Family *family = config.error().empty() ? familyOf(config) : nullptr;
  if (!family)
    return fail(wrong, config.error());
  applyFlags(config, *family, o);
  checkCommon(config, *family);
  mlir::MLIRContext context;
  context.loadDialect<DSDialect>();
  const std::string name = nameOf(o, *family, config);
  const int64_t seqLen = o.hf.empty() ? 0 : o.sizes.at("--seq-len").value_or(0);
  Module module = family->build(context, config, name, seqLen);
  if (!config.error().empty())
    return fail(wrong, config.error());
  if (!o.hf.empty())
    tell(config, *family);
  mlir::Builder b(&context);
  (*module)->setAttr("ds.model", b.getStringAttr(name));
  (*module)->setAttr("ds.hf_config",
                     b.getStringAttr(savedConfig(config, *family)));
  return write(*module, o.output);
}

int buildFile(const Options &o) {
  std::string path = o.hf;
  if (llvm::sys::fs::is_directory(path))
    path += "/config.json";
  auto text =
      rt::readText(path, "", "a config.json of Hugging Face", kMostConfig);
  if (!text.ok())
    return fail(1, text.status().message());
  HfConfig config(*text, path);
  return build(config, o);
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Writes a model of a known family: forward pass and loss",
               "ds-model");
  Options o;
  const std::vector<std::string> names = namesOfModels();
  app.add_option("model", o.name, "One of " + list(names));
  app.add_option("--hf", o.hf, "A config.json of Hugging Face instead");
  app.add_option("-o,--output", o.output,
                 "File to write; - is standard output");
  for (auto [flag, what] :
       std::initializer_list<std::pair<const char *, const char *>>{
           {"--layers", "Number of blocks"},
           {"--width", "Size of the residual stream"},
           {"--heads", "Query heads"},
           {"--kv-heads", "Key and value heads"},
           {"--mlp-width", "Hidden size of the MLP"},
           {"--vocab", "Vocabulary"},
           {"--seq-len", "Positions"}})
    app.add_option(flag, o.sizes[flag], what);
  app.add_option("--dropout", o.dropout,
                 "Probability of dropping, in training");
  if (auto code = tools::parse(app, argc, argv))
    return *code;
  if (const std::string why = checkFlags(o); !why.empty())
    return fail(2, why);
  if (!o.hf.empty())
    return o.name.empty() ? buildFile(o)
                          : fail(2, "expects a model or --hf, but got both");
  if (o.name.empty())
    return fail(2, "expects a model: " + list(names));
  for (const NamedModel &named : namedModels())
    if (named.name == o.name) {
      HfConfig config(named.config, "");
      return build(config, o);
    }
  const std::string why = whyNotBuilt(o.name);
  return fail(
      2, "unknown model '" + o.name + "'" +
             (why.empty() ? ds::rt::didYouMean(o.name, names) : ": " + why) +
             "; known: " + list(names));
}
