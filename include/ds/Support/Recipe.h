//===- Recipe.h - How parameters are updated ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optimizer and its learning rate, in plain values.  What each value of a
// schedule means is said at #ds.warmup, #ds.decay and #ds.schedule.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_RECIPE_H
#define DS_SUPPORT_RECIPE_H

#include "ds/Support/Optimizer.h"
#include "ds/Support/Precision.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ds {

struct Warmup {
  std::string shape = "linear"; ///< Or log.
  double from = 0;
  int64_t steps = 1;
  int64_t shift = 0;
  bool zeroFirst = false;
};

struct Decay {
  std::string shape = "cosine"; ///< Or linear.
  double to = 0;
  int64_t begin = 0; ///< The last step at the peak.
  int64_t steps = 1;
};

/// The learning rate as a function of the step.
struct Schedule {
  double peak = 3e-4;
  std::optional<Warmup> warmup;
  std::optional<Decay> decay;
};

/// An optimizer, with clipping by the global norm.
struct Recipe {
  Schedule rate;
  Optimizer optimizer;
  double maxNorm = 1; ///< 0: gradients are not clipped.
  Precision precision;
};

} // namespace ds

#endif // DS_SUPPORT_RECIPE_H
