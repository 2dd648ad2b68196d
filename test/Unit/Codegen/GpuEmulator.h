//===- GpuEmulator.h - Kernels of a GPU without one ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The LLVM IR that a GPU's code is made of, compiled for this machine instead:
// the threads of a block are fibers of one thread of ours, which meet at
// barriers and exchange values as threads of a GPU do.  Fibers run in a given
// order as far as they can, so that what depends on chance there depends on
// the order here: results that must not are the same in both.
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_UNIT_CODEGEN_GPUEMULATOR_H
#define DS_TEST_UNIT_CODEGEN_GPUEMULATOR_H

#include "ds/Codegen/Codegen.h"

#include <memory>

namespace ds::test {

class GpuEmulator {
public:
  /// Compiles all kernels.  Exits with a message where that fails.
  explicit GpuEmulator(const GpuSource &source);
  ~GpuEmulator();

  enum class Order { Ascending, Descending };

  /// Runs all blocks of kernel `number`.  Exits with a message when threads
  /// wait for each other forever.
  void launch(size_t number, const std::vector<void *> &pointers, Order order);

private:
  struct Code;
  std::unique_ptr<Code> code;
  const GpuSource &source;
};

} // namespace ds::test

#endif // DS_TEST_UNIT_CODEGEN_GPUEMULATOR_H
