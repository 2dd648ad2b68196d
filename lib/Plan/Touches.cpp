//===- Touches.cpp - Which bytes an instruction reads and writes --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Touches.h"
#include "Refs.h"
#include "plan/Plan.h"

#include "llvm/ADT/STLExtras.h"

namespace ds {
namespace {

class Touches {
public:
  Touches(const plan::PlanT &plan, const plan::ProgramT &program)
      : plan(plan), program(program) {}

  std::vector<Touch> of(plan::InstrT &instr) {
    if (const auto *launch = instr.op.AsLaunch())
      add(*launch);
    else if (const auto *gemm = instr.op.AsGemm())
      add(*gemm);
    else if (const auto *collective = instr.op.AsCollective())
      add(*collective);
    else if (const auto *copy = instr.op.AsCopy())
      add(*copy);
    else if (const auto *fill = instr.op.AsFill())
      add(*fill->dst, fill->bytes, true);
    else if (const auto *send = instr.op.AsSend())
      add(*send->src, send->bytes, false);
    else if (const auto *recv = instr.op.AsRecv())
      add(*recv->dst, recv->bytes, true);
    else
      forEachRef(instr, [&](plan::Ref &ref) {
        add(ref, program.buffers[ref.buffer()]->bytes - ref.offset(), true);
      });
    return std::move(touches);
  }

private:
  void add(const plan::Ref &ref, uint64_t bytes, bool writes) {
    const plan::BufferT &buffer = *program.buffers[ref.buffer()];
    const uint64_t begin = buffer.offset + ref.offset();
    const uint64_t windows = buffer.rank_stride * (plan.world - 1);
    touches.push_back({buffer.arena, begin, begin + bytes + windows, writes});
  }

  void add(const plan::LaunchT &launch) {
    for (const auto &[ref, arg] :
         llvm::zip_equal(launch.args, plan.kernels[launch.kernel]->args))
      add(ref, arg->bytes, arg->access != plan::Access::read);
  }

  void add(const plan::GemmT &gemm) {
    const uint64_t width = rt::sizeOf(gemm.dtype),
                   resultWidth = gemm.f32_result ? 4 : width;
    auto bytes =
        [&](uint64_t rows, uint64_t columns, bool transposed, uint64_t leading,
            uint64_t (plan::BatchDim::*stride)() const, uint64_t width) {
          if (transposed)
            std::swap(rows, columns);
          uint64_t last = (rows - 1) * leading + columns;
          for (const plan::BatchDim &dim : gemm.batch)
            last += (dim.size() - 1) * (dim.*stride)();
          return last * width;
        };
    using plan::BatchDim;
    add(*gemm.a,
        bytes(gemm.m, gemm.k, gemm.transpose_a, gemm.lda, &BatchDim::a_stride,
              width),
        false);
    add(*gemm.b,
        bytes(gemm.k, gemm.n, gemm.transpose_b, gemm.ldb, &BatchDim::b_stride,
              width),
        false);
    add(*gemm.c,
        bytes(gemm.m, gemm.n, false, gemm.ldc, &BatchDim::c_stride,
              resultWidth),
        true);
    if (gemm.workspace_bytes > 0)
      add(*gemm.workspace, gemm.workspace_bytes, true);
    if (gemm.bias)
      add(*gemm.bias, gemm.n * resultWidth, false);
    if (gemm.preactivation)
      add(*gemm.preactivation,
          bytes(gemm.m, gemm.n, false, gemm.ld_preactivation,
                &BatchDim::c_stride, resultWidth),
          gemm.epilogue == plan::Epilogue::gelu);
  }

  void add(const plan::CollectiveT &op) {
    using Kind = plan::CollectiveKind;
    const uint64_t part = op.count * rt::sizeOf(op.dtype),
                   whole = part * plan.groups[op.group]->ranks.size();
    const bool all = op.kind == Kind::all_to_all;
    add(*op.src, all || op.kind == Kind::reduce_scatter ? whole : part, false);
    add(*op.dst, all || op.kind == Kind::all_gather ? whole : part, true);
  }

  void add(const plan::CopyT &copy) {
    uint64_t src = copy.bytes, dst = copy.bytes;
    for (const plan::CopyDim &dim : copy.dims) {
      src += (dim.size() - 1) * dim.src_stride();
      dst += (dim.size() - 1) * dim.dst_stride();
    }
    if (!copy.indexed) {
      add(*copy.src, src, false);
      add(*copy.dst, dst, true);
      return;
    }
    // Whatever the index is.
    auto rest = [&](const plan::Ref &ref) {
      return program.buffers[ref.buffer()]->bytes - ref.offset();
    };
    add(*copy.index, 8, false);
    add(*copy.src, copy.src_stride ? rest(*copy.src) : src, false);
    add(*copy.dst, copy.dst_stride ? rest(*copy.dst) : dst, true);
  }

  const plan::PlanT &plan;
  const plan::ProgramT &program;
  std::vector<Touch> touches;
};

} // namespace

std::vector<Touch> touchesOf(const plan::PlanT &plan,
                             const plan::ProgramT &program,
                             plan::InstrT &instr) {
  return Touches(plan, program).of(instr);
}

} // namespace ds
