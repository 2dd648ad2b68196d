//===- Precisions.cpp - From fp16, bf16, data_types to a precision ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Translate.h"

#include <cmath>

namespace ds {

/// As a type of Precision; fp16 and bf16 are called alike.
static std::string typeOf(const std::string &name) {
  return name == "fp32" ? "f32" : name;
}

static LossScale scaleOf(const Fp16Keys &keys) {
  LossScale scale;
  const double given = keys.lossScale.value_or(0);
  scale.isDynamic = given == 0;
  scale.initial =
      scale.isDynamic
          ? std::ldexp(1.0,
                       static_cast<int>(keys.initialScalePower.value_or(16)))
          : given;
  scale.window = keys.lossScaleWindow.value_or(1000);
  scale.hysteresis = keys.hysteresis.value_or(2);
  scale.consecutiveHysteresis = keys.consecutiveHysteresis.value_or(false);
  scale.smallest = keys.minLossScale.value_or(1);
  return scale;
}

void translatePrecision(const Config &config, Recipe &recipe) {
  const DataTypeKeys &types = config.dataTypes;
  Precision &precision = recipe.precision = {};
  if (config.fp16.enabled == true)
    precision = Precision::fp16(scaleOf(config.fp16));
  else if (config.bf16.enabled == true)
    precision = Precision::bf16();
  if (precision.compute == "bf16") {
    precision.checkOverflow = config.bf16.checkGradOverflow.value_or(true);
    if (config.bf16.masterWeights == true)
      precision.master = precision.accumulation = "bf16";
    if (config.bf16.optimizerStates == true)
      precision.states = "bf16";
    precision.stochasticRounding = config.bf16.stochasticRounding == true;
  }
  if (types.gradAccum)
    precision.accumulation = typeOf(*types.gradAccum);
  if (types.communication)
    precision.communication = typeOf(*types.communication);
}

} // namespace ds
