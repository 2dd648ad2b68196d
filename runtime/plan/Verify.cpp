//===- Verify.cpp - The plan verifier: order of checks, plan-wide facts
//----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan that passes can touch nothing outside its arenas (generated kernels
// are trusted within their arguments).  The topics are in Verify*.cpp; here is
// their order and what belongs to no program: ranks, groups and kernels.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

#include <algorithm>
#include <cmath>
#include <flatbuffers/util.h>

namespace ds::rt {

uint32_t sizeOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::u8:
    return 1;
  case plan::DType::bf16:
  case plan::DType::f16:
  case plan::DType::u16:
    return 2;
  case plan::DType::f32:
  case plan::DType::i32:
  case plan::DType::u32:
    return 4;
  case plan::DType::f64:
  case plan::DType::i64:
    return 8;
  }
  return 1;
}

std::string typeText(plan::DType dtype,
                     const flatbuffers::Vector<uint64_t> *shape) {
  std::string result = plan::EnumNameDType(dtype);
  for (uint32_t i = 0; i < verify::sizeOf(shape); ++i)
    result += format("%s%llu", i ? "x" : "[", verify::ull(shape->Get(i)));
  return verify::sizeOf(shape) ? result + "]" : result;
}

std::string shown(const flatbuffers::String *name) {
  std::string text = name ? name->str().substr(0, 64) : "";
  for (char &c : text)
    if (c < 0x20 || c == 0x7f)
      c = '?';
  return "'" + text + "'";
}

std::string instrPlace(uint32_t block, uint32_t number,
                       const plan::Instr &instr) {
  return format("block %u, instruction %u %s (%s)", block, number,
                shown(instr.name()).c_str(), plan::EnumNameOp(instr.op_type()));
}

namespace verify {

bool isFloat(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f64 || dtype == DType::bf16 ||
         dtype == DType::f16;
}

Status at(const std::string &place, Status status) {
  if (status.ok())
    return status;
  return Status(status.code(), place + ": " + status.message());
}

Status checkText(const char *what, const flatbuffers::String *text, Empty empty,
                 uint32_t most) {
  if (!text || text->size() == 0) {
    if (empty == Empty::Refused)
      return inputError("expects '%s' not to be empty", what);
    return {};
  }
  if (text->size() > most)
    return inputError("expects '%s' to have at most %u bytes, but got %u", what,
                      most, text->size());
  const char *p = text->c_str(), *end = p + text->size();
  while (p < end) {
    const int code = flatbuffers::FromUTF8(&p);
    if (code < 0x20 || code == 0x7f)
      return inputError("expects '%s' to be printable UTF-8", what);
  }
  return {};
}

Status checkShape(const flatbuffers::Vector<uint64_t> *shape) {
  if (sizeOf(shape) > kMaxRank)
    return inputError("expects 'shape' to have at most %u dimensions, but got "
                      "%u",
                      kMaxRank, sizeOf(shape));
  return checkAligned("shape", shape);
}

uint64_t elementsOf(const flatbuffers::Vector<uint64_t> *shape) {
  uint64_t elements = 1;
  for (uint32_t i = 0; i < sizeOf(shape); ++i)
    elements = satMul(elements, shape->Get(i));
  return elements;
}

Status checkRange(const char *what, uint64_t offset, uint64_t bytes,
                  const char *limitName, uint64_t limit) {
  if (offset > limit || bytes > limit - offset)
    return inputError("expects '%s' [%llu, +%llu) to be inside the %llu bytes "
                      "of %s",
                      what, ull(offset), ull(bytes), ull(limit), limitName);
  return {};
}

Status checkMembership(const ProgramFacts &facts, uint32_t group) {
  const uint32_t groups = sizeOf(facts.plan.groups());
  if (group >= groups)
    return inputError("expects 'group' to be less than %u, but got %u", groups,
                      group);
  if (facts.isMember[group])
    return {};
  const auto &members = *facts.plan.groups()->Get(group)->ranks();
  for (uint32_t rank : facts.ranks)
    if (!std::binary_search(members.begin(), members.end(), rank))
      return inputError("expects rank %u, which runs this program, to be a "
                        "member of group %u",
                        rank, group);
  facts.isMember[group] = true;
  return {};
}

namespace {

Status verifyGroup(const plan::Plan &plan, uint32_t g, uint64_t &members) {
  const auto &ranks = *plan.groups()->Get(g)->ranks();
  members += ranks.size();
  if (ranks.size() == 0 || members > kMaxMembers)
    return inputError("expects 'ranks' to have 1 to %llu members over all "
                      "groups, but got %u",
                      ull(kMaxMembers), ranks.size());
  if (g == 0 && ranks.size() != plan.world())
    return inputError("expects all %u ranks, but got %u", plan.world(),
                      ranks.size());
  for (uint32_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] >= plan.world())
      return inputError("expects ranks below the world of %u, but got %u",
                        plan.world(), ranks[i]);
    if (i > 0 && ranks[i] <= ranks[i - 1])
      return inputError("expects ranks in ascending order, but got %u after %u",
                        ranks[i], ranks[i - 1]);
  }
  return {};
}

Status verifyKernel(const plan::Kernel &kernel, uint64_t codeBytes, bool gpu) {
  DS_RT_RETURN_IF_ERROR(checkText("name", kernel.name(), Empty::Refused));
  if ((kernel.gpu() != nullptr) != gpu)
    return inputError("expects 'gpu' %s, but got %s",
                      gpu ? "in a plan for a GPU" : "only in plans for GPUs",
                      gpu ? "none" : "it");
  if (gpu)
    DS_RT_RETURN_IF_ERROR(verifyGpuKernel(*kernel.gpu()));
  else if (kernel.code_offset() >= codeBytes)
    return inputError("expects 'code_offset' to be inside the %llu bytes of "
                      "code, but got %llu",
                      ull(codeBytes), ull(kernel.code_offset()));
  if (kernel.args()->size() > kMaxArgs)
    return inputError("expects at most %u arguments, but got %u", kMaxArgs,
                      kernel.args()->size());
  for (const plan::KernelArg *arg : *kernel.args()) {
    DS_RT_RETURN_IF_ERROR(checkEnum("access", arg->access()));
    DS_RT_RETURN_IF_ERROR(checkEnum("dtype", arg->dtype()));
    DS_RT_RETURN_IF_ERROR(checkShape(arg->shape()));
  }
  return {};
}

/// Text and numbers that are printed and decide nothing.
Status verifyFacts(const plan::Plan &plan) {
  const plan::Target &target = *plan.target();
  DS_RT_RETURN_IF_ERROR(checkText("arch", target.arch(), Empty::Refused));
  DS_RT_RETURN_IF_ERROR(checkText("cpu", target.cpu()));
  if (sizeOf(target.features()) > kMaxArgs)
    return inputError("expects at most %u target features, but got %u",
                      kMaxArgs, target.features()->size());
  for (uint32_t i = 0; i < sizeOf(target.features()); ++i)
    DS_RT_RETURN_IF_ERROR(
        checkText("features", target.features()->Get(i), Empty::Refused));
  const plan::Facts &facts = *plan.facts();
  DS_RT_RETURN_IF_ERROR(checkText("model", facts.model()));
  DS_RT_RETURN_IF_ERROR(checkText("precision", facts.precision()));
  DS_RT_RETURN_IF_ERROR(checkText("remat", facts.remat()));
  DS_RT_RETURN_IF_ERROR(checkText("optimizer", facts.optimizer()));
  DS_RT_RETURN_IF_ERROR(checkText("schedule", facts.schedule()));
  DS_RT_RETURN_IF_ERROR(
      checkText("hf_config", facts.hf_config(), Empty::Allowed, kMaxConfig));
  if (!(facts.predicted_step_ms() >= 0) ||
      !std::isfinite(facts.predicted_step_ms()))
    return inputError("expects 'predicted_step_ms' to be at least 0, but got "
                      "%g",
                      facts.predicted_step_ms());
  if (facts.schedule_steps() > uint64_t{1} << 55)
    return inputError("expects 'schedule_steps' to be at most 2^55, but got "
                      "%llu",
                      (unsigned long long)facts.schedule_steps());
  return {};
}

Status verifyRanks(const plan::Plan &plan) {
  if (plan.world() == 0 || plan.world() > kMaxWorld)
    return inputError("expects 'world' to be 1 to %u, but got %u", kMaxWorld,
                      plan.world());
  if (plan.rank_programs()->size() != plan.world())
    return inputError("expects one entry of 'rank_programs' for each of %u "
                      "ranks, but got %u",
                      plan.world(), plan.rank_programs()->size());
  const uint32_t programs = plan.programs()->size();
  std::vector<bool> used(programs);
  for (uint32_t rank = 0; rank < plan.world(); ++rank) {
    const uint32_t program = plan.rank_programs()->Get(rank);
    if (program >= programs)
      return inputError("expects rank %u to run a program below %u, but got %u",
                        rank, programs, program);
    used[program] = true;
  }
  for (uint32_t i = 0; i < programs; ++i)
    if (!used[i])
      return inputError("expects a rank to run program %u, but none does", i);
  return {};
}

Status verifyProgram(ProgramFacts &facts) {
  DS_RT_RETURN_IF_ERROR(
      checkText("name", facts.program.name(), Empty::Refused));
  DS_RT_RETURN_IF_ERROR(verifyArenas(facts.program));
  DS_RT_RETURN_IF_ERROR(verifyBlocks(facts));
  DS_RT_RETURN_IF_ERROR(verifyBuffers(facts));
  DS_RT_RETURN_IF_ERROR(verifyLoops(facts));
  DS_RT_RETURN_IF_ERROR(verifyInstrs(facts));
  DS_RT_RETURN_IF_ERROR(verifyStreams(facts));
  DS_RT_RETURN_IF_ERROR(verifyEntries(facts));
  DS_RT_RETURN_IF_ERROR(verifyStates(facts));
  return verifyPlacement(facts);
}

Status verifyPrograms(const plan::Plan &plan) {
  std::vector<ProgramFacts> all;
  for (const plan::Program *program : *plan.programs())
    all.emplace_back(plan, *program);
  for (uint32_t rank = 0; rank < plan.world(); ++rank)
    all[plan.rank_programs()->Get(rank)].ranks.push_back(rank);
  for (uint32_t p = 0; p < all.size(); ++p) {
    if (Status status = verifyProgram(all[p]); !status.ok())
      return at(format("program %u %s", p,
                       shown(plan.programs()->Get(p)->name()).c_str()),
                status);
  }
  return verifyExchanges(all);
}

} // namespace

Status verifyGroups(const plan::Plan &plan) {
  uint64_t members = 0;
  for (uint32_t g = 0; g < sizeOf(plan.groups()); ++g)
    DS_RT_RETURN_IF_ERROR(
        at(format("group %u", g), verifyGroup(plan, g, members)));
  return {};
}

Status verifyKernels(const plan::Plan &plan, uint64_t codeBytes) {
  const bool gpu = isForGpu(plan);
  for (uint32_t k = 0; k < sizeOf(plan.kernels()); ++k) {
    const plan::Kernel &kernel = *plan.kernels()->Get(k);
    DS_RT_RETURN_IF_ERROR(
        at(format("kernel %u %s", k, shown(kernel.name()).c_str()),
           verifyKernel(kernel, codeBytes, gpu)));
  }
  return verifyImages(plan, codeBytes);
}

} // namespace verify

Status verifyPlan(const plan::Plan &plan, uint64_t codeBytes,
                  uint64_t constantBytes) {
  DS_RT_RETURN_IF_ERROR(verify::verifyRanks(plan));
  DS_RT_RETURN_IF_ERROR(verify::verifyFacts(plan));
  DS_RT_RETURN_IF_ERROR(verify::verifyGroups(plan));
  DS_RT_RETURN_IF_ERROR(verify::verifyKernels(plan, codeBytes));
  DS_RT_RETURN_IF_ERROR(verify::verifyPrograms(plan));
  return verify::verifyConstants(plan, constantBytes);
}

} // namespace ds::rt
