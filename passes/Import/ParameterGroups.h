//===- ParameterGroups.h - Which optimizer a parameter has --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_IMPORT_PARAMETERGROUPS_H
#define DS_PASSES_IMPORT_PARAMETERGROUPS_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// Gives each trained parameter of the module the optimizer of the first group
/// that it belongs to, as its attribute `ds.optimizer`, or freezes it.
/// `groups` is an array of #ds.group, as text; empty: nothing is done.  An
/// error when a pattern matches no parameter.
llvm::LogicalResult assignOptimizers(mlir::func::FuncOp loss,
                                     llvm::StringRef groups);

} // namespace ds

#endif // DS_PASSES_IMPORT_PARAMETERGROUPS_H
