//===- Reader.cpp - From a file's text to Config ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Walks the file's tree once, beside the schema: each member is a row, which
// says what it may be, what becomes of it and where it goes, or a stranger.
//===--------------------------------------------------------------------===//

#include "Findings.h"
#include "Json.h"
#include "Schema.h"
#include "Strangers.h"
#include "base/Nearest.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

using nlohmann::json;

namespace ds {
namespace {

std::string lower(std::string text) {
  for (char &c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Where the walk is.
struct Place {
  std::string path;    ///< As the schema spells it.
  std::string pattern; ///< Its row's: the path with "*" and "[]".
  std::string spelled; ///< As the file does.
  bool off = false;    ///< In a section that is not turned on.
  bool told = false;   ///< The user knows that the section is ignored.

  Place member(const std::string &name) const {
    const std::string dot = path.empty() ? "" : ".";
    Place place{path + dot + name, pattern + dot + name, spelled + dot + name,
                off, told};
    if (!findKey(place.pattern) && findKey(pattern + dot + "*"))
      place.pattern = pattern + dot + "*";
    return place;
  }
  Place element(size_t index) const {
    const std::string at = "[" + std::to_string(index) + "]";
    return {path + at, pattern + "[]", spelled + at, off, told};
  }
  /// What an alias stands for, with what the file says instead.
  Place called(const std::string &target) const {
    return {target, target, spelled, off, told};
  }
};

class Reader {
public:
  Reader(const std::string &file, bool strict, Config &config,
         std::vector<ConfigMessage> &messages)
      : findings(file, messages), strict(strict), config(config) {}

  void read(const std::string &text) {
    JsonError wrong;
    JsonNode root = parseJson(text, wrong);
    if (!wrong.text.empty())
      return findings.error(wrong.line, wrong.text, wrong.column);
    if (!root.value.is_object())
      return findings.error(root.line,
                            "expects an object {...}, but got " + root.text());
    for (const auto &[name, node] : root.members)
      visit(Place().member(printable(name)), {}, name, node);
    if (comments.line)
      findings.warning(comments.line, comments.text());
    std::ranges::stable_sort(config.entries, {}, &ConfigEntry::line);
  }

private:
  void refuse(const Place &place, const JsonNode &got,
              const std::string &expected, const std::string &more = "") {
    findings.error(got.line, "expects '" + place.spelled + "' to be " +
                                 expected + ", but got " + got.text() + more);
  }

  void visit(Place place, const Place &section, const std::string &name,
             const JsonNode &node) {
    const Key *key = findKey(place.pattern);
    if (!key)
      return meetStranger(place, section, printable(name), node);
    if (key->kind.type == Type::Alias) {
      place = place.called(key->kind.words);
      key = findKey(place.pattern);
    }
    auto [first, isNew] = met.try_emplace(place.path, place.spelled, node.line);
    if (!isNew)
      return findings.error(
          node.line, "'" + place.spelled + "' is the same key as '" +
                         first->second.first + "' in line " +
                         std::to_string(first->second.second) + "; remove one");
    config.entries.push_back({place.path, place.spelled, place.pattern,
                              node.shown(), node.line, !node.given(),
                              place.off});
    if (node.given())
      readKey(*key, place, node);
  }

  void meetStranger(const Place &place, const Place &section,
                    const std::string &name, const JsonNode &node) {
    if (isComment(name) && !strict)
      return comments.add(place.spelled, node.line);
    const Key *home = findKey(section.pattern);
    const bool refused = home && home->kind.strict;
    const std::string text = "unknown key '" + place.spelled + "'" +
                             (refused ? ", which DeepSpeed refuses" : "") +
                             (strict    ? ""
                              : refused ? ", is ignored"
                                        : " is ignored") +
                             whatIsMeant(name, section.pattern);
    strict ? findings.error(node.line, text)
           : findings.warning(node.line, text);
  }

  void readKey(const Key &key, const Place &place, const JsonNode &node) {
    if (key.kind.type == Type::Section)
      return readSection(key, place, node);
    if (!readValue(key, place, node) || place.off || isStandard(key, node))
      return;
    if (key.fate.effect == Effect::Refused)
      refuse(place, node,
             (*key.standard ? key.standard : "absent") +
                 std::string(", because ") + key.fate.why);
    if (key.fate.effect == Effect::Ignored && !place.told)
      warnOfIgnored(place, node, key.fate);
  }

  void warnOfIgnored(const Place &place, const JsonNode &node,
                     const Fate &fate) {
    findings.warning(node.line,
                     "'" + place.spelled + "' is ignored: " + fate.why);
  }

  void readSection(const Key &key, const Place &place, const JsonNode &node) {
    if (place.path == "zero_optimization" && node.value.is_boolean()) {
      config.zero.stage = node.value.get<bool>();
      return findings.warning(
          node.line, "'zero_optimization' as a boolean is an older way to say "
                     "{\"stage\": " +
                         std::to_string(*config.zero.stage) + "}");
    }
    if (!node.value.is_object())
      return refuse(place, node, key.kind.text);
    Place inside = place;
    const std::string gate = key.kind.gate;
    const JsonNode *on = gate.empty() ? &node : findMember(node, gate);
    inside.off |= !on || (!gate.empty() && on->value != true);
    if (!inside.off)
      meetFate(key, gate.empty() ? place : place.member(gate), *on, inside);
    for (const auto &[name, child] : node.members)
      visit(inside.member(printable(name)), place, name, child);
  }

  /// Of a section that is on; `gate` is what turns it on.
  void meetFate(const Key &key, const Place &gate, const JsonNode &on,
                Place &inside) {
    if (key.fate.effect == Effect::Refused)
      refuse(gate, on,
             (*key.kind.gate ? "false" : "absent") + std::string(", because ") +
                 key.fate.why);
    if (key.fate.effect == Effect::Ignored && !inside.told) {
      warnOfIgnored(inside, on, key.fate);
      inside.told = true;
    }
  }

  static const JsonNode *findMember(const JsonNode &node,
                                    const std::string &path) {
    const size_t dot = path.find('.');
    auto at = node.members.find(path.substr(0, dot));
    if (at == node.members.end() || dot == std::string::npos)
      return at == node.members.end() ? nullptr : &at->second;
    return findMember(at->second, path.substr(dot + 1));
  }

  static bool isStandard(const Key &key, const JsonNode &node) {
    return *key.standard && json::parse(key.standard) == node.value;
  }

  //===------------------------------------------------------------------===//
  // Values
  //===------------------------------------------------------------------===//

  /// Whether it is of its kind; stores it where the row says.
  bool readValue(const Key &key, const Place &place, const JsonNode &node) {
    const Kind &kind = key.kind;
    if (kind.type == Type::Word)
      return readWord(key, place, node);
    if (!isOf(kind, node)) {
      refuse(place, node, kind.text);
      return false;
    }
    if (kind.type == Type::List)
      readList(place, node);
    else
      store(key, node);
    return true;
  }

  static bool isOf(const Kind &kind, const JsonNode &node) {
    switch (kind.type) {
    case Type::Bool:
      return node.value.is_boolean();
    case Type::Text:
      return node.value.is_string();
    case Type::List:
      return node.value.is_array();
    case Type::Int:
      return isNumber(node, kind.range) &&
             std::trunc(node.value.get<double>()) == node.value.get<double>();
    case Type::Number:
      return isNumber(node, kind.range);
    case Type::Pair:
      return node.items.size() == 2 && isNumber(node.items[0], kind.range) &&
             isNumber(node.items[1], kind.range);
    default:
      return true;
    }
  }

  static bool isNumber(const JsonNode &node, const Range &range) {
    return node.value.is_number() && range.contains(node.value.get<double>());
  }

  void readList(const Place &place, const JsonNode &list) {
    const Key *key = findKey(place.pattern + "[]");
    for (size_t i = 0; key && i < list.items.size(); ++i) {
      if (place.pattern == "parameter_groups")
        config.groups.emplace_back();
      readKey(*key, place.element(i), list.items[i]);
    }
  }

  bool readWord(const Key &key, const Place &place, const JsonNode &node) {
    const std::vector<std::string> all = split(key.kind.words);
    if (!node.value.is_string()) {
      refuse(place, node, either(all));
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
    refuse(place, node, either(all),
           later ? ", which is not built" : rt::didYouMean(got, all));
    return false;
  }

  void store(const Key &key, const JsonNode &node) {
    const json &value = node.value;
    if (auto *slot = std::get_if<Slot<bool>>(&key.field))
      (*slot)(config) = value.get<bool>();
    else if (auto *slot = std::get_if<Slot<int64_t>>(&key.field))
      (*slot)(config) = whole(value.get<double>());
    else if (auto *slot = std::get_if<Slot<double>>(&key.field))
      (*slot)(config) = value.get<double>();
    else if (auto *slot = std::get_if<Slot<std::string>>(&key.field))
      (*slot)(config) = value.get<std::string>();
    else if (auto *slot = std::get_if<Slot<std::array<double, 2>>>(&key.field))
      (*slot)(config) = {node.items[0].value.get<double>(),
                         node.items[1].value.get<double>()};
  }

  /// What does not fit is the nearest that does.
  static int64_t whole(double value) {
    constexpr double kMost = 9223372036854774784.0; // the last below 2^63
    return static_cast<int64_t>(std::clamp(value, -kMost, kMost));
  }

  /// Keys that are comments: one warning for all.
  struct Comments {
    std::string first;
    int line = 0;
    size_t more = 0;

    void add(const std::string &name, int at) {
      more += line > 0;
      if (line == 0 || at < line) {
        first = name;
        line = at;
      }
    }
    std::string text() const {
      return "'" + first + "'" +
             (more ? " and " + std::to_string(more) + " more are comments"
                   : " is a comment");
    }
  };

  Findings findings;
  const bool strict;
  Config &config;
  Comments comments;
  /// Spelling and line of the keys met, by path.
  std::map<std::string, std::pair<std::string, int>> met;
};

} // namespace

Config parseConfig(const std::string &text, const std::string &file,
                   std::vector<ConfigMessage> &messages, bool strict) {
  Config config;
  Reader(file, strict, config, messages).read(text);
  std::ranges::stable_sort(messages, {}, &ConfigMessage::line);
  return config;
}

} // namespace ds
