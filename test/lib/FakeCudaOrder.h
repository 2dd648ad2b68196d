//===- FakeCudaOrder.h - What on one stream comes behind another --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A clock for each stream: how many operations of every other one are surely
// done when its next one runs.  Events carry clocks from stream to stream, and
// the host's own grows when it sees a stream idle.  Whoever touches what an
// operation of another stream touches, and one of both writes, must know that
// it is done.
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_LIB_FAKECUDAORDER_H
#define DS_TEST_LIB_FAKECUDAORDER_H

#include "FakeCuda.h"

#include <algorithm>
#include <map>

namespace fake {

struct Clock {
  std::map<int, uint64_t> numbers; ///< By stream: of the last operation done.

  void raise(const Clock &by) {
    for (auto [stream, number] : by.numbers)
      numbers[stream] = std::max(numbers[stream], number);
  }
};

class Order {
public:
  /// An operation is put on a stream with this clock.
  void add(const char *function, int stream, Clock &clock,
           const std::vector<Range> &ranges) {
    clock.raise(host_);
    const uint64_t number = ++clock.numbers[stream];
    for (const Range &range : ranges)
      check({range, stream, number, function}, clock);
    for (const Range &range : ranges)
      accesses_.push_back({range, stream, number, function});
  }
  /// The host sees that all of a stream is done.
  void seen(const Clock &clock) {
    host_.raise(clock);
    std::erase_if(accesses_, [&](const Access &access) {
      return host_.numbers[access.stream] >= access.number;
    });
  }

private:
  struct Access {
    Range range;
    int stream;
    uint64_t number;
    const char *function;
  };
  void check(const Access &access, Clock &clock) const {
    const Range &range = access.range;
    for (const Access &other : accesses_)
      if (other.stream != access.stream &&
          (other.range.writes || range.writes) &&
          other.range.at < range.at + range.bytes &&
          range.at < other.range.at + other.range.bytes &&
          clock.numbers[other.stream] < other.number)
        violation("%s: stream %d %s %s at 0x%llx, while %s on stream %d may "
                  "still %s it",
                  access.function, access.stream,
                  range.writes ? "writes" : "reads", range.what, range.at,
                  other.function, other.stream,
                  other.range.writes ? "write" : "read");
  }

  std::vector<Access> accesses_; ///< Of which the host has not seen the end.
  Clock host_;
};

} // namespace fake

#endif // DS_TEST_LIB_FAKECUDAORDER_H
