//===- Schedules.cpp - From scheduler.params to a schedule --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeepSpeed sets the rate of step s + 1 after step s: its schedules' number i
// is s - 1, and step 0 has what the constructor leaves, WarmupCosineLR 0.
//===--------------------------------------------------------------------===//

#include "Translate.h"

#include <algorithm>

namespace ds {

void translateSchedule(const Config &config, std::optional<double> rate,
                       Recipe &recipe) {
  const SchedulerKeys &keys = config.scheduler;
  if (!keys.type)
    return;
  const double lr = recipe.rate.peak;
  Schedule &result = recipe.rate = {};
  const bool cosine = keys.type == "WarmupCosineLR";
  const double maximum = keys.type == "WarmupLR" ? lr : 1e-3;
  result.peak = rate ? *rate : cosine ? lr : keys.warmupMaxLr.value_or(maximum);
  const int64_t steps = std::max<int64_t>(2, keys.warmupSteps.value_or(1000));
  Warmup &warmup = result.warmup.emplace();
  warmup.shape = keys.warmupType.value_or("log");
  warmup.from = cosine ? keys.warmupMinRatio.value_or(0) * lr
                       : keys.warmupMinLr.value_or(0);
  warmup.steps = steps;
  warmup.shift = -1;
  warmup.zeroFirst = cosine && warmup.from != 0;
  if (keys.type == "WarmupLR")
    return;
  const int64_t rest = keys.totalSteps.value_or(steps) - steps;
  Decay &decay = result.decay.emplace();
  decay.shape = cosine ? "cosine" : "linear";
  decay.to = cosine ? keys.cosMinRatio.value_or(1e-4) * lr : warmup.from;
  decay.begin = cosine || rest < 1 ? steps : steps + 1;
  decay.steps = std::max<int64_t>(1, rest);
}

} // namespace ds
