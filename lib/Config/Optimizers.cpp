//===- Optimizers.cpp - From optimizer.params to an update --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Translate.h"

namespace ds {

/// The op that DeepSpeed's type means: its Adam decays weights as AdamW does,
/// unless told otherwise.
static const OptimizerKind &kindOf(const OptimizerKeys &keys) {
  std::string label = *keys.type;
  if (label == "Adam" && keys.adamWMode != false)
    label = "AdamW";
  for (const OptimizerKind &kind : optimizerKinds())
    if (kind.label == label)
      return kind;
  return *findOptimizerKind("adamw"); // the schema refuses others
}

static Optimizer optimizerOf(const OptimizerKeys &keys,
                             const OptimizerKind &kind) {
  Optimizer result = kind.defaults;
  if (result.name == "adamw") { // DeepSpeed's or torch.optim's, not ours
    result.beta2 = 0.999;
    result.weightDecay = keys.torchAdam == true ? 0.01 : 0;
  }
  if (keys.betas) {
    result.beta1 = (*keys.betas)[0];
    result.beta2 = (*keys.betas)[1];
  }
  result.eps = keys.eps.value_or(result.eps);
  result.weightDecay = keys.weightDecay.value_or(result.weightDecay);
  result.momentum = keys.momentum.value_or(result.momentum);
  result.dampening = keys.dampening.value_or(result.dampening);
  result.nesterov = keys.nesterov.value_or(result.nesterov);
  result.biasCorrection = keys.biasCorrection.value_or(true);
  result.lrDecay = keys.lrDecay.value_or(0);
  result.initialAccumulatorValue = keys.initialAccumulator.value_or(0);
  result.maxCoeff = keys.maxCoeff.value_or(result.maxCoeff);
  result.minCoeff = keys.minCoeff.value_or(result.minCoeff);
  return result;
}

void translateOptimizer(const Config &config, Recipe &recipe) {
  const OptimizerKeys &keys = config.optimizer;
  if (keys.type) {
    const OptimizerKind &kind = kindOf(keys);
    recipe.optimizer = optimizerOf(keys, kind);
    // 3e-4 is the rate of our own AdamW.
    const double rate =
        keys.lr.value_or(recipe.optimizer.name == "adamw" ? 1e-3 : kind.rate);
    recipe.rate = Schedule::constant(rate);
    recipe.optimizer.rateScale = keys.muonLr.value_or(rate) / rate;
    recipe.optimizer.othersScale = keys.adamLr.value_or(rate) / rate;
  }
  recipe.maxNorm = config.gradient.clipping.value_or(1.0);
  recipe.sumGradients = config.gradient.allreduceOp == "sum";
  for (const ParameterGroupKeys &group : config.groups)
    recipe.groups.push_back({.patterns = {group.pattern.value_or("")},
                             .rate = group.lr,
                             .weightDecay = group.weightDecay,
                             .frozen = group.frozen.value_or(false)});
}

} // namespace ds
