//===- DSOptimizerSGD.cpp - SGD, Adagrad and Lion -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SGD and Adagrad as torch.optim has them; Lion by Chen et al., "Symbolic
// Discovery of Optimization Algorithms".
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

using namespace mlir;

namespace ds {

static double numberOf(DictionaryAttr values, StringRef name) {
  auto attr = values.getAs<FloatAttr>(name);
  return attr ? attr.getValueAsDouble() : 0;
}

//===--------------------------------------------------------------------===//
// SGD
//===--------------------------------------------------------------------===//

/// Whether something is kept from step to step.
template <typename Op> static bool hasMomentum(Op op) {
  return op.getMomentumNow() || !op.getMomentum().isZero();
}

SmallVector<StringRef> SGDOp::stateNames(DictionaryAttr values) {
  if (numberOf(values, "momentum") == 0)
    return {};
  return {"momentum_buffer"};
}

template <typename Op> static LogicalResult verifySGD(Op op) {
  const bool momentum = hasMomentum(op);
  if (op.getNesterov() && !momentum)
    return op.emitOpError("expects a momentum where 'nesterov' is");
  return verifyUpdate(op, op.getTensors(), momentum ? 3 : 2,
                      momentum ? "parameter, momentum_buffer, gradient"
                               : "parameter, gradient");
}
LogicalResult SGDOp::verify() { return verifySGD(*this); }
LogicalResult SGDUpdateOp::verify() { return verifySGD(*this); }

void SGDOp::evaluate(Evaluated operands, MutableArrayRef<HostTensor> results) {
  if (skipped(*this, operands, results))
    return;
  StepValues step(*this, operands, getMomentum().convertToDouble());
  double decay = getWeightDecay().convertToDouble();
  double dampening = getDampening().convertToDouble();
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double p = operands[0]->data[i], g = step.grad(i) + decay * p;
    if (hasMomentum(*this)) {
      double buffer = step.step == 1 ? g
                                     : step.momentum * operands[1]->data[i] +
                                           (1 - dampening) * g;
      results[1].data[i] = buffer;
      g = getNesterov() ? g + step.momentum * buffer : buffer;
    }
    results[0].data[i] = p - step.rate * g;
  }
}

template <typename Numbers>
static NumbersOf<Numbers> sgd(Numbers &n, SGDUpdateOp op) {
  auto p = n.in(0), lr = n.in(placeOf(op, op.getLr()));
  auto g = gradientOf(n, op);
  if (double decay = op.getWeightDecay().convertToDouble(); decay != 0)
    g = g + decay * p;
  if (!hasMomentum(op))
    return unlessSkipped(n, op, {p}, {p - lr * g});
  Momentum momentum(n, op, op.getMomentum().convertToDouble());
  auto gain = n.in(placeOf(op, op.getGain()));
  auto buffer = momentum.kept * n.in(1) + gain * g;
  auto direction = op.getNesterov() ? g + momentum.kept * buffer : buffer;
  return unlessSkipped(n, op, {p, n.in(1)}, {p - lr * direction, buffer});
}
DS_UPDATE_KERNEL(SGDUpdateOp, sgd)

SmallVector<Value> SGDOp::decompose(OpBuilder &b) {
  StepScalars s(b, getLoc());
  // 1 in the first step, 1 - dampening later.
  Value gain = s.constant(1);
  if (double dampening = getDampening().convertToDouble(); dampening != 0) {
    Value later = SubOp::create(b, getLoc(), s.type, getStep(), s.constant(1));
    later = MinOp::create(b, getLoc(), s.type, later, s.constant(1));
    gain = s.decay(later, dampening);
  }
  auto update = SGDUpdateOp::create(
      b, getLoc(), getResultTypes(), getTensors(), getGradScale(), getLr(),
      gain, getMomentumNow(), getSkip(), getMomentumAttr(), getNesterovAttr(),
      getWeightDecayAttr(), getClipValueAttr());
  return SmallVector<Value>(update.getResults());
}

//===--------------------------------------------------------------------===//
// Adagrad
//===--------------------------------------------------------------------===//

double AdagradOp::initialState(DictionaryAttr values) {
  return numberOf(values, "initial_accumulator_value");
}

template <typename Op> static LogicalResult verifyAdagrad(Op op) {
  if (op.getMomentumNow())
    return op.emitOpError("expects no momentum, since it has none");
  return verifyUpdate(op, op.getTensors(), 3, "parameter, sum, gradient");
}
LogicalResult AdagradOp::verify() { return verifyAdagrad(*this); }
LogicalResult AdagradUpdateOp::verify() { return verifyAdagrad(*this); }

void AdagradOp::evaluate(Evaluated operands,
                         MutableArrayRef<HostTensor> results) {
  if (skipped(*this, operands, results))
    return;
  StepValues step(*this, operands);
  double decay = getWeightDecay().convertToDouble();
  double rate =
      step.rate / (1 + (step.step - 1) * getLrDecay().convertToDouble());
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double p = operands[0]->data[i], g = step.grad(i) + decay * p;
    double sum = operands[1]->data[i] + g * g;
    results[0].data[i] =
        p - rate * g / (std::sqrt(sum) + getEps().convertToDouble());
    results[1].data[i] = sum;
  }
}

template <typename Numbers>
static NumbersOf<Numbers> adagrad(Numbers &n, AdagradUpdateOp op) {
  auto p = n.in(0), size = n.in(placeOf(op, op.getStepSize()));
  auto g = gradientOf(n, op);
  if (double decay = op.getWeightDecay().convertToDouble(); decay != 0)
    g = g + decay * p;
  auto sum = n.in(1) + g * g;
  auto root = n.sqrt(sum) + n.constant(op.getEps().convertToDouble());
  return unlessSkipped(n, op, {p, n.in(1)}, {p - size * g / root, sum});
}
DS_UPDATE_KERNEL(AdagradUpdateOp, adagrad)

SmallVector<Value> AdagradOp::decompose(OpBuilder &b) {
  StepScalars s(b, getLoc());
  Value size = getLr();
  if (double decay = getLrDecay().convertToDouble(); decay != 0) {
    Value before = SubOp::create(b, getLoc(), s.type, getStep(), s.constant(1));
    size = s.div(size, s.decay(before, -decay));
  }
  auto update = AdagradUpdateOp::create(
      b, getLoc(), getResultTypes(), getTensors(), getGradScale(), size,
      /*momentum_now=*/Value(), getSkip(), getEpsAttr(), getWeightDecayAttr(),
      getClipValueAttr());
  return SmallVector<Value>(update.getResults());
}

//===--------------------------------------------------------------------===//
// Lion
//===--------------------------------------------------------------------===//

template <typename Op> static LogicalResult verifyLion(Op op) {
  return verifyUpdate(op, op.getTensors(), 3, "parameter, exp_avg, gradient");
}
LogicalResult LionOp::verify() { return verifyLion(*this); }
LogicalResult LionUpdateOp::verify() { return verifyLion(*this); }

void LionOp::evaluate(Evaluated operands, MutableArrayRef<HostTensor> results) {
  if (skipped(*this, operands, results))
    return;
  StepValues step(*this, operands, getBeta1().convertToDouble());
  double beta2 = getBeta2().convertToDouble();
  double decay = getWeightDecay().convertToDouble();
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    double p = operands[0]->data[i], m = operands[1]->data[i];
    double g = step.grad(i);
    double blend = step.momentum * m + (1 - step.momentum) * g;
    double sign = blend > 0 ? 1 : blend < 0 ? -1 : blend;
    results[0].data[i] = p - step.rate * (sign + decay * p);
    results[1].data[i] = beta2 * m + (1 - beta2) * g;
  }
}

template <typename Numbers>
static NumbersOf<Numbers> lion(Numbers &n, LionUpdateOp op) {
  const double beta2 = op.getBeta2().convertToDouble();
  auto p = n.in(0), m = n.in(1), g = gradientOf(n, op);
  Momentum momentum(n, op, op.getBeta1().convertToDouble());
  auto sign = n.sign(momentum.kept * m + momentum.rest * g);
  auto moved = p * n.in(placeOf(op, op.getDecay())) -
               n.in(placeOf(op, op.getLr())) * sign;
  return unlessSkipped(n, op, {p, m}, {moved, m + (1 - beta2) * (g - m)});
}
DS_UPDATE_KERNEL(LionUpdateOp, lion)

SmallVector<Value> LionOp::decompose(OpBuilder &b) {
  StepScalars s(b, getLoc());
  Value decay = s.decay(getLr(), getWeightDecay().convertToDouble());
  auto update = LionUpdateOp::create(
      b, getLoc(), getResultTypes(), getTensors(), getGradScale(), decay,
      getLr(), getMomentumNow(), getSkip(), getBeta1Attr(), getBeta2Attr(),
      getClipValueAttr());
  return SmallVector<Value>(update.getResults());
}

} // namespace ds
