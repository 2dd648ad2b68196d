//===- Llama.h - The shape of Llama and its relatives -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DSMODEL_LLAMA_H
#define DS_TOOLS_DSMODEL_LLAMA_H

#include "Families.h"

namespace ds {

struct LlamaShape {
  std::string type; ///< "model_type".
  int64_t layers, width, heads, kvHeads, headSize, mlpWidth, vocab, positions;
  int64_t seqLen = 0;
  int64_t padding; ///< The token that teaches its row nothing; -1: none.
  double eps, std, attentionDrop;
  bool isTied, hasQkvBias = false, hasOutBias = false, hasMlpBias = false;
  bool hasHeadNorm = false; ///< Of queries and keys, after the projection.
  bool isGemma = false;     ///< Norms of 1 + weight, scaled embeddings.
  int64_t experts = 0;      ///< 0: one MLP.
  int64_t chosen = 0;       ///< Experts of a token.
  std::string activation;

  LlamaShape(HfConfig &config, const std::string &type);
  /// The parameters of a block.
  Weights block() const;
  mlir::Value run(ModelBuilder &m, mlir::Value x, Values &w,
                  int64_t window) const;
  /// How many positions back a layer sees, itself included; 0: all.
  int64_t windowOf(int64_t layer) const;
  bool seesWindow() const;
  mlir::Value norm(ModelBuilder &m, mlir::Value x, mlir::Value weight) const;

private:
  void readRotary(HfConfig &config, double theta);
  void readWindow(HfConfig &config);
  mlir::Value attention(ModelBuilder &m, mlir::Value x, Values &w,
                        int64_t window) const;
  void readExperts(HfConfig &config);
  void addExperts(Weights &w) const;
  mlir::Value runExperts(ModelBuilder &m, mlir::Value x, Values &w) const;
  mlir::Value rotaryTable(ModelBuilder &m, mlir::RankedTensorType type,
                          const char *function) const;

  double theta = 0;
  std::vector<float> frequencies; ///< Of a scaled rotary embedding.
  int64_t window = 0, firstWindow = 0;
  std::vector<bool> hasWindow; ///< By layer, where the file says so.
};

} // namespace ds

#endif // DS_TOOLS_DSMODEL_LLAMA_H
