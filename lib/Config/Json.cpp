//===- Json.cpp - JSON with lines ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's events have no positions, so it reads through an iterator that
// counts lines.  A key's event comes right behind its last quote: its line is
// exact.
//===--------------------------------------------------------------------===//

#include "Json.h"

#include <cstdlib>
#include <iterator>

using nlohmann::json;

namespace ds {

bool JsonNode::given() const { return !value.is_null() && value != "auto"; }

std::string JsonNode::text() const {
  if (value.is_object())
    return "an object";
  if (value.is_array())
    return "a list of " + std::to_string(items.size());
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
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
  using nlohmann::json;
  std::string text =
      json(key).dump(-1, ' ', true, json::error_handler_t::replace);
  return text.substr(1, text.size() - 2);
}

JsonNode parseJson(const std::string &text, JsonError &error) {
  JsonNode root;
  Position position;
  TreeBuilder builder(root, error, position);
  const char *begin = text.data(), *end = begin + text.size();
  bool good = json::sax_parse(CountingIterator(begin, &position),
                              CountingIterator(end, &position), &builder,
                              json::input_format_t::json, /*strict=*/true,
                              /*ignore_comments=*/true);
  if (!good && error.text.empty())
    error.text = "expects JSON";
  return root;
}

} // namespace ds
