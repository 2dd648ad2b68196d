//===- RankRun.h - One rank from load to end ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_RANKRUN_H
#define DS_RUNTIME_EXEC_RANKRUN_H

#include "exec/Job.h"

namespace ds::rt {

/// Runs `rank` of the job to its end.  `observer` is told what happens if the
/// rank is 0; it may be null.
Status runRank(const Job &job, int rank, RunObserver *observer);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_RANKRUN_H
