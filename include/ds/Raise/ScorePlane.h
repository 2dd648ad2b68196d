//===- ScorePlane.h - What is added to attention's scores ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scales and masks between a product and a softmax, evaluated on one head's
// whole queries x keys plane: a mask is what it masks, however it is written.
//===--------------------------------------------------------------------===//
#ifndef DS_RAISE_SCOREPLANE_H
#define DS_RAISE_SCOREPLANE_H

#include "ds/Dialect/DS/DS.h"

#include <optional>
#include <string>
#include <vector>

namespace ds {

/// What ops make of scores [..., queries, keys].
class ScorePlane {
public:
  ScorePlane(mlir::Value scores, int64_t queries, int64_t keys)
      : scores(scores), queries(queries), keys(keys) {}

  struct Mask {
    double scale;  ///< What seen scores are multiplied by.
    bool isCausal; ///< Query i sees the keys up to i; else all.
  };
  /// What `result` is of the scores; where it is neither, `why` says it.
  std::optional<Mask> read(mlir::Value result, std::string &why);

private:
  using Plane = std::vector<double>; ///< queries x keys, or one for all.
  /// Which dimension of a value is the plane's: a batch's is neither.
  enum class Axis { Batch, Query, Key };
  using Axes = llvm::SmallVector<Axis>;

  std::optional<Plane> evaluate(mlir::Value value, const Axes &axes,
                                double score, int depth);
  std::optional<Plane> pointwise(mlir::Operation *op, const Axes &axes,
                                 double score, int depth);
  std::optional<Plane> constant(ConstantOp op, const Axes &axes);
  Plane positions(Axis axis) const;

  mlir::Value scores;
  int64_t queries, keys;
};

} // namespace ds

#endif // DS_RAISE_SCOREPLANE_H
