//===- Profile.cpp - Where the time of steps goes, by instruction -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Profile.h"
#include "plan/Verify.h"

#include <algorithm>
#include <map>

namespace ds::rt {
namespace {

/// What one call of an instruction is, and is worth.
struct Kind {
  std::string name;
  double flops = 0, bytes = 0;
};

Kind kindOf(const plan::Gemm &gemm) {
  double count = 1;
  if (gemm.batch())
    for (const plan::BatchDim *dim : *gemm.batch())
      count *= double(dim->size());
  const double m = double(gemm.m()), n = double(gemm.n()), k = double(gemm.k());
  std::string name = "gemm " + std::to_string(gemm.m()) + "x" +
                     std::to_string(gemm.n()) + "x" + std::to_string(gemm.k());
  if (count > 1)
    name += " x" + std::to_string(uint64_t(count));
  name += gemm.transpose_a() ? " T" : " N";
  name += gemm.transpose_b() ? "T" : "N";
  return {name, 2 * m * n * k * count,
          (m * k + k * n + m * n * (gemm.beta() != 0 ? 2 : 1)) * count *
              double(sizeOf(gemm.dtype()))};
}

Kind kindOf(const plan::Plan &plan, const plan::Instr &instr) {
  if (const auto *launch = instr.op_as_Launch()) {
    const plan::Kernel &kernel = *plan.kernels()->Get(launch->kernel());
    return {"kernel " + kernel.name()->str(), kernel.flops(), kernel.bytes()};
  }
  if (const auto *gemm = instr.op_as_Gemm())
    return kindOf(*gemm);
  if (const auto *collective = instr.op_as_Collective()) {
    const double shard =
        double(collective->count()) * double(sizeOf(collective->dtype()));
    return {
        plan::EnumNameCollectiveKind(collective->kind()), 0,
        shard *
            double(plan.groups()->Get(collective->group())->ranks()->size())};
  }
  if (const auto *copy = instr.op_as_Copy())
    return {"copy", 0, 2.0 * double(copy->bytes())};
  if (const auto *fill = instr.op_as_Fill())
    return {"fill", 0, double(fill->bytes())};
  return {plan::EnumNameOp(instr.op_type()), 0, 0};
}

} // namespace

std::vector<ProfileRow> profileRows(const plan::Plan &plan,
                                    const plan::Program &program,
                                    const std::vector<InstrTime> &times,
                                    uint64_t steps) {
  std::map<std::string, ProfileRow> rows;
  size_t number = 0;
  for (const plan::Block *block : *program.blocks())
    for (const plan::Instr *instr : *block->instrs()) {
      const InstrTime &time = times[number++];
      if (time.calls == 0 || !workOf(instr->op_type()))
        continue;
      const Kind kind = kindOf(plan, *instr);
      ProfileRow &row = rows[kind.name];
      const double calls = double(time.calls) / double(steps);
      row.what = kind.name;
      row.calls += calls;
      row.ms += time.seconds * 1e3 / double(steps);
      row.plannedMs += double(instr->predicted_us()) * 1e-3 * calls;
      row.flops += kind.flops * calls;
      row.bytes += kind.bytes * calls;
    }
  std::vector<ProfileRow> all;
  for (auto &[name, row] : rows)
    all.push_back(std::move(row));
  std::ranges::sort(all, std::ranges::greater(), &ProfileRow::ms);
  return all;
}

} // namespace ds::rt
