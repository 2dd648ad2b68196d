//===- GpuFibers.cpp - The threads of a block as fibers -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "GpuFibers.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <memory>
#include <sys/mman.h>
#include <ucontext.h>
#include <vector>

using namespace ds::test;

namespace {

constexpr uint32_t kWarp = 32;
constexpr size_t kStackBytes = 256 << 10;

enum class Wait { None, Block, Warp, Exchange, Ballot, Gone };

struct Copy {
  void *to;
  const void *from;
  uint32_t bytes, present; ///< What is not present is zero.
};

struct Fiber {
  ucontext_t context;
  void *stack = nullptr;
  Wait wait = Wait::None;
  uint32_t mask = 0, value = 0, distance = 0;
  const void *shown = nullptr;           ///< To the warp.
  std::vector<Copy> open;                ///< Of no group yet.
  std::vector<std::vector<Copy>> groups; ///< The oldest one first.
};

/// The block that runs.
struct Block {
  uint32_t number = 0, current = 0;
  ucontext_t scheduler;
  const std::function<void()> *kernel = nullptr;
  std::vector<Fiber> fibers;
} theBlock;

/// Stacks are used again by the next block.
void *stackOf(size_t fiber) {
  static std::vector<void *> stacks;
  while (stacks.size() <= fiber)
    stacks.push_back(mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  return stacks[fiber];
}

[[noreturn]] void fail(const char *what) {
  llvm::errs() << "block " << theBlock.number << ": " << what << "\n";
  for (size_t i = 0; i < theBlock.fibers.size(); ++i) {
    static constexpr const char *kNames[] = {"runs",
                                             "waits for the block",
                                             "waits for its warp",
                                             "waits for a value",
                                             "waits for votes",
                                             "has left"};
    const Fiber &fiber = theBlock.fibers[i];
    if (fiber.wait != Wait::Gone)
      llvm::errs() << "  thread " << i << " "
                   << kNames[static_cast<int>(fiber.wait)] << ", mask "
                   << llvm::utohexstr(fiber.mask) << "\n";
  }
  exit(1);
}

void enter() {
  (*theBlock.kernel)();
  theBlock.fibers[theBlock.current].wait = Wait::Gone;
}

Fiber &me() { return theBlock.fibers[theBlock.current]; }

void await(Wait wait) {
  me().wait = wait;
  swapcontext(&me().context, &theBlock.scheduler);
}

bool isAtBarrier() {
  for (const Fiber &fiber : theBlock.fibers)
    if (fiber.wait != Wait::Block)
      return false;
  return true;
}

/// Lets a warp's threads go on once all of the mask have come.
bool meet(uint32_t first, uint32_t thread) {
  std::vector<Fiber> &fibers = theBlock.fibers;
  const Fiber &one = fibers[thread];
  if (!(one.mask >> (thread - first) & 1))
    fail("a thread is not in its own mask");
  for (uint32_t i = 0; i < kWarp; ++i) {
    if (!(one.mask >> i & 1))
      continue;
    if (first + i >= fibers.size() || fibers[first + i].wait == Wait::Gone)
      fail("a thread of a mask is not there");
    const Fiber &other = fibers[first + i];
    if (other.wait != one.wait)
      return false;
    if (other.mask != one.mask || other.distance != one.distance)
      fail("threads of a warp meet in different ways");
  }
  std::vector<uint32_t> values;
  for (uint32_t i = 0; i < kWarp; ++i)
    values.push_back(first + i < fibers.size() ? fibers[first + i].value : 0);
  uint32_t votes = 0;
  for (uint32_t i = 0; i < kWarp; ++i)
    votes |= (values[i] & one.mask >> i & 1) << i;
  const bool isVote = one.wait == Wait::Ballot;
  for (uint32_t i = 0, mask = one.mask, by = one.distance; i < kWarp; ++i)
    if (mask >> i & 1) {
      if (by && !(mask >> (i ^ by) & 1))
        fail("a value comes from outside of the mask");
      fibers[first + i].value = isVote ? votes : values[i ^ by];
      fibers[first + i].wait = Wait::None;
    }
  return true;
}

} // namespace

void ds::test::runBlock(uint32_t block, uint32_t threads, bool isDescending,
                        const std::function<void()> &kernel) {
  theBlock.number = block;
  theBlock.kernel = &kernel;
  theBlock.fibers.assign(threads, Fiber());
  for (uint32_t i = 0; i < threads; ++i) {
    Fiber &fiber = theBlock.fibers[i];
    getcontext(&fiber.context);
    fiber.context.uc_stack = {stackOf(i), 0, kStackBytes};
    fiber.context.uc_link = &theBlock.scheduler;
    makecontext(&fiber.context, enter, 0);
  }
  uint32_t gone = 0;
  while (gone < threads) {
    bool moved = false;
    gone = 0;
    for (uint32_t i = 0; i < threads; ++i) {
      theBlock.current = isDescending ? threads - 1 - i : i;
      Fiber &fiber = me();
      if (fiber.wait == Wait::Warp || fiber.wait == Wait::Exchange ||
          fiber.wait == Wait::Ballot)
        moved |= meet(theBlock.current / kWarp * kWarp, theBlock.current);
      if (fiber.wait == Wait::None) {
        swapcontext(&theBlock.scheduler, &fiber.context);
        moved = true;
      }
      gone += fiber.wait == Wait::Gone;
    }
    if (isAtBarrier()) {
      for (Fiber &fiber : theBlock.fibers)
        fiber.wait = Wait::None;
      moved = true;
    }
    if (!moved && gone < threads)
      fail("threads wait for each other forever");
  }
}

uint32_t ds::test::threadNumber() { return theBlock.current; }
uint32_t ds::test::blockNumber() { return theBlock.number; }

void ds::test::meetBlock(uint32_t barrier) { await(Wait::Block); }

void ds::test::meetWarp(uint32_t mask) {
  me().mask = mask;
  me().distance = 0;
  await(Wait::Warp);
}

uint32_t ds::test::exchange(uint32_t mask, uint32_t value, uint32_t distance,
                            uint32_t clamp) {
  me().mask = mask;
  me().value = value;
  me().distance = distance;
  await(Wait::Exchange);
  return me().value;
}

uint32_t ds::test::ballot(uint32_t mask, uint32_t isSet) {
  me().mask = mask;
  me().value = isSet & 1;
  me().distance = 0;
  await(Wait::Ballot);
  return me().value;
}

void ds::test::allOfWarp(const void *mine, size_t bytes, void *all) {
  me().shown = mine;
  meetWarp(~0u);
  const uint32_t first = theBlock.current / kWarp * kWarp;
  for (uint32_t i = 0; i < kWarp; ++i)
    std::memcpy(static_cast<char *>(all) + i * bytes,
                theBlock.fibers[first + i].shown, bytes);
  meetWarp(~0u); // until then nobody goes on and shows something else
}

void ds::test::copyLater(void *to, const void *from, uint32_t bytes,
                         uint32_t present) {
  if (reinterpret_cast<uintptr_t>(to) % bytes ||
      reinterpret_cast<uintptr_t>(from) % bytes)
    fail("a copy is not aligned");
  me().open.push_back({to, from, bytes, present});
}

void ds::test::closeCopies() {
  me().groups.push_back(std::exchange(me().open, {}));
}

void ds::test::awaitCopies(uint32_t except) {
  std::vector<std::vector<Copy>> &groups = me().groups;
  while (groups.size() > except) {
    for (const Copy &copy : groups.front()) {
      std::memset(copy.to, 0, copy.bytes);
      std::memcpy(copy.to, copy.from, copy.present);
    }
    groups.erase(groups.begin());
  }
}
