//===- DSKernelBuilder.h - Bodies of linalg.generic as formulas ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `lowerToLinalg` is written with: loops over a shape whose scalar code
// reads like the formula it computes.  Every float op carries
// fastmath<nsz,arcp,contract,afn>, and what folds a row reassoc: NaN and
// infinity are never assumed away, nor cancelled.  Narrow floats are computed
// in float32, and so are float64 scalars that take part in a float32 formula;
// what passes between the loops of one op is float32 (`wideType`), so that a
// result is rounded once.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSKERNELBUILDER_H
#define DS_DIALECTS_DS_DSKERNELBUILDER_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

class Formula;

/// A value inside a body; + - * / build code.
struct Scalar {
  Formula *formula;
  mlir::Value value;
};
Scalar operator+(Scalar a, Scalar b);
Scalar operator-(Scalar a, Scalar b);
Scalar operator*(Scalar a, Scalar b);
Scalar operator/(Scalar a, Scalar b);
Scalar operator+(double a, Scalar b);
Scalar operator-(double a, Scalar b);
Scalar operator*(double a, Scalar b);
Scalar operator/(double a, Scalar b);
Scalar operator-(Scalar a);

/// One body under construction: its arguments and functions.
class Formula {
public:
  Formula(mlir::OpBuilder &builder, mlir::Location loc, mlir::ValueRange args,
          mlir::Type type)
      : builder(builder), loc(loc), args(args), type(type) {}

  /// Operand i in the type of the computation.
  Scalar in(unsigned i);
  /// Operand i in its own type, or float32 for narrow floats.
  Scalar arg(unsigned i);
  Scalar constant(double value);
  Scalar exp(Scalar x);
  Scalar log(Scalar x);
  Scalar sqrt(Scalar x);
  /// A number where one of two is NaN, for sums that show it anyway.
  Scalar max(Scalar x, Scalar y);
  /// NaN where one of two is.
  Scalar extremum(Scalar x, Scalar y, bool isMax, bool isUnsigned);
  Scalar select(mlir::Value condition, Scalar yes, Scalar no);
  /// 1 / (1 + exp(-x)).
  Scalar sigmoid(Scalar x);
  /// The current position along a loop dimension.
  mlir::Value index(unsigned dim);
  /// Operand i, an integer, as an index.
  mlir::Value indexIn(unsigned i);
  mlir::Value constantIndex(int64_t value);
  /// An element of a tensor at a computed place.
  Scalar extract(mlir::Value tensor, mlir::ValueRange indices);
  /// `value` as `target`, as ds.cast says.
  mlir::Value convert(mlir::Value value, mlir::Type target,
                      bool isUnsigned = false);
  /// Integers and float64 are computed as they are, all other floats in
  /// float32.
  static mlir::Type computeType(mlir::Type element);
  /// A number as an element of `type`.
  static mlir::TypedAttr attribute(mlir::Type type, double value);

  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::ValueRange args;
  mlir::Type type;    ///< Of the computation.
  mlir::Value folded; ///< In `reduce`, the value so far.

private:
  mlir::Value toInteger(mlir::Value value, mlir::Type target, bool isUnsigned);
  mlir::Value isNotZero(mlir::Value value);
};

/// An operand of a loop nest.  Of smaller rank than the nest, it has the
/// trailing dimensions, or with `rows` the leading ones, or `dims`.
struct Operand {
  Operand(mlir::Value tensor, bool rows = false) : tensor(tensor), rows(rows) {}
  /// Dimension i of the tensor is dimension `dims[i]` of the nest.
  static Operand along(mlir::Value tensor, llvm::ArrayRef<int64_t> dims) {
    Operand operand(tensor);
    operand.dims.emplace(dims.begin(), dims.end());
    return operand;
  }
  mlir::Value tensor;
  bool rows;
  std::optional<llvm::SmallVector<int64_t>> dims;
};

using Results = llvm::SmallVector<Scalar, 4>;

/// Results of one type, element by element.
llvm::SmallVector<mlir::Value>
pointwise(mlir::OpBuilder &builder, mlir::Location loc,
          mlir::RankedTensorType type, llvm::ArrayRef<Operand> operands,
          llvm::function_ref<Results(Formula &)> body, unsigned results = 1);

/// Folds `shape` into `type`, whose dimensions are the leading ones of the
/// shape, or with `leading` the trailing ones.  The body combines the value so
/// far, which starts from `init`, with an element.
mlir::Value reduce(mlir::OpBuilder &builder, mlir::Location loc,
                   mlir::RankedTensorType type, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<Operand> operands, double init,
                   llvm::function_ref<Scalar(Formula &, Scalar)> body,
                   bool leading = false);

/// `type` with the elements that its formulas compute in.
mlir::RankedTensorType wideType(mlir::RankedTensorType type);

/// The type of one element per row in which that is computed: the shape without
/// its last dimension.
mlir::RankedTensorType rowType(mlir::RankedTensorType type);

/// A computed tensor as `type`, which it may be already.
mlir::Value narrowed(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::RankedTensorType type, mlir::Value wide);

} // namespace ds

/// Defines the three methods of KernelOpInterface that describe an op's walk.
#define DS_KERNEL_WALK(OP, KIND, SHAPE, ROWS)                                  \
  ds::KernelKind ds::OP::getKernelKind() { return KIND; }                      \
  llvm::SmallVector<int64_t> ds::OP::getIterationShape() {                     \
    return llvm::SmallVector<int64_t>(SHAPE);                                  \
  }                                                                            \
  int64_t ds::OP::getRowRank() { return ROWS; }

/// Defines an elementwise op's kernel by a formula of `f`.
#define DS_POINTWISE(OP, ...)                                                  \
  DS_KERNEL_WALK(                                                              \
      OP, KernelKind::Elementwise, tensorType(getResult()).getShape(),         \
      std::max<int64_t>(tensorType((*this).getResult()).getRank() - 1, 0))     \
  llvm::LogicalResult ds::OP::lowerToLinalg(                                   \
      mlir::OpBuilder &builder, mlir::ValueRange operands,                     \
      llvm::SmallVectorImpl<mlir::Value> &results) {                           \
    llvm::SmallVector<Operand> inputs(operands.begin(), operands.end());       \
    results = pointwise(builder, getLoc(), tensorType(getResult()), inputs,    \
                        [&](Formula &f) -> Results { return {__VA_ARGS__}; }); \
    return llvm::success();                                                    \
  }

#endif // DS_DIALECTS_DS_DSKERNELBUILDER_H
