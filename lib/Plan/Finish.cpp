//===- Finish.cpp - Code for a draft, and the file ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Finish.h"

#include "ds-rt/PlanFile.h"
#include "plan/Plan.h"

#include "llvm/Support/SHA256.h"

#include <utility>

using namespace mlir;

namespace ds {

std::string kernelText(const KernelRequest &request) {
  func::FuncOp function = request.function;
  SmallVector<int64_t> pairs;
  for (auto [result, argument] : request.inPlace)
    pairs.append({result, argument});
  Builder builder(function.getContext());
  if (!pairs.empty())
    function->setAttr(kInPlaceAttr, builder.getDenseI64ArrayAttr(pairs));
  std::string text;
  llvm::raw_string_ostream(text) << function << "\n";
  function->removeAttr(kInPlaceAttr);
  return text;
}

/// Compiles for the CPU that `target` names; returns the code section.
static FailureOr<std::vector<char>>
compileForCpu(plan::PlanT &plan, ArrayRef<KernelRequest> kernels,
              const TargetOptions &target) {
  FailureOr<KernelImage> image = compileKernels(kernels, target);
  if (failed(image))
    return failure();
  for (auto [kernel, info] : llvm::zip_equal(plan.kernels, image->kernels))
    kernel->code_offset = info.codeOffset;
  plan.target->cpu = image->cpu;
  plan.target->features = image->features;
  return std::move(image->code);
}

/// The bytes that each argument of each kernel is a multiple of in all of its
/// launches, up to the alignment of buffers.
static std::vector<std::vector<uint32_t>>
alignmentsOf(const plan::PlanT &plan) {
  std::vector<std::vector<uint32_t>> all;
  for (const auto &kernel : plan.kernels)
    all.emplace_back(kernel->args.size(), uint32_t(plan::kGpuAlignment));
  for (const auto &program : plan.programs)
    for (const auto &block : program->blocks)
      for (const auto &instr : block->instrs)
        if (const plan::LaunchT *launch = instr->op.AsLaunch())
          for (auto [ref, alignment] :
               llvm::zip_equal(launch->args, all[launch->kernel])) {
            const plan::BufferT &buffer = *program->buffers[ref.buffer()];
            const uint64_t places =
                buffer.offset | buffer.rank_stride | ref.offset() | alignment;
            alignment = uint32_t(places & -places); // the lowest bit
          }
  return all;
}

/// Compiles for the GPU that `target` names, and as PTX for later ones.
static FailureOr<std::vector<char>>
compileForGpu(plan::PlanT &plan, ArrayRef<KernelRequest> kernels,
              const TargetOptions &target) {
  std::vector<KernelRequest> requests(kernels.begin(), kernels.end());
  for (auto [request, alignments] :
       llvm::zip_equal(requests, alignmentsOf(plan)))
    request.alignments = alignments;
  FailureOr<GpuImage> image = compileGpuKernels(requests, {target.gpuArchs});
  if (failed(image))
    return failure();
  for (const std::string &note : image->notes)
    emitRemark(UnknownLoc::get(kernels.front().function->getContext())) << note;
  for (auto [kernel, info] : llvm::zip_equal(plan.kernels, image->kernels)) {
    kernel->gpu = std::make_unique<plan::GpuKernelT>();
    kernel->gpu->threads = info.threads;
    kernel->gpu->items = info.itemsPerBlock;
    kernel->gpu->shared_bytes = info.sharedBytes;
    kernel->gpu->registers = info.registers;
  }
  std::vector<char> code;
  plan.images.clear();
  for (const GpuCode &part : image->images) {
    auto entry = std::make_unique<plan::ImageT>();
    entry->kind = part.kind == GpuCodeKind::Ptx ? plan::ImageKind::ptx
                                                : plan::ImageKind::cubin;
    entry->arch = part.arch;
    code.resize(llvm::alignTo(code.size(), plan::kAlignment));
    entry->offset = code.size();
    entry->bytes = part.bytes.size();
    llvm::append_range(code, part.bytes);
    plan.images.push_back(std::move(entry));
  }
  plan.target->cpu = "sm_80";
  return code;
}

LogicalResult finishPlan(ModuleOp module, plan::PlanT &plan,
                         ArrayRef<KernelRequest> kernels,
                         std::span<const std::byte> constants,
                         const TargetOptions &target, StringRef path) {
  FailureOr<std::vector<char>> code =
      plan.target->arch == "nvidia" ? compileForGpu(plan, kernels, target)
                                    : compileForCpu(plan, kernels, target);
  if (failed(code))
    return failure();
  for (auto [kernel, request] : llvm::zip_equal(plan.kernels, kernels))
    kernel->ir = kernelText(request);
  rt::Status status = rt::writePlan(plan, std::as_bytes(std::span(*code)),
                                    constants, path.str());
  if (!status.ok())
    return emitError(UnknownLoc::get(module.getContext()))
           << status.message(); // no line of the model is to blame
  return success();
}

LogicalResult finishPlan(ModuleOp module, PlanDraft &draft,
                         const TargetOptions &target, StringRef path) {
  return finishPlan(module, draft.plan, draft.kernels,
                    std::as_bytes(std::span(draft.constants)), target, path);
}

std::string identityOf(PlanDraft &draft) {
  plan::PlanT &plan = draft.plan;
  // What is said about a plan is not what it does.
  auto facts = std::exchange(plan.facts, std::make_unique<plan::FactsT>());
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  builder.Finish(plan::Plan::Pack(builder, &plan));
  plan.facts = std::move(facts);
  llvm::SHA256 hash;
  hash.update(ArrayRef(builder.GetBufferPointer(), builder.GetSize()));
  hash.update(StringRef(draft.constants.data(), draft.constants.size()));
  for (const KernelRequest &kernel : draft.kernels)
    hash.update(kernelText(kernel));
  return llvm::toStringRef(hash.final()).str();
}

} // namespace ds
