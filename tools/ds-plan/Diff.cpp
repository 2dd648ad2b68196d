//===- Diff.cpp - The lines in which two texts differ ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cuts the common head and tail and finds a longest common subsequence of what
// is left.
//===--------------------------------------------------------------------===//
#include "Diff.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ds::rt {

namespace {

using Lines = std::vector<std::string_view>;
using LineSpan = std::span<const std::string_view>;
constexpr size_t kMaxCells = size_t(1) << 24;

Lines split(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1);
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

void append(std::string &out, const char *mark, std::string_view line) {
  out += mark;
  out += line;
  out += '\n';
}

/// common[i][j]: length of the longest common subsequence of a[i..], b[j..].
std::vector<uint32_t> commonLengths(LineSpan a, LineSpan b) {
  const size_t width = b.size() + 1;
  std::vector<uint32_t> common((a.size() + 1) * width);
  for (size_t i = a.size(); i-- > 0;)
    for (size_t j = b.size(); j-- > 0;)
      common[i * width + j] = a[i] == b[j]
                                  ? common[(i + 1) * width + j + 1] + 1
                                  : std::max(common[(i + 1) * width + j],
                                             common[i * width + j + 1]);
  return common;
}

std::string diffMiddle(LineSpan a, LineSpan b) {
  const size_t width = b.size() + 1;
  std::vector<uint32_t> common;
  if ((a.size() + 1) * width <= kMaxCells)
    common = commonLengths(a, b);
  std::string out;
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    if (!common.empty() && i < a.size() && j < b.size() && a[i] == b[j])
      ++i, ++j;
    else if (i < a.size() &&
             (common.empty() || j == b.size() ||
              common[(i + 1) * width + j] >= common[i * width + j + 1]))
      append(out, "- ", a[i++]);
    else
      append(out, "+ ", b[j++]);
  }
  return out;
}

} // namespace

std::string diffLines(const std::string &a, const std::string &b) {
  const Lines linesA = split(a), linesB = split(b);
  LineSpan x(linesA), y(linesB);
  while (!x.empty() && !y.empty() && x.front() == y.front())
    x = x.subspan(1), y = y.subspan(1);
  while (!x.empty() && !y.empty() && x.back() == y.back())
    x = x.first(x.size() - 1), y = y.first(y.size() - 1);
  return diffMiddle(x, y);
}

} // namespace ds::rt
