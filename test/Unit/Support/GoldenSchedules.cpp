//===- GoldenSchedules.cpp - DeepSpeed's own values of its schedulers -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Usage: golden-schedules deepspeed.json, which Goldens/Schedules/
// make_goldens.py wrote: what a file with such a scheduler means.
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "ds/Config/Config.h"

#include <fstream>
#include <nlohmann/json.hpp>

using nlohmann::json;

static constexpr double kRate = 0.002, kTolerance = 1e-12;

static void compare(const ds::Schedule &schedule, const json &golden,
                    const char *key) {
  const json &steps = golden["steps"], &values = golden[key];
  double highest = 0;
  for (const json &value : values)
    highest = std::max(highest, value.get<double>());
  for (size_t i = 0; i < steps.size(); ++i) {
    const double want = values[i], got = schedule.at(steps[i]);
    if (!(std::abs(got - want) <= kTolerance * std::max(want, highest * 1e-3)))
      ds::test::check(false, key, __FILE__, __LINE__,
                      json(got).dump() + " instead of " + json(want).dump() +
                          " in step " + steps[i].dump() + " of " +
                          golden["type"].dump() + golden["params"].dump());
  }
}

int main(int, char **argv) {
  std::ifstream file(argv[1]);
  const json goldens = json::parse(file);
  CHECK(goldens.size() == 21);
  for (const json &golden : goldens) {
    const json config = {
        {"optimizer", {{"type", "AdamW"}, {"params", {{"lr", kRate}}}}},
        {"scheduler",
         {{"type", golden["type"]}, {"params", golden["params"]}}}};
    std::vector<ds::ConfigMessage> messages;
    const ds::Config read =
        ds::parseConfig(config.dump(), "golden.json", messages);
    ds::checkConfig(read, "golden.json", messages);
    for (const ds::ConfigMessage &message : messages)
      ds::test::check(false, "no message", __FILE__, __LINE__, message.text);
    const ds::Recipe recipe = read.recipe();
    CHECK(ds::whyInvalid(recipe.rate).empty());
    compare(recipe.rate, golden, "lr");
    const bool cycles = golden.contains("momentum");
    CHECK(recipe.momentum.has_value() == cycles);
    CHECK(recipe.optimizer.beta2 == (cycles ? 0.99 : 0.999));
    if (!cycles || !recipe.momentum)
      continue;
    CHECK(ds::whyInvalid(*recipe.momentum).empty());
    compare(*recipe.momentum, golden, "momentum");
  }
  return ds::test::finish("golden schedules");
}
