//===- GpuProgram.h - A plan's program on a stream ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Enqueues instructions in the order of the plan.  It is captured as a graph,
// as a rule, and so is walked once: it reads the plan as it is.  Relies on a
// verified plan; refuses by name what GPUs do not run.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_GPUPROGRAM_H
#define DS_RUNTIME_EXEC_GPUPROGRAM_H

#include "backends/cuda/Images.h"
#include "backends/cuda/Products.h"
#include "comm/nccl/NcclComm.h"
#include "exec/Resolve.h"

#include <map>

namespace ds::rt {

class GpuProgram {
public:
  /// All outlive it.
  GpuProgram(const LoadedPlan &plan, const RankMemory &memory,
             const cuda::Device &device, NcclComm &comm);

  /// Loads kernels, prepares products and finds out which groups talk.
  Status prepare();
  /// Is told of each instruction but loops and calls behind which it is on the
  /// stream.
  using Follow = std::function<cuda::Result(uint32_t number)>;
  /// Puts the instructions of a block on the device's stream.
  Status enqueue(uint32_t block, const Follow &follow);

  /// The number of a block's first instruction.
  uint32_t firstOf(uint32_t block) const { return first_[block]; }
  /// "instruction 4 ('scale', kernel 'scale')".
  std::string nameOf(uint32_t number) const;
  plan::Op opOf(uint32_t number) const { return instrOf(number).op_type(); }
  /// Whether an instruction waits for other ranks.
  bool isExchange(uint32_t number) const;

private:
  const plan::Instr &instrOf(uint32_t number) const;
  Status prepare(const plan::Instr &instr, uint32_t number,
                 std::vector<bool> &kernels);
  Status enqueue(const plan::Instr &instr, uint32_t number,
                 const Follow &follow);
  Status launch(const plan::Launch &op, uint32_t number);
  Status copy(const plan::Copy &op, uint32_t number);
  cuda::Result copyRuns(const plan::Copy &op, cuda::Address src,
                        cuda::Address dst);
  Status collective(const plan::Collective &op, uint32_t number);
  Status loop(const plan::Loop &op, uint32_t number, const Follow &follow);
  cuda::Result copyBytes(cuda::Address dst, cuda::Address src, uint64_t bytes);
  cuda::Address at(const plan::Ref *ref) const {
    return cuda::addressOf(memory_.at(ref));
  }
  /// `result` of enqueueing an instruction as a Status.
  Status checked(cuda::Result result, const char *verb, uint32_t number) const;

  const LoadedPlan &plan_;
  const RankMemory &memory_;
  const cuda::Device &device_;
  NcclComm &comm_;
  cuda::Kernels kernels_;
  cuda::Products products_;
  std::vector<uint32_t> first_;                ///< By block.
  std::map<uint32_t, size_t> productOf_;       ///< By instruction.
  std::map<cuda::Address, int64_t> loopIndex_; ///< By the index's place.
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUPROGRAM_H
