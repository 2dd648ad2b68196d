//===- Config.h - DeepSpeed's ds_config.json ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the file says, in one struct; what it means for a training step.
// LLVM-free.
//===--------------------------------------------------------------------===//
#ifndef DS_CONFIG_CONFIG_H
#define DS_CONFIG_CONFIG_H

#include "ds/Support/Recipe.h"

#include <array>
#include <map>
#include <vector>

namespace ds {

/// The keys that are read; empty: not given, null or "auto".
struct Config {
  std::optional<int64_t> trainBatch, microBatch, accumulation, zeroStage;
  std::optional<double> gradientClipping;

  std::optional<std::string> optimizer; ///< As spelled: AdamW, Adam, ...
  std::optional<double> lr, eps, weightDecay;
  std::optional<std::array<double, 2>> betas;
  std::optional<bool> adamWMode, torchAdam;

  std::optional<std::string> scheduler, warmupType;
  std::optional<double> warmupMinLr, warmupMaxLr, warmupMinRatio, cosMinRatio;
  std::optional<int64_t> warmupSteps, totalSteps;

  std::map<std::string, int> lines; ///< Of each given key, by its path.

  /// Optimizer and schedule, with DeepSpeed's defaults where a key is missing
  /// and ours where there is no optimizer.  `rate` overrides every peak of the
  /// learning rate.
  Recipe recipe(std::optional<double> rate = {}) const;
};

/// One line for the user.
struct ConfigMessage {
  int line = 0; ///< 0: about the whole file.
  bool error = false;
  std::string text; ///< "file:line: error: ...", without a newline.
};

/// Reads `text`, JSON with comments; `file` is its name in messages.  Warns of
/// each key that is not read.  Refuses, all at once, what is wrong or would
/// change what is computed: then a message is an error.  Messages are in the
/// order of lines.
Config parseConfig(const std::string &text, const std::string &file,
                   std::vector<ConfigMessage> &messages);

/// Samples.  global = micro * accumulation * world.
struct Batch {
  int64_t global = 1, micro = 1, accumulation = 1;
};

/// Infers what `config` leaves out, as DeepSpeed does; nothing given is 1
/// sample on each rank.  On failure says why in `error`, without a place.
std::optional<Batch> inferBatch(const Config &config, int64_t world,
                                std::string &error);

/// "AdamW lr=0.0003 betas=(0.9, 0.95) ..."
std::string describeOptimizer(const Recipe &recipe);
/// "constant", or "linear warm-up over 100 steps, cosine decay to ..."
std::string describeSchedule(const Schedule &schedule);

} // namespace ds

#endif // DS_CONFIG_CONFIG_H
