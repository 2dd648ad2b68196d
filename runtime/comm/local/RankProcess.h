//===- RankProcess.h - One rank as a process ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_COMM_LOCAL_RANKPROCESS_H
#define DS_RUNTIME_COMM_LOCAL_RANKPROCESS_H

#include "comm/local/Control.h"

#include <csignal>
#include <functional>
#include <sys/types.h>

namespace ds::rt {

/// The signals that ask a run to end: SIGINT, SIGTERM, and SIGHUP unless it is
/// ignored (nohup).
sigset_t endingSignals();

/// What the process of a rank does, from the fork to its end: runs the body
/// and leaves in the rank's slot why it ended, if it can.  `mask`: the signals
/// that were blocked before the launcher began.
[[noreturn]] void runRankProcess(const Control &control, int rank,
                                 pid_t launcher, const sigset_t &mask,
                                 const std::function<Status(int)> &body);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_RANKPROCESS_H
