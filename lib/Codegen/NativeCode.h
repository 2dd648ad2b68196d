//===- NativeCode.h - From loops to a flat image of machine code --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_NATIVECODE_H
#define DS_LIB_CODEGEN_NATIVECODE_H

#include "ds/Codegen/Codegen.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringMap.h"

namespace ds {

/// A CPU to generate code for.
struct Target {
  std::string cpu;      ///< LLVM's name.
  std::string features; ///< LLVM's notation: "+avx2,-amx-tile".
  unsigned vectorBits;
  std::vector<std::string> flags; ///< Names in /proc/cpuinfo.
};

/// Resolves "host" or a CPU name; fails with a diagnostic.
llvm::FailureOr<Target> findTarget(llvm::StringRef cpu, mlir::Location loc);

/// Replaces functions such as exp by polynomials that vectorize.
void expandMath(mlir::Operation *module);

/// Replaces conversions from and to 16-bit numbers by what vectorizes; only
/// those of float64 where the machine has the others.
void expandNarrowFloats(mlir::Operation *module, bool isNative = false);

/// From loops to the LLVM dialect, once math is expanded.
llvm::LogicalResult lowerToLLVM(mlir::ModuleOp module);

/// Writes a file; fails with a diagnostic.
llvm::LogicalResult writeFile(llvm::StringRef path, llvm::StringRef bytes,
                              mlir::Location loc);

/// An image and where its entry points are.
struct LinkedCode {
  std::vector<char> bytes;
  llvm::StringMap<uint64_t> offsets;
  std::vector<std::string> notes; ///< Of the back end.
};

/// Compiles modules of scf loops, in parallel, into one image.  Fails with a
/// diagnostic.
llvm::FailureOr<LinkedCode>
compileModules(llvm::MutableArrayRef<mlir::OwningOpRef<mlir::ModuleOp>> modules,
               const Target &target);

} // namespace ds

#endif // DS_LIB_CODEGEN_NATIVECODE_H
