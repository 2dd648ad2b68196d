//===- GpuTrail.cpp - How far a GPU has come in a step ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuTrail.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

void GpuTrail::begin(uint32_t every) {
  for (std::vector<Entry> &entries : entries_)
    entries.clear();
  every_ = every;
}

Result GpuTrail::write(size_t stream, uint32_t word) {
  if (!works_)
    return kSuccess;
  const Result result = device_.driver().writeValue(
      device_.stream(stream),
      addressOf(const_cast<uint32_t *>(words_ + stream)), word, 0);
  // Some shared GPUs cannot, or drivers not in a graph, where nothing more can
  // be captured then; without words less is known.
  works_ = result != kNotSupported && result != kCaptureUnsupported;
  return result == kNotSupported ? kSuccess : result;
}

Result GpuTrail::begins(uint32_t number, size_t stream, bool isExchange,
                        const StreamCounts &needs) {
  std::vector<Entry> &entries = entries_[stream];
  entries.push_back({number, isExchange, needs});
  return isExchange ? write(stream, uint32_t(2 * entries.size() - 1))
                    : kSuccess;
}

Result GpuTrail::ends(size_t stream) {
  const std::vector<Entry> &entries = entries_[stream];
  return entries.size() % every_ == 0 || entries.back().isExchange
             ? write(stream, uint32_t(2 * entries.size()))
             : kSuccess;
}

GpuTrail::Range GpuTrail::rangeOf(size_t stream) const {
  const std::vector<Entry> &entries = entries_[stream];
  if (!works_)
    return {0, entries.size(), entries.size()};
  const uint32_t word = words_[stream];
  const size_t first = std::min<size_t>(word / 2, entries.size());
  if (word % 2)
    return {first, first + 1, first};
  // Up to the next word, or to an exchange that has not begun.
  for (size_t i = first; i < entries.size(); ++i) {
    if (entries[i].isExchange)
      return {first, i, i};
    if ((i + 1) % every_ == 0)
      return {first, i + 1, i};
  }
  return {first, entries.size(), entries.size()};
}

bool GpuTrail::isBlocked(const Entry &entry,
                         const std::array<Range, kStreams> &ranges) const {
  for (size_t stream = 0; stream < kStreams; ++stream)
    if (entry.needs[stream] > ranges[stream].mostDone)
      return true;
  return false;
}

std::array<std::vector<uint32_t>, kStreams> GpuTrail::running() const {
  std::array<Range, kStreams> ranges;
  for (size_t stream = 0; stream < kStreams; ++stream)
    ranges[stream] = rangeOf(stream);
  // What waits for what waits is found in a round of its own.
  for (size_t round = 0; round < kStreams; ++round)
    for (size_t stream = 0; stream < kStreams; ++stream) {
      Range &range = ranges[stream];
      for (size_t i = range.first; i < range.end; ++i)
        if (isBlocked(entries_[stream][i], ranges))
          range.end = range.mostDone = i;
    }
  std::array<std::vector<uint32_t>, kStreams> numbers;
  bool any = false;
  for (size_t stream = 0; stream < kStreams; ++stream)
    for (size_t i = ranges[stream].first; i < ranges[stream].end; ++i) {
      numbers[stream].push_back(entries_[stream][i].number);
      any = true;
    }
  for (size_t stream = 0; stream < kStreams && !any; ++stream)
    if (ranges[stream].first < entries_[stream].size()) {
      numbers[stream] = {entries_[stream][ranges[stream].first].number};
      any = true;
    }
  return numbers;
}

bool GpuTrail::isExchanging() const {
  for (size_t stream = 0; stream < kStreams; ++stream)
    if (works_ ? words_[stream] % 2 != 0
               : std::ranges::any_of(entries_[stream], &Entry::isExchange))
      return true;
  return false;
}

} // namespace ds::rt
