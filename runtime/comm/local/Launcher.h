//===- Launcher.h - The ranks of one machine as processes ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The launcher forks the ranks, a single one too, waits, and ends them all as
// soon as one is lost.  A rank ends with its launcher (PR_SET_PDEATHSIG);
// memory shared by ranks has no name, so nothing can be left behind.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_LAUNCHER_H
#define DS_RUNTIME_COMM_LOCAL_LAUNCHER_H

#include "comm/local/Control.h"

#include <functional>

namespace ds::rt {

/// From now on SIGINT, SIGTERM and SIGHUP (unless nohup has it ignored) end
/// this process with a message and code 128 + n.  For the time before
/// `runRanks`, when there is nothing yet to clean up.  `tool`: a literal.
void endOnSignals(const char *tool);

/// Runs `body(rank)` for every rank, in a process each.  Returns the first
/// error: RankLost when a rank died, ran out of memory, or was stopped or got
/// nothing done for `timeoutSeconds` (`whereabouts(rank)` says where it was);
/// code 128 + n when signal n asked to end.  Removes what is unfinished.
Status runRanks(const Control &control, double timeoutSeconds,
                const std::function<Status(int rank)> &body,
                const std::function<std::string(int rank)> &whereabouts);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_LAUNCHER_H
