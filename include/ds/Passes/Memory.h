//===- Memory.h - Passes of the Memory group ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_MEMORY_H
#define DS_PASSES_MEMORY_H

#include "mlir/Pass/Pass.h"

namespace ds {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ds/Passes/Memory.h.inc"
} // namespace ds

#endif // DS_PASSES_MEMORY_H
