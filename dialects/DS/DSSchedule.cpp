//===- DSSchedule.cpp - The learning rate as a function of the step -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// rate() is the definition, piece by piece; decompose() computes the same as
// one product, (warm-up) * (decay / peak), whose factors are clamped: scalar
// instructions have no branch.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

using EmitError = function_ref<InFlightDiagnostic()>;

constexpr int64_t kMostSteps = int64_t{1} << 52; // exact as float64

bool isRate(FloatAttr attr) {
  double value = attr.getValueAsDouble();
  return std::isfinite(value) && value >= 0;
}

/// Scalar arithmetic at one place.
struct Arithmetic {
  OpBuilder &b;
  Location loc;
  RankedTensorType f64 = RankedTensorType::get({}, b.getF64Type());

  Value number(double value) { return ConstantOp::create(b, loc, f64, value); }
  template <typename Op> Value apply(Value x) {
    return Op::create(b, loc, f64, x);
  }
  template <typename Op> Value apply(Value x, double y) {
    return Op::create(b, loc, f64, x, number(y));
  }
  template <typename Op> Value apply(Value x, Value y) {
    return Op::create(b, loc, f64, x, y);
  }
  /// from + (to - from) * x
  Value between(double from, double to, Value x) {
    return apply<AddOp>(apply<MulOp>(x, to - from), from);
  }
};

Value warmUp(Arithmetic &a, Value step, WarmupAttr warmup, double peak) {
  double steps = static_cast<double>(warmup.getSteps());
  Value i = a.apply<AddOp>(step, static_cast<double>(warmup.getShift()));
  i = a.apply<MaxOp>(i, 0.0);
  Value ramp = warmup.getShape() == "log"
                   ? a.apply<DivOp>(a.apply<LogOp>(a.apply<AddOp>(i, 1.0)),
                                    std::log(steps))
                   : a.apply<DivOp>(i, steps);
  ramp = a.apply<MinOp>(ramp, 1.0);
  Value rate = a.between(warmup.getFrom().getValueAsDouble(), peak, ramp);
  if (warmup.getZeroFirst())
    rate = a.apply<MulOp>(rate, a.apply<MinOp>(step, 1.0));
  return rate;
}

/// What is left of the peak, as a fraction.
Value decayed(Arithmetic &a, Value step, DecayAttr decay, double peak) {
  double begin = static_cast<double>(decay.getBegin());
  double steps = static_cast<double>(decay.getSteps());
  Value left;
  if (decay.getShape() == "cosine") {
    Value done = a.apply<DivOp>(a.apply<SubOp>(step, begin), steps);
    done = a.apply<MinOp>(a.apply<MaxOp>(done, 0.0), 1.0);
    left = a.apply<CosOp>(a.apply<MulOp>(done, M_PI));
    left = a.apply<DivOp>(a.apply<AddOp>(left, 1.0), 2.0);
  } else {
    left = a.apply<DivOp>(a.apply<SubOp>(a.number(begin + steps), step), steps);
    left = a.apply<MinOp>(a.apply<MaxOp>(left, 0.0), 1.0);
  }
  return a.between(decay.getTo().getValueAsDouble() / peak, 1.0, left);
}

} // namespace

LogicalResult WarmupAttr::verify(EmitError emitError, StringRef shape,
                                 FloatAttr from, int64_t steps, int64_t shift,
                                 bool zeroFirst) {
  if (shape != "linear" && shape != "log")
    return emitError() << "expects a warm-up of shape \"linear\" or \"log\", "
                          "but got \""
                       << shape << "\"";
  if (!isRate(from))
    return emitError() << "expects a warm-up from a rate of at least 0, but "
                          "got "
                       << from.getValueAsDouble();
  int64_t least = shape == "log" ? 2 : 1;
  if (steps < least || steps > kMostSteps || shift > kMostSteps ||
      shift < -kMostSteps)
    return emitError() << "expects a " << shape << " warm-up of " << least
                       << " to 2^52 steps, but got " << steps << " shifted by "
                       << shift;
  return success();
}

LogicalResult DecayAttr::verify(EmitError emitError, StringRef shape,
                                FloatAttr to, int64_t begin, int64_t steps) {
  if (shape != "linear" && shape != "cosine")
    return emitError() << "expects a decay of shape \"linear\" or \"cosine\", "
                          "but got \""
                       << shape << "\"";
  if (!isRate(to))
    return emitError() << "expects a decay to a rate of at least 0, but got "
                       << to.getValueAsDouble();
  if (begin < 0 || steps < 1 || begin > kMostSteps || steps > kMostSteps)
    return emitError() << "expects a decay of 1 to 2^52 steps that begins at "
                          "step 0 to 2^52, but got "
                       << steps << " steps from step " << begin;
  return success();
}

LogicalResult ScheduleAttr::verify(EmitError emitError, FloatAttr peak,
                                   WarmupAttr warmup, DecayAttr decay) {
  if (!isRate(peak) || peak.getValueAsDouble() == 0)
    return emitError() << "expects a positive peak, but got "
                       << peak.getValueAsDouble();
  if (warmup && decay &&
      warmup.getSteps() - warmup.getShift() > decay.getBegin() + 1)
    return emitError() << "expects the decay after the warm-up, which ends at "
                          "step "
                       << warmup.getSteps() - warmup.getShift()
                       << ", but it begins at step " << decay.getBegin();
  return success();
}

double ScheduleAttr::rate(double step) const {
  double peak = getPeak().getValueAsDouble();
  if (DecayAttr decay = getDecay();
      decay && step > static_cast<double>(decay.getBegin())) {
    double to = decay.getTo().getValueAsDouble();
    double done = (step - static_cast<double>(decay.getBegin())) /
                  static_cast<double>(decay.getSteps());
    if (done >= 1)
      return to;
    return to + (peak - to) * (decay.getShape() == "cosine"
                                   ? (1 + std::cos(M_PI * done)) / 2
                                   : 1 - done);
  }
  WarmupAttr warmup = getWarmup();
  if (!warmup)
    return peak;
  if (step == 0 && warmup.getZeroFirst())
    return 0;
  double from = warmup.getFrom().getValueAsDouble();
  double steps = static_cast<double>(warmup.getSteps());
  double i = std::max(0.0, step + static_cast<double>(warmup.getShift()));
  double ramp = warmup.getShape() == "log" ? std::log(i + 1) / std::log(steps)
                                           : i / steps;
  return ramp < 1 ? from + (peak - from) * ramp : peak;
}

void LearningRateOp::evaluate(ArrayRef<const HostTensor *> operands,
                              MutableArrayRef<HostTensor> results) {
  results[0].data[0] = getSchedule().rate(operands[0]->data[0]);
}

OpFoldResult LearningRateOp::fold(FoldAdaptor) {
  ScheduleAttr schedule = getSchedule();
  if (schedule.getWarmup() || schedule.getDecay())
    return {};
  double peak = schedule.getPeak().getValueAsDouble();
  return DenseElementsAttr::get(cast<ShapedType>(getRate().getType()), peak);
}

SmallVector<Value> LearningRateOp::decompose(OpBuilder &b) {
  Arithmetic a{b, getLoc()};
  ScheduleAttr schedule = getSchedule();
  double peak = schedule.getPeak().getValueAsDouble();
  Value step = CastOp::create(b, getLoc(), a.f64, getStep());
  Value rate = a.number(peak);
  if (WarmupAttr warmup = schedule.getWarmup())
    rate = warmUp(a, step, warmup, peak);
  if (DecayAttr decay = schedule.getDecay())
    rate = a.apply<MulOp>(rate, decayed(a, step, decay, peak));
  return {rate};
}

} // namespace ds
