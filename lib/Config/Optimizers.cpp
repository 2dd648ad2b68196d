//===- Optimizers.cpp - From optimizer.params to an update --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Translate.h"

namespace ds {

void translateOptimizer(const Config &config, Recipe &recipe) {
  const OptimizerKeys &keys = config.optimizer;
  if (keys.type) {
    const auto moments = keys.betas.value_or(std::array{0.9, 0.999});
    recipe.rate = Schedule::constant(keys.lr.value_or(1e-3));
    recipe.optimizer.beta1 = moments[0];
    recipe.optimizer.beta2 = moments[1];
    recipe.optimizer.eps = keys.eps.value_or(1e-8);
    const bool decoupled = keys.type == "AdamW" || keys.adamWMode != false;
    // torch.optim's default, where DeepSpeed uses its class.
    recipe.optimizer.weightDecay = keys.weightDecay.value_or(
        keys.torchAdam == true && decoupled ? 0.01 : 0.0);
  }
  recipe.maxNorm = config.gradient.clipping.value_or(1.0);
}

} // namespace ds
