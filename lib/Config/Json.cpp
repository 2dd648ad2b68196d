//===- Json.cpp - JSON with lines ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's events have no positions, so it reads through an iterator that
// counts lines.  A key's event comes right behind its last quote: its line is
// exact.
//===--------------------------------------------------------------------===//

#include "Json.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>

using nlohmann::json;

namespace ds {

static constexpr size_t kLongest = 60;

static std::string dump(const json &value) {
  return value.dump(-1, ' ', true, json::error_handler_t::replace);
}

static std::string cut(const std::string &text) {
  return text.size() <= kLongest ? text : text.substr(0, kLongest - 3) + "...";
}

bool JsonNode::given() const { return !value.is_null() && value != "auto"; }

std::string JsonNode::text() const {
  if (value.is_object())
    return "an object";
  if (value.is_array())
    return "a list of " + std::to_string(items.size());
  return cut(dump(value));
}

std::string JsonNode::shown() const {
  if (value.is_object())
    return "{...}";
  if (!value.is_array())
    return text();
  std::string list = "[";
  for (const JsonNode &item : items) {
    if (list.size() > kLongest)
      break;
    list += (list.size() > 1 ? ", " : "") + item.shown();
  }
  return cut(list + "]");
}

namespace {

constexpr size_t kMaxDepth = 64;

/// What the library has read; for a number, one character more than it.
struct Position {
  int line = 1;
  char last = 0;
};

class CountingIterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char *;
  using reference = const char &;

  CountingIterator(const char *at, Position *position)
      : at(at), position(position) {}
  reference operator*() const { return *at; }
  CountingIterator &operator++() {
    position->last = *at++;
    position->line += position->last == '\n';
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator &other) const {
    return at == other.at;
  }
  bool operator!=(const CountingIterator &other) const {
    return at != other.at;
  }

private:
  const char *at;
  Position *position;
};

/// Blanks out what JSON has not, so that lines and columns stay: comments, and
/// commas behind the last member.
class Plain {
public:
  Plain(const std::string &text, JsonError &error) : text(text), error(error) {}

  std::string make() {
    for (; at < text.size(); ++at)
      if (!skipComment())
        step(text[at]);
    return std::move(text);
  }

private:
  bool isAt(std::string_view word) const {
    return std::string_view(text).substr(at, word.size()) == word;
  }

  /// Whether a comment was here; then `at` is its last character.
  bool skipComment() {
    if (inString)
      return false;
    const bool block = isAt("/*");
    if (!block && !isAt("//") && !isAt("#"))
      return false;
    const size_t end = block ? text.find("*/", at + 2) : text.find('\n', at);
    if (block && end == std::string::npos) {
      error.line = 1 + int(std::count(text.begin(), text.begin() + at, '\n'));
      error.text = "expects */ behind /*, but got the end of the file";
    }
    const size_t last = end == std::string::npos ? text.size() - 1
                        : block                  ? end + 1
                                                 : end - 1;
    for (; at < last; ++at)
      blank(at);
    blank(at);
    return true;
  }

  void blank(size_t place) {
    if (text[place] != '\n')
      text[place] = ' ';
  }

  void step(char c) {
    if (inString) {
      if (c == '\\')
        ++at; // what is quoted ends no string
      else if (c == '"')
        inString = false;
      return;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
      return;
    inString = c == '"';
    const bool ends = c == '}' || c == ']';
    if (ends && last == ',' && !std::strchr("[{,:", before))
      blank(comma);
    if (c == ',')
      comma = at;
    before = last;
    last = c;
  }

  std::string text;
  JsonError &error;
  size_t at = 0, comma = 0;
  bool inString = false;
  char before = '[', last = '['; ///< What was read, blanks and texts left out.
};

/// Builds the tree; the functions are the library's SAX interface.
class TreeBuilder {
public:
  TreeBuilder(JsonNode &root, JsonError &error, const Position &position)
      : error(error), position(position), next(&root) {}

  bool null() { return scalar(nullptr); }
  bool boolean(bool value) { return scalar(value); }
  bool number_integer(int64_t value) { return scalar(value); }
  bool number_unsigned(uint64_t value) { return scalar(value); }
  bool number_float(double value, const std::string &) { return scalar(value); }
  bool string(std::string &value) { return scalar(std::move(value)); }
  bool binary(json::binary_t &) { return false; } // not in text

  bool start_object(size_t) { return start(json::object()); }
  bool start_array(size_t) { return start(json::array()); }
  bool end_object() { return end(); }
  bool end_array() { return end(); }

  bool key(std::string &name) {
    auto [at, isNew] = open.back()->members.try_emplace(name);
    names.back() = name;
    if (!isNew) {
      error.line = position.line;
      error.text = "key '" + path() + "' is given twice, first in line " +
                   std::to_string(at->second.line) + "; remove one";
      return false;
    }
    next = &at->second;
    next->line = position.line;
    return true;
  }

  bool parse_error(size_t, const std::string &, const json::exception &what) {
    std::string text = what.what();
    error.line = position.line - (position.last == '\n');
    if (size_t at = text.find("line "); at != std::string::npos)
      error.line = std::atoi(text.c_str() + at + 5);
    if (size_t at = text.find("column "); at != std::string::npos) {
      error.column = std::atoi(text.c_str() + at + 7);
      at = text.find(": ", at);
      text = at == std::string::npos ? text : text.substr(at + 2);
    } else if (size_t end = text.find("] "); end != std::string::npos) {
      text = text.substr(end + 2);
    }
    for (char c : text) // may quote bytes that are no text
      error.text += static_cast<signed char>(c) < 0 ? '?' : c;
    return false;
  }

private:
  /// The place of the value that comes now.
  JsonNode &slot() {
    JsonNode *node = next;
    if (!node) { // an element of a list, which is open
      JsonNode &list = *open.back();
      node = &list.items.emplace_back();
      node->line = list.line;
    }
    next = nullptr;
    return *node;
  }

  bool scalar(json value) {
    slot().value = std::move(value);
    return true;
  }

  bool start(json empty) {
    if (open.size() == kMaxDepth) {
      error.line = position.line;
      error.text = "expects values nested at most 64 deep";
      return false;
    }
    JsonNode &node = slot();
    node.value = std::move(empty);
    open.push_back(&node);
    names.emplace_back();
    return true;
  }

  bool end() {
    open.pop_back();
    names.pop_back();
    return true;
  }

  std::string path() const {
    std::string path;
    for (const std::string &name : names)
      if (!name.empty())
        path += (path.empty() ? "" : ".") + printable(name);
    return path;
  }

  JsonError &error;
  const Position &position;
  JsonNode *next; ///< Null: the next element of the innermost list.
  std::vector<JsonNode *> open;
  std::vector<std::string> names; ///< The key at work in each open value.
};

} // namespace

std::string printable(const std::string &key) {
  const std::string text = dump(key);
  return text.substr(1, text.size() - 2);
}

JsonNode parseJson(const std::string &text, JsonError &error) {
  JsonNode root;
  const std::string plain = Plain(text, error).make();
  if (!error.text.empty())
    return root;
  Position position;
  TreeBuilder builder(root, error, position);
  const char *begin = plain.data(), *end = begin + plain.size();
  bool good = json::sax_parse(CountingIterator(begin, &position),
                              CountingIterator(end, &position), &builder);
  if (!good && error.text.empty())
    error.text = "expects JSON";
  return root;
}

} // namespace ds
