//===- PlanTarget.cpp - Fuzzes the reader and the verifier of plans -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a whole plan file.  Its checksum is made right first, so that
// mutations reach the FlatBuffers verifier and ours.  What is accepted must
// print, and every byte that any of its instructions says it touches must lie
// in an arena.  Kernels are native code and are not run.
//===--------------------------------------------------------------------===//
#include "../Plan/PlanBytes.h"
#include "Fuzz.h"
#include "exec/Job.h"
#include "exec/Resolve.h"
#include "exec/State.h"
#include "plan/Plan.h"

#include <algorithm>

using namespace ds::rt;
using ds::test::Bytes;

namespace {

/// Where an arena of a rank would lie; nothing is mapped there.
struct FakeArena {
  const std::byte *begin;
  uint64_t bytes;
};

/// Checks that resolved instructions stay inside the arenas.
class Bounds {
public:
  Bounds(const ds::plan::Plan &plan, uint32_t rank) : plan_(plan) {
    memory_.program = plan.programs()->Get(plan.rank_programs()->Get(rank));
    memory_.rank = rank;
    uint64_t at = kFirst;
    for (const auto *arena : *memory_.program->arenas()) {
      auto *begin = reinterpret_cast<std::byte *>(at);
      arenas_.push_back({begin, arena->bytes()});
      memory_.arenas.push_back(begin);
      at += arena->bytes() + kFirst;
    }
  }

  void check() {
    auto *code = reinterpret_cast<const std::byte *>(kFirst / 2);
    auto program = resolveProgram(plan_, memory_, code);
    if (!program.ok())
      return; // refused by name
    checkKernels(*program);
    checkMoves(*program);
    for (const StatePiece &piece :
         statePieces(plan_, int(memory_.rank), memory_))
      inside(piece.data, piece.count * bytesOf(piece.dtype));
  }

private:
  static constexpr uint64_t kFirst = uint64_t(1) << 32;

  void inside(const void *data, uint64_t bytes) const {
    auto at = reinterpret_cast<uintptr_t>(data);
    FUZZ_EXPECT(std::any_of(
        arenas_.begin(), arenas_.end(), [&](const FakeArena &arena) {
          auto begin = reinterpret_cast<uintptr_t>(arena.begin);
          return at >= begin && bytes <= arena.bytes &&
                 at - begin <= arena.bytes - bytes;
        }));
  }

  void checkGemm(const GemmOp &gemm) const {
    const GemmShape &s = gemm.shape;
    auto bytes = [&](int64_t rows, int64_t columns, int64_t ld,
                     ds::plan::DType dtype) {
      return uint64_t((rows - 1) * ld + columns) * bytesOf(dtype);
    };
    for (uint64_t i = 0; i < gemm.count; ++i) {
      const GemmProduct &p = gemm.products[i];
      inside(p.a, s.transposeA ? bytes(s.k, s.m, s.lda, s.dtype)
                               : bytes(s.m, s.k, s.lda, s.dtype));
      inside(p.b, s.transposeB ? bytes(s.n, s.k, s.ldb, s.dtype)
                               : bytes(s.k, s.n, s.ldb, s.dtype));
      inside(p.c, bytes(s.m, s.n, s.ldc, s.result));
    }
  }

  void checkConvolution(const ConvolutionOp &op) const {
    const ConvolutionShape &s = op.shape;
    const uint64_t batch = uint64_t(s.batch - 1), in = uint64_t(s.inputs - 1),
                   allIn = uint64_t(s.groups * s.inputs - 1),
                   allOut = uint64_t(s.groups * s.outputs - 1);
    uint64_t input = batch * s.inputBatch + allIn * s.inputFeature,
             kernel = in * s.kernelInput + allOut * s.kernelOutput,
             output = batch * s.outputBatch + allOut * s.outputFeature;
    for (int d = 0; d < s.rank; ++d) {
      const ConvolutionDim &dim = s.dims[size_t(d)];
      input += uint64_t(dim.input - 1) * dim.inputStep;
      kernel += uint64_t(dim.kernel - 1) * dim.kernelStep;
      output += uint64_t(dim.output - 1) * dim.outputStep;
    }
    inside(op.places.input, (input + 1) * 4); // at least float32
    inside(op.places.kernel, (kernel + 1) * 4);
    inside(op.places.output, (output + 1) * 4);
    if (op.places.scratchBytes > 0)
      inside(op.places.scratch, op.places.scratchBytes);
  }

  void checkKernels(const ResolvedProgram &program) const {
    for (const GemmOp &gemm : program.gemms)
      checkGemm(gemm);
    for (const ConvolutionOp &convolution : program.convolutions)
      checkConvolution(convolution);
    for (const LaunchOp &launch : program.launches)
      FUZZ_EXPECT(launch.items > 0 && launch.grain > 0);
    for (const void *arg : program.args)
      inside(arg, 0);
    for (const auto &op : program.collectives) {
      uint64_t part = op.count * bytesOf(op.dtype);
      uint64_t ranks = plan_.groups()->Get(op.group)->ranks()->size();
      using Kind = ds::plan::CollectiveKind;
      bool all = op.kind == Kind::all_to_all;
      inside(op.src,
             all || op.kind == Kind::reduce_scatter ? part * ranks : part);
      inside(op.dst, all || op.kind == Kind::all_gather ? part * ranks : part);
    }
  }

  /// The greatest index of the loops that write `index`.
  static uint64_t lastIndex(const ResolvedProgram &program,
                            const std::byte *index) {
    int64_t count = 1;
    for (const LoopOp &loop : program.loops)
      if (loop.index == index)
        count = std::max(count, loop.count);
    return uint64_t(count - 1);
  }

  void checkMoves(const ResolvedProgram &program) const {
    for (const TransferOp &op : program.sends)
      inside(op.data, op.bytes);
    for (const TransferOp &op : program.receives)
      inside(op.data, op.bytes);
    for (const FillOp &op : program.fills)
      inside(op.dst, op.bytes);
    for (const SortOp &op : program.sorts) {
      FUZZ_EXPECT(op.kept > 0 && op.kept <= op.length);
      inside(op.src, op.rows * op.length * bytesOf(op.dtype));
      inside(op.dst, op.rows * op.kept * 4);
    }
    for (const LoopOp &op : program.loops)
      inside(op.index, 8);
    for (const ScalarOp &op : program.scalars) {
      inside(op.dst, bytesOf(op.dtype));
      if (op.a)
        inside(op.a, bytesOf(op.aDtype));
    }
    for (const CopyOp &op : program.copies) {
      uint64_t src = op.bytes, dst = op.bytes;
      for (const ds::plan::CopyDim &dim : op.dims) {
        src += (dim.size() - 1) * dim.src_stride();
        dst += (dim.size() - 1) * dim.dst_stride();
      }
      inside(op.src, src);
      inside(op.dst, dst);
      // Loops with the same index may differ; a copy is in one of them.
      if (op.index && program.loops.size() == 1) {
        uint64_t last = lastIndex(program, op.index);
        inside(op.src + last * op.srcStride, src);
        inside(op.dst + last * op.dstStride, dst);
      }
    }
  }

  const ds::plan::Plan &plan_;
  RankMemory memory_;
  std::vector<FakeArena> arenas_;
};

/// Products are listed one by one: what would not fit the arenas of this
/// machine is refused before.
bool isSmall(const ds::plan::Plan &plan) {
  uint64_t total = 0;
  for (const auto *program : *plan.programs())
    for (const auto *arena : *program->arenas())
      total += arena->bytes();
  return plan.world() <= 64 && total <= uint64_t(1) << 24;
}

void inspect(const LoadedPlan &loaded) {
  FUZZ_EXPECT(!printPlan(loaded).empty());
  FUZZ_EXPECT(!printPlanStats(loaded).empty());
  FUZZ_EXPECT(printPlanJson(loaded).ok());
  const ds::plan::Plan &plan = loaded.plan();
  for (const auto *program : *plan.programs()) {
    for (const auto *entry : *program->entries()) {
      inputSpecs(*program, *entry);
      workOf(plan, *program, entry->block());
    }
  }
  logicalTensors(plan);
  if (isSmall(plan))
    for (uint32_t rank = 0; rank < plan.world(); ++rank)
      Bounds(plan, rank).check();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ds::test::MemoryFile file;
  Bytes bytes(data, data + size);
  if (size >= ds::test::kHeader)
    ds::test::reseal(bytes);
  file.write(bytes);
  auto loaded = LoadedPlan::open(file.path());
  if (loaded.ok())
    inspect(*loaded);
  else
    ds::fuzz::expectRefusal(loaded.status());
  return 0;
}
