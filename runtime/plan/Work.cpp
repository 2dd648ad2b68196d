//===- Work.cpp - What one call of a block costs by the plan ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/Plan.h"

namespace ds::rt {

const char *nameOf(Work work) {
  static constexpr const char *names[kWorks] = {"products", "kernels",
                                                "collectives", "copies"};
  return names[size_t(work)];
}

std::optional<Work> workOf(plan::Op op) {
  switch (op) {
  case plan::Op::Gemm:
    return Work::products;
  case plan::Op::Launch:
    return Work::kernels;
  case plan::Op::Collective:
  case plan::Op::Send:
  case plan::Op::Recv:
    return Work::collectives;
  case plan::Op::Copy:
  case plan::Op::Fill:
  case plan::Op::Scalar:
    return Work::copies;
  default:
    return std::nullopt;
  }
}

static double flopsOf(const plan::Gemm &gemm) {
  double flops = 2.0 * double(gemm.m()) * double(gemm.n()) * double(gemm.k());
  if (gemm.batch())
    for (const plan::BatchDim *dim : *gemm.batch())
      flops *= double(dim->size());
  return flops;
}

double PlannedWork::predictedMs() const {
  double sum = otherMs;
  for (double part : ms)
    sum += part;
  return sum;
}

PlannedWork workOf(const plan::Program &program, uint32_t block) {
  // From the last block to the first: bodies have higher indices.
  std::vector<PlannedWork> work(program.blocks()->size());
  for (uint32_t b = uint32_t(work.size()); b-- > block;)
    for (const plan::Instr *instr : *program.blocks()->Get(b)->instrs()) {
      const std::optional<Work> kind = workOf(instr->op_type());
      (kind ? work[b].ms[size_t(*kind)] : work[b].otherMs) +=
          double(instr->predicted_us()) * 1e-3;
      if (const auto *gemm = instr->op_as_Gemm())
        work[b].productFlops += flopsOf(*gemm);
      const auto *loop = instr->op_as_Loop();
      const auto *call = instr->op_as_Call();
      if (!loop && !call)
        continue;
      const PlannedWork &body = work[loop ? loop->body() : call->body()];
      const double times = loop ? double(loop->count()) : 1.0;
      for (size_t i = 0; i < kWorks; ++i)
        work[b].ms[i] += times * body.ms[i];
      work[b].otherMs += times * body.otherMs;
      work[b].productFlops += times * body.productFlops;
    }
  return work[block];
}

} // namespace ds::rt
