//===- Executor.h - The instruction loop --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the blocks of a resolved program in order, one instruction after the
// other; the threads of the pool are inside each.  It decides nothing: order,
// addresses and splits are the plan's.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_EXECUTOR_H
#define DS_RUNTIME_EXEC_EXECUTOR_H

#include "exec/Instructions.h"
#include "exec/Recorder.h"

namespace ds::rt {

class Executor {
public:
  /// `recorder`, for as many instructions, outlives it.
  Executor(ResolvedProgram program, LocalComm &comm, Recorder &recorder);

  /// Runs one block, by its index in the plan, to its end.
  Status runBlock(uint32_t block);
  /// The number of its first instruction; 0 when it is empty.
  uint32_t firstOf(uint32_t block) const;

private:
  Status execute(const Instruction &instruction);
  Status runGemm(const GemmOp &op);
  Status runLoop(const LoopOp &op);

  ResolvedProgram program_;
  LocalComm &comm_;
  RankSlot &slot_;
  Recorder &recorder_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_EXECUTOR_H
