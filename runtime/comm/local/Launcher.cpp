//===- Launcher.cpp - The ranks of one machine as processes -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/Launcher.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ds::rt {
namespace {

constexpr int kEndingSignals[] = {SIGINT, SIGTERM, SIGHUP};
volatile std::sig_atomic_t stopSignal = 0;

Status endedBySignal(int signal) {
  return Status(static_cast<Code>(128 + signal),
                "ended by signal " + std::to_string(signal) + " (" +
                    strsignal(signal) + ")");
}

void removeUnfinished(const Control &control) {
  std::string path = control.unfinished();
  std::error_code error;
  if (!path.empty())
    std::filesystem::remove_all(path, error);
}

Status runInProcess(const std::function<Status(int)> &body) {
  struct sigaction action = {};
  action.sa_handler = [](int signal) {
    // The second request does not wait for the instruction to end.
    if (stopSignal != 0)
      _exit(128 + signal);
    stopSignal = signal;
  };
  for (int signal : kEndingSignals)
    sigaction(signal, &action, nullptr);
  return body(0);
}

[[noreturn]] void runChild(const Control &control, int rank, pid_t launcher,
                           const sigset_t &mask,
                           const std::function<Status(int)> &body) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launcher)
    _exit(int(Code::RankLost));
  // Ctrl-C reaches the whole group: the launcher answers it for all.
  signal(SIGINT, SIG_IGN);
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  Status status = body(rank);
  if (!status.ok()) {
    RankSlot &slot = control.slot(rank);
    slot.code = int(status.code());
    std::strncpy(slot.message, status.message().c_str(),
                 sizeof(slot.message) - 1);
    slot.failed.store(1);
  }
  std::fflush(nullptr);
  _exit(int(status.code()));
}

class Launcher {
public:
  Launcher(const Control &control,
           const std::function<std::string(int)> &whereabouts)
      : control_(control), whereabouts_(whereabouts) {}

  Status run(const std::function<Status(int)> &body);

private:
  Status fork(const std::function<Status(int)> &body);
  Status wait();
  Status reap();
  Status explain(int rank, int exitStatus) const;
  void endAll();

  const Control &control_;
  const std::function<std::string(int)> &whereabouts_;
  std::vector<pid_t> running_; ///< 0: has ended.
  sigset_t waited_ = {}, before_ = {};
};

Status Launcher::fork(const std::function<Status(int)> &body) {
  pid_t launcher = getpid();
  running_.assign(control_.world(), 0);
  std::fflush(nullptr);
  for (int rank = 0; rank < control_.world(); ++rank) {
    pid_t pid = ::fork();
    if (pid == 0)
      runChild(control_, rank, launcher, before_, body);
    if (pid < 0)
      return inputError("cannot start rank %d: %s", rank, std::strerror(errno));
    running_[rank] = pid;
  }
  return {};
}

Status Launcher::explain(int rank, int exitStatus) const {
  RankSlot &slot = control_.slot(rank);
  if (WIFEXITED(exitStatus) && slot.failed.load())
    return Status(static_cast<Code>(slot.code), slot.message);
  std::string where = whereabouts_(rank);
  if (WIFSIGNALED(exitStatus))
    return rankLost("rank %d was ended by signal %d (%s) %s", rank,
                    WTERMSIG(exitStatus), strsignal(WTERMSIG(exitStatus)),
                    where.c_str());
  return rankLost("rank %d ended with exit code %d %s", rank,
                  WEXITSTATUS(exitStatus), where.c_str());
}

/// Collects the ranks that have ended; the first that failed is the answer.
Status Launcher::reap() {
  Status worst;
  for (size_t rank = 0; rank < running_.size(); ++rank) {
    int exitStatus = 0;
    if (running_[rank] == 0 ||
        waitpid(running_[rank], &exitStatus, WNOHANG) <= 0)
      continue;
    running_[rank] = 0;
    if (WIFEXITED(exitStatus) && WEXITSTATUS(exitStatus) == 0)
      continue;
    Status status = explain(int(rank), exitStatus);
    // A rank that waited in vain says less than the one it waited for.
    if (worst.ok() || control_.slot(int(rank)).code != int(Code::RankLost))
      worst = status;
  }
  return worst;
}

void Launcher::endAll() {
  for (pid_t pid : running_)
    if (pid != 0)
      kill(pid, SIGKILL);
  for (pid_t &pid : running_) {
    while (pid != 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid = 0;
  }
}

Status Launcher::wait() {
  for (;;) {
    DS_RT_RETURN_IF_ERROR(reap());
    bool any = false;
    for (pid_t pid : running_)
      any = any || pid != 0;
    if (!any)
      return {};
    int signal = sigwaitinfo(&waited_, nullptr);
    if (signal > 0 && signal != SIGCHLD)
      return endedBySignal(signal);
  }
}

Status Launcher::run(const std::function<Status(int)> &body) {
  sigemptyset(&waited_);
  sigaddset(&waited_, SIGCHLD);
  for (int signal : kEndingSignals)
    sigaddset(&waited_, signal);
  sigprocmask(SIG_BLOCK, &waited_, &before_);
  Status status = fork(body);
  if (status.ok())
    status = wait();
  endAll();
  if (!status.ok())
    removeUnfinished(control_);
  return status;
}

} // namespace

Status checkStopSignal() {
  if (stopSignal == 0) [[likely]]
    return {};
  return endedBySignal(stopSignal);
}

Status runRanks(const Control &control,
                const std::function<Status(int rank)> &body,
                const std::function<std::string(int rank)> &whereabouts) {
  if (control.world() == 1)
    return runInProcess(body);
  return Launcher(control, whereabouts).run(body);
}

} // namespace ds::rt
