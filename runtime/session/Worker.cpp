//===- Worker.cpp - A thread that runs tasks in turn --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "session/Worker.h"

namespace ds::rt {

Worker::~Worker() {
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Worker::run(const std::function<void()> &task) {
  std::lock_guard turn(turn_);
  std::unique_lock lock(mutex_);
  task_ = &task;
  changed_.notify_all();
  changed_.wait(lock, [&] { return task_ == nullptr; });
}

void Worker::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return task_ || end_; });
    if (end_)
      return;
    const auto *task = task_;
    lock.unlock();
    (*task)();
    lock.lock();
    task_ = nullptr;
    changed_.notify_all();
  }
}

} // namespace ds::rt
