//===- GpuFibers.h - The threads of a block as fibers -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_UNIT_CODEGEN_GPUFIBERS_H
#define DS_TEST_UNIT_CODEGEN_GPUFIBERS_H

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ds::test {

/// Runs `kernel` once in each of `threads` fibers, the first or the last one
/// first.  Exits with a message when fibers wait for each other forever, meet
/// with other masks, or leave while others wait.
void runBlock(uint32_t block, uint32_t threads, bool isDescending,
              const std::function<void()> &kernel);

// What a fiber asks for.
uint32_t threadNumber();
uint32_t blockNumber();
void meetBlock(uint32_t barrier);
void meetWarp(uint32_t mask);
uint32_t exchange(uint32_t mask, uint32_t value, uint32_t distance,
                  uint32_t clamp);
uint32_t ballot(uint32_t mask, uint32_t isSet);
/// What all 32 threads of the warp have, `bytes` of each, in their order.
void allOfWarp(const void *mine, size_t bytes, void *all);
/// A copy that takes place when its group is awaited: those that are closed,
/// but for the last `except` ones.
void copyLater(void *to, const void *from, uint32_t bytes, uint32_t present);
void closeCopies();
void awaitCopies(uint32_t except);

} // namespace ds::test

#endif // DS_TEST_UNIT_CODEGEN_GPUFIBERS_H
