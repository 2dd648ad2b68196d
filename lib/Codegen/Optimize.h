//===- Optimize.h - LLVM's passes over a module -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_OPTIMIZE_H
#define DS_LIB_CODEGEN_OPTIMIZE_H

#include "llvm/Passes/OptimizationLevel.h"

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace ds {

/// Runs LLVM's pipeline of a level.  No loop becomes a call, such as one of
/// memset: code has no library.
void optimize(llvm::Module &module, llvm::TargetMachine &machine,
              llvm::OptimizationLevel level = llvm::OptimizationLevel::O3);

} // namespace ds

#endif // DS_LIB_CODEGEN_OPTIMIZE_H
