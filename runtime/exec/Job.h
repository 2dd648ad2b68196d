//===- Job.h - All that ranks share before they part --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Made by the launcher before the fork: the plan, its code, the arenas of all
// ranks, the data and the checkpoint, each checked.  Most mistakes of a user
// are found here, once, before any rank runs.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_JOB_H
#define DS_RUNTIME_EXEC_JOB_H

#include "backends/cpu/Binding.h"
#include "checkpoint/Checkpoint.h"
#include "data/DataSource.h"
#include "exec/Arena.h"
#include "exec/KernelCode.h"
#include "exec/Report.h"
#include "exec/Trace.h"

namespace ds::rt {

struct RunOptions {
  std::string data = "random:0";
  std::string load, save;
  std::string entry = "train";
  /// Instead of steps: a copy of the plan, for GPUs, with the fastest products.
  std::string tunedPlan;
  uint64_t steps = 10;
  uint64_t saveEvery = 0; ///< 0: at the end only.
  uint64_t seed = 0;
  double timeoutSeconds = 300;
  bool readsData = true; ///< false: the caller fills the inputs.
  bool hashState = false;
  bool bindCores = false;  ///< Each thread to a core of its own.
  bool profile = false;    ///< Report each kind of instruction.
  bool trace = false;      ///< Keep single events.
  double processStart = 0; ///< CLOCK_BOOTTIME seconds.
};

/// Seconds of CLOCK_BOOTTIME, now and when this process started.
double bootSeconds();
double processStartSeconds();

struct Job {
  LoadedPlan plan;
  RunOptions options;
  KernelCode code;
  std::vector<std::vector<Arena>> arenas; ///< By rank and arena.
  Control control;
  /// By rank of a plan for several GPUs: what ranks exchange goes through here
  /// if they share one.  No page of it is there before.
  std::vector<Arena> exchange;
  std::unique_ptr<DataSource> data; ///< Null unless `readsData`.
  std::optional<Checkpoint> checkpoint;
  TraceBuffer trace; ///< Empty unless asked for.
  Binding binding;   ///< Empty: threads go where the system puts them.

  static StatusOr<Job> prepare(LoadedPlan plan, RunOptions options);

  int world() const { return int(plan.plan().world()); }
  const plan::Program &program(int rank) const;
  /// The entry that runs, in the program of `rank`.
  const plan::Entry &entry(int rank) const;
  RankMemory memory(int rank) const;
  /// Where a rank is, in words: "at step 3, instruction 17 ('loss')".
  std::string whereabouts(int rank) const;
};

/// The inputs of an entry as the data source sees them.
std::vector<InputSpec> inputSpecs(const plan::Program &program,
                                  const plan::Entry &entry);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_JOB_H
