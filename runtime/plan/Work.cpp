//===- Work.cpp - What one call of a block costs by the plan ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/Verify.h"

#include <algorithm>
#include <array>

namespace ds::rt {

const char *nameOf(Work work) {
  static constexpr const char *names[kWorks] = {"products", "kernels",
                                                "collectives", "copies"};
  return names[size_t(work)];
}

std::optional<Work> workOf(plan::Op op) {
  switch (op) {
  case plan::Op::Gemm:
  case plan::Op::Convolution:
    return Work::products;
  case plan::Op::Launch:
  case plan::Op::Sort:
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

/// Products of one call.
static double countOf(const plan::Gemm &gemm) {
  double count = 1;
  if (gemm.batch())
    for (const plan::BatchDim *dim : *gemm.batch())
      count *= double(dim->size());
  return count;
}

static double flopsOf(const plan::Gemm &gemm) {
  return 2.0 * double(gemm.m()) * double(gemm.n()) * double(gemm.k()) *
         countOf(gemm);
}

static InstrWork workOf(const plan::Gemm &gemm) {
  const double m = double(gemm.m()), n = double(gemm.n()), k = double(gemm.k());
  const double count = countOf(gemm);
  std::string what = "gemm " + std::to_string(gemm.m()) + "x" +
                     std::to_string(gemm.n()) + "x" + std::to_string(gemm.k());
  std::string batch;
  if (count > 1) {
    what += " x" + std::to_string(uint64_t(count));
    batch = std::to_string(uint64_t(count)) + "x";
  }
  what += gemm.transpose_a() ? " T" : " N";
  what += gemm.transpose_b() ? "T" : "N";
  if (gemm.bias())
    what += " + bias";
  if (gemm.epilogue() != plan::Epilogue::none)
    what += std::string(", ") + plan::EnumNameEpilogue(gemm.epilogue());
  // C, and what is added to it, kept of it or multiplied with it.
  const double touched = gemm.beta() != 0 || gemm.preactivation() ? 2 : 1;
  const plan::DType result =
      gemm.f32_result() ? plan::DType::f32 : gemm.dtype();
  return {what,
          plan::EnumNameDType(result) + ("[" + batch) +
              std::to_string(gemm.m()) + "x" + std::to_string(gemm.n()) + "]",
          flopsOf(gemm),
          ((m * k + k * n) * double(sizeOf(gemm.dtype())) +
           (m * n * touched + (gemm.bias() ? n : 0)) * double(sizeOf(result))) *
              count};
}

/// Padding counted as if it were multiplied.
static double flopsOf(const plan::Convolution &op) {
  double flops = 2.0 * double(op.batch()) * double(op.groups()) *
                 double(op.inputs()) * double(op.outputs());
  for (const plan::ConvolutionDim *dim : *op.dims())
    flops *= double(dim->kernel()) * double(dim->output());
  return flops;
}

static InstrWork workOf(const plan::Convolution &op) {
  using plan::ConvolutionKind;
  double input = double(op.batch() * op.groups() * op.inputs());
  double kernel = double(op.groups() * op.inputs() * op.outputs());
  double output = double(op.batch() * op.groups() * op.outputs());
  std::string sizes[3];
  for (const plan::ConvolutionDim *dim : *op.dims()) {
    input *= double(dim->input());
    kernel *= double(dim->kernel());
    output *= double(dim->output());
    sizes[0] += "x" + std::to_string(dim->output());
    sizes[1] += "x" + std::to_string(dim->input());
    sizes[2] += "x" + std::to_string(dim->kernel());
  }
  const std::string heads[] = {std::to_string(op.batch()) + "x" +
                                   std::to_string(op.groups() * op.outputs()),
                               std::to_string(op.batch()) + "x" +
                                   std::to_string(op.groups() * op.inputs()),
                               std::to_string(op.groups() * op.outputs()) +
                                   "x" + std::to_string(op.inputs())};
  const auto made = size_t(op.kind());
  std::string what = std::string("convolution to ") +
                     plan::EnumNameConvolutionKind(op.kind()) + " " + heads[1] +
                     sizes[1] + " by " + heads[2] + sizes[2];
  if (op.groups() > 1)
    what += " in " + std::to_string(op.groups()) + " groups";
  return {what,
          plan::EnumNameDType(op.dtype()) + ("[" + heads[made]) + sizes[made] +
              "]",
          flopsOf(op), (input + kernel + output) * double(sizeOf(op.dtype()))};
}

static InstrWork workOf(const plan::Kernel &kernel) {
  InstrWork work{"kernel " + kernel.name()->str(), "", kernel.flops(),
                 kernel.bytes()};
  for (const plan::KernelArg *arg : *kernel.args())
    if (arg->access() != plan::Access::read) {
      work.shape = typeText(arg->dtype(), arg->shape());
      break;
    }
  return work;
}

InstrWork workOf(const plan::Plan &plan, const plan::Instr &instr) {
  if (const auto *launch = instr.op_as_Launch())
    return workOf(*plan.kernels()->Get(launch->kernel()));
  if (const auto *gemm = instr.op_as_Gemm())
    return workOf(*gemm);
  if (const auto *convolution = instr.op_as_Convolution())
    return workOf(*convolution);
  if (const auto *collective = instr.op_as_Collective()) {
    const double shard =
        double(collective->count()) * double(sizeOf(collective->dtype()));
    return {
        plan::EnumNameCollectiveKind(collective->kind()),
        std::string(plan::EnumNameDType(collective->dtype())) + "[" +
            std::to_string(collective->count()) + "]",
        0,
        shard *
            double(plan.groups()->Get(collective->group())->ranks()->size())};
  }
  if (const auto *copy = instr.op_as_Copy()) {
    double bytes = 2.0 * double(copy->bytes());
    if (copy->dims())
      for (const plan::CopyDim *dim : *copy->dims())
        bytes *= double(dim->size());
    return {"copy", "", 0, bytes};
  }
  if (const auto *fill = instr.op_as_Fill())
    return {"fill", "", 0, double(fill->bytes())};
  if (const auto *sort = instr.op_as_Sort())
    return {"sort",
            plan::EnumNameDType(sort->dtype()) +
                ("[" + std::to_string(sort->rows())) + "x" +
                std::to_string(sort->length()) + "]",
            0,
            double(sort->rows()) *
                (double(sort->length()) * double(sizeOf(sort->dtype())) +
                 double(sort->kept()) * 4)};
  return {plan::EnumNameOp(instr.op_type()), "", 0, 0};
}

uint32_t instructionCount(const plan::Program &program) {
  uint32_t count = 0;
  for (const plan::Block *block : *program.blocks())
    count += block->instrs()->size();
  return count;
}

uint64_t instructionsOf(const plan::Program &program, uint32_t block) {
  // From the last block to the first: bodies have higher indices.
  std::vector<uint64_t> counts(program.blocks()->size());
  for (uint32_t b = uint32_t(counts.size()); b-- > block;)
    for (const plan::Instr *instr : *program.blocks()->Get(b)->instrs()) {
      uint64_t count = 1;
      if (const auto *loop = instr->op_as_Loop())
        count += verify::satMul(loop->count(), counts[loop->body()]);
      if (const auto *call = instr->op_as_Call())
        count += counts[call->body()];
      counts[b] = verify::satAdd(counts[b], count);
    }
  return counts[block];
}

/// Milliseconds of a block from its beginning to its end; of bodies they are
/// known.
static double pathMs(const plan::Program &program, uint32_t block,
                     uint32_t first, const std::vector<PlannedWork> &work) {
  std::array<double, size_t(plan::Stream::MAX) + 1> clocks{};
  std::vector<double> ends;
  for (const plan::Instr *instr : *program.blocks()->Get(block)->instrs()) {
    double &clock = clocks[size_t(instr->stream())];
    const auto *loop = instr->op_as_Loop();
    const auto *call = instr->op_as_Call();
    if (loop || call)
      clocks.fill(*std::ranges::max_element(clocks)); // all streams meet
    if (instr->waits())
      for (uint32_t wait : *instr->waits())
        clock = std::max(clock, ends[wait - first]);
    clock += double(instr->predicted_us()) * 1e-3;
    if (loop)
      clocks.fill(clock +
                  double(loop->count()) * work[loop->body()].predictedMs);
    if (call)
      clocks.fill(clock + work[call->body()].predictedMs);
    ends.push_back(clock);
  }
  return *std::ranges::max_element(clocks);
}

PlannedWork workOf(const plan::Plan &plan, const plan::Program &program,
                   uint32_t block) {
  std::vector<uint32_t> firsts;
  uint32_t number = 0;
  for (const plan::Block *each : *program.blocks()) {
    firsts.push_back(number);
    number += each->instrs()->size();
  }
  // From the last block to the first: bodies have higher indices.
  std::vector<PlannedWork> work(program.blocks()->size());
  for (uint32_t b = uint32_t(work.size()); b-- > block;) {
    for (const plan::Instr *instr : *program.blocks()->Get(b)->instrs()) {
      const std::optional<Work> kind = workOf(instr->op_type());
      (kind ? work[b].ms[size_t(*kind)] : work[b].otherMs) +=
          double(instr->predicted_us()) * 1e-3;
      if (const auto *launch = instr->op_as_Launch())
        work[b].productFlops +=
            plan.kernels()->Get(launch->kernel())->product_flops();
      if (const auto *gemm = instr->op_as_Gemm())
        work[b].productFlops += flopsOf(*gemm);
      if (const auto *convolution = instr->op_as_Convolution())
        work[b].productFlops += flopsOf(*convolution);
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
    work[b].predictedMs = pathMs(program, b, firsts[b], work);
  }
  return work[block];
}

} // namespace ds::rt
