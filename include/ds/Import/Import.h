//===- Import.h - Modules of other front ends become ds modules ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_IMPORT_IMPORT_H
#define DS_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringRef.h"

namespace ds {

/// Attribute of an imported module: samples in each of its inputs.
inline constexpr llvm::StringLiteral kBatchAttr = "ds.batch";

/// Whether a module is one of StableHLO: it has such ops, or a public function
/// @main and none that is a loss.
bool isStableHLO(mlir::ModuleOp module);

/// Rewrites @main of a StableHLO module into the loss function of a ds module:
/// parameters become `ds.parameter`s, calls are inlined, counted loops
/// unrolled.
///
/// What the arguments are comes from their attributes `ds.name`, `ds.kind`,
/// `ds.trainable` and `ds.init`, from `signature` (a JSON file; empty: none),
/// or from a rule that a remark prints.  Errors are diagnostics at the op they
/// are about, in the user's source when the module has locations; the module
/// is not to be used then.
mlir::LogicalResult importStableHLO(mlir::ModuleOp module,
                                    llvm::StringRef signature);

/// Rewrites @main of a StableHLO module into a function @forward of a ds
/// module that has the same arguments, with their attributes, and all results:
/// no parameters, no loss.  For tests of what front ends write.
mlir::LogicalResult importForward(mlir::ModuleOp module);

/// Marks the integer inputs of `module`'s loss that index rows of a table or
/// classes of a cross-entropy with `ds.bound`, the number of these: the data is
/// then checked, and can be random.  After raising, which finds those ops.
void boundInputs(mlir::ModuleOp module);

} // namespace ds

#endif // DS_IMPORT_IMPORT_H
