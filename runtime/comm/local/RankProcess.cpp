//===- RankProcess.cpp - One rank as a process --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/RankProcess.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <sys/prctl.h>
#include <unistd.h>

namespace ds::rt {
namespace {

RankSlot *ownSlot = nullptr;

/// Ends the rank where memory ran out, whatever thread that is: an exception
/// could not pass through a library's frames, and there is nothing that this
/// rank could do without.  The launcher says where it was.
[[noreturn]] void endWithoutMemory() {
  ownSlot->ending.store(Ending::NoMemory);
  _exit(int(Code::RankLost));
}

Status runBody(int rank, const std::function<Status(int)> &body) {
  try { // ours throw nothing; the C++ library does
    return body(rank);
  } catch (const std::bad_alloc &) {
    endWithoutMemory();
  } catch (const std::exception &error) {
    return internalError("rank %d: %s", rank, error.what());
  }
}

void leaveMessage(RankSlot &slot, const Status &status) {
  size_t bytes = std::min(status.message().size(), sizeof(slot.message) - 1);
  std::memcpy(slot.message, status.message().data(), bytes);
  slot.message[bytes] = '\0';
  slot.code = int(status.code());
  slot.ending.store(Ending::Error);
}

} // namespace

sigset_t endingSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  struct sigaction action;
  if (sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler != SIG_IGN)
    sigaddset(&set, SIGHUP);
  return set;
}

void runRankProcess(const Control &control, int rank, pid_t launcher,
                    const sigset_t &mask,
                    const std::function<Status(int)> &body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher)
    _exit(int(Code::RankLost));
  // A terminal tells the whole group: the launcher answers for all.
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  ownSlot = &control.slot(rank);
  std::set_new_handler(endWithoutMemory);
  Status status = runBody(rank, body);
  if (!status.ok())
    leaveMessage(*ownSlot, status);
  std::fflush(nullptr);
  _exit(int(status.code()));
}

} // namespace ds::rt
