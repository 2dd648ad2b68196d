//===- Control.h - What the ranks of one machine share ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One shared anonymous mapping, made before the fork: where each rank is,
// barriers of the groups, channels of the pairs, and what rank 0 reports for
// all.  It holds no pointer but those into memory mapped before the fork,
// which are the same in every rank.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_CONTROL_H
#define DS_RUNTIME_COMM_LOCAL_CONTROL_H

#include "base/Status.h"
#include "comm/local/Futex.h"

#include <cstddef>
#include <vector>

namespace ds::rt {

/// Where a rank is.  Inputs, Step and Report: before, inside and after the
/// instructions of a step.
enum class Phase : uint32_t {
  Load,
  Initialize,
  Restore,
  Inputs,
  Step,
  Report,
  Save,
  End
};
inline bool hasInstruction(Phase phase) {
  return phase >= Phase::Inputs && phase <= Phase::Report;
}

/// How a rank's process ended, as far as it could say so itself.
enum class Ending : uint32_t { None, Error, NoMemory };

inline constexpr int kMaxArenas = 8;   ///< Of one rank.
inline constexpr int kMaxOutputs = 16; ///< Of one entry.

/// What one rank tells the others and the launcher.
struct alignas(64) RankSlot {
  std::atomic<uint32_t> phase{0};
  std::atomic<uint32_t> instruction{0};
  std::atomic<uint64_t> step{0};
  /// Grows with each instruction, phase and wait that ends.
  std::atomic<uint64_t> progress{0};
  std::atomic<uint32_t> waiting{0}; ///< For another rank, which is at fault.
  std::atomic<const void *> source{nullptr}; ///< Operands of a collective.
  std::atomic<const void *> result{nullptr};
  std::atomic<uint64_t> planHash{0};

  alignas(64) uint64_t peakRss = 0;
  uint64_t stateHash = 0;
  uint64_t libraryBytes = 0;
  bool captured = false; ///< Its step is a graph.
  uint64_t measuredBytes[kMaxArenas] = {};
  double outputs[kMaxOutputs] = {};

  std::atomic<Ending> ending{Ending::None}; ///< Set after code and message.
  int code = 0;
  char message[4096] = {};

  void advance() {
    progress.store(progress.load(std::memory_order_relaxed) + 1,
                   std::memory_order_relaxed);
  }
  void enter(Phase next) {
    phase.store(uint32_t(next), std::memory_order_relaxed);
    advance();
  }
};

/// A rendezvous of the members of one group.
struct alignas(64) GroupBarrier {
  WaitWord generation;
  std::atomic<uint32_t> arrived{0};
};

/// A rendezvous of one sender and one receiver: 0 empty, 1 offered.
struct alignas(64) Channel {
  WaitWord offered;
  const void *data = nullptr;
  uint64_t bytes = 0;
};

/// Owns the mapping.  `groups` excludes the group of all, which is added last.
class Control {
public:
  static StatusOr<Control> create(std::vector<std::vector<uint32_t>> groups,
                                  int world);
  Control(Control &&other) noexcept;
  Control &operator=(Control &&other) noexcept;
  ~Control();

  int world() const { return world_; }
  uint64_t bytes() const { return bytes_; }
  /// The group of all ranks.
  uint32_t everyone() const { return uint32_t(groups_.size()) - 1; }
  const std::vector<uint32_t> &group(uint32_t index) const {
    return groups_[index];
  }

  RankSlot &slot(int rank) const { return slots_[rank]; }
  /// Where a rank is, in words: "at step 3, instruction 17".
  std::string whereabouts(int rank) const;
  GroupBarrier &barrier(uint32_t group) const { return barriers_[group]; }
  /// How many barriers of `group` the rank has come to.
  std::atomic<uint32_t> &arrivals(uint32_t group, int rank) const {
    return arrivals_[size_t(group) * world_ + rank];
  }
  Channel &channel(int from, int to) const {
    return channels_[size_t(from) * world_ + to];
  }
  /// Where a group's first member leaves for the others by what a library of
  /// collectives knows the group.
  static constexpr size_t kGroupIdBytes = 128;
  char *groupId(uint32_t group) const {
    return groupIds_ + group * kGroupIdBytes;
  }
  /// A file or folder that is being written, or nothing: whoever ends the run
  /// removes it.
  std::string unfinished() const { return unfinished_; }
  void setUnfinished(const std::string &path) const;

private:
  Control() = default;
  std::vector<std::vector<uint32_t>> groups_;
  int world_ = 0;
  uint64_t bytes_ = 0;
  void *mapping_ = nullptr;
  RankSlot *slots_ = nullptr;
  GroupBarrier *barriers_ = nullptr;
  Channel *channels_ = nullptr;
  std::atomic<uint32_t> *arrivals_ = nullptr;
  char *groupIds_ = nullptr;
  static constexpr size_t kPathBytes = 4096;
  char *unfinished_ = nullptr;
};

/// A Status with Code::RankLost.
[[gnu::format(printf, 1, 2)]] Status rankLost(const char *format, ...);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_CONTROL_H
