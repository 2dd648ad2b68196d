//===- DSOptimizerAdam.cpp - Adam and AdamW -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kingma and Ba, "Adam"; Loshchilov and Hutter, "Decoupled Weight Decay
// Regularization".  One kernel serves both.
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

using namespace mlir;

namespace ds {

template <typename Op> static LogicalResult verifyAdam(Op op) {
  return verifyUpdate(op, op.getTensors(), 4,
                      "parameter, exp_avg, exp_avg_sq, gradient");
}
LogicalResult AdamOp::verify() { return verifyAdam(*this); }
LogicalResult AdamWOp::verify() { return verifyAdam(*this); }
LogicalResult AdamWUpdateOp::verify() { return verifyAdam(*this); }

template <typename Op>
static void evaluateAdam(Op op, bool decoupled, Evaluated operands,
                         MutableArrayRef<HostTensor> results) {
  if (skipped(op, operands, results))
    return;
  StepValues step(op, operands, op.getBeta1().convertToDouble());
  double beta1 = step.momentum, beta2 = op.getBeta2().convertToDouble();
  double eps = op.getEps().convertToDouble();
  double decay = op.getWeightDecay().convertToDouble();
  const bool corrects = op.getBiasCorrection();
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double p = operands[0]->data[i], g = step.grad(i);
    if (!decoupled)
      g += decay * p;
    double m = beta1 * operands[1]->data[i] + (1 - beta1) * g;
    double v = beta2 * operands[2]->data[i] + (1 - beta2) * g * g;
    double mHat = corrects ? m / (1 - std::pow(beta1, step.step)) : m;
    double vHat = corrects ? v / (1 - std::pow(beta2, step.step)) : v;
    if (decoupled)
      p *= 1 - step.rate * decay;
    results[0].data[i] = p - step.rate * mHat / (std::sqrt(vHat) + eps);
    results[1].data[i] = m;
    results[2].data[i] = v;
  }
}
void AdamOp::evaluate(Evaluated operands, MutableArrayRef<HostTensor> results) {
  evaluateAdam(*this, /*decoupled=*/false, operands, results);
}
void AdamWOp::evaluate(Evaluated operands,
                       MutableArrayRef<HostTensor> results) {
  evaluateAdam(*this, /*decoupled=*/true, operands, results);
}

template <typename Numbers>
static NumbersOf<Numbers> adamW(Numbers &n, AdamWUpdateOp op) {
  const double beta2 = op.getBeta2().convertToDouble();
  auto g = gradientOf(n, op);
  if (auto l2 = op.getL2())
    g = g + l2->convertToDouble() * n.in(0);
  auto decayed = n.in(0) * n.in(placeOf(op, op.getDecay()));
  Momentum momentum(n, op, op.getBeta1().convertToDouble());
  auto m = n.in(1) + momentum.rest * (g - n.in(1));
  auto v = beta2 * n.in(2) + (1 - beta2) * (g * g);
  auto root = n.sqrt(v) / n.in(placeOf(op, op.getCorrection())) +
              n.constant(op.getEps().convertToDouble());
  auto moved = decayed - n.in(placeOf(op, op.getStepSize())) * m / root;
  return unlessSkipped(n, op, {n.in(0), n.in(1), n.in(2)}, {moved, m, v});
}
DS_UPDATE_KERNEL(AdamWUpdateOp, adamW)

/// `decay` is what parameters are multiplied by, `l2` null or what of them is
/// added to the gradient.
template <typename Op>
static SmallVector<Value> decomposeAdam(Op op, OpBuilder &b, Value decay,
                                        FloatAttr l2) {
  StepScalars s(b, op.getLoc());
  Value size = op.getLr(), correction = s.constant(1);
  if (op.getBiasCorrection()) {
    Value beta1 = op.getMomentumNow()
                      ? op.getMomentumNow()
                      : s.constant(op.getBeta1().convertToDouble());
    Value beta2 = s.constant(op.getBeta2().convertToDouble());
    size = s.div(size, s.restOfPower(beta1, op.getStep()));
    correction = s.sqrt(s.restOfPower(beta2, op.getStep()));
  }
  auto update = AdamWUpdateOp::create(
      b, op.getLoc(), op.getResultTypes(), op.getTensors(), op.getGradScale(),
      decay, size, correction, op.getMomentumNow(), op.getSkip(),
      op.getBeta1Attr(), op.getBeta2Attr(), op.getEpsAttr(), l2,
      op.getClipValueAttr());
  return SmallVector<Value>(update.getResults());
}
SmallVector<Value> AdamOp::decompose(OpBuilder &b) {
  FloatAttr l2 = getWeightDecay().isZero() ? FloatAttr() : getWeightDecayAttr();
  return decomposeAdam(*this, b, StepScalars(b, getLoc()).constant(1), l2);
}
SmallVector<Value> AdamWOp::decompose(OpBuilder &b) {
  Value decay = StepScalars(b, getLoc())
                    .decay(getLr(), getWeightDecay().convertToDouble());
  return decomposeAdam(*this, b, decay, /*l2=*/{});
}

} // namespace ds
