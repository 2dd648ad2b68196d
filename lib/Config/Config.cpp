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
  const OptimizerKind &kind = *findOptimizerKind(r.optimizer.name);
  std::string text = print("%s lr=%g", kind.label, r.rate.peak());
  for (const OptimizerValue &value : kind.values) {
    const std::string name = value.name;
    if (name == "beta1") {
      text += print(" betas=(%g, %g)", r.optimizer.beta1, r.optimizer.beta2);
    } else if (value.number && name != "beta2") {
      text += print(" %s=%g", value.name, r.optimizer.*value.number);
    } else if (value.flag &&
               r.optimizer.*value.flag != Optimizer().*value.flag) {
      text += r.optimizer.*value.flag ? " " + name : " " + name + "=false";
    }
  }
  return text + (r.clipValue > 0 ? print(" clip_value=%g", r.clipValue)
                                 : print(" max_grad_norm=%g", r.maxNorm));
}

std::string describeSchedules(const Recipe &recipe) {
  std::string text = describeSchedule(recipe.rate);
  if (recipe.momentum)
    text += "; momentum " + describeSchedule(*recipe.momentum);
  return text;
}

} // namespace ds
