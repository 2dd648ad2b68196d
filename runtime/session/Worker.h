//===- Worker.h - A thread that runs tasks in turn ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_SESSION_WORKER_H
#define DS_RUNTIME_SESSION_WORKER_H

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace ds::rt {

/// Owns the thread.  A child of fork() has no such thread: `lost` says so, and
/// what is lost can neither be used nor destroyed.
class Worker {
public:
  Worker() : owner_(getpid()), thread_([this] { loop(); }) {}
  ~Worker();
  Worker(const Worker &) = delete;

  bool lost() const { return getpid() != owner_; }
  /// Returns when `task` has run; callers take turns.
  void run(const std::function<void()> &task);

private:
  void loop();

  pid_t owner_;
  std::mutex turn_; ///< Held by the caller whose task runs.
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()> *task_ = nullptr;
  bool end_ = false;
  std::thread thread_; ///< The last member: it uses the others.
};

} // namespace ds::rt

#endif // DS_RUNTIME_SESSION_WORKER_H
