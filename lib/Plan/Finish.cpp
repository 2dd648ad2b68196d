//===- Finish.cpp - Code for a draft, and the file ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Plan/Plan.h"

#include "plan/Plan.h"

using namespace mlir;

namespace ds {

LogicalResult finishPlan(ModuleOp module, PlanDraft &draft,
                         const TargetOptions &target, StringRef path) {
  FailureOr<KernelImage> image = compileKernels(draft.kernels, target);
  if (failed(image))
    return failure();
  for (auto [kernel, info] : llvm::zip_equal(draft.plan.kernels, image->kernels)) {
    kernel->code_offset = info.codeOffset;
    kernel->ir = info.ir;
  }
  draft.plan.target->cpu = image->cpu;
  draft.plan.target->features = image->features;
  rt::Status status = rt::writePlan(
      draft.plan, std::as_bytes(std::span(image->code)),
      std::as_bytes(std::span(draft.constants)), path.str());
  if (!status.ok())
    return module.emitError(status.message());
  return success();
}

} // namespace ds
