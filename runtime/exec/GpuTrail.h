//===- GpuTrail.h - How far a GPU has come in a step --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GPU tells of an error later, and not where it was.  So each stream writes a
// number into memory of the host now and then: what comes after the last one is
// at fault, unless it still waits for another stream.  Around an exchange it
// writes in any case: who is in one waits for other ranks, and nobody else.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_GPUTRAIL_H
#define DS_RUNTIME_EXEC_GPUTRAIL_H

#include "exec/GpuStreams.h"

namespace ds::rt {

class GpuTrail {
public:
  /// `words`: 4 bytes for each stream that both can use.
  GpuTrail(const cuda::Device &device, std::byte *words)
      : device_(device), words_(reinterpret_cast<volatile uint32_t *>(words)) {}

  /// A step is enqueued anew; each stream writes after `every` instructions.
  void begin(uint32_t every);
  /// Instruction `number` is enqueued next, behind `needs`.
  cuda::Result begins(uint32_t number, size_t stream, bool isExchange,
                      const StreamCounts &needs);
  /// It was enqueued.
  cuda::Result ends(size_t stream);

  /// What was enqueued is about to run.
  void start() {
    for (size_t stream = 0; stream < kStreams; ++stream)
      words_[stream] = 0;
  }
  /// Whether streams write numbers at all.
  bool works() const { return works_; }
  /// Grows whenever more is known to be done.
  uint32_t done() const {
    uint32_t all = 0;
    for (size_t stream = 0; stream < kStreams; ++stream)
      all += words_[stream];
    return all;
  }
  /// By stream: the numbers of those of which one is running, or is at fault;
  /// where none can be, of the next one.
  std::array<std::vector<uint32_t>, kStreams> running() const;
  /// Whether a stream is in an exchange, as far as that is known.
  bool isExchanging() const;

private:
  struct Entry {
    uint32_t number;
    bool isExchange;
    StreamCounts needs;
  };
  /// Of a stream's entries those of which one may be running.
  struct Range {
    size_t first, end;
    size_t mostDone; ///< Surely no more are done.
  };
  Range rangeOf(size_t stream) const;
  bool isBlocked(const Entry &entry,
                 const std::array<Range, kStreams> &ranges) const;
  cuda::Result write(size_t stream, uint32_t word);

  const cuda::Device &device_;
  /// Twice the number of entries that are done, and one more in an exchange.
  volatile uint32_t *words_;
  /// By stream, in the order of their execution.
  std::array<std::vector<Entry>, kStreams> entries_;
  uint32_t every_ = 1;
  bool works_ = true;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUTRAIL_H
