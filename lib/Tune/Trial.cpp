//===- Trial.cpp - Running a candidate to see how long a step takes -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Trial.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace ds {
namespace {

using Clock = std::chrono::steady_clock;

/// The first step warms up; then at least three and a second, at most 50.
constexpr size_t kLeastSteps = 3, kMostSteps = 50;
constexpr double kEnoughMs = 1000;

/// A program with its two outputs at our end.
struct Process {
  pid_t pid = -1;
  int outputs[2] = {-1, -1}; ///< stdout, stderr
};

std::string oneDecimal(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f", value);
  return text;
}

[[noreturn]] void runChild(const std::vector<std::string> &words,
                           const int ends[2], pid_t parent) {
  // Its ranks end with it, so nothing outlives the compiler.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(127);
  dup2(ends[0], STDOUT_FILENO);
  dup2(ends[1], STDERR_FILENO);
  std::vector<char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

/// Starts `words`; the pid is -1 when that failed.
Process start(const std::vector<std::string> &words) {
  Process process;
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0)
    return process;
  if (pipe2(err, O_CLOEXEC) != 0) {
    close(out[0]), close(out[1]);
    return process;
  }
  pid_t parent = getpid();
  process.pid = fork();
  if (process.pid == 0) {
    const int ends[2] = {out[1], err[1]};
    runChild(words, ends, parent);
  }
  close(out[1]), close(err[1]);
  process.outputs[0] = out[0], process.outputs[1] = err[0];
  return process;
}

/// One trial: what the process wrote, step by step.
class Trial {
public:
  Trial(Process process, double seconds)
      : process_(process),
        deadline_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(seconds))),
        seconds_(seconds) {}

  TrialResult run() {
    while (!enough() && !ended_ && wait())
      takeLines();
    bool ownEnd = ended_;
    int status = end();
    for (int fd : process_.outputs)
      close(fd);
    TrialResult result;
    if (ownEnd && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
      result.failure = describe(status);
      result.crashed = true;
    } else if (steps_.empty()) {
      result.crashed = ownEnd;
      result.failure =
          ownEnd ? "it ended without a step"
                 : (seen_ ? "no second step within " : "no step within ") +
                       oneDecimal(seconds_) + " s";
    } else {
      auto middle = steps_.begin() + (steps_.size() - 1) / 2;
      std::nth_element(steps_.begin(), middle, steps_.end());
      result.stepMs = *middle;
    }
    return result;
  }

private:
  bool enough() const {
    return steps_.size() >= kMostSteps ||
           (steps_.size() >= kLeastSteps && sumMs_ >= kEnoughMs);
  }

  /// Waits for output; false when the time is over.
  bool wait() {
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline_ - Clock::now());
    if (left.count() <= 0)
      return false;
    pollfd files[2];
    for (int i = 0; i < 2; ++i)
      files[i] = {open_[i] ? process_.outputs[i] : -1, POLLIN, 0};
    if (poll(files, 2, static_cast<int>(left.count())) <= 0)
      return errno == EINTR || Clock::now() < deadline_;
    for (int i = 0; i < 2; ++i)
      if (files[i].revents)
        read(i);
    ended_ = !open_[0] && !open_[1];
    return true;
  }

  void read(int which) {
    char bytes[4096];
    ssize_t count = ::read(process_.outputs[which], bytes, sizeof(bytes));
    if (count > 0)
      text_[which].append(bytes, count);
    else if (count == 0 || errno != EINTR)
      open_[which] = false;
    // What it says last is what went wrong.
    if (text_[1].size() > 65536)
      text_[1].erase(0, text_[1].size() - 32768);
  }

  void takeLines() {
    for (size_t end; (end = text_[0].find('\n')) != std::string::npos;
         text_[0].erase(0, end + 1)) {
      auto line = nlohmann::json::parse(text_[0].substr(0, end), nullptr,
                                        /*allow_exceptions=*/false);
      if (!line.is_object() || line["event"] != "step" ||
          !line["step_ms"].is_number())
        continue;
      double ms = line["step_ms"];
      if (seen_++ == 0)
        continue;
      steps_.push_back(ms);
      sumMs_ += ms;
    }
  }

  /// Ends the process, politely first; returns how it ended.
  int end() {
    int status = 0;
    for (int signal : {ended_ ? 0 : SIGTERM, SIGKILL}) {
      kill(process_.pid, signal);
      for (int i = 0; i < 200; ++i) {
        if (waitpid(process_.pid, &status, WNOHANG) == process_.pid)
          return status;
        usleep(10000);
      }
    }
    while (waitpid(process_.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  std::string describe(int status) const {
    std::string how = WIFSIGNALED(status)
                          ? std::string("ended by signal ") +
                                std::to_string(WTERMSIG(status)) + " (" +
                                strsignal(WTERMSIG(status)) + ")"
                          : "exit code " + std::to_string(WEXITSTATUS(status));
    std::string last = text_[1].substr(0, text_[1].find_last_not_of('\n') + 1);
    last = last.substr(last.rfind('\n') + 1);
    return last.empty() ? how : how + ": " + last;
  }

  Process process_;
  Clock::time_point deadline_;
  double seconds_;
  std::string text_[2];
  bool open_[2] = {true, true};
  bool ended_ = false;
  size_t seen_ = 0;
  std::vector<double> steps_;
  double sumMs_ = 0;
};

} // namespace

TrialRunner processTrials(std::string program) {
  return [program](const std::string &path, double seconds) -> TrialResult {
    // More steps than any trial takes: it is ended when it has run enough.
    Process process =
        start({program, path, "--data=random:0", "--json=-", "--steps=1000000",
               "--timeout=" + oneDecimal(seconds + 1)});
    if (process.pid < 0)
      return {std::nullopt,
              std::string("cannot start it: ") + std::strerror(errno), true};
    return Trial(process, seconds).run();
  };
}

} // namespace ds
