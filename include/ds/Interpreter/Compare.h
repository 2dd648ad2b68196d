//===- Compare.h - Is a program the same before and after passes? -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the ds-exec tool does: run two modules on generated arguments and
// compare, or compare gradients with finite differences.
//===--------------------------------------------------------------------===//
#ifndef DS_INTERPRETER_COMPARE_H
#define DS_INTERPRETER_COMPARE_H

#include "ds/Interpreter/Interpreter.h"

namespace ds {

struct CompareOptions {
  /// Function that is run.
  std::string entry = "train";
  /// Calls of it, over which state lives.
  int64_t steps = 2;
  /// Greatest allowed difference, relative to the largest element.
  double rtol = 1e-9;
};

/// Runs `before` on one rank and `after` on `world` ranks and compares all
/// results of each step and the logical state after the last one.
///
/// Where the first dimension of an argument is `world` times smaller in
/// `after`, rank r gets the r-th window of it, otherwise all ranks get all of
/// it.  Prints one line when equal; otherwise a diagnostic names the first
/// difference.
mlir::LogicalResult compare(mlir::ModuleOp before, mlir::ModuleOp after,
                            int64_t world, const CompareOptions &options,
                            llvm::raw_ostream &os);

/// Compares `@<function>_grad`, which takes the same arguments as
/// `@<function>` and returns its scalar and one gradient per floating-point
/// argument, with central differences of `@<function>`.
mlir::LogicalResult checkGradients(mlir::ModuleOp module,
                                   llvm::StringRef function,
                                   llvm::raw_ostream &os);

/// Runs `entry` once on `world` ranks and prints its results, whole numbers of
/// integer types with all digits.
mlir::LogicalResult printResults(mlir::ModuleOp module, llvm::StringRef entry,
                                 int64_t world, llvm::raw_ostream &os);

/// The value of an argument in a step: what its `ds.value` says, a dense
/// attribute of its type, or else standard normals, and for integers numbers in
/// [0, bound), bound being the argument's `ds.bound` (8 without, of i1 2).
mlir::FailureOr<HostTensor> testArgument(mlir::func::FuncOp function,
                                         unsigned argument, int64_t step);

} // namespace ds

#endif // DS_INTERPRETER_COMPARE_H
