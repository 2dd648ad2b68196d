//===- Config.cpp - What ds_config.json means ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Config/Config.h"

#include <algorithm>
#include <cstdio>

namespace ds {

//===--------------------------------------------------------------------===//
// Optimizer and schedule
//===--------------------------------------------------------------------===//

/// DeepSpeed sets the rate of step s + 1 after step s: its schedules' number i
/// is s - 1, and step 0 has what the constructor leaves, WarmupCosineLR 0.
static Schedule scheduleOf(const Config &c, double lr,
                           std::optional<double> override) {
  Schedule result;
  const bool cosine = c.scheduler == "WarmupCosineLR";
  const double maximum = c.scheduler == "WarmupLR" ? lr : 1e-3;
  result.peak = override ? *override
                : cosine ? lr
                         : c.warmupMaxLr.value_or(maximum);
  const int64_t steps = std::max<int64_t>(2, c.warmupSteps.value_or(1000));
  Warmup &warmup = result.warmup.emplace();
  warmup.shape = c.warmupType.value_or("log");
  warmup.from =
      cosine ? c.warmupMinRatio.value_or(0) * lr : c.warmupMinLr.value_or(0);
  warmup.steps = steps;
  warmup.shift = -1;
  warmup.zeroFirst = cosine && warmup.from != 0;
  if (c.scheduler == "WarmupLR")
    return result;
  const int64_t rest = c.totalSteps.value_or(steps) - steps;
  Decay &decay = result.decay.emplace();
  decay.shape = cosine ? "cosine" : "linear";
  decay.to = cosine ? c.cosMinRatio.value_or(1e-4) * lr : warmup.from;
  decay.begin = cosine || rest < 1 ? steps : steps + 1;
  decay.steps = std::max<int64_t>(1, rest);
  return result;
}

Recipe Config::recipe(std::optional<double> rate) const {
  Recipe recipe;
  if (optimizer) {
    const auto moments = betas.value_or(std::array{0.9, 0.999});
    recipe.rate.peak = lr.value_or(1e-3);
    recipe.optimizer.beta1 = moments[0];
    recipe.optimizer.beta2 = moments[1];
    recipe.optimizer.eps = eps.value_or(1e-8);
    const bool decoupled = optimizer == "AdamW" || adamWMode != false;
    // torch.optim's default, where DeepSpeed uses its class.
    recipe.optimizer.weightDecay =
        weightDecay.value_or(torchAdam == true && decoupled ? 0.01 : 0.0);
  }
  recipe.maxNorm = gradientClipping.value_or(1.0);
  recipe.rate.peak = rate.value_or(recipe.rate.peak);
  if (scheduler)
    recipe.rate = scheduleOf(*this, recipe.rate.peak, rate);
  return recipe;
}

//===--------------------------------------------------------------------===//
// Batch
//===--------------------------------------------------------------------===//

std::optional<Batch> inferBatch(const Config &c, int64_t world,
                                std::string &error) {
  if (c.accumulation && !c.trainBatch && !c.microBatch) {
    error = "expects train_batch_size or train_micro_batch_size_per_gpu beside "
            "gradient_accumulation_steps";
    return std::nullopt;
  }
  using Wide = __int128; // each factor is at most 2^31
  constexpr Wide kMost = Wide{1} << 31;
  const int64_t train = c.trainBatch.value_or(0);
  Batch batch;
  if (c.accumulation)
    batch.accumulation = *c.accumulation;
  else if (train && c.microBatch)
    batch.accumulation = train / *c.microBatch / world;
  if (c.microBatch)
    batch.micro = *c.microBatch;
  else if (train)
    batch.micro = train / world / batch.accumulation;
  const Wide least =
      Wide{c.microBatch.value_or(1)} * c.accumulation.value_or(1) * world;
  const Wide product = Wide{batch.micro} * batch.accumulation * world;
  const Wide total = train ? Wide{train} : product;
  if (!train && product > kMost) {
    error = "expects at most 2147483648 samples per step, but got "
            "train_micro_batch_size_per_gpu " +
            std::to_string(batch.micro) + " x gradient_accumulation_steps " +
            std::to_string(batch.accumulation) + " x world " +
            std::to_string(world);
    return std::nullopt;
  }
  if (product == 0 || product != total) {
    const bool all = c.microBatch && c.accumulation;
    const Wide next = all ? least : (total + least - 1) / least * least;
    error = "expects train_batch_size to be " +
            std::string(all ? "" : "a multiple of ");
    std::string factors;
    if (c.microBatch)
      factors += "train_micro_batch_size_per_gpu " +
                 std::to_string(*c.microBatch) + " x ";
    if (c.accumulation)
      factors += "gradient_accumulation_steps " +
                 std::to_string(*c.accumulation) + " x ";
    error += factors + "world " + std::to_string(world) + ", but got " +
             std::to_string(train);
    if (next <= kMost)
      error += "; use " + std::to_string(static_cast<int64_t>(next));
    return std::nullopt;
  }
  batch.global = static_cast<int64_t>(total);
  return batch;
}

//===--------------------------------------------------------------------===//
// In words
//===--------------------------------------------------------------------===//

template <typename... Values>
static std::string print(const char *format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

std::string describeOptimizer(const Recipe &r) {
  return print("AdamW lr=%g betas=(%g, %g) eps=%g weight_decay=%g "
               "max_grad_norm=%g",
               r.rate.peak, r.optimizer.beta1, r.optimizer.beta2,
               r.optimizer.eps, r.optimizer.weightDecay, r.maxNorm);
}

std::string describeSchedule(const Schedule &s) {
  std::string text;
  if (s.warmup) {
    text = s.warmup->shape + " warm-up";
    if (s.warmup->from != 0)
      text += print(" from %g", s.warmup->from);
    text += print(" over %lld steps", (long long)s.warmup->steps);
  }
  if (s.decay)
    text += (text.empty() ? "" : ", ") + s.decay->shape +
            print(" decay to %g at step %lld", s.decay->to,
                  (long long)(s.decay->begin + s.decay->steps));
  return text.empty() ? "constant" : text;
}

} // namespace ds
