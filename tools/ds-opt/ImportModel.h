//===- ImportModel.h - Models that are not written in ds ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_IMPORTMODEL_H
#define DS_TOOLS_DSOPT_IMPORTMODEL_H

#include "Options.h"
#include "ds/Support/Recipe.h"

#include "mlir/IR/BuiltinOps.h"

namespace ds {

/// Imports the model if it is one of StableHLO, and takes the micro-batch from
/// it where `options` leave it open.  Returns an exit code, after its message.
int importModel(mlir::ModuleOp model, DriverOptions &options);

/// The optimizer for people; of a module without trained parameters, which is a
/// whole training step, that the update is its own.
std::string describeUpdate(mlir::ModuleOp model, const Recipe &recipe);

} // namespace ds

#endif // DS_TOOLS_DSOPT_IMPORTMODEL_H
