//===- RowCone.h - What ops compute of each row of a tensor -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Raising asks what a subgraph computes, not how it is written: the ops between
// a tensor and a result are evaluated on a few rows of numbers, by the ops' own
// `evaluate`, and compared with the function that they may be.  A layer norm
// that takes the variance as E[x^2] - E[x]^2 is the same function as one that
// subtracts the mean first, and one with another eps is another.
//===--------------------------------------------------------------------===//
#ifndef DS_RAISE_ROWCONE_H
#define DS_RAISE_ROWCONE_H

#include "ds/Dialect/DS/DS.h"

#include <optional>
#include <vector>

namespace ds {

/// The ops between `input`, [..., width], and a result, when each row of the
/// result depends on the same row of the input alone, on vectors of a row's
/// width, on one integer per row, and on constants.
class RowCone {
public:
  /// Fails when the result depends on anything else, or on too many ops.
  static std::optional<RowCone> find(mlir::Value result, mlir::Value input);

  /// Vectors [width] that are neither constant nor computed from the input:
  /// scales and biases, say.  In the order in which the result uses them.
  mlir::ArrayRef<mlir::Value> getVectors() const { return vectors; }
  /// Integers, one per row.
  mlir::ArrayRef<mlir::Value> getRowIndices() const { return rowIndices; }
  /// From the first used to the result.
  mlir::ArrayRef<mlir::Operation *> getOps() const { return ops; }
  /// All that splat constants hold, each once.
  mlir::ArrayRef<double> getConstants() const { return constants; }
  int64_t getWidth() const { return width; }

  template <typename... Op> bool uses() const {
    return llvm::any_of(
        ops, [](mlir::Operation *op) { return mlir::isa<Op...>(op); });
  }

  /// What each value holds of `rows` rows.
  struct Probe {
    std::vector<double> input;                ///< rows x width
    std::vector<std::vector<double>> vectors; ///< Of width, one per vector.
    std::vector<double> rowIndices; ///< One per row, for each of them.
  };
  /// The result: rows x width elements, or one per row.
  std::vector<double> evaluate(const Probe &probe) const;

private:
  /// What of a row's shape a value has.
  enum class Kind { Scalar, Vector, Row, Full };

  std::optional<Kind> visit(mlir::Value value, int depth);
  std::optional<Kind> visitOp(mlir::Operation *op, int depth);
  std::optional<Kind> visitGather(GatherOp gather, int depth);
  std::optional<Kind> visitLeaf(mlir::Value value);
  bool hasKind(mlir::Type type, Kind kind) const;
  bool keepsPlaces(BroadcastOp op, Kind kind) const;
  bool isConstant(mlir::Value value, int depth) const;
  using Values = llvm::DenseMap<mlir::Value, std::vector<double>>;
  void evaluate(mlir::Operation *op, int64_t rows, Values &values) const;
  std::vector<double> gathered(GatherOp gather, int64_t rows,
                               const Values &values) const;
  std::vector<double> expanded(const std::vector<double> &from, Kind kind,
                               Kind to, int64_t rows) const;
  int64_t sizeOf(Kind kind, int64_t rows) const;

  mlir::Value input, result;
  llvm::SmallVector<int64_t> shape; ///< The input's.
  int64_t width = 0;
  llvm::SmallVector<mlir::Operation *> ops;
  llvm::SmallVector<mlir::Value> vectors, rowIndices;
  llvm::SmallVector<double> constants;
  llvm::DenseMap<mlir::Value, Kind> kinds;
};

/// The tensors from which `result` may be computed row by row, those that are
/// furthest from it first: all of its shape behind pointwise ops, reductions of
/// rows and broadcasts of these.
llvm::SmallVector<mlir::Value> rowInputs(mlir::Value result);

/// Whether two results agree, element by element, as well as float32 constants
/// in either allow: to a part in a million.
bool agree(mlir::ArrayRef<double> a, mlir::ArrayRef<double> b);

} // namespace ds

#endif // DS_RAISE_ROWCONE_H
