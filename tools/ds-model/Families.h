//===- Families.h - Model families by Hugging Face's model_type ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DSMODEL_FAMILIES_H
#define DS_TOOLS_DSMODEL_FAMILIES_H

#include "HfConfig.h"
#include "ModelBuilder.h"

namespace ds {

using Module = mlir::OwningOpRef<mlir::ModuleOp>;

/// A family's builder reads what it needs of `config` and makes the module, or
/// refuses in `config`.  `seqLen` is --seq-len, or 0.
using BuildFamily = Module (*)(mlir::MLIRContext &context, HfConfig &config,
                               const std::string &name, int64_t seqLen);

struct Family {
  const char *type;         ///< "model_type".
  const char *architecture; ///< The one that is built.
  const char *title;        ///< "Llama".
  BuildFamily build;
  std::map<std::string, std::string> keys; ///< By flag: "--layers".
  std::vector<std::string> dropouts;       ///< Keys of probabilities.
  double dropoutMissing;                   ///< Without such a key.
  bool takesDropout = true;                ///< As a flag other than 0.
};

const std::vector<Family> &families();

/// A shape with a name is a config.json that ships with us.
struct NamedModel {
  const char *name;
  const char *config;
};
const std::vector<NamedModel> &namedModels();

Module buildGpt2(mlir::MLIRContext &, HfConfig &, const std::string &, int64_t);
Module buildLlama(mlir::MLIRContext &, HfConfig &, const std::string &,
                  int64_t);

Module buildBert(mlir::MLIRContext &, HfConfig &, const std::string &, int64_t);
Module buildVit(mlir::MLIRContext &, HfConfig &, const std::string &, int64_t);
Module buildT5(mlir::MLIRContext &, HfConfig &, const std::string &, int64_t);

/// The positions of a sample: `seqLen` or, without it, `most`, the positions
/// that the model has by `key`.
int64_t boundSeqLen(HfConfig &config, const std::string &key, int64_t most,
                    int64_t seqLen);
/// The token that transformers takes for padding: 'pad_token_id', or `missing`
/// where the file has none; -1: there is none.
int64_t readPadding(HfConfig &config, int64_t missing, int64_t vocab);
/// Heads that divide the width; nothing is returned.
void checkHeads(HfConfig &config, const std::string &heads, int64_t count,
                const std::string &width, int64_t size);

} // namespace ds

#endif // DS_TOOLS_DSMODEL_FAMILIES_H
