//===- KernelEmitter.h - A planned kernel as loops ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_KERNELEMITTER_H
#define DS_LIB_CODEGEN_KERNELEMITTER_H

#include "KernelPlan.h"

namespace ds {

/// Appends the kernel to `module` as scf loops over raw pointers, with an
/// entry point named `symbol`.  `vectorBits` is the width to vectorize for.
void emitKernel(mlir::func::FuncOp lowered, const KernelPlan &plan,
                const InPlace &inPlace, mlir::ModuleOp module,
                llvm::StringRef symbol, unsigned vectorBits);

} // namespace ds

#endif // DS_LIB_CODEGEN_KERNELEMITTER_H
