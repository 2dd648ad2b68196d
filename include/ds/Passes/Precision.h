//===- Precision.h - Passes of the Precision group ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_PRECISION_H
#define DS_PASSES_PRECISION_H

#include "mlir/Pass/Pass.h"

namespace ds {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ds/Passes/Precision.h.inc"

/// The element type that "f32", "bf16" or "fp16" names; null for other names.
mlir::FloatType floatType(mlir::MLIRContext *context, llvm::StringRef name);
} // namespace ds

#endif // DS_PASSES_PRECISION_H
