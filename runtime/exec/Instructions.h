//===- Instructions.h - A program with its addresses resolved -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the step loop reads: small structs with pointers computed at load.
// Nothing here is allocated, locked or looked up by name while a step runs.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_INSTRUCTIONS_H
#define DS_RUNTIME_EXEC_INSTRUCTIONS_H

#include "backends/cpu/Convolution.h"
#include "backends/cpu/Gemm.h"
#include "comm/local/LocalComm.h"
#include "ds-rt/PlanFile.h"

#include <vector>

namespace ds::rt {

struct LaunchOp {
  plan::KernelFn kernel;
  void **args; ///< Into ResolvedProgram::args.
  uint64_t items, grain;
};

struct GemmProduct {
  const std::byte *a, *b;
  std::byte *c;
};

struct GemmOp {
  GemmKernel *kernel; ///< Of ResolvedProgram::kernels; null: float64.
  GemmShape shape;
  bool batchOverThreads;
  const GemmProduct *products; ///< Into ResolvedProgram::products.
  uint64_t count;
};

struct ConvolutionOp {
  std::unique_ptr<ConvolutionKernel> kernel;
  ConvolutionShape shape;
  ConvolutionPlaces places;
};

struct TransferOp {
  int peer;
  std::byte *data;
  uint64_t bytes;
};

struct CopyOp {
  const std::byte *src;
  std::byte *dst;
  uint64_t bytes;
  const std::byte *index; ///< i64, or null: not indexed.
  uint64_t srcStride, dstStride;
  std::vector<plan::CopyDim> dims; ///< Runs of `bytes`, outermost first.
};

struct FillOp {
  std::byte *dst;
  uint64_t bytes;
  uint32_t pattern;
};

struct ScalarOp {
  plan::ScalarOpcode opcode;
  plan::DType dtype, aDtype, bDtype;
  std::byte *dst;
  const std::byte *a, *b;
  double immediate;
};

struct SortOp {
  plan::DType dtype;
  uint64_t rows, length, kept;
  const std::byte *src;
  int32_t *dst;
  bool descending, isUnsigned, total;
};

struct LoopOp {
  int64_t count;
  uint32_t block;
  std::byte *index; ///< i64.
  bool reversed;    ///< From count - 1 down to 0.
};

/// One instruction: `index` into the table of its kind; a Call's is a block.
struct Instruction {
  plan::Op kind;
  uint32_t number; ///< Counted through all blocks of the program.
  uint32_t index;
};

struct BlockRange {
  uint32_t begin, end; ///< Of ResolvedProgram::instructions.
};

/// Holds pointers into itself: moved, never copied.
struct ResolvedProgram {
  ResolvedProgram() = default;
  ResolvedProgram(ResolvedProgram &&) = default;
  ResolvedProgram &operator=(ResolvedProgram &&) = default;

  std::vector<BlockRange> blocks;
  std::vector<Instruction> instructions;
  std::vector<LaunchOp> launches;
  std::vector<GemmOp> gemms;
  std::vector<ConvolutionOp> convolutions;
  std::vector<CollectiveOp> collectives;
  std::vector<TransferOp> sends, receives;
  std::vector<CopyOp> copies;
  std::vector<FillOp> fills;
  std::vector<ScalarOp> scalars;
  std::vector<SortOp> sorts;
  std::vector<LoopOp> loops;
  std::vector<void *> args;
  std::vector<GemmProduct> products;
  GemmKernels kernels;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_INSTRUCTIONS_H
