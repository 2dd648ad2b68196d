//===- Futex.h - Waiting on a shared word -------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A wait spins briefly, then sleeps in the kernel: ranks may outnumber cores,
// and a rank that yields in a loop takes the core from the one it waits for.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_FUTEX_H
#define DS_RUNTIME_COMM_LOCAL_FUTEX_H

#include <atomic>
#include <cstdint>

namespace ds::rt {

/// A word in memory shared by processes, and how many sleep on it.
struct WaitWord {
  std::atomic<uint32_t> value{0};
  std::atomic<uint32_t> sleepers{0};
};

/// Waits until `word` differs from `value`; false after `timeoutSeconds`.
bool waitWhile(WaitWord &word, uint32_t value, uint32_t spins,
               double timeoutSeconds);

/// Stores `value` and wakes all who wait.
void storeAndWake(WaitWord &word, uint32_t value);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_FUTEX_H
