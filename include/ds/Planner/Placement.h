//===- Placement.h - Where buffers lie in an arena ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static placement: every buffer has a size and a time in which it lives; two
// buffers that live at the same time must not share a byte.  Sizes are bytes,
// times are unitless; intervals are half-open.
//===--------------------------------------------------------------------===//
#ifndef DS_PLANNER_PLACEMENT_H
#define DS_PLANNER_PLACEMENT_H

#include <cstdint>
#include <string>
#include <vector>

namespace ds {

struct PlacedBuffer {
  int64_t lower = 0; ///< First time at which it lives.
  int64_t upper = 0; ///< First time at which it no longer does.
  int64_t size = 0;  ///< Bytes.
};

struct Placement {
  std::vector<int64_t> offsets; ///< Bytes, one per buffer.
  int64_t height = 0;           ///< The first byte above all buffers.
  int64_t lowerBound = 0;       ///< Most bytes that live at one time.
};

/// Places `buffers` at multiples of `alignment`, as low as it finds.
///
/// The result satisfies validate().  Takes the best of a few greedy orders;
/// stops at the lower bound.  Deterministic.  O(n^2) time for n buffers.
Placement place(const std::vector<PlacedBuffer> &buffers, int64_t alignment);

/// Why `placement` is wrong, or an empty string.  Shares no code with place().
std::string validate(const std::vector<PlacedBuffer> &buffers,
                     const Placement &placement, int64_t alignment);

} // namespace ds

#endif // DS_PLANNER_PLACEMENT_H
