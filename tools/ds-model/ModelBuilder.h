//===- ModelBuilder.h - What the model families share -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module of parameters, @loss, and one private function for each kind of
// layer, which @loss calls.  Parameters have Hugging Face's names and layouts.
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSMODEL_MODELBUILDER_H
#define DS_TOOLS_DSMODEL_MODELBUILDER_H

#include "ds/Dialect/DS/DS.h"

#include <map>
#include <string>
#include <vector>

namespace ds {

/// Sizes that a type leaves open.
constexpr int64_t kBatch = -1, kSeq = -2;
/// Added to the scores of what is not seen: the least of float32, as
/// transformers has it.
constexpr double kHidden = -3.4028234663852886e38;

/// A parameter as a layer declares it.
struct Weight {
  std::string name; ///< Behind the layer's prefix.
  mlir::SmallVector<int64_t> shape;
  double std = 0; ///< Of a normal distribution; 0: all are `fill`.
  double fill = 0;
};

/// The parameters of a layer, in the order of declaration.
struct Weights {
  std::vector<Weight> list;
  /// `name`.weight of (out, in), or with `conv1d` of (in, out), and zeros as
  /// `name`.bias.
  void linear(const std::string &name, int64_t in, int64_t out, double std,
              bool bias, bool conv1d = false);
  /// `name`.weight of ones, and zeros as `name`.bias.
  void norm(const std::string &name, int64_t size, bool bias,
            double fill = 1.0);
};

/// Parameters by name, inside a layer.
using Values = std::map<std::string, mlir::Value>;

class ModelBuilder {
public:
  /// `seq`: the positions of a sample; 0: a name that ds-opt binds.
  ModelBuilder(mlir::MLIRContext &context, const std::string &name,
               int64_t seq = 0);

  struct Input {
    const char *name;
    mlir::RankedTensorType type;
    int64_t bound; ///< Integers are in [0, bound); 0: floating-point numbers.
  };
  /// Opens @loss; returns its arguments.
  mlir::ValueRange begin(llvm::ArrayRef<Input> inputs);
  /// Closes @loss with its result.
  mlir::OwningOpRef<mlir::ModuleOp> finish(mlir::Value loss);

  /// A tensor; kBatch and kSeq stand for what they say.
  mlir::RankedTensorType tensor(llvm::ArrayRef<int64_t> shape,
                                mlir::Type element = {});
  mlir::Type i32() { return b.getI32Type(); }
  /// Other sizes of the same tensor, kBatch and kSeq included.
  mlir::RankedTensorType like(mlir::Value value, llvm::ArrayRef<int64_t> inner);

  /// Declares parameters, and reads them.
  mlir::Value parameter(const Weight &weight);
  Values parameters(const std::string &prefix, const Weights &weights);
  /// Calls the private function `function`, which the first call makes of
  /// `body`: one layer.
  mlir::Value
  layer(const std::string &function, const std::string &prefix,
        const Weights &weights, llvm::ArrayRef<mlir::Value> operands,
        llvm::function_ref<mlir::Value(mlir::ValueRange, Values &)> body);

  //===------------------------------------------------------------------===//
  // Pieces
  //===------------------------------------------------------------------===//

  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value mul(mlir::Value lhs, mlir::Value rhs);
  /// A scalar of the tensors' type.
  mlir::Value scalar(double value, mlir::Type element = {});
  mlir::Value dot(const char *spec, mlir::Value lhs, mlir::Value rhs,
                  mlir::RankedTensorType type);
  mlir::Value embed(mlir::Value table, mlir::Value ids);
  /// Of tokens, of which the `padding` ones teach their row nothing; -1: none.
  mlir::Value embedTokens(mlir::Value table, mlir::Value ids, int64_t padding);
  /// The first positions of a table.
  mlir::Value positions(mlir::Value table);
  /// x w^T + bias, or with `conv1d` x w + bias.
  mlir::Value linear(mlir::Value x, Values &w, const std::string &name,
                     bool conv1d = false);
  mlir::Value layerNorm(mlir::Value x, Values &w, const std::string &name,
                        double eps);
  mlir::Value rmsNorm(mlir::Value x, mlir::Value scale, double eps);
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> inner);
  /// Of names that activations() has.
  mlir::Value activation(const std::string &name, mlir::Value x);
  static const std::vector<std::string> &activations();
  /// The value itself when nothing is dropped.
  mlir::Value drop(mlir::Value x, const std::string &name, double probability);
  DropoutAttr dropout(const std::string &name, double probability);
  /// Over heads [batch, seq, heads, d]; the result has them side by side.
  struct Attention {
    double scale;
    bool causal = true;
    double dropout = 0;
    std::string dropoutName = {};
    /// How many positions back a query sees, itself included; 0: all.
    int64_t window = 0;
    mlir::Value bias = {}; ///< Added to the scores: [heads, seq, seq].
    mlir::Value mask = {}; ///< Added to the scores of its keys: [batch, seq].
  };
  mlir::Value attention(mlir::Value q, mlir::Value k, mlir::Value v,
                        const Attention &how);
  mlir::Value crossEntropy(mlir::Value logits, mlir::Value targets);
  /// The mean over the targets that are not `ignore`, which may be any.
  mlir::Value crossEntropy(mlir::Value logits, mlir::Value targets,
                           int64_t ignore);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  /// "eq", "lt", ... as numbers 0 and 1.
  mlir::Value compare(const char *relation, mlir::Value lhs, mlir::Value rhs,
                      mlir::Type element);
  /// A tensor repeated to `type`; `dims` are the places of its dimensions.
  mlir::Value repeat(mlir::Value x, mlir::RankedTensorType type,
                     llvm::ArrayRef<int64_t> dims);
  /// A type like another's, of other elements.
  static mlir::RankedTensorType as(mlir::Value value, mlir::Type element);

  mlir::OpBuilder b;
  mlir::Location loc;

private:
  mlir::Value writtenAttention(mlir::Value q, mlir::Value k, mlir::Value v,
                               const Attention &how);
  mlir::Value windowMask(int64_t window);
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp loss;
  int64_t seq;
};

} // namespace ds

#endif // DS_TOOLS_DSMODEL_MODELBUILDER_H
