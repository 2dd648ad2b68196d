//===- Launcher.cpp - The ranks of one machine as processes -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/Launcher.h"
#include "base/Clock.h"
#include "comm/local/RankProcess.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <sys/wait.h>
#include <unistd.h>

namespace ds::rt {
namespace {

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

timespec durationOf(double seconds) {
  double whole = std::floor(seconds);
  return {time_t(whole), long((seconds - whole) * 1e9)};
}

/// What is known of a signal's usual cause, to be appended.
const char *hintFor(int signal) {
  if (signal == SIGKILL)
    return "; if nobody did that, the machine ran out of memory";
  if (signal == SIGBUS)
    return "; the machine could not supply the memory or the page of a file";
  return "";
}

/// One rank as the launcher sees it.
struct Child {
  pid_t pid = 0; ///< 0: has ended.
  bool stopped = false;
  uint64_t progress = 0;
  double idle = 0; ///< Seconds without progress.
};

class Launcher {
public:
  Launcher(const Control &control, double timeoutSeconds,
           const std::function<std::string(int)> &whereabouts)
      : control_(control), timeout_(timeoutSeconds),
        slice_(std::min(0.25, timeoutSeconds / 4)), whereabouts_(whereabouts),
        children_(control.world()) {}

  Status run(const std::function<Status(int)> &body);

private:
  Status fork(const std::function<Status(int)> &body);
  Status wait();
  Status reap();
  Status explain(int rank, int exitStatus);
  Status explainSignal(int rank, int signal);
  Status findStuck(double seconds);
  Status stuck(int rank) const;
  bool anyRuns() const;
  void endAll();

  const Control &control_;
  double timeout_, slice_;
  const std::function<std::string(int)> &whereabouts_;
  std::vector<Child> children_;
  sigset_t waited_ = {}, before_ = {};
};

Status Launcher::fork(const std::function<Status(int)> &body) {
  pid_t launcher = getpid();
  std::fflush(nullptr);
  for (int rank = 0; rank < control_.world(); ++rank) {
    pid_t pid = ::fork();
    if (pid == 0)
      runRankProcess(control_, rank, launcher, before_, body);
    if (pid < 0)
      return inputError("cannot start rank %d: %s", rank, std::strerror(errno));
    children_[rank].pid = pid;
  }
  return {};
}

Status Launcher::explainSignal(int rank, int signal) {
  // A signal to the whole group may reach a rank before the launcher.
  sigset_t same;
  sigemptyset(&same);
  sigaddset(&same, signal);
  timespec soon = durationOf(0.1);
  if (sigismember(&waited_, signal) &&
      sigtimedwait(&same, nullptr, &soon) == signal)
    return endedBySignal(signal);
  if (signal == SIGPIPE) // who read the output has gone: `ds-run ... | head`
    return endedBySignal(signal);
  return rankLost("rank %d was ended by signal %d (%s) %s%s", rank, signal,
                  strsignal(signal), whereabouts_(rank).c_str(),
                  hintFor(signal));
}

Status Launcher::explain(int rank, int exitStatus) {
  if (WIFSIGNALED(exitStatus))
    return explainSignal(rank, WTERMSIG(exitStatus));
  RankSlot &slot = control_.slot(rank);
  switch (slot.ending.load()) {
  case Ending::Error:
    return Status(static_cast<Code>(slot.code), slot.message);
  case Ending::NoMemory:
    return rankLost("rank %d ran out of memory %s", rank,
                    whereabouts_(rank).c_str());
  case Ending::None:
    break;
  }
  return rankLost("rank %d ended with exit code %d %s", rank,
                  WEXITSTATUS(exitStatus), whereabouts_(rank).c_str());
}

Status Launcher::stuck(int rank) const {
  std::string where = whereabouts_(rank);
  if (children_[rank].stopped)
    return rankLost("rank %d was stopped %s and did not go on for %g s", rank,
                    where.c_str(), timeout_);
  return rankLost("rank %d got nothing done for %g s %s: raise --timeout if it "
                  "was only slow",
                  rank, timeout_, where.c_str());
}

/// Collects what became of the ranks; the first that failed is the answer.
Status Launcher::reap() {
  Status worst;
  bool inVain = false;
  for (size_t rank = 0; rank < children_.size(); ++rank) {
    Child &child = children_[rank];
    int state = 0;
    while (child.pid != 0 &&
           waitpid(child.pid, &state, WNOHANG | WUNTRACED | WCONTINUED) > 0) {
      child.stopped = WIFSTOPPED(state);
      if (WIFSTOPPED(state) || WIFCONTINUED(state))
        continue;
      child.pid = 0;
      if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        continue;
      Status status = explain(int(rank), state);
      // A rank that waited in vain says less than the one it waited for.
      bool waited = WIFEXITED(state) && control_.slot(int(rank)).waiting.load();
      if (worst.ok() || (inVain && !waited)) {
        worst = status;
        inVain = waited;
      }
    }
  }
  if (inVain)
    for (size_t rank = 0; rank < children_.size(); ++rank)
      if (children_[rank].stopped)
        return stuck(int(rank));
  return worst;
}

/// Whether time without progress counts: not for who waits for another rank,
/// which is at fault and has a limit of its own, and not for slow disks and
/// readers of the output.  A stopped rank has no excuse.
bool mustProgress(const RankSlot &slot, bool stopped) {
  auto phase = static_cast<Phase>(slot.phase.load());
  bool computes = phase == Phase::Inputs || phase == Phase::Step;
  return stopped || (computes && !slot.waiting.load());
}

/// `seconds` have passed: who got nothing done for too long?
Status Launcher::findStuck(double seconds) {
  for (size_t rank = 0; rank < children_.size(); ++rank) {
    Child &child = children_[rank];
    const RankSlot &slot = control_.slot(int(rank));
    uint64_t progress = slot.progress.load();
    bool idle = progress == child.progress && mustProgress(slot, child.stopped);
    child.progress = progress;
    // While the launcher itself was stopped, time does not count.
    child.idle = idle ? child.idle + std::min(seconds, slice_) : 0;
    if (child.pid != 0 && child.idle >= timeout_)
      return stuck(int(rank));
  }
  return {};
}

bool Launcher::anyRuns() const {
  return std::any_of(children_.begin(), children_.end(),
                     [](const Child &child) { return child.pid != 0; });
}

void Launcher::endAll() {
  for (const Child &child : children_)
    if (child.pid != 0)
      kill(child.pid, SIGKILL);
  for (Child &child : children_) {
    while (child.pid != 0 && waitpid(child.pid, nullptr, 0) < 0 &&
           errno == EINTR) {
    }
    child.pid = 0;
  }
}

Status Launcher::wait() {
  double before = monotonicSeconds();
  for (;;) {
    DS_RT_RETURN_IF_ERROR(reap());
    if (!anyRuns())
      return {};
    double now = monotonicSeconds();
    DS_RT_RETURN_IF_ERROR(findStuck(now - before));
    before = now;
    timespec slice = durationOf(slice_);
    int signal = sigtimedwait(&waited_, nullptr, &slice);
    if (signal > 0 && signal != SIGCHLD)
      return endedBySignal(signal);
  }
}

Status Launcher::run(const std::function<Status(int)> &body) {
  signal(SIGCHLD, SIG_DFL); // whoever started us may have ignored it
  waited_ = endingSignals();
  sigaddset(&waited_, SIGCHLD);
  sigprocmask(SIG_BLOCK, &waited_, &before_);
  Status status = fork(body);
  if (status.ok())
    status = wait();
  endAll();
  if (!status.ok())
    removeUnfinished(control_);
  return status;
}

const char *toolName = "";

} // namespace

void endOnSignals(const char *tool) {
  toolName = tool;
  sigset_t ending = endingSignals();
  struct sigaction action = {};
  action.sa_handler = [](int signal) {
    const char *what = signal == SIGINT    ? "2 (Interrupt)\n"
                       : signal == SIGTERM ? "15 (Terminated)\n"
                                           : "1 (Hangup)\n";
    // Only what a handler may call.
    for (const char *text : {toolName, ": error: ended by signal ", what})
      (void)!write(STDERR_FILENO, text, std::strlen(text));
    _exit(128 + signal);
  };
  for (int signal : {SIGINT, SIGTERM, SIGHUP})
    if (sigismember(&ending, signal))
      sigaction(signal, &action, nullptr);
}

Status runRanks(const Control &control, double timeoutSeconds,
                const std::function<Status(int rank)> &body,
                const std::function<std::string(int rank)> &whereabouts) {
  return Launcher(control, timeoutSeconds, whereabouts).run(body);
}

} // namespace ds::rt
