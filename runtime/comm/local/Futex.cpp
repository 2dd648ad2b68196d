//===- Futex.cpp - Waiting on a shared word -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/Futex.h"
#include "base/Clock.h"

#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ds::rt {
namespace {

void futexWait(std::atomic<uint32_t> &word, uint32_t value, double seconds) {
  timespec limit;
  limit.tv_sec = static_cast<time_t>(seconds);
  limit.tv_nsec = static_cast<long>((seconds - double(limit.tv_sec)) * 1e9);
  syscall(SYS_futex, &word, FUTEX_WAIT, value, &limit, nullptr, 0);
}

} // namespace

bool waitWhile(WaitWord &word, uint32_t value, uint32_t spins,
               double timeoutSeconds) {
  for (uint32_t i = 0; i < spins; ++i) {
    if (word.value.load(std::memory_order_acquire) != value)
      return true;
    __builtin_ia32_pause();
  }
  double deadline = monotonicSeconds() + timeoutSeconds;
  word.sleepers.fetch_add(1);
  bool changed = false;
  for (double left = timeoutSeconds; left > 0;
       left = deadline - monotonicSeconds()) {
    changed = word.value.load() != value;
    if (changed)
      break;
    futexWait(word.value, value, left);
  }
  changed = changed || word.value.load() != value;
  word.sleepers.fetch_sub(1);
  return changed;
}

void storeAndWake(WaitWord &word, uint32_t value) {
  word.value.store(value);
  if (word.sleepers.load() > 0)
    syscall(SYS_futex, &word.value, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

} // namespace ds::rt
