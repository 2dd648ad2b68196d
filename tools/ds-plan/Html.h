//===- Html.h - Writing a page --------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the parts of `ds-plan report` write with.  Whatever a plan or a trace
// says goes through `escaped`; the formats themselves are literals.
//===----------------------------------------------------------------------===//
#ifndef DS_TOOLS_DS_PLAN_HTML_H
#define DS_TOOLS_DS_PLAN_HTML_H

#include "base/Status.h"

#include <string>
#include <string_view>

namespace ds::rt {

/// `text` as characters of a page, in an attribute too.
inline std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text)
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      result += c;
    }
  return result;
}

class Html {
public:
  /// printf; arguments that come from a file are escaped by the caller.
  [[gnu::format(printf, 2, 3)]] void put(const char *format, ...) {
    va_list args;
    va_start(args, format);
    text_ += vformat(format, args);
    va_end(args);
  }
  /// A row of a table: the first cell as a name, the others as numbers.
  template <typename... Cells>
  void row(const std::string &name, const Cells &...cells) {
    text_ += "<tr><td>" + escaped(name);
    ((text_ += "<td class=n>" + escaped(cells)), ...);
    text_ += "\n";
  }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
};

} // namespace ds::rt

#endif // DS_TOOLS_DS_PLAN_HTML_H
