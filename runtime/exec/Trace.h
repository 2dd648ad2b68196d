//===- Trace.h - What ranks leave of when things happened ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One shared anonymous mapping of a fixed size, made before the fork.  Each
// rank writes its own part, and whoever lives on reads all of them: a rank that
// dies leaves what it did up to then.  Of a long run the first steps and the
// last ones are kept.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_TRACE_H
#define DS_RUNTIME_EXEC_TRACE_H

#include "base/Status.h"
#include "comm/local/Control.h"
#include "plan/Plan.h"

#include <cstdint>
#include <span>
#include <vector>

namespace ds::rt {

/// One instruction that ran.  Times are seconds of CLOCK_MONOTONIC, which all
/// processes of a machine share; an `end` of 0: it had not ended.
struct InstrEvent {
  double begin, end;
  uint32_t number;
};

/// What a rank did outside of steps.
struct PhaseEvent {
  double begin, end;
  Phase phase;
  uint64_t step;
};

/// One step: inputs in [begin, ran), instructions in [ran, outputs), then the
/// outputs; 0 for what it had not come to.
struct StepEvents {
  uint64_t step;
  double begin, ran, outputs, end;
  uint64_t events; ///< In the order they began; bodies follow their loops.
  uint64_t lost;   ///< Instructions for which there was no room.
};

/// The first and the last of a sequence, in a table of fixed size.
struct Kept {
  uint64_t first, last; ///< How many; `last` is at least 1.

  constexpr uint64_t size() const { return first + last; }
  /// Where number i of the sequence is put.
  constexpr uint64_t place(uint64_t i) const {
    return i < first ? i : first + (i - first) % last;
  }
  /// The numbers that are still there after `count` of them, ascending.
  std::vector<uint64_t> numbers(uint64_t count) const;
};

/// One rank's part.
struct RankTrace {
  static constexpr Kept kPhases{8, 24};
  uint64_t phaseCount = 0, stepCount = 0; ///< So far, kept or not.
  double bandwidth = 0; ///< Bytes a second, as measured at the end; or 0.
  PhaseEvent phases[kPhases.size()] = {};
  StepEvents steps[8] = {};
};

/// Owns the mapping; empty unless a trace was asked for.
class TraceBuffer {
public:
  TraceBuffer() = default;
  /// Room for `steps` steps of `perStep` instructions (the most of any rank)
  /// on each of `world` ranks, as far as `kMostEvents` allow.
  static StatusOr<TraceBuffer> create(int world, uint64_t perStep,
                                      uint64_t steps);
  TraceBuffer(TraceBuffer &&other) noexcept;
  TraceBuffer &operator=(TraceBuffer &&other) noexcept;
  ~TraceBuffer();

  explicit operator bool() const { return mapping_ != nullptr; }
  RankTrace &rank(int rank) const;
  const Kept &keptSteps() const { return kept_; }
  /// The events of a kept step, by its place; as many as there is room for.
  std::span<InstrEvent> events(int rank, uint64_t place) const;
  /// Resident bytes of one rank's part.
  uint64_t bytesPerRank() const { return bytesPerRank_; }

private:
  /// 3 MiB of a rank: less than a run may take besides its arenas.
  static constexpr uint64_t kMostEvents = uint64_t(1) << 17;

  Kept kept_{0, 1};
  int world_ = 0;
  uint64_t perStep_ = 0, bytesPerRank_ = 0;
  std::byte *mapping_ = nullptr;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_TRACE_H
