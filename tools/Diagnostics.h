//===- Diagnostics.h - MLIR's errors in our words -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What ds-opt and ds-exec add to the errors of MLIR's parser: the nearest name
// of an unknown op or attribute, and what a foreign dialect means here.
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DIAGNOSTICS_H
#define DS_TOOLS_DIAGNOSTICS_H

#include "base/Nearest.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/IR/Diagnostics.h"

namespace ds::tools {

/// The part of `text` between `before` and `after`; empty if it is not there.
inline llvm::StringRef between(llvm::StringRef text, llvm::StringRef before,
                               llvm::StringRef after) {
  auto [head, rest] = text.split(before);
  const size_t end = rest.find(after);
  return head.empty() && end != rest.npos ? rest.take_front(end) : "";
}

/// "; did you mean ...?" for an op that its dialect does not have.
inline std::string nearestOp(mlir::MLIRContext *context, llvm::StringRef op) {
  std::vector<std::string> names;
  for (mlir::RegisteredOperationName known : context->getRegisteredOperations())
    if (known.getDialectNamespace() == op.split('.').first)
      names.push_back(known.getStringRef().str());
  return rt::didYouMean(op.str(), names);
}

inline std::string foreignDialect(llvm::StringRef dialect, llvm::StringRef op) {
  std::string text = "unknown dialect '" + dialect.str() + "' of op '" +
                     op.str() +
                     "'; expects a module in the ds dialect, as "
                     "ds-model writes it, or in StableHLO";
  for (llvm::StringRef known : {"mhlo", "torch", "onnx", "tosa"})
    if (dialect == known)
      text += "; importing " + dialect.str() + " is not built yet";
  return text;
}

/// Completes an error of the parser, or replaces it by one in our words.
inline mlir::LogicalResult improve(mlir::Diagnostic &error) {
  if (error.getSeverity() != mlir::DiagnosticSeverity::Error)
    return mlir::failure();
  const std::string text = error.str();
  mlir::MLIRContext *context = error.getLocation()->getContext();
  if (llvm::StringRef op = between(text, "custom op '", "' is unknown");
      !op.empty())
    error << nearestOp(context, op);
  const llvm::StringRef name = between(text, "unknown attribute `", "` in ");
  if (!name.empty() && llvm::StringRef(text).ends_with("dialect `ds`"))
    error << rt::didYouMean(
        name.str(),
        std::vector<std::string>{DimsAttr::getMnemonic().str(),
                                 NormalAttr::getMnemonic().str(),
                                 ConstantInitAttr::getMnemonic().str(),
                                 MemberAttr::getMnemonic().str()});
  const llvm::StringRef dialect = between(text, "Dialect `", "' not found");
  const llvm::StringRef op = llvm::StringRef(text).split("custom op '").second;
  if (dialect.empty() || op.empty())
    return mlir::failure(); // on to who prints it
  mlir::emitError(
      error.getLocation(),
      foreignDialect(dialect, op.take_until([](char c) { return c == '\''; })));
  return mlir::success();
}

/// Improves the errors of every context that loads the ds dialect.
inline void improveDiagnostics(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, DSDialect *) {
    context->getDiagEngine().registerHandler(improve);
  });
}

} // namespace ds::tools

#endif // DS_TOOLS_DIAGNOSTICS_H
