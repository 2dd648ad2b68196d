//===- Recency.cpp - How long ago were bytes touched? -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Cost/Recency.h"

#include <algorithm>

namespace ds {

void Recency::touch(
    uint64_t begin, uint64_t end,
    const std::function<void(uint64_t bytes, uint64_t distance)> &part) {
  if (begin >= end)
    return;
  uint64_t found = 0, depth = 0;
  std::vector<Range> rest; // the latest first, to be turned around
  for (size_t i = ranges.size(); i-- > 0;) {
    const Range range = ranges[i];
    depth += range.bytes();
    const Range common{std::max(begin, range.begin), std::min(end, range.end)};
    if (common.begin >= common.end) {
      rest.push_back(range);
      continue;
    }
    found += common.bytes();
    part(common.bytes(), std::min(depth, horizon));
    if (common.end < range.end)
      rest.push_back({common.end, range.end});
    if (range.begin < common.begin)
      rest.push_back({range.begin, common.begin});
  }
  if (found < end - begin)
    part(end - begin - found, horizon);
  // What no cache holds behind these bytes need not be known.
  uint64_t kept = end - begin;
  size_t count = 0;
  while (count < rest.size() && kept < horizon)
    kept += rest[count++].bytes();
  rest.resize(count);
  ranges.assign(rest.rbegin(), rest.rend());
  ranges.push_back({begin, end});
}

} // namespace ds
