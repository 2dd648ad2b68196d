//===- PrintHeader.cpp - A plan as text: what belongs to no program -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/PrintParts.h"

namespace ds::rt {

using verify::sizeOf;
using verify::ull;

namespace {

void printImages(TextOut &out, const plan::Plan &plan) {
  for (uint32_t i = 0; i < sizeOf(plan.images()); ++i) {
    const plan::Image &image = *plan.images()->Get(i);
    out.line("image %u: %s for %s, code [%llu, +%llu)", i,
             plan::EnumNameImageKind(image.kind()), text(image.arch()).c_str(),
             ull(image.offset()), ull(image.bytes()));
  }
}

/// Where its code is, or how a GPU runs it.
std::string whereabouts(const plan::Kernel &kernel) {
  const plan::GpuKernel *gpu = kernel.gpu();
  if (!gpu)
    return format("at code+0x%llx", ull(kernel.code_offset()));
  std::string text = format("in blocks of %u threads and %llu items",
                            gpu->threads(), ull(gpu->items()));
  if (gpu->shared_bytes())
    text += format(", %u shared bytes", gpu->shared_bytes());
  return gpu->registers() ? text + format(", %u registers", gpu->registers())
                          : text;
}

void printKernels(TextOut &out, const plan::Plan &plan) {
  for (uint32_t k = 0; k < sizeOf(plan.kernels()); ++k) {
    const plan::Kernel &kernel = *plan.kernels()->Get(k);
    out.line("kernel %u %s %s, %.3e flops, %.3e bytes%s", k,
             quoted(kernel.name()).c_str(), whereabouts(kernel).c_str(),
             kernel.flops(), kernel.bytes(),
             sizeOf(kernel.ir()) ? ", with ir" : "");
    for (uint32_t i = 0; i < kernel.args()->size(); ++i) {
      const plan::KernelArg &arg = *kernel.args()->Get(i);
      out.line("  arg %u: %-10s %s, %llu bytes", i,
               plan::EnumNameAccess(arg.access()),
               typeText(arg.dtype(), arg.shape()).c_str(), ull(arg.bytes()));
    }
  }
}

} // namespace

std::string ranksText(const std::vector<uint32_t> &ranks) {
  std::string result;
  for (size_t i = 0; i < ranks.size();) {
    size_t end = i + 1;
    while (end < ranks.size() && ranks[end] == ranks[end - 1] + 1)
      ++end;
    result += format("%s%u", i ? "," : "", ranks[i]);
    if (end - i > 1)
      result += format("-%u", ranks[end - 1]);
    i = end;
  }
  return result;
}

void printHeader(TextOut &out, const LoadedPlan &loaded) {
  const plan::Plan &plan = loaded.plan();
  const plan::Target &target = *plan.target();
  out.line("plan format %u.%u, hash %016llx", plan::kVersionMajor,
           plan::kVersionMinor, ull(loaded.hash()));
  std::string cpu = sizeOf(target.cpu()) ? " " + text(target.cpu()) : "";
  for (uint32_t i = 0; i < sizeOf(target.features()); ++i)
    cpu += " +" + text(target.features()->Get(i));
  if (target.reserve_bytes())
    cpu += ", libraries up to " + bytesText(target.reserve_bytes());
  out.line("  target %s%s", text(target.arch()).c_str(), cpu.c_str());
  const plan::Facts &facts = *plan.facts();
  out.line("  model '%s', sequence %llu, precision '%s', remat '%s', optimizer "
           "'%s'",
           text(facts.model()).c_str(), ull(facts.seq_len()),
           text(facts.precision()).c_str(), text(facts.remat()).c_str(),
           text(facts.optimizer()).c_str());
  if (sizeOf(facts.schedule()))
    out.line("  learning rate: %s", text(facts.schedule()).c_str());
  out.line("  ZeRO stage %u, micro-batch %llu x accumulation %llu x world %u = "
           "global batch %llu",
           facts.zero_stage(), ull(facts.micro_batch()),
           ull(facts.grad_accum()), plan.world(), ull(facts.global_batch()));
  out.line("  predicted %.3f ms a step, %.3e flops in matrix products, memory "
           "limit %s",
           facts.predicted_step_ms(), facts.flops_per_step(),
           facts.memory_limit() ? bytesText(facts.memory_limit()).c_str()
                                : "none");
  out.line("  code %s, constants %s", bytesText(loaded.code().bytes).c_str(),
           bytesText(loaded.constants().size()).c_str());
  for (uint32_t g = 0; g < sizeOf(plan.groups()); ++g) {
    const auto &ranks = *plan.groups()->Get(g)->ranks();
    out.line("  group %u: ranks %s", g,
             ranksText({ranks.begin(), ranks.end()}).c_str());
  }
  printImages(out, plan);
  printKernels(out, plan);
}

} // namespace ds::rt
