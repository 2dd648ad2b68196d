//===- Model.h - Model families and their shapes ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSMODEL_MODEL_H
#define DS_TOOLS_DSMODEL_MODEL_H

#include "ds/Dialect/DS/DS.h"

#include <optional>
#include <string>
#include <vector>

namespace ds {

/// The shape of a decoder-only transformer.
struct ModelShape {
  std::string name;   ///< As on the command line: gpt2-124m.
  bool llama = false; ///< The Llama family; else GPT-2.
  int64_t layers = 0;
  int64_t width = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0; ///< Divides `heads`; GPT-2: equal to it.
  int64_t mlpWidth = 0;
  int64_t vocab = 0;
  int64_t seqLen = 0;   ///< Sizes the position table.
  double theta = 10000; ///< Of the rotary embedding.
  bool tied = true;     ///< The head is the token table.
  double dropout = 0;   ///< Of GPT-2's embedding, attention and residuals.
};

/// The named shapes, in the order of --help.
const std::vector<ModelShape> &namedModels();

/// Why no model has this shape, or nothing.
std::optional<std::string> checkShape(const ModelShape &shape);

/// Builds forward pass and loss with Hugging Face's parameter names and
/// layouts: @loss calls one private @block per layer.
mlir::OwningOpRef<mlir::ModuleOp> buildModel(mlir::MLIRContext &context,
                                             const ModelShape &shape);

} // namespace ds

#endif // DS_TOOLS_DSMODEL_MODEL_H
