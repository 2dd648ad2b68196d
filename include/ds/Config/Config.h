//===- Config.h - DeepSpeed's ds_config.json ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the file says, in one struct, and what it means for a training step.
// LLVM-free.
//===--------------------------------------------------------------------===//
#ifndef DS_CONFIG_CONFIG_H
#define DS_CONFIG_CONFIG_H

#include "ds/Support/Recipe.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace ds {

//===--------------------------------------------------------------------===//
// The keys that mean something here; empty: not given, null or "auto"
//===--------------------------------------------------------------------===//

/// optimizer.type and optimizer.params.
struct OptimizerKeys {
  std::optional<std::string> type; ///< As the schema spells it: AdamW, ...
  std::optional<double> lr, eps, weightDecay, momentum, dampening, lrDecay,
      initialAccumulator, maxCoeff, minCoeff, muonLr, adamLr;
  std::optional<std::array<double, 2>> betas;
  std::optional<bool> adamWMode, torchAdam, amsgrad, biasCorrection, nesterov,
      maximize;
  std::optional<int64_t> nsSteps;
  std::optional<std::string> nsMethod;
};

/// scheduler.type and scheduler.params, of DeepSpeed's types and of ours.
struct SchedulerKeys {
  std::optional<std::string> type;
  // WarmupLR, WarmupDecayLR, WarmupCosineLR, and ours.
  std::optional<double> warmupMinLr, warmupMaxLr, warmupMinRatio, cosMinRatio;
  std::optional<int64_t> warmupSteps, totalSteps;
  std::optional<std::string> warmupType;
  // Ours: Linear, Cosine, Polynomial, WSD.
  std::optional<double> minLr, power;
  std::optional<int64_t> decaySteps;
  std::optional<std::string> decayType;
  // LRRangeTest.
  std::optional<double> rangeMinLr, rangeStepRate;
  std::optional<int64_t> rangeStepSize;
  std::optional<bool> rangeStaircase;
  // OneCycle.
  std::optional<double> cycleMinLr, cycleMaxLr, decayLrRate, cycleMinMomentum,
      cycleMaxMomentum, decayMomentumRate;
  std::optional<int64_t> cycleFirstSteps, cycleSecondSteps, cycleFirstStairs,
      cycleSecondStairs, cycleDecaySteps;
  std::optional<bool> cycleMomentum;
};

struct Fp16Keys {
  std::optional<bool> enabled, autoCast, consecutiveHysteresis, masterWeights;
  std::optional<double> lossScale, minLossScale; ///< Scale 0: dynamic.
  std::optional<int64_t> initialScalePower, lossScaleWindow, hysteresis;
};

struct Bf16Keys {
  std::optional<bool> enabled, immediateGradUpdate, checkGradOverflow,
      masterWeights, optimizerStates, stochasticRounding;
};

/// data_types and the like: fp32, fp16 or bf16.
struct DataTypeKeys {
  std::optional<std::string> gradAccum, param, buffer, communication;
};

struct GradientKeys {
  std::optional<double> clipping, predivideFactor;
  std::optional<std::string> allreduceOp; ///< mean or sum.
  std::optional<bool> prescale;
};

struct BatchKeys {
  std::optional<int64_t> train, micro, accumulation;
};

/// zero_optimization, and what is checked together with it.
struct ZeroKeys {
  std::optional<int64_t> stage, allgatherBucket, micsShard;
  std::optional<bool> reduceScatter, overlapComm, superOffload, allowUntested;
  std::optional<std::string> paramDevice, optimizerDevice; ///< none or cpu.
  std::optional<double> offloadRatio;
};

/// One of parameter_groups, an extension: DeepSpeed's client makes groups in
/// code.
struct ParameterGroupKeys {
  std::optional<std::string> pattern;
  std::optional<double> lr, weightDecay;
  std::optional<bool> frozen;
};

/// A key of the file.
struct ConfigEntry {
  std::string path;    ///< As the schema spells it: "bf16.enabled".
  std::string spelled; ///< As the file does: "bfloat16.enabled".
  std::string pattern; ///< Of its row in the schema: "amp.*".
  std::string value;   ///< JSON, cut when long; of an object "{...}".
  int line = 0;
  bool automatic = false; ///< "auto" or null.
  bool off = false;       ///< In a section that is not turned on.
};

struct Config {
  BatchKeys batch;
  GradientKeys gradient;
  OptimizerKeys optimizer;
  SchedulerKeys scheduler;
  Fp16Keys fp16;
  Bf16Keys bf16;
  DataTypeKeys dataTypes;
  ZeroKeys zero;
  std::vector<ParameterGroupKeys> groups; ///< In the file's order.

  std::vector<ConfigEntry> entries; ///< All keys, in the order of lines.

  /// The file's entry of a key, or null.
  const ConfigEntry *find(const std::string &path) const;

  /// Optimizer, schedule and precision, with DeepSpeed's defaults where a key
  /// is missing and ours where there is no optimizer.  `rate` overrides every
  /// peak of the learning rate.
  Recipe recipe(std::optional<double> rate = {}) const;
};

//===--------------------------------------------------------------------===//
// From the text
//===--------------------------------------------------------------------===//

/// One line for the user.
struct ConfigMessage {
  int line = 0; ///< 0: about the whole file.
  bool error = false;
  std::string text; ///< "file:line: error: ...", without a newline.
};

/// Reads `text`, JSON with the comments and commas of HJSON; `file` is its name
/// in messages.  Warns of each key that is unknown or ignored; an unknown one
/// is an error if `strict`.  Refuses, all at once, what is wrong or would
/// change what is computed: then a message is an error.  Messages are in the
/// order of lines.
Config parseConfig(const std::string &text, const std::string &file,
                   std::vector<ConfigMessage> &messages, bool strict = false);

/// Refuses, in the same way, what keys say together, after flags have changed
/// what they override.
void checkConfig(const Config &config, const std::string &file,
                 std::vector<ConfigMessage> &messages);

//===--------------------------------------------------------------------===//
// Batch
//===--------------------------------------------------------------------===//

/// Samples.  global = micro * accumulation * world.
struct Batch {
  int64_t global = 1, micro = 1, accumulation = 1;
};

/// Infers what `config` leaves out, as DeepSpeed does; nothing given is 1
/// sample on each rank.  On failure says why in `error`, without a place.
std::optional<Batch> inferBatch(const Config &config, int64_t world,
                                std::string &error);

//===--------------------------------------------------------------------===//
// In words
//===--------------------------------------------------------------------===//

/// "AdamW lr=0.0003 betas=(0.9, 0.95) ..."
std::string describeOptimizer(const Recipe &recipe);
/// "constant", or "linear from 0 to ...; momentum 0.8 until step 0, ..."
std::string describeSchedules(const Recipe &recipe);

} // namespace ds

#endif // DS_CONFIG_CONFIG_H
