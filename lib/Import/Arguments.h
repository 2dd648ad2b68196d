//===- Arguments.h - What a module's arguments are ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_IMPORT_ARGUMENTS_H
#define DS_LIB_IMPORT_ARGUMENTS_H

#include "ds/Dialect/DS/DS.h"

namespace ds::hlo {

enum class Kind {
  Parameter,
  Buffer, ///< Lives over steps.
  State,  ///< A buffer that the function returns a new value of.
  Input
};

/// One argument of @main.
struct Argument {
  std::string name;
  Kind kind = Kind::Input;
  bool trainable = true;
  int64_t result = -1;  ///< Of State: the result that is its new value.
  mlir::Attribute init; ///< Of `ds.init`; null: the default.
};

/// What every argument of `main` is: by its attributes, by the signature's
/// file, or by a rule that a remark prints.  Fails after an error.
mlir::FailureOr<std::vector<Argument>> readArguments(mlir::func::FuncOp main,
                                                     llvm::StringRef signature);

} // namespace ds::hlo

#endif // DS_LIB_IMPORT_ARGUMENTS_H
