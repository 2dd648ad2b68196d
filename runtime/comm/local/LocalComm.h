//===- LocalComm.h - Collectives of the ranks of one machine ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A rank publishes the address of its operand, meets the others, and reads
// their memory directly: no copy into a mailbox, no buffer of our own.  Sums
// add ranks in ascending order, so results depend on nothing but values.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_LOCALCOMM_H
#define DS_RUNTIME_COMM_LOCAL_LOCALCOMM_H

#include "comm/local/Control.h"
#include "plan_generated.h"

namespace ds::rt {

/// One collective with its operands resolved; counts as in plan.fbs.
/// all_to_all: `count` elements go from each member to each member.
struct CollectiveOp {
  plan::CollectiveKind kind;
  plan::ReduceOp reduce;
  plan::DType dtype;
  uint64_t count;
  const std::byte *src;
  std::byte *dst;
  uint32_t group;
  uint32_t root;
};

/// Whether `run` can reduce values of this type.
bool canReduce(plan::DType dtype);
uint64_t bytesOf(plan::DType dtype);

/// The view that one rank has of the others.  Not thread-safe.
class LocalComm {
public:
  /// `spins`: rounds to spin before a wait sleeps.
  LocalComm(const Control &control, int rank, double timeoutSeconds,
            uint32_t spins)
      : control_(control), rank_(rank), timeout_(timeoutSeconds),
        spins_(spins) {}

  /// Spinning helps only while every thread of every rank has a core.
  static uint32_t spinRounds(int world, int threadsPerRank);

  int rank() const { return rank_; }
  const Control &control() const { return control_; }

  /// Returns when every member of `group` has come.  RankLost, naming those
  /// who did not, after the timeout.
  Status barrier(uint32_t group);
  Status barrier() { return barrier(control_.everyone()); }

  Status run(const CollectiveOp &op);
  /// Returns when the peer has the bytes.
  Status send(int peer, const void *data, uint64_t bytes);
  Status receive(int peer, void *data, uint64_t bytes);

  // The parts of them, for data that lies elsewhere than operands' addresses
  // say.

  /// Tells the members where this rank's operands are, and meets them.
  Status publish(const CollectiveOp &op);
  /// Where a member said that its operand is.
  const std::byte *source(uint32_t group, size_t member) const;
  const std::byte *result(uint32_t group, size_t member) const;
  size_t memberIndex(uint32_t group) const;
  /// The part of `count` elements that member `index` of `members` reduces, as
  /// [first, second); cut at cache lines.
  static std::pair<uint64_t, uint64_t> sliceOf(uint64_t count, size_t index,
                                               size_t members);
  /// What the peer sends, once it does; it is to be told when it was taken.
  StatusOr<const std::byte *> offered(int peer, uint64_t bytes);
  void taken(int peer);

private:
  Status allGather(const CollectiveOp &op);
  Status reduceScatter(const CollectiveOp &op);
  Status allReduce(const CollectiveOp &op);
  Status allReduceSmall(const CollectiveOp &op);
  Status broadcast(const CollectiveOp &op);
  Status allToAll(const CollectiveOp &op);
  void reduceRange(const CollectiveOp &op, uint64_t srcFirst, std::byte *dst,
                   uint64_t count) const;
  bool wait(WaitWord &word, uint32_t value) const;
  Status lost(uint32_t group) const;

  const Control &control_;
  int rank_;
  double timeout_;
  uint32_t spins_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_LOCALCOMM_H
