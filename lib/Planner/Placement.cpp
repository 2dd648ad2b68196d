//===- Placement.cpp - Greedy placement in several orders ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One buffer after the other goes into the lowest gap among the placed ones
// that live at the same time.  The order decides: large first is near the
// lower bound for programs of layers; others are tried where it is not.
//===--------------------------------------------------------------------===//

#include "ds/Planner/Placement.h"

#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <tuple>

namespace ds {
namespace {

using Order = std::function<bool(const PlacedBuffer &, const PlacedBuffer &)>;

int64_t alignUp(int64_t value, int64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

bool liveTogether(const PlacedBuffer &a, const PlacedBuffer &b) {
  return a.lower < b.upper && b.lower < a.upper;
}

int64_t lowerBound(const std::vector<PlacedBuffer> &buffers,
                   int64_t alignment) {
  std::map<int64_t, int64_t> changes;
  for (const PlacedBuffer &buffer : buffers) {
    changes[buffer.lower] += alignUp(buffer.size, alignment);
    changes[buffer.upper] -= alignUp(buffer.size, alignment);
  }
  int64_t live = 0, most = 0;
  for (auto [time, change] : changes)
    most = std::max(most, live += change);
  return most;
}

/// Places in the given order; `placed` is kept sorted by offset.
Placement placeInOrder(const std::vector<PlacedBuffer> &buffers,
                       const std::vector<size_t> &order, int64_t alignment) {
  Placement result;
  result.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed;
  for (size_t index : order) {
    const PlacedBuffer &buffer = buffers[index];
    int64_t offset = 0;
    for (size_t other : placed) {
      if (!liveTogether(buffer, buffers[other]))
        continue;
      if (offset + buffer.size <= result.offsets[other])
        break; // the gap below `other` is large enough
      offset =
          std::max(offset, alignUp(result.offsets[other] + buffers[other].size,
                                   alignment));
    }
    result.offsets[index] = offset;
    result.height = std::max(result.height, offset + buffer.size);
    auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                               [&](int64_t value, size_t other) {
                                 return value < result.offsets[other];
                               });
    placed.insert(at, index);
  }
  result.height = alignUp(result.height, alignment);
  return result;
}

} // namespace

Placement place(const std::vector<PlacedBuffer> &buffers, int64_t alignment) {
  const int64_t bound = lowerBound(buffers, alignment);
  auto duration = [](const PlacedBuffer &b) { return b.upper - b.lower; };
  int64_t longest = 0;
  for (const PlacedBuffer &buffer : buffers)
    longest = std::max(longest, duration(buffer));
  const Order orders[] = {
      [&](const auto &a, const auto &b) {
        return std::pair(-a.size, -duration(a)) <
               std::pair(-b.size, -duration(b));
      },
      [&](const auto &a, const auto &b) {
        return std::pair(-duration(a), -a.size) <
               std::pair(-duration(b), -b.size);
      },
      [&](const auto &a, const auto &b) {
        return double(a.size) * double(duration(a)) >
               double(b.size) * double(duration(b));
      },
      [&](const auto &a, const auto &b) {
        return std::pair(a.lower, -a.size) < std::pair(b.lower, -b.size);
      },
      // No gaps between what is there all the time.
      [&](const auto &a, const auto &b) {
        return std::tuple(duration(a) < longest, -a.size, -duration(a)) <
               std::tuple(duration(b) < longest, -b.size, -duration(b));
      }};
  Placement best;
  for (const Order &before : orders) {
    std::vector<size_t> order(buffers.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return before(buffers[a], buffers[b]);
    });
    Placement candidate = placeInOrder(buffers, order, alignment);
    if (best.offsets.empty() || candidate.height < best.height)
      best = std::move(candidate);
    if (best.height <= bound)
      break;
  }
  best.lowerBound = bound;
  return best;
}

std::string validate(const std::vector<PlacedBuffer> &buffers,
                     const Placement &placement, int64_t alignment) {
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int64_t begin = placement.offsets[i], end = begin + buffers[i].size;
    if (begin < 0 || begin % alignment != 0 || end > placement.height)
      return "buffer " + std::to_string(i) + " lies outside or is not aligned";
    for (size_t j = 0; j < i; ++j) {
      const int64_t other = placement.offsets[j];
      const bool apart = buffers[j].upper <= buffers[i].lower ||
                         buffers[i].upper <= buffers[j].lower ||
                         other + buffers[j].size <= begin || end <= other;
      if (!apart)
        return "buffers " + std::to_string(j) + " and " + std::to_string(i) +
               " overlap";
    }
  }
  return {};
}

} // namespace ds
