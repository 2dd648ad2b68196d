//===- ModuleText.h - Which modules targets take ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TEST_FUZZ_MODULETEXT_H
#define DS_TEST_FUZZ_MODULETEXT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringRef.h"

#include <algorithm>
#include <string>

/// MLIR's own parser has no bound on nesting, makes room for as many results as
/// `%0#1000000000` asks for, and ends the process on `array<index: 1>`.
inline bool isForUs(const std::string &text) {
  size_t opened = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    opened += llvm::StringRef("<{([").contains(text[i]);
    if (text[i] == '#' && text.find_first_not_of("0123456789", i + 1) > i + 5)
      return false;
  }
  for (size_t at = text.find("array"); at != std::string::npos;
       at = text.find("array", at + 1))
    if (llvm::StringRef(text).substr(at + 5).ltrim(" \t\n<").starts_with(
            "index"))
      return false;
  return opened < 2000 && text.find('\0') == std::string::npos;
}

/// Folding makes constants of their types' sizes.
inline bool isSmall(mlir::ModuleOp module) {
  bool small = true;
  module.walk([&](mlir::Operation *op) {
    for (mlir::Type type : op->getResultTypes())
      if (auto tensor = mlir::dyn_cast<mlir::RankedTensorType>(type)) {
        double elements = 1;
        for (int64_t size : tensor.getShape())
          elements *= double(std::max<int64_t>(size, 1));
        small &= elements < 1e6;
      }
  });
  return small;
}

#endif // DS_TEST_FUZZ_MODULETEXT_H
