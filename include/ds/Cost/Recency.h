//===- Recency.h - How long ago were bytes touched? ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The question that decides which cache they come from.  A list of address
// ranges, the latest first: the distance of a byte is the number of distinct
// bytes touched since, with its own range, which is what a cache that drops the
// least recently used must hold for the byte to be still there.
//===--------------------------------------------------------------------===//
#ifndef DS_COST_RECENCY_H
#define DS_COST_RECENCY_H

#include <cstdint>
#include <functional>
#include <vector>

namespace ds {

class Recency {
public:
  /// Ranges are forgotten behind `horizon` bytes of later ones: what is farther
  /// away counts as `horizon`.
  explicit Recency(uint64_t horizon) : horizon(horizon) {}

  /// Touches [begin, end).  Calls `part(bytes, distance)` for pieces that
  /// cover it, each with what its bytes' distance was.
  void
  touch(uint64_t begin, uint64_t end,
        const std::function<void(uint64_t bytes, uint64_t distance)> &part);

private:
  struct Range {
    uint64_t begin, end;
    uint64_t bytes() const { return end - begin; }
  };
  std::vector<Range> ranges; ///< Apart from each other, the latest last.
  uint64_t horizon;
};

} // namespace ds

#endif // DS_COST_RECENCY_H
