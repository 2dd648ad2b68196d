//===- Finish.cpp - Code for a draft, and the file ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Finish.h"

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

LogicalResult finishPlan(ModuleOp module, plan::PlanT &plan,
                         ArrayRef<KernelRequest> kernels,
                         std::span<const std::byte> constants,
                         const TargetOptions &target, StringRef path) {
  if (plan.target->arch == "nvidia")
    return module.emitError("the code of GPU kernels is not built yet");
  FailureOr<KernelImage> image = compileKernels(kernels, target);
  if (failed(image))
    return failure();
  for (auto [kernel, info, request] :
       llvm::zip_equal(plan.kernels, image->kernels, kernels)) {
    kernel->code_offset = info.codeOffset;
    kernel->ir = kernelText(request);
  }
  plan.target->cpu = image->cpu;
  plan.target->features = image->features;
  rt::Status status = rt::writePlan(plan, std::as_bytes(std::span(image->code)),
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
