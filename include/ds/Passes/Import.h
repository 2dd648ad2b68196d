//===- Import.h - Passes of the Import group ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_IMPORT_H
#define DS_PASSES_IMPORT_H

#include "mlir/Pass/Pass.h"

namespace ds {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ds/Passes/Import.h.inc"
} // namespace ds

#endif // DS_PASSES_IMPORT_H
