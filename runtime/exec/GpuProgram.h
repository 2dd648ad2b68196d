//===- GpuProgram.h - A plan's program on streams -----------------------===//
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
#include "comm/GpuComm.h"
#include "exec/GpuStreams.h"
#include "exec/Resolve.h"
#include "exec/TunedPlan.h"

#include <map>

namespace ds::rt {

class GpuProgram {
public:
  /// All outlive it.
  GpuProgram(const LoadedPlan &plan, const RankMemory &memory,
             cuda::Device &device, GpuComm &comm);

  /// Loads kernels, prepares products and makes streams and events.
  Status prepare();
  /// Is told of each instruction but loops and calls.
  class Follower {
  public:
    virtual ~Follower() = default;
    struct Next {
      uint32_t number;
      bool waited;     ///< For what is on other streams.
      bool isExchange; ///< With other ranks.
      const StreamCounts &needs;
    };
    /// The next on the stream is the instruction.
    virtual cuda::Result begins(const Next &next, size_t stream) = 0;
    /// The last one on the stream is the instruction.
    virtual cuda::Result ends(uint32_t number, size_t stream) = 0;
  };
  /// Puts the instructions of an entry's block on their streams.
  Status enqueue(uint32_t block, Follower &follower) {
    streams_.restart();
    return enqueueBlock(block, follower);
  }

  /// The fastest algorithm of each product, by its instruction's number; equal
  /// products are timed once.  `begins` is told of each before.
  StatusOr<FastestAlgorithms>
  fastestAlgorithms(const std::function<void(uint32_t number)> &begins) const;

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
  Status enqueue(const plan::Instr &instr, uint32_t number, Follower &follower);
  Status enqueueBlock(uint32_t block, Follower &follower);
  Status enqueueWork(const plan::Instr &instr, uint32_t number);
  Status launch(const plan::Launch &op, uint32_t number);
  Status copy(const plan::Copy &op, uint32_t number);
  cuda::Result fill(const plan::Fill &op);
  cuda::Result copyRuns(const plan::Copy &op, cuda::Address src,
                        cuda::Address dst);
  Status collective(const plan::Collective &op, uint32_t number);
  Status loop(const plan::Loop &op, uint32_t number, Follower &follower);
  cuda::Result copyBytes(cuda::Address dst, cuda::Address src, uint64_t bytes);
  cuda::Address at(const plan::Ref *ref) const {
    return cuda::addressOf(memory_.at(ref));
  }
  /// `result` of enqueueing an instruction as a Status.
  Status checked(cuda::Result result, const char *verb, uint32_t number) const;

  const LoadedPlan &plan_;
  const RankMemory &memory_;
  const cuda::Device &device_;
  GpuComm &comm_;
  GpuStreams streams_;
  size_t index_ = 0;              ///< Of the stream of the next instruction.
  cuda::Stream stream_ = nullptr; ///< It.
  cuda::Kernels kernels_;
  cuda::Products products_;
  std::vector<uint32_t> first_;                ///< By block.
  std::map<uint32_t, size_t> productOf_;       ///< By instruction.
  std::map<cuda::Address, int64_t> loopIndex_; ///< By the index's place.
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUPROGRAM_H
