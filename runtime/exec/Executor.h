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
#include "exec/Profile.h"
#include "plan/Plan.h"

namespace ds::rt {

class Executor {
public:
  Executor(ResolvedProgram program, LocalComm &comm);

  /// Runs one block, by its index in the plan, to its end.
  Status runBlock(uint32_t block);
  /// Seconds by Work since the last call.
  std::array<double, kWorks> takeSeconds();
  /// What each instruction took since the last reset, by its number.
  const std::vector<InstrTime> &times() const { return times_; }
  void resetTimes() { times_.assign(times_.size(), {}); }
  /// The number of its first instruction; 0 when it is empty.
  uint32_t firstOf(uint32_t block) const;

private:
  Status execute(const Instruction &instruction);
  Status runGemm(const GemmOp &op);
  Status runLoop(const LoopOp &op);

  ResolvedProgram program_;
  LocalComm &comm_;
  RankSlot &slot_;
  /// Where an operation's time is added; the last slot is for Loop and Call,
  /// whose instructions have their time already.
  std::array<uint8_t, size_t(plan::Op::MAX) + 1> slots_;
  std::array<double, kWorks + 1> seconds_{};
  std::vector<InstrTime> times_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_EXECUTOR_H
