//===- Parallel.h - Passes of the Parallel group
//------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_PARALLEL_H
#define DS_PASSES_PARALLEL_H

#include "mlir/Pass/Pass.h"

namespace ds {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ds/Passes/Parallel.h.inc"
} // namespace ds

#endif // DS_PASSES_PARALLEL_H
