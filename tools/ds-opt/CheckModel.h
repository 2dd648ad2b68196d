//===- CheckModel.h - What a module must be to get a plan ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_CHECKMODEL_H
#define DS_TOOLS_DSOPT_CHECKMODEL_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace ds {

/// Why a file that starts with `text` cannot be a model: "is a safetensors
/// file, ..."; empty when it may be one.
std::string whyNoModel(llvm::StringRef path, llvm::StringRef text);

/// Checks what the passes rely on and the dialect's verifiers, which also see
/// lowered modules, cannot ask for.  Fails with one diagnostic at the model's
/// line.  The module has a function marked 'ds.loss'.
mlir::LogicalResult checkModel(mlir::ModuleOp module);

/// Whether an input of the loss has a dimension named 'seq'.
bool hasSequence(mlir::ModuleOp module);

} // namespace ds

#endif // DS_TOOLS_DSOPT_CHECKMODEL_H
