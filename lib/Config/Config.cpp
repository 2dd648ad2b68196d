//===- Config.cpp - What ds_config.json means ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Translate.h"

#include <algorithm>
#include <cstdio>

namespace ds {

const ConfigEntry *Config::find(const std::string &path) const {
  auto at = std::ranges::find(entries, path, &ConfigEntry::path);
  return at == entries.end() ? nullptr : &*at;
}

Recipe Config::recipe(std::optional<double> rate) const {
  Recipe recipe;
  translateOptimizer(*this, recipe);
  if (rate)
    recipe.rate = Schedule::constant(*rate);
  translateSchedule(*this, rate, recipe);
  translatePrecision(*this, recipe);
  return recipe;
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
               r.rate.peak(), r.optimizer.beta1, r.optimizer.beta2,
               r.optimizer.eps, r.optimizer.weightDecay, r.maxNorm);
}

} // namespace ds
