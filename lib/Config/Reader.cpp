//===- Reader.cpp - From a file's text to Config ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks the file's tree once: a path of the schema is read, one that must keep
// its value is checked, one above such a path is entered, any other is named.
//===--------------------------------------------------------------------===//

#include "Json.h"
#include "Schema.h"
#include "base/Nearest.h"

#include <algorithm>
#include <cctype>
#include <cmath>

using nlohmann::json;

namespace ds {
namespace {

std::string lower(std::string text) {
  for (char &c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// "a", "a or b", "a, b or c"
std::string either(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

class Reader {
public:
  Reader(const std::string &file, Config &config,
         std::vector<ConfigMessage> &messages)
      : file(file), config(config), messages(messages) {}

  void read(const std::string &text) {
    JsonError wrong;
    JsonNode root = parseJson(text, wrong);
    if (!wrong.text.empty()) {
      std::string column =
          wrong.column > 0 ? ":" + std::to_string(wrong.column) : "";
      return say(wrong.line, true, wrong.text, column);
    }
    if (!root.value.is_object())
      return say(root.line, true,
                 "expects an object {...}, but got " + root.text());
    walk(root, "");
    checkTogether();
    std::ranges::stable_sort(messages, {}, &ConfigMessage::line);
  }

private:
  void say(int line, bool error, const std::string &text,
           const std::string &column = "") {
    messages.push_back({line, error,
                        file + ":" + std::to_string(line) + column +
                            (error ? ": error: " : ": warning: ") + text});
  }
  void refuse(int line, const std::string &path, const std::string &expected,
              const JsonNode &got, const std::string &more = "") {
    say(line, true,
        "expects '" + path + "' to be " + expected + ", but got " + got.text() +
            more);
  }

  void walk(const JsonNode &object, const std::string &prefix) {
    for (const auto &[name, node] : object.members) {
      std::string path = prefix + printable(name);
      if (!node.value.is_null())
        visit(path, prefix, node);
    }
  }

  void visit(const std::string &path, const std::string &prefix,
             const JsonNode &node) {
    for (const Key &key : configKeys())
      if (key.path == path)
        return node.given() ? readKey(key, node) : void();
    for (const Fixed &key : fixedKeys())
      if (key.path == path)
        return node.given() && node.value != key.value
                   ? refuse(node.line, path,
                            json(key.value).dump() + ", because " + key.because,
                            node)
                   : void();
    if (!isSection(path))
      return say(node.line, false,
                 "'" + path + "' is not read yet" + nearest(path, prefix));
    config.lines[path] = node.line;
    if (node.value.is_object())
      walk(node, path + ".");
    else if (node.given())
      refuse(node.line, path, "an object {...}", node);
  }

  static bool isSection(const std::string &path) {
    auto below = [&](const auto &key) {
      return key.path.starts_with(path + ".");
    };
    return std::ranges::any_of(configKeys(), below) ||
           std::ranges::any_of(fixedKeys(), below);
  }

  /// The read key of the same section that a slip of the fingers is near.
  static std::string nearest(const std::string &path,
                             const std::string &prefix) {
    std::string best, word = path.substr(prefix.size());
    size_t least = word.size() / 3 + 1;
    for (const Key &key : configKeys()) {
      if (!key.path.starts_with(prefix))
        continue;
      std::string name = key.path.substr(prefix.size());
      name = name.substr(0, name.find('.'));
      if (size_t d = rt::editDistance(word, name); d < least) {
        least = d;
        best = prefix + name;
      }
    }
    return best.empty() ? "" : "; did you mean '" + best + "'?";
  }

  void readKey(const Key &key, const JsonNode &node) {
    config.lines[key.path] = node.line;
    std::visit([&](auto field) { store(key, node, config.*field); }, key.field);
  }

  static bool isNumber(const JsonNode &node, const Range &range) {
    return node.value.is_number() && range.contains(node.value.get<double>());
  }

  void store(const Key &key, const JsonNode &node,
             std::optional<double> &field) {
    if (!isNumber(node, key.range))
      return refuse(node.line, key.path, key.range.text, node);
    field = node.value.get<double>();
  }

  void store(const Key &key, const JsonNode &node,
             std::optional<int64_t> &field) {
    if (!isNumber(node, key.range) ||
        std::trunc(node.value.get<double>()) != node.value.get<double>())
      return refuse(node.line, key.path, key.range.text, node);
    field = static_cast<int64_t>(node.value.get<double>());
  }

  void store(const Key &key, const JsonNode &node, std::optional<bool> &field) {
    if (!node.value.is_boolean())
      return refuse(node.line, key.path, "true or false", node);
    field = node.value.get<bool>();
  }

  void store(const Key &key, const JsonNode &node,
             std::optional<std::string> &field) {
    if (node.value.is_string()) {
      const auto &got = node.value.get_ref<const std::string &>();
      for (const std::string &word : key.words)
        if (word == got || (key.anyCase && lower(word) == lower(got))) {
          field = word;
          return;
        }
      return refuse(node.line, key.path, either(key.words), node,
                    rt::didYouMean(got, key.words));
    }
    refuse(node.line, key.path, either(key.words), node);
  }

  void store(const Key &key, const JsonNode &node,
             std::optional<std::array<double, 2>> &field) {
    if (node.items.size() != 2 || !isNumber(node.items[0], key.range) ||
        !isNumber(node.items[1], key.range))
      return refuse(node.line, key.path, key.range.text, node);
    field = {node.items[0].value.get<double>(),
             node.items[1].value.get<double>()};
  }

  //===------------------------------------------------------------------===//
  // What keys say together
  //===------------------------------------------------------------------===//

  int lineOf(const std::string &path) const {
    auto at = config.lines.find(path);
    return at == config.lines.end() ? 1 : at->second;
  }

  bool isGiven(const std::string &path) const {
    return config.lines.contains(path);
  }

  void checkTogether() {
    for (const char *section : {"optimizer", "scheduler"}) {
      std::string type = std::string(section) + ".type";
      if (isGiven(std::string(section) + ".params") && !isGiven(type))
        say(lineOf(section), true, "expects '" + type + "' beside its params");
    }
    if (config.optimizer == "Adam" && config.adamWMode == false &&
        config.recipe().optimizer.weightDecay != 0)
      say(lineOf("optimizer.params.adam_w_mode"), true,
          "expects 'optimizer.params.adam_w_mode' to be true, because weight "
          "decay inside the gradient is not built, but got false; set it to "
          "true or 'optimizer.params.weight_decay' to 0");
    if (config.scheduler)
      checkScheduler(*config.scheduler);
  }

  void checkScheduler(const std::string &type) {
    for (const Key &key : configKeys()) {
      if (key.schedulers.empty())
        continue;
      bool has = std::ranges::count(key.schedulers, type) > 0;
      if (isGiven(key.path) && !has)
        say(lineOf(key.path), true,
            "'" + key.path + "' is no parameter of " + type + ", but of " +
                either(key.schedulers));
      if (!isGiven(key.path) && std::ranges::count(key.required, type) > 0)
        say(lineOf("scheduler.type"), true,
            "expects '" + key.path + "', which " + type + " needs");
    }
  }

  const std::string &file;
  Config &config;
  std::vector<ConfigMessage> &messages;
};

} // namespace

Config parseConfig(const std::string &text, const std::string &file,
                   std::vector<ConfigMessage> &messages) {
  Config config;
  Reader(file, config, messages).read(text);
  return config;
}

} // namespace ds
