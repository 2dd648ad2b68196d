//===- Rank.h - One rank with its memory --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every way of running a plan does with a rank: connect, make the state,
// settle, then run entries and save.  ds-run does it in a process of its own
// for each rank (RankRun), the C interface in the caller's process (Session).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_RANK_H
#define DS_RUNTIME_EXEC_RANK_H

#include "exec/Backend.h"

namespace ds::rt {

/// Not thread-safe: one thread, which owns the team, calls it.
class Rank {
public:
  /// `job` outlives it.
  Rank(const Job &job, int rank);

  /// Enters a phase; returns the time of it.
  double enter(Phase phase);

  /// Compares plans with the other ranks and opens what runs the program.
  Status connect();
  /// Puts the state's values where they belong: those of `checkpoint`, which
  /// may be null, and for what it lacks the initial ones of `seed`.  Memory of
  /// the state is as zero as it was mapped.
  Status makeState(const Checkpoint *checkpoint, uint64_t seed);
  /// Makes all memory resident, fills in the constants and prepares `entry`.
  Status settle(const plan::Entry &entry);

  /// Whether `source` has another step; waits until it says so.
  StatusOr<bool> next(DataSource &source) const;
  /// Before the inputs of step `step` of an entry; returns the time of it.
  double begin(const plan::Entry &entry, uint64_t step);
  /// Fills the inputs of a step from `source`; `specs` are those of `entry`.
  Status readInputs(DataSource &source, const plan::Entry &entry,
                    const std::vector<InputSpec> &specs, uint64_t step) const;
  /// Runs an entry of the rank's program, whose inputs are in place.
  Status run(const plan::Entry &entry);
  /// Writes FOLDER/step-<done>, together with the other ranks.
  Status save(const std::string &folder, uint64_t done);

  Backend &backend() const { return *backend_; }
  const RankMemory &memory() const { return backend_->memory(); }
  /// Once it is connected.
  const std::vector<StatePiece> &pieces() const { return pieces_; }
  RankSlot &slot() const { return slot_; }
  LocalComm &comm() { return comm_; }
  Recorder &recorder() { return recorder_; }

private:
  Status comparePlans();
  Status copyConstants();

  const Job &job_;
  int rank_;
  RankSlot &slot_;
  LocalComm comm_;
  Recorder recorder_;
  std::unique_ptr<Backend> backend_;
  std::vector<StatePiece> pieces_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_RANK_H
