//===- Plan.h - From a lowered module to a plan file --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A draft has every instruction, every byte and a predicted time, but no code
// yet: the tuner drafts every candidate and finishes one.
//===--------------------------------------------------------------------===//
#ifndef DS_PLAN_PLAN_H
#define DS_PLAN_PLAN_H

#include "ds/Codegen/Codegen.h"
#include "ds/Cost/Cost.h"
#include "plan_generated.h" // the schema

#include "mlir/IR/BuiltinOps.h"

namespace ds {

struct PlanDraft {
  plan::PlanT plan;
  std::vector<KernelRequest> kernels; ///< In the order of plan.kernels.
  std::vector<std::vector<KernelPass>> passes; ///< What each kernel costs.
  std::vector<char> constants;
  double predictedSeconds = 0; ///< Of one call of `train`.
  int64_t deviceBytes = 0;     ///< Of one rank.

  const plan::ProgramT &program() const { return *plan.programs.front(); }
};

/// Turns the functions of a module after `ds-fuse-kernels` into entries of a
/// plan: storage for every value, instructions, placement, predicted times.
/// The kernels stay functions of `module`, which must outlive the draft.  With
/// `overlap`, what moves on a stream of its own keeps its bytes until the next
/// of that stream, so that kernels need not wait for them.
/// Fails with a diagnostic.
mlir::FailureOr<PlanDraft> draftPlan(mlir::ModuleOp module, const Rates &rates,
                                     bool overlap = false);

/// Compiles the draft's kernels and writes the plan atomically to `path`.
/// Fails with a diagnostic at the module.
mlir::LogicalResult finishPlan(mlir::ModuleOp module, PlanDraft &draft,
                               const TargetOptions &target,
                               llvm::StringRef path);

/// Emits the kernels of the plan `input` for another CPU and writes `output`:
/// the same instructions and bytes, other code.  Fails with a diagnostic.
mlir::LogicalResult reemitPlan(mlir::MLIRContext &context,
                               llvm::StringRef input,
                               const TargetOptions &target,
                               llvm::StringRef output);

/// A digest of all that the draft's plan will do: drafts of equal identity run
/// alike, whatever options made them.
std::string identityOf(PlanDraft &draft);

/// What a memory budget that is too small is explained with: the instruction
/// at the peak and the largest buffers alive there, as lines of text.
std::string describePeak(const PlanDraft &draft);

} // namespace ds

#endif // DS_PLAN_PLAN_H
