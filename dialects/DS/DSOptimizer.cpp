//===- DSOptimizer.cpp - What optimizers compute ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of each optimizer its definition in float64, what it decomposes into, and
// the kernel of its elementwise part.  evaluate() follows the formulas of the
// papers, not decompose(), so that the two can be compared.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace ds {

using Evaluated = ArrayRef<const HostTensor *>;

static Value scalar(OpBuilder &b, Location loc, double value) {
  return ConstantOp::create(b, loc, RankedTensorType::get({}, b.getF64Type()),
                            value);
}

//===--------------------------------------------------------------------===//
// Skipped steps
//===--------------------------------------------------------------------===//

/// Whether the last operand, `skip` where there is one, is not zero.
static bool isSkipped(Evaluated operands, Value skip) {
  return skip && operands.back()->data[0] != 0;
}

/// Leaves parameter and states as they are.
static void keepState(Evaluated operands, MutableArrayRef<HostTensor> results) {
  for (auto [i, result] : llvm::enumerate(results))
    result.data = operands[i]->data;
}

/// The new values, or the old ones where operand `skip`, if there is one, says
/// so: chosen, not multiplied, since what is skipped may be NaN.
static Results unlessSkipped(Formula &f, std::optional<unsigned> skip,
                             Results results) {
  if (!skip)
    return results;
  Scalar flag = f.in(*skip);
  Value keep =
      arith::CmpFOp::create(f.builder, f.loc, arith::CmpFPredicate::UNE,
                            flag.value, f.constant(0).value);
  for (auto [i, result] : llvm::enumerate(results))
    result = f.select(keep, f.in(i), result);
  return results;
}

//===--------------------------------------------------------------------===//
// Gradient norm
//===--------------------------------------------------------------------===//

// With `over` this is the norm of one rank's shards: the interpreter adds the
// squares of the others.
void GradNormOp::evaluate(Evaluated operands,
                          MutableArrayRef<HostTensor> results) {
  double squares = 0.0;
  for (const HostTensor *grad : operands)
    for (double x : grad->data)
      squares += x * x;
  results[0].data[0] = std::sqrt(squares);
}

SmallVector<Value> GradNormOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  Value total;
  for (Value grad : getGrads()) {
    // Fixed blocks first: the sum does not depend on how threads share it.
    constexpr int64_t kBlock = 1024;
    RankedTensorType type = tensorType(grad);
    int64_t n = type.getNumElements();
    Type element = type.getElementType();
    Value partial = grad;
    if (n % kBlock == 0 && n > kBlock) {
      auto blocked = RankedTensorType::get({n / kBlock, kBlock}, element);
      partial = ReshapeOp::create(b, loc, blocked, grad);
      partial =
          SumOp::create(b, loc, RankedTensorType::get({n / kBlock}, element),
                        partial, /*trailing=*/true, /*squares=*/true);
    }
    Value sum = SumOp::create(b, loc, f64, partial, /*trailing=*/true,
                              /*squares=*/partial == grad);
    total = total ? AddOp::create(b, loc, f64, total, sum).getResult() : sum;
  }
  if (!total)
    total = scalar(b, loc, 0.0);
  if (getOver())
    total = AllReduceOp::create(b, loc, f64, total, *getOver());
  return {SqrtOp::create(b, loc, f64, total)};
}

//===--------------------------------------------------------------------===//
// AdamW
//===--------------------------------------------------------------------===//

void AdamWOp::evaluate(Evaluated operands,
                       MutableArrayRef<HostTensor> results) {
  if (isSkipped(operands, getSkip()))
    return keepState(operands, results);
  double gradScale = operands[4]->data[0], lr = operands[5]->data[0];
  double step = operands[6]->data[0], eps = getEps().convertToDouble();
  double beta1 = getBeta1().convertToDouble();
  double beta2 = getBeta2().convertToDouble();
  double decay = getWeightDecay().convertToDouble();
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double g = operands[3]->data[i] * gradScale;
    double m = beta1 * operands[1]->data[i] + (1 - beta1) * g;
    double v = beta2 * operands[2]->data[i] + (1 - beta2) * g * g;
    double mHat = m / (1 - std::pow(beta1, step));
    double vHat = v / (1 - std::pow(beta2, step));
    double p = operands[0]->data[i] * (1 - lr * decay);
    results[0].data[i] = p - lr * mHat / (std::sqrt(vHat) + eps);
    results[1].data[i] = m;
    results[2].data[i] = v;
  }
}

void AdamWUpdateOp::evaluate(Evaluated operands,
                             MutableArrayRef<HostTensor> results) {
  if (isSkipped(operands, getSkip()))
    return keepState(operands, results);
  double gradScale = operands[4]->data[0], decay = operands[5]->data[0];
  double stepSize = operands[6]->data[0], correction = operands[7]->data[0];
  double beta1 = getBeta1().convertToDouble();
  double beta2 = getBeta2().convertToDouble();
  double eps = getEps().convertToDouble();
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double g = operands[3]->data[i] * gradScale;
    double m = operands[1]->data[i] + (1 - beta1) * (g - operands[1]->data[i]);
    double v = beta2 * operands[2]->data[i] + (1 - beta2) * g * g;
    results[0].data[i] = operands[0]->data[i] * decay -
                         stepSize * m / (std::sqrt(v) / correction + eps);
    results[1].data[i] = m;
    results[2].data[i] = v;
  }
}

SmallVector<Value> AdamWOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  auto value = [&](FloatAttr attr) { return attr.getValueAsDouble(); };
  Value one = scalar(b, loc, 1.0);
  auto oneMinusPower = [&](FloatAttr beta) -> Value {
    Value power =
        PowOp::create(b, loc, f64, scalar(b, loc, value(beta)), getStep());
    return SubOp::create(b, loc, f64, one, power);
  };
  Value stepSize =
      DivOp::create(b, loc, f64, getLr(), oneMinusPower(getBeta1Attr()));
  Value correction = SqrtOp::create(b, loc, f64, oneMinusPower(getBeta2Attr()));
  Value decayed = MulOp::create(b, loc, f64, getLr(),
                                scalar(b, loc, value(getWeightDecayAttr())));
  Value decay = SubOp::create(b, loc, f64, one, decayed);
  Type type = getParameter().getType();
  auto update = AdamWUpdateOp::create(
      b, loc, type, type, type, getParameter(), getExpAvg(), getExpAvgSq(),
      getGrad(), getGradScale(), decay, stepSize, correction, getSkip(),
      getBeta1Attr(), getBeta2Attr(), getEpsAttr());
  return SmallVector<Value>(update.getResults());
}

DS_KERNEL_WALK(AdamWUpdateOp, KernelKind::Elementwise,
               tensorType(getParameter()).getShape(),
               std::max<int64_t>(tensorType(getParameter()).getRank() - 1, 0))

LogicalResult AdamWUpdateOp::lowerToLinalg(OpBuilder &builder,
                                           ValueRange operands,
                                           SmallVectorImpl<Value> &results) {
  double beta1 = getBeta1().convertToDouble();
  double beta2 = getBeta2().convertToDouble();
  double eps = getEps().convertToDouble();
  SmallVector<Operand> inputs(operands.begin(), operands.end());
  std::optional<unsigned> skip;
  if (getSkip())
    skip = operands.size() - 1;
  results = pointwise(
      builder, getLoc(), tensorType(getParameter()), inputs,
      [&](Formula &f) -> Results {
        Scalar g = f.in(3) * f.in(4), decayed = f.in(0) * f.in(5);
        Scalar m = f.in(1) + (1 - beta1) * (g - f.in(1));
        Scalar v = beta2 * f.in(2) + (1 - beta2) * (g * g);
        Scalar root = f.sqrt(v) / f.in(7) + f.constant(eps);
        return unlessSkipped(f, skip, {decayed - f.in(6) * m / root, m, v});
      },
      3);
  return success();
}

} // namespace ds
