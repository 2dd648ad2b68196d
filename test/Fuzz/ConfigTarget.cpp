//===- ConfigTarget.cpp - Fuzzes the reader of ds_config.json -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is the JSON text.  A message is one line that names the file, and
// messages are in the order of lines; every text can be explained, and what is
// accepted must give a batch and a recipe that a training step can be made of,
// for any world.  --strict refuses at least as much.
//===--------------------------------------------------------------------===//
#include "Fuzz.h"
#include "ds/Config/Explain.h"

#include <algorithm>
#include <cmath>

static void checkRecipe(const ds::Recipe &recipe) {
  FUZZ_EXPECT(recipe.optimizer.beta1 >= 0 && recipe.optimizer.beta1 < 1);
  FUZZ_EXPECT(recipe.optimizer.beta2 >= 0 && recipe.optimizer.beta2 < 1);
  for (double value :
       {recipe.optimizer.eps, recipe.optimizer.weightDecay, recipe.maxNorm})
    FUZZ_EXPECT(std::isfinite(value) && value >= 0);
  FUZZ_EXPECT(ds::whyInvalid(recipe.rate).empty());
  FUZZ_EXPECT(!ds::describeOptimizer(recipe).empty());
  FUZZ_EXPECT(!ds::describeSchedule(recipe.rate).empty());
  FUZZ_EXPECT(!recipe.momentum || ds::whyInvalid(*recipe.momentum).empty());
}

static void checkBatch(const ds::Config &config) {
  for (int64_t world : {1, 2, 3, 65536}) {
    std::string error;
    const auto batch = ds::inferBatch(config, world, error);
    FUZZ_EXPECT(batch.has_value() == error.empty());
    if (batch)
      FUZZ_EXPECT(batch->global >= 1 &&
                  batch->global == batch->micro * batch->accumulation * world);
  }
}

/// Whether a message is an error.
static bool checkMessages(const std::vector<ds::ConfigMessage> &messages) {
  bool refused = false;
  int line = 0;
  for (const ds::ConfigMessage &message : messages) {
    FUZZ_EXPECT(message.text.starts_with("f.json:"));
    FUZZ_EXPECT(message.text.find('\n') == std::string::npos);
    FUZZ_EXPECT(message.line >= line);
    line = message.line;
    refused |= message.error;
  }
  return refused;
}

static void checkExplanation(const ds::Config &config) {
  for (bool all : {false, true}) {
    const std::string text = ds::explainConfig(
        config, "f.json", {{"zero_optimization.stage", "3", "--zero=3"}}, {768},
        all);
    FUZZ_EXPECT(text.find("zero_optimization.stage ") != std::string::npos);
    FUZZ_EXPECT(text.ends_with('\n'));
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  std::vector<ds::ConfigMessage> messages, strict;
  const ds::Config config = ds::parseConfig(text, "f.json", messages);
  const bool readable = !checkMessages(messages);
  ds::checkConfig(config, "f.json", messages);
  const bool refused = checkMessages(messages);
  ds::parseConfig(text, "f.json", strict, /*strict=*/true);
  FUZZ_EXPECT(checkMessages(strict) || readable);
  checkExplanation(config);
  if (refused)
    return 0;
  checkRecipe(config.recipe());
  checkBatch(config);
  return 0;
}
