//===- Translate.h - From keys to a recipe ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each function reads its keys of a Config that has no errors and fills in its
// part of the recipe, with DeepSpeed's defaults.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_TRANSLATE_H
#define DS_LIB_CONFIG_TRANSLATE_H

#include "ds/Config/Config.h"

namespace ds {

/// Optimizer, parameter groups, clipping.  Leaves the recipe's own defaults
/// where the file names no optimizer.
void translateOptimizer(const Config &config, Recipe &recipe);

/// The schedule, whose peak `recipe` has by now; `rate` overrides every peak.
void translateSchedule(const Config &config, std::optional<double> rate,
                       Recipe &recipe);

/// Compute, master, gradient and communication types, loss scaling.
void translatePrecision(const Config &config, Recipe &recipe);

} // namespace ds

#endif // DS_LIB_CONFIG_TRANSLATE_H
