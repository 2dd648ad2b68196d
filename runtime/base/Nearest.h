//===- Nearest.h - The known name closest to a mistyped one ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For messages of the form "unknown flag '--stpes'; did you mean '--steps'?".
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_NEAREST_H
#define DS_RUNTIME_BASE_NEAREST_H

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ds::rt {

/// Insertions, deletions and replacements that turn `a` into `b`.
inline size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t(0));
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// The name with the least distance to `word`, the first of equals; empty
/// when more than half of `word` would have to change.
inline std::string nearestName(std::string_view word,
                               std::span<const std::string> names) {
  std::string best;
  size_t least = word.size() / 2 + 1;
  for (const std::string &name : names)
    if (size_t distance = editDistance(word, name); distance < least) {
      least = distance;
      best = name;
    }
  return best;
}

/// "; did you mean 'x'?" or nothing, to end a message with.
inline std::string didYouMean(std::string_view word,
                              std::span<const std::string> names) {
  const std::string name = nearestName(word, names);
  return name.empty() ? "" : "; did you mean '" + name + "'?";
}

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_NEAREST_H
