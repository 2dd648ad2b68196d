//===- Recipe.h - How parameters are updated ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optimizer and its learning rate, in plain values.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_RECIPE_H
#define DS_SUPPORT_RECIPE_H

#include "ds/Support/Optimizer.h"
#include "ds/Support/Precision.h"
#include "ds/Support/Schedule.h"

#include <optional>

namespace ds {

/// An optimizer, with clipping by the global norm.
struct Recipe {
  Schedule rate = Schedule::constant(3e-4);
  /// Instead of the optimizer's momentum or first beta, where it changes.
  std::optional<Schedule> momentum;
  Optimizer optimizer;
  std::vector<ParameterGroup> groups; ///< Of parameters with other settings.
  double maxNorm = 1;   ///< 0: gradients are not clipped by their norm.
  double clipValue = 0; ///< Not 0: their elements are bounded by it instead.
  bool sumGradients = false; ///< Over ranks; or their mean.
  Precision precision;
};

} // namespace ds

#endif // DS_SUPPORT_RECIPE_H
