//===- JsonText.h - Parsing JSON that somebody wrote --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// nlohmann_json with our errors: where in the text, without exceptions, and
// within a depth, so that a file of brackets does not become gigabytes.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_JSONTEXT_H
#define DS_RUNTIME_BASE_JSONTEXT_H

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace ds::rt {

struct ParsedJson {
  nlohmann::json value;
  /// What is wrong, on one line: "line 3, column 8: syntax error ...".
  std::string error;
};

/// A name out of a file in quotes: on one line, and not a page of it.
inline std::string quotedName(std::string name) {
  constexpr size_t kMost = 100;
  const bool cut = name.size() > kMost;
  size_t end = std::min(name.size(), kMost);
  while (cut && end > 0 && (name[end] & 0xC0) == 0x80)
    --end; // not inside a character
  name.resize(end);
  for (char &c : name)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      c = '?';
  return "'" + name + (cut ? "...'" : "'");
}

/// "[json.exception.parse_error.101] parse error at line 1, column 2: x"
/// becomes "line 1, column 2: x", and what is not printable '?'.
inline std::string wordsOfJsonError(std::string text) {
  if (size_t end = text.find("] "); end != std::string::npos)
    text.erase(0, end + 2);
  const std::string before = "parse error at ";
  if (text.rfind(before, 0) == 0)
    text.erase(0, before.size());
  for (char &c : text)
    if (c < ' ' || c > '~')
      c = '?';
  constexpr size_t kMost = 200; // it quotes the text
  return text.size() > kMost ? text.substr(0, kMost) + "..." : text;
}

/// Parses an object whose values nest at most `deepest` levels, and whose own
/// names are all different.
inline ParsedJson parseJsonObject(const std::string &text, int deepest = 8) {
  using Event = nlohmann::json::parse_event_t;
  ParsedJson parsed;
  std::set<std::string> names;
  bool deep = false;
  std::string twice;
  auto onEvent = [&](int depth, Event event, nlohmann::json &value) {
    if (depth == 1 && event == Event::key &&
        !names.insert(value.get<std::string>()).second && twice.empty())
      twice = value.get<std::string>();
    bool opens = event == Event::object_start || event == Event::array_start;
    deep = deep || (opens && depth >= deepest);
    return !deep; // nothing more is kept
  };
  try { // it speaks in exceptions
    parsed.value = nlohmann::json::parse(text, onEvent);
  } catch (const nlohmann::json::exception &error) {
    parsed.error = wordsOfJsonError(error.what());
    return parsed;
  }
  if (deep)
    parsed.error = "it nests more than " + std::to_string(deepest) + " deep";
  else if (!parsed.value.is_object())
    parsed.error = "it is not a JSON object";
  else if (!twice.empty())
    parsed.error = quotedName(twice) + " comes twice";
  return parsed;
}

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_JSONTEXT_H
