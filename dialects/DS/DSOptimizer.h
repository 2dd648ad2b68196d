//===- DSOptimizer.h - What optimizers are written with -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The elementwise part of an update is one formula, a template over the
// numbers it is written in: float64 for evaluate(), code for the kernel.  The
// whole op's evaluate() follows the paper instead, so that the two can be
// compared.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSOPTIMIZER_H
#define DS_DIALECTS_DS_DSOPTIMIZER_H

#include "DSKernelBuilder.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ds {

using Evaluated = llvm::ArrayRef<const HostTensor *>;

/// Numbers of the interpreter.
class HostNumbers {
public:
  using Number = double;
  explicit HostNumbers(Evaluated operands) : operands(operands) {}
  /// Operand i, at the current element where it has more than one.
  double in(unsigned i) const {
    const HostTensor &tensor = *operands[i];
    return tensor.data[tensor.shape.empty() ? 0 : element];
  }
  double constant(double value) const { return value; }
  double sqrt(double x) const { return std::sqrt(x); }
  double sign(double x) const { return x > 0 ? 1 : x < 0 ? -1 : x; }
  /// x within [-bound, bound]; NaN stays.
  double clamp(double x, double bound) const {
    return x > bound ? bound : x < -bound ? -bound : x;
  }
  /// `yes` where `flag` is not 0.
  double choose(double flag, double yes, double no) const {
    return flag != 0 ? yes : no;
  }
  int64_t element = 0;

private:
  Evaluated operands;
};

/// Numbers of a kernel.
class CodeNumbers {
public:
  using Number = Scalar;
  explicit CodeNumbers(Formula &f) : f(f) {}
  Scalar in(unsigned i) { return f.in(i); }
  Scalar constant(double value) { return f.constant(value); }
  Scalar sqrt(Scalar x) { return f.sqrt(x); }
  Scalar sign(Scalar x);
  Scalar clamp(Scalar x, double bound);
  Scalar choose(Scalar flag, Scalar yes, Scalar no);

private:
  Formula &f;
};

template <typename Numbers>
using NumbersOf = llvm::SmallVector<typename Numbers::Number, 4>;

/// The place of an operand among all.
inline unsigned placeOf(mlir::Operation *op, mlir::Value operand) {
  return static_cast<unsigned>(llvm::find(op->getOperands(), operand) -
                               op->operand_begin());
}

/// The gradient, the last of the tensors: scaled, then bounded.
template <typename Numbers, typename Op>
typename Numbers::Number gradientOf(Numbers &n, Op op) {
  const unsigned tensors = op.getTensors().size();
  auto g = n.in(tensors - 1) * n.in(tensors);
  if (auto bound = op.getClipValue())
    g = n.clamp(g, bound->convertToDouble());
  return g;
}

/// A momentum and what is missing to 1: of the operand, or the attribute.
template <typename Numbers> struct Momentum {
  template <typename Op>
  Momentum(Numbers &n, Op op, double attribute)
      : kept(n.constant(attribute)), rest(n.constant(1 - attribute)) {
    if (mlir::Value now = op.getMomentumNow()) {
      kept = n.in(placeOf(op, now));
      rest = n.constant(1) - kept;
    }
  }
  typename Numbers::Number kept, rest;
};

/// `updated`, or where the op says to skip, what stays: `old`.
template <typename Numbers, typename Op>
NumbersOf<Numbers> unlessSkipped(Numbers &n, Op op, NumbersOf<Numbers> old,
                                 NumbersOf<Numbers> updated) {
  if (!op.getSkip()) // chosen, not multiplied: what is skipped may be NaN
    return updated;
  auto flag = n.in(op->getNumOperands() - 1);
  for (auto [was, is] : llvm::zip_equal(old, updated))
    is = n.choose(flag, was, is);
  return updated;
}

/// evaluate() of an elementwise op by its formula.
template <typename Op, typename Formula>
void evaluateFormula(Op op, Formula formula, Evaluated operands,
                     llvm::MutableArrayRef<HostTensor> results) {
  HostNumbers numbers(operands);
  for (int64_t e = results[0].size(); numbers.element < e; ++numbers.element)
    for (auto [result, value] : llvm::zip_equal(results, formula(numbers, op)))
      result.data[numbers.element] = value;
}

/// lowerToLinalg() of an elementwise op by its formula.
template <typename Op, typename UpdateFormula>
llvm::LogicalResult lowerFormula(Op op, UpdateFormula formula,
                                 mlir::OpBuilder &builder,
                                 mlir::ValueRange operands,
                                 llvm::SmallVectorImpl<mlir::Value> &results) {
  llvm::SmallVector<Operand> inputs(operands.begin(), operands.end());
  results = pointwise(
      builder, op.getLoc(), tensorType(op->getResult(0)), inputs,
      [&](Formula &f) -> Results {
        CodeNumbers numbers(f);
        return formula(numbers, op);
      },
      op->getNumResults());
  return llvm::success();
}

/// What evaluate() of an optimizer reads beside tensors.
struct StepValues {
  template <typename Op>
  StepValues(Op op, Evaluated operands, double momentum = 0)
      : gradient(operands[op.getTensors().size() - 1]),
        scale(operands[op.getTensors().size()]->data[0]),
        rate(operands[op.getTensors().size() + 1]->data[0]),
        step(operands[op.getTensors().size() + 2]->data[0]),
        momentum(momentum) {
    if (op.getMomentumNow())
      this->momentum = operands[op.getTensors().size() + 3]->data[0];
    if (auto clip = op.getClipValue())
      bound = clip->convertToDouble();
  }
  double grad(int64_t i) const {
    return std::clamp(gradient->data[i] * scale, -bound, bound);
  }
  const HostTensor *gradient;
  double scale, rate, step, momentum;
  double bound = std::numeric_limits<double>::infinity();
};

/// Whether the op is told to skip the step; then results are what was.
template <typename Op>
bool skipped(Op op, Evaluated operands,
             llvm::MutableArrayRef<HostTensor> results) {
  if (!op.getSkip() || operands.back()->data[0] == 0)
    return false;
  for (auto [i, result] : llvm::enumerate(results))
    result.data = operands[i]->data;
  return true;
}

/// Float64 scalars, for what an optimizer computes once a step.
class StepScalars {
public:
  StepScalars(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc),
        type(mlir::RankedTensorType::get({}, builder.getF64Type())) {}
  mlir::Value constant(double value);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value div(mlir::Value x, mlir::Value y);
  mlir::Value sqrt(mlir::Value x);
  /// 1 - x
  mlir::Value rest(mlir::Value x);
  /// 1 - beta^step
  mlir::Value restOfPower(mlir::Value beta, mlir::Value step);
  /// 1 - rate * decay
  mlir::Value decay(mlir::Value rate, double decay);
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::RankedTensorType type;
};

/// The sum of squares as a float64 scalar, over fixed blocks first: it does not
/// depend on how threads share it.
mlir::Value sumOfSquares(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value);

/// Whether `op` has the `count` tensors called `names` and one result less, or
/// `more`, all of one shape; `inOrder` results take the places of operands.
llvm::LogicalResult verifyUpdate(mlir::Operation *op, mlir::ValueRange tensors,
                                 unsigned count, llvm::StringRef names,
                                 unsigned more = 0, bool inOrder = true);

// How the types of tensors and results are written.
mlir::ParseResult parseUpdateTypes(
    mlir::OpAsmParser &parser, llvm::SmallVectorImpl<mlir::Type> &tensors,
    llvm::SmallVectorImpl<mlir::Type> &updated,
    const llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &operands,
    unsigned more);
void printUpdateTypes(mlir::OpAsmPrinter &printer, mlir::Operation *op,
                      mlir::TypeRange tensors, mlir::TypeRange updated,
                      mlir::OperandRange operands, unsigned more);

/// The place of one logical tensor in a flat unit.
struct TensorPlace {
  int64_t offset;
  mlir::RankedTensorType type;
};

/// Whether `offsets` and `types` are tensors in `shards` of the parameter.
llvm::LogicalResult verifyPlaces(mlir::Operation *op,
                                 mlir::RankedTensorType parameter,
                                 llvm::ArrayRef<int64_t> offsets,
                                 mlir::ArrayAttr types, int64_t shards);
llvm::SmallVector<TensorPlace> placesOf(llvm::ArrayRef<int64_t> offsets,
                                        mlir::ArrayAttr types);

} // namespace ds

/// Defines the methods of an elementwise kernel by FORMULA(numbers, op).
#define DS_UPDATE_KERNEL(OP, FORMULA)                                          \
  DS_KERNEL_WALK(                                                              \
      OP, KernelKind::Elementwise, tensorType(getTensors()[0]).getShape(),     \
      std::max<int64_t>(tensorType(getTensors()[0]).getRank() - 1, 0))         \
  void ds::OP::evaluate(Evaluated operands,                                    \
                        llvm::MutableArrayRef<HostTensor> results) {           \
    evaluateFormula(                                                           \
        *this, [](auto &n, OP op) { return FORMULA(n, op); }, operands,        \
        results);                                                              \
  }                                                                            \
  llvm::LogicalResult ds::OP::lowerToLinalg(                                   \
      mlir::OpBuilder &builder, mlir::ValueRange operands,                     \
      llvm::SmallVectorImpl<mlir::Value> &results) {                           \
    return lowerFormula(                                                       \
        *this, [](auto &n, OP op) { return FORMULA(n, op); }, builder,         \
        operands, results);                                                    \
  }

#endif // DS_DIALECTS_DS_DSOPTIMIZER_H
