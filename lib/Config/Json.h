//===- Json.h - JSON with lines -----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_JSON_H
#define DS_LIB_CONFIG_JSON_H

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ds {

/// A value and the line of its key.
struct JsonNode {
  nlohmann::json value; ///< A scalar; an object or array here is empty.
  int line = 1;
  std::map<std::string, JsonNode> members;
  std::vector<JsonNode> items;

  /// Null and "auto" are as good as absent.
  bool given() const;
  /// For "but got ...": a scalar as JSON, cut when long; "an object".
  std::string text() const;
  /// As JSON, cut when long; an object is "{...}".
  std::string shown() const;
};

struct JsonError {
  int line = 1, column = 0; ///< Column 0: none.
  std::string text;         ///< Empty: no error.
};

/// A key as messages show it: control characters do not break their lines.
std::string printable(const std::string &key);

/// Parses JSON with the comments of HJSON (#, // and /* */) and commas behind
/// the last member.  Refuses duplicate keys.
JsonNode parseJson(const std::string &text, JsonError &error);

} // namespace ds

#endif // DS_LIB_CONFIG_JSON_H
