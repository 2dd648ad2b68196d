//===- Launcher.h - The ranks of one machine as processes ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The launcher forks the ranks, waits, and ends them all as soon as one is
// lost.  A rank ends with its launcher (PR_SET_PDEATHSIG); memory shared by
// ranks has no name, so nothing can be left behind.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_LAUNCHER_H
#define DS_RUNTIME_COMM_LOCAL_LAUNCHER_H

#include "comm/local/Control.h"

#include <functional>

namespace ds::rt {

/// Runs `body(rank)` for every rank: in this process if there is one rank,
/// else in a process each.  Returns the first error; RankLost when a rank died
/// (`whereabouts(rank)` says where it was); code 128 + n when signal n asked
/// to end.  Removes what is unfinished.
Status runRanks(const Control &control,
                const std::function<Status(int rank)> &body,
                const std::function<std::string(int rank)> &whereabouts);

/// OK, or code 128 + n once signal n has asked this process to end.  Cheap.
Status checkStopSignal();

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_LAUNCHER_H
