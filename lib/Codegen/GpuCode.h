//===- GpuCode.h - From a GPU's loops to its code -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_GPUCODE_H
#define DS_LIB_CODEGEN_GPUCODE_H

#include "ds/Codegen/Codegen.h"
#include "mlir/IR/BuiltinOps.h"

namespace ds {

/// Marks functions that read or write 16-bit numbers, until exponentials are
/// replaced.
constexpr llvm::StringLiteral kNarrowAttr = "ds.narrow";

/// Replaces what a GPU has instructions for: exponentials and divisions.
void expandGpuExponentials(mlir::Operation *module);
void expandGpuDivisions(mlir::Operation *module);

/// Makes LLVM IR of a module of loops.  Fails with a diagnostic.
llvm::FailureOr<std::string> gpuBitcode(mlir::ModuleOp module);

/// To have more blocks on a processor, ptxas keeps some kernels to fewer
/// registers than they need: PTX in which these are told that one is enough.
std::string withOneBlock(llvm::StringRef ptx,
                         llvm::ArrayRef<GpuKernelInfo> kernels);

/// Assembles PTX for an architecture; what it uses is noted in `kernels`.
/// Fails with a diagnostic.  No bytes, and a note, where this ptxas does not
/// know the architecture.
llvm::FailureOr<std::vector<char>>
assemble(llvm::StringRef ptxas, llvm::StringRef ptx, llvm::StringRef arch,
         std::vector<GpuKernelInfo> &kernels, std::vector<std::string> &notes,
         mlir::Location loc);

} // namespace ds

#endif // DS_LIB_CODEGEN_GPUCODE_H
