//===- Schedules.cpp - From scheduler.params to a schedule --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeepSpeed sets the values of step s + 1 after step s: its schedulers' number
// i is s - 1, and step 0 has what the constructor leaves.  Ours count steps.
//===--------------------------------------------------------------------===//

#include "Translate.h"

#include <algorithm>

namespace ds {
namespace {

//===--------------------------------------------------------------------===//
// WarmupLR, WarmupDecayLR, WarmupCosineLR
//===--------------------------------------------------------------------===//

/// From `from` to `peak`, where the scheduler's number is 0 in step 1.
Piece warmup(const SchedulerKeys &keys, double from, double peak,
             int64_t steps) {
  return {.begin = 1,
          .curve = keys.warmupType == "linear" ? Curve::linear : Curve::log,
          .from = from,
          .to = peak,
          .steps = steps};
}

Schedule warmupDecay(const SchedulerKeys &keys, double peak, int64_t steps) {
  const double from = keys.warmupMinLr.value_or(0);
  Schedule result{{warmup(keys, from, peak, steps)}};
  if (keys.type == "WarmupLR")
    return result;
  const int64_t rest = keys.totalSteps.value_or(steps) - steps;
  if (rest < 1) // the end is before the first number that decays
    result.pieces.push_back({.begin = steps, .from = from});
  else
    result.pieces.push_back({.begin = steps + 1,
                             .curve = Curve::linear,
                             .from = peak,
                             .to = from,
                             .steps = rest});
  return result;
}

/// The constructor leaves 0.  The first number that decays is one step behind
/// where its cosine begins.
Schedule warmupCosine(const SchedulerKeys &keys, double lr, int64_t steps) {
  const double from = keys.warmupMinRatio.value_or(0) * lr;
  const int64_t rest = keys.totalSteps.value_or(steps) - steps;
  Schedule result{{warmup(keys, from, lr, steps),
                   {.begin = steps,
                    .curve = Curve::cosine,
                    .from = lr,
                    .to = keys.cosMinRatio.value_or(1e-4) * lr,
                    .steps = std::max<int64_t>(1, rest)}}};
  if (from != 0) {
    const Piece first[] = {{.begin = -1, .from = 0}, {.from = from}};
    result.pieces.insert(result.pieces.begin(), first, first + 2);
  }
  return result;
}

//===--------------------------------------------------------------------===//
// LRRangeTest, OneCycle
//===--------------------------------------------------------------------===//

Schedule rangeTest(const SchedulerKeys &keys, double least) {
  return {{{.curve = Curve::grow,
            .from = least,
            .steps = keys.rangeStepSize.value_or(2000),
            .factor = keys.rangeStepRate.value_or(1),
            .stairs = keys.rangeStaircase == true ? 1 : 0}}};
}

/// Up from `from` to `top`, and down again; then what `decay` does from there,
/// with its rate per `decay_step_size`.
Schedule cycle(const SchedulerKeys &keys, double from, double top, Curve decay,
               double rate) {
  const int64_t up = keys.cycleFirstSteps.value_or(2000),
                down = keys.cycleSecondSteps.value_or(up),
                stairs = keys.cycleFirstStairs.value_or(0);
  Schedule result{{{.curve = Curve::linear,
                    .from = from,
                    .to = top,
                    .steps = up,
                    .stairs = stairs}}};
  if (down > 0)
    result.pieces.push_back({.begin = up,
                             .curve = Curve::linear,
                             .from = top,
                             .to = from,
                             .steps = down,
                             .stairs = keys.cycleSecondStairs.value_or(stairs),
                             .early = true});
  else // the top is where the next cycle begins: never reached
    result.pieces.push_back({.begin = up - 1, .from = from});
  if (up + down == 1)
    result.pieces.erase(result.pieces.begin());
  const int64_t every = keys.cycleDecaySteps.value_or(0);
  if (every > 0 && rate != 0)
    result.pieces.push_back({.begin = up + down,
                             .curve = decay,
                             .from = from,
                             .steps = every,
                             .factor = rate});
  return result;
}

/// The momentum goes the other way round, where the optimizer has a first beta.
/// The constructor leaves the least one, and 0.99 as the other beta.
void oneCycle(const SchedulerKeys &keys, double top, Recipe &recipe) {
  recipe.rate = cycle(keys, keys.cycleMinLr.value_or(0), top, Curve::shrink,
                      keys.decayLrRate.value_or(0));
  const OptimizerKind *kind = findOptimizerKind(recipe.optimizer.name);
  const bool hasBetas =
      kind && std::ranges::any_of(kind->values, [](const OptimizerValue &v) {
        return v.number == &Optimizer::beta1;
      });
  if (keys.cycleMomentum == false || !hasBetas)
    return;
  const double least = keys.cycleMinMomentum.value_or(0.8);
  recipe.momentum = cycle(keys, keys.cycleMaxMomentum.value_or(0.9), least,
                          Curve::grow, keys.decayMomentumRate.value_or(0));
  recipe.momentum->pieces.insert(recipe.momentum->pieces.begin(),
                                 {.begin = -1, .from = least});
  recipe.optimizer.beta2 = 0.99;
}

//===--------------------------------------------------------------------===//
// Constant, Linear, Cosine, Polynomial, WSD
//===--------------------------------------------------------------------===//

/// A warm-up whose last step, number steps - 1, has the peak, as by flags.
Piece ourWarmup(const SchedulerKeys &keys, double peak, int64_t steps) {
  const bool isLog = keys.warmupType == "log";
  return {.begin = isLog ? 0 : -1,
          .curve = isLog ? Curve::log : Curve::linear,
          .from = keys.warmupMinLr.value_or(0),
          .to = peak,
          .steps = isLog ? std::max<int64_t>(2, steps) : steps};
}

Schedule ours(const SchedulerKeys &keys, double peak) {
  const int64_t warm = keys.warmupSteps.value_or(0),
                total = keys.totalSteps.value_or(warm + 1),
                begin = total - keys.decaySteps.value_or(total - warm);
  Schedule result;
  if (warm > 0)
    result.pieces.push_back(ourWarmup(keys, peak, warm));
  const std::string shape =
      keys.type == "WSD" ? keys.decayType.value_or("linear") : *keys.type;
  if (shape == "Constant")
    return warm > 0 ? result : Schedule::constant(peak);
  result.pieces.push_back({.begin = begin,
                           .curve = shape == "Cosine" || shape == "cosine"
                                        ? Curve::cosine
                                    : shape == "Polynomial" ? Curve::power
                                    : shape == "1-sqrt"     ? Curve::root
                                                            : Curve::linear,
                           .from = peak,
                           .to = keys.minLr.value_or(0),
                           .steps = total - begin,
                           .factor = keys.power.value_or(1)});
  return result;
}

} // namespace

void translateSchedule(const Config &config, std::optional<double> rate,
                       Recipe &recipe) {
  const SchedulerKeys &keys = config.scheduler;
  if (!keys.type)
    return;
  const double lr = recipe.rate.peak();
  const int64_t steps = std::max<int64_t>(2, keys.warmupSteps.value_or(1000));
  if (keys.type == "LRRangeTest")
    recipe.rate =
        rangeTest(keys, rate.value_or(keys.rangeMinLr.value_or(1e-3)));
  else if (keys.type == "OneCycle")
    oneCycle(keys, rate.value_or(keys.cycleMaxLr.value_or(lr)), recipe);
  else if (keys.type == "WarmupCosineLR")
    recipe.rate = warmupCosine(keys, lr, steps);
  else if (keys.type == "WarmupLR")
    recipe.rate =
        warmupDecay(keys, rate.value_or(keys.warmupMaxLr.value_or(lr)), steps);
  else if (keys.type == "WarmupDecayLR")
    recipe.rate = warmupDecay(
        keys, rate.value_or(keys.warmupMaxLr.value_or(1e-3)), steps);
  else
    recipe.rate = ours(keys, lr);
}

} // namespace ds
