//===- Reference.cpp - The page of all keys, and JSON Schema ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"
#include "ds/Config/Explain.h"

#include <cmath>
#include <nlohmann/json.hpp>

using Json = nlohmann::ordered_json;

namespace ds {
namespace {

//===--------------------------------------------------------------------===//
// Markdown
//===--------------------------------------------------------------------===//

/// `text` in lines of at most 120 columns; in a list all but the first begin
/// with two blanks.
std::string wrap(const std::string &text) {
  const std::string indent = text.starts_with("- ") ? "  " : "";
  constexpr size_t kColumns = 120;
  std::string result, line;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (line.size() + 1 + word.size() > kColumns) {
      result += line + "\n";
      line = indent + word;
    } else {
      line += (at == 0 ? "" : " ") + word;
    }
    at = end + 1;
  }
  return result + line + "\n";
}

std::string describe(const Fate &fate) {
  switch (fate.effect) {
  case Effect::Mapped:
    return std::string(" *Mapped*: ") + fate.why + ".";
  case Effect::Ignored:
    return std::string(" *Ignored*: ") + fate.why + ".";
  case Effect::Refused:
    return std::string(" *Refused*: ") + fate.why + ".";
  default:
    return " *Honoured*.";
  }
}

std::string describeValue(const Kind &kind) {
  std::string text = expected(kind);
  if (!*kind.later)
    return text;
  return text + "; not built: " + either(split(kind.later));
}

std::string describeKey(const Key &key, const std::string &name) {
  if (key.kind.type == Type::Alias)
    return "- `" + name + "`: another name of `" + key.kind.words + "`.";
  std::string text = "- `" + name + "`: " + key.doc + ".";
  if (const std::string value = describeValue(key.kind); !value.empty())
    text += " Expects " + value + ".";
  if (*key.standard)
    text += " Default: `" + std::string(key.standard) + "`.";
  if (*key.types)
    text += " Of " + either(split(key.types)) + ".";
  if (key.fate.effect != Effect::Inherited)
    text += describe(key.fate);
  return text;
}

std::string describeSection(const Key &key) {
  std::string text = "## `" + std::string(key.path) + "`\n\n";
  std::string words = std::string(key.doc) + ".";
  if (*key.kind.gate)
    words +=
        " Does nothing unless `" + std::string(key.kind.gate) + "` is true.";
  if (key.kind.strict)
    words += " DeepSpeed refuses unknown keys in it.";
  return text + wrap(words + describe(key.fate)) + "\n";
}

/// The section of the top level that a path is in, and the rest.
std::pair<std::string, std::string> divide(std::string_view path) {
  const size_t end = std::min(path.find_first_of(".["), path.size());
  return {std::string(path.substr(0, end)), std::string(path.substr(end))};
}

/// The keys in a section of the top level, or those of the top level itself.
std::string describeKeys(const std::string &section,
                         const std::string &prefix) {
  std::string text;
  for (const Key &key : configKeys()) {
    auto [top, rest] = divide(key.path);
    const bool own = section.empty()
                         ? rest.empty() && key.kind.type != Type::Section
                         : top == section && !rest.empty();
    if (own && std::string_view(key.path).starts_with(prefix))
      text += wrap(
          describeKey(key, rest.empty() ? top : rest.substr(rest[0] == '.')));
  }
  return text;
}

//===--------------------------------------------------------------------===//
// JSON Schema
//===--------------------------------------------------------------------===//

/// The schema at `path`, made where there is none.
Json &schemaAt(Json &root, std::string_view path) {
  Json *at = &root;
  while (!path.empty()) {
    const size_t end = std::min(path.find('.'), path.size());
    std::string_view name = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    const bool list = name.ends_with("[]");
    name = name.substr(0, name.size() - (list ? 2 : 0));
    at = name == "*" ? &(*at)["additionalProperties"]
                     : &(*at)["properties"][std::string(name)];
    if (!at->is_object()) // a section's "false" gives way
      *at = Json::object();
    if (list)
      at = &(*at)["items"];
  }
  return *at;
}

/// "1", not "1.0".
Json brief(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::trunc(value);
  return whole ? Json(static_cast<int64_t>(value)) : Json(value);
}

Json schemaOfValue(const Kind &kind) {
  const Range &range = kind.range;
  Json schema = {{"type", kind.type == Type::Int ? "integer" : "number"}};
  switch (kind.type) {
  case Type::Bool:
    return {{"type", "boolean"}};
  case Type::Text:
    return {{"type", "string"}};
  case Type::Word:
    if (kind.anyCase)
      return {{"type", "string"}, {"examples", split(kind.words)}};
    return {{"enum", split(kind.words)}};
  case Type::Int:
  case Type::Number:
    if (range.least != -kInfinity)
      schema[range.openLeast ? "exclusiveMinimum" : "minimum"] =
          brief(range.least);
    if (range.most != kInfinity)
      schema[range.openMost ? "exclusiveMaximum" : "maximum"] =
          brief(range.most);
    return schema;
  case Type::Pair:
    return {{"type", "array"},
            {"items", schemaOfValue({Type::Number, "", range})},
            {"minItems", 2},
            {"maxItems", 2}};
  default:
    return Json::object();
  }
}

std::string reference(std::string_view path) {
  std::string text = "#";
  for (char c : std::string(".") + std::string(path))
    text += c == '.' ? std::string("/properties/") : std::string(1, c);
  return text;
}

void addToSchema(Json &root, const Key &key) {
  Json &schema = schemaAt(root, key.path);
  if (key.kind.type == Type::Alias) {
    schema = {{"$ref", reference(key.kind.words)}, {"deprecated", true}};
    return;
  }
  schema["description"] =
      std::string(key.doc) + "." +
      (key.fate.effect == Effect::Inherited ? "" : describe(key.fate));
  if (*key.standard)
    schema["default"] = Json::parse(key.standard);
  if (key.kind.type == Type::Section) {
    schema["type"] = {"object", "null"};
    if (std::string_view(key.path) == "zero_optimization")
      schema["type"].push_back("boolean");
    schema["patternProperties"] = {{"^(_|//|#|comment$)", Json::object()}};
    schema["additionalProperties"] = false; // but for "*"
  } else if (key.kind.type == Type::List) {
    schema["type"] = {"array", "null"};
  } else if (key.kind.type != Type::Any) {
    schema["anyOf"] = {schemaOfValue(key.kind),
                       {{"enum", Json::array({"auto", nullptr})}}};
  }
}

} // namespace

/// What stands before all keys.
static std::string introduction() {
  std::string text = "# The keys of DeepSpeed's file\n\n";
  for (const char *paragraph :
       {"What `ds-opt --config=ds_config.json` makes of each key of DeepSpeed "
        "0.19. `ds-opt --help-config` prints this page, with `=PREFIX` a part "
        "of it; `--explain-config` says what became of a file, and "
        "`--print-config-schema` is for editors.",
        "- *Honoured*: it means what it means in DeepSpeed.",
        "- *Mapped*: something of ours does it, whatever the value.",
        "- *Ignored*: what is computed is the same without it; a value that "
        "is not the default is a warning.",
        "- *Refused*: a value that is not the default is an error, because it "
        "would change what is computed.",
        "- A key without one of these words shares its section's; in a "
        "section that is off a key does nothing.",
        "\n`\"auto\"` and `null` are as good as absent. Whole numbers may be "
        "written as `5e8`. Comments (`#`, `//`, `/* */`) and commas behind "
        "the last member are fine; a key that is given twice is an error. An "
        "unknown key is a warning, and an error under `--strict`."})
    text += wrap(paragraph) + (*paragraph == '-' ? "" : "\n");
  return text;
}

std::string configReference(const std::string &prefix) {
  std::string text = describeKeys("", prefix);
  if (!text.empty())
    text = "## The top level\n\n" + text;
  if (prefix.empty())
    text = introduction() + text;
  for (const Key &key : configKeys()) {
    if (key.kind.type != Type::Section && key.kind.type != Type::List)
      continue;
    if (!divide(key.path).second.empty())
      continue;
    const std::string keys = describeKeys(key.path, prefix);
    if (!keys.empty())
      text += (text.empty() ? "" : "\n") + describeSection(key) + keys;
  }
  return text;
}

std::string configJsonSchema() {
  Json root = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "ds_config.json"},
               {"type", "object"},
               {"patternProperties", {{"^(_|//|#|comment$)", Json::object()}}},
               {"additionalProperties", false}};
  for (const Key &key : configKeys())
    addToSchema(root, key);
  return root.dump(2) + "\n";
}

std::string helpOfFlag(const std::string &flag) {
  static constexpr std::pair<const char *, const char *> kFlags[] = {
      {"--zero", "zero_optimization.stage"},
      {"--global-batch", "train_batch_size"},
      {"--micro-batch", "train_micro_batch_size_per_gpu"},
      {"--lr", "optimizer.params.lr"},
      {"--weight-decay", "optimizer.params.weight_decay"},
      {"--warmup-steps", "scheduler.params.warmup_num_steps"},
      {"--decay-steps", "scheduler.params.total_num_steps"},
      {"--min-lr", "scheduler.params.min_lr"},
      {"--remat", "activation_checkpointing"},
  };
  for (auto [name, path] : kFlags)
    if (flag == name)
      return findKey(path)->doc + (" (" + std::string(path) + ")");
  return "";
}

} // namespace ds
