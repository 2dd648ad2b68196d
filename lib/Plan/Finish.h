//===- Finish.h - Code for a plan, and the file -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_FINISH_H
#define DS_LIB_PLAN_FINISH_H

#include "ds/Dialect/DS/DS.h"
#include "ds/Plan/Plan.h"

#include <span>

namespace ds {

/// On a kernel's function in a plan: pairs (result, argument) that share
/// storage, flattened.
inline constexpr llvm::StringLiteral kInPlaceAttr = "ds.in_place";

/// The function as text, with what it shares storage for.
std::string kernelText(const KernelRequest &request);

/// Compiles `kernels` into `plan`, which has one entry for each, and writes
/// the file.  Fails with a diagnostic at `module`.
mlir::LogicalResult finishPlan(mlir::ModuleOp module, plan::PlanT &plan,
                               llvm::ArrayRef<KernelRequest> kernels,
                               std::span<const std::byte> constants,
                               const TargetOptions &target,
                               llvm::StringRef path);

} // namespace ds

#endif // DS_LIB_PLAN_FINISH_H
