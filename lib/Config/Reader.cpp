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
    walk(root, {});
    std::ranges::stable_sort(config.entries, {}, &ConfigEntry::line);
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

  /// Where the walk is.  `pattern` is the schema's spelling of `path`, with
  /// "*" and "[]".
  struct Place {
    std::string path, pattern, spelled;
    bool off = false; ///< In a section that is not turned on.

    Place member(const std::string &name) const {
      const std::string dot = path.empty() ? "" : ".";
      Place place{path + dot + name, pattern + dot + name, spelled + dot + name,
                  off};
      if (!findKey(place.pattern) && findKey(pattern + dot + "*"))
        place.pattern = pattern + dot + "*";
      return place;
    }
    /// What an alias stands for, with what the file says instead.
    Place called(const std::string &target) const {
      return {target, target, spelled, off};
    }
  };

  void walk(const JsonNode &object, const Place &place) {
    for (const auto &[name, node] : object.members)
      visit(place.member(printable(name)), place, node);
  }

  void visit(const Place &place, const Place &parent, const JsonNode &node) {
    const Key *key = findKey(place.pattern);
    if (!key)
      return say(node.line, false,
                 "'" + place.path + "' is not read yet" +
                     nearest(place, parent));
    if (key->kind.type == Type::Alias)
      return visit(place.called(key->kind.words), parent, node);
    if (const ConfigEntry *twice = config.find(place.path))
      return say(node.line, true,
                 "'" + place.spelled + "' is '" + twice->spelled +
                     "' of line " + std::to_string(twice->line) +
                     "; remove one");
    config.entries.push_back(
        {place.path, place.spelled, node.text(), node.line, !node.given()});
    if (node.given())
      read(*key, place, node);
  }

  void read(const Key &key, const Place &place, const JsonNode &node) {
    if (key.kind.type == Type::Section)
      return readSection(key, place, node);
    if (!readValue(key, place, node))
      return;
    const Fate fate = fateOf(key);
    if (fate.effect == Effect::Refused && !place.off && !isStandard(key, node))
      refuse(node.line, place.spelled,
             std::string(*key.standard ? key.standard : "absent") +
                 ", because " + fate.why,
             node);
  }

  void readSection(const Key &key, const Place &place, const JsonNode &node) {
    if (!node.value.is_object())
      return refuse(node.line, place.spelled, key.kind.text, node);
    Place inside = place;
    const std::string gate = key.kind.gate;
    inside.off |= !gate.empty() && !isOn(node, gate);
    walk(node, inside);
  }

  /// Whether member "a.b" of an object is true.
  static bool isOn(const JsonNode &node, const std::string &gate) {
    const size_t dot = gate.find('.');
    auto at = node.members.find(gate.substr(0, dot));
    if (at == node.members.end())
      return false;
    return dot == std::string::npos ? at->second.value == true
                                    : isOn(at->second, gate.substr(dot + 1));
  }

  static bool isStandard(const Key &key, const JsonNode &node) {
    return *key.standard && json::parse(key.standard) == node.value;
  }

  /// The known key of the same section that a slip of the fingers is near.
  static std::string nearest(const Place &place, const Place &parent) {
    const std::string prefix =
        parent.pattern.empty() ? "" : parent.pattern + ".";
    const std::string word = place.pattern.substr(prefix.size());
    std::string best;
    size_t least = word.size() / 3 + 1;
    for (const Key &key : configKeys()) {
      std::string_view path = key.path;
      if (!path.starts_with(prefix))
        continue;
      const std::string name(path.substr(prefix.size()));
      if (name.find('.') != std::string::npos)
        continue;
      if (size_t d = rt::editDistance(word, name); d < least) {
        least = d;
        best = prefix + name;
      }
    }
    return best.empty() ? "" : "; did you mean '" + best + "'?";
  }

  /// Whether it is of its kind; stores it where the row says.
  bool readValue(const Key &key, const Place &place, const JsonNode &node) {
    const Kind &kind = key.kind;
    if (kind.type == Type::Any)
      return true;
    if (kind.type == Type::Word)
      return readWord(key, place, node);
    const bool good = kind.type == Type::Bool     ? node.value.is_boolean()
                      : kind.type == Type::Text   ? node.value.is_string()
                      : kind.type == Type::List   ? node.value.is_array()
                      : kind.type == Type::Number ? isNumber(node, kind.range)
                      : kind.type == Type::Int    ? isWhole(node, kind.range)
                                                  : isPair(node, kind.range);
    if (!good) {
      refuse(node.line, place.spelled, kind.text, node);
      return false;
    }
    if (kind.type == Type::List)
      walkList(place, node);
    else
      store(key, node);
    return true;
  }

  void walkList(const Place &place, const JsonNode &list) {
    const std::string pattern = place.pattern + "[]";
    const Key *key = findKey(pattern);
    for (size_t i = 0; key && i < list.items.size(); ++i) {
      const std::string index = "[" + std::to_string(i) + "]";
      if (pattern == "parameter_groups[]")
        config.groups.emplace_back();
      read(*key,
           {place.path + index, pattern, place.spelled + index, place.off},
           list.items[i]);
    }
  }

  static bool isNumber(const JsonNode &node, const Range &range) {
    return node.value.is_number() && range.contains(node.value.get<double>());
  }
  static bool isWhole(const JsonNode &node, const Range &range) {
    return isNumber(node, range) &&
           std::trunc(node.value.get<double>()) == node.value.get<double>();
  }
  static bool isPair(const JsonNode &node, const Range &range) {
    return node.items.size() == 2 && isNumber(node.items[0], range) &&
           isNumber(node.items[1], range);
  }

  bool readWord(const Key &key, const Place &place, const JsonNode &node) {
    const std::vector<std::string> all = split(key.kind.words);
    if (!node.value.is_string()) {
      refuse(node.line, place.spelled, either(all), node);
      return false;
    }
    const auto &got = node.value.get_ref<const std::string &>();
    auto isIt = [&](const std::string &word) {
      return word == got || (key.kind.anyCase && lower(word) == lower(got));
    };
    if (auto word = std::ranges::find_if(all, isIt); word != all.end()) {
      if (auto *slot = std::get_if<Slot<std::string>>(&key.field))
        (*slot)(config) = *word;
      return true;
    }
    const bool later = std::ranges::any_of(split(key.kind.later), isIt);
    refuse(node.line, place.spelled, either(all), node,
           later ? ", which is not built" : rt::didYouMean(got, all));
    return false;
  }

  void store(const Key &key, const JsonNode &node) {
    const json &value = node.value;
    if (auto *slot = std::get_if<Slot<bool>>(&key.field))
      (*slot)(config) = value.get<bool>();
    else if (auto *slot = std::get_if<Slot<int64_t>>(&key.field))
      (*slot)(config) = static_cast<int64_t>(value.get<double>());
    else if (auto *slot = std::get_if<Slot<double>>(&key.field))
      (*slot)(config) = value.get<double>();
    else if (auto *slot = std::get_if<Slot<std::string>>(&key.field))
      (*slot)(config) = value.get<std::string>();
    else if (auto *slot = std::get_if<Slot<std::array<double, 2>>>(&key.field))
      (*slot)(config) = {node.items[0].value.get<double>(),
                         node.items[1].value.get<double>()};
  }

  //===------------------------------------------------------------------===//
  // What keys say together
  //===------------------------------------------------------------------===//

  int lineOf(const std::string &path) const {
    const ConfigEntry *entry = config.find(path);
    return entry ? entry->line : 1;
  }

  bool isGiven(const std::string &path) const {
    const ConfigEntry *entry = config.find(path);
    return entry && !entry->automatic;
  }

  void checkTogether() {
    for (const char *section : {"optimizer", "scheduler"}) {
      std::string type = std::string(section) + ".type";
      if (isGiven(std::string(section) + ".params") && !isGiven(type))
        say(lineOf(section), true, "expects '" + type + "' beside its params");
    }
    const OptimizerKeys &optimizer = config.optimizer;
    if (optimizer.type == "Adam" && optimizer.adamWMode == false &&
        optimizer.weightDecay.value_or(0) != 0)
      say(lineOf("optimizer.params.adam_w_mode"), true,
          "expects 'optimizer.params.adam_w_mode' to be true, because weight "
          "decay inside the gradient is not built, but got false; set it to "
          "true or 'optimizer.params.weight_decay' to 0");
    if (optimizer.type)
      checkParams("optimizer.", *optimizer.type);
    if (config.scheduler.type)
      checkParams("scheduler.", *config.scheduler.type);
  }

  /// The params of a section with a type.
  void checkParams(const std::string &section, const std::string &type) {
    auto has = [&](const char *types) {
      return std::ranges::count(split(types), type) > 0;
    };
    for (const Key &key : configKeys()) {
      if (!*key.types || !std::string_view(key.path).starts_with(section))
        continue;
      const std::string path = key.path;
      if (isGiven(path) && !has(key.types))
        say(lineOf(path), true,
            "'" + path + "' is no parameter of " + type + ", but of " +
                either(split(key.types)));
      if (!isGiven(path) && has(key.required))
        say(lineOf(section + "type"), true,
            "expects '" + path + "', which " + type + " needs");
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
