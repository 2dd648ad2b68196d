//===- Settings.cpp - What the file says, under what the flags say ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Options.h"
#include "base/Files.h"
#include "ds/Config/Config.h"

#include "llvm/Support/Base64.h"
#include "llvm/Support/FileSystem.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace ds {
namespace {

int fail(int code, const std::string &message) {
  std::fprintf(stderr, "ds-opt: error: %s\n", message.c_str());
  return code;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

/// Notes that a flag overrides a key of the file.
void override(DriverOptions &o, const std::string &path,
              const std::string &value, const std::string &flag) {
  o.origins.push_back({path, value, flag + "=" + value});
}

constexpr const char kTrain[] = "train_batch_size",
                     kMicro[] = "train_micro_batch_size_per_gpu",
                     kAccumulation[] = "gradient_accumulation_steps";

/// What flags say of the batch, over the file's keys; whether the search is
/// asked for the micro-batch.  A bad --micro-batch is refused where it is used.
bool overrideBatch(DriverOptions &o, BatchKeys &keys) {
  bool search = o.microBatch == "auto";
  if (search) {
    keys.micro.reset();
    keys.accumulation.reset();
  } else if (!o.microBatch.empty()) {
    char *end = nullptr;
    const long long micro = std::strtoll(o.microBatch.c_str(), &end, 10);
    if (*end || micro < 1 || micro > (1ll << 31))
      return true;
    keys.micro = micro;
    override(o, kMicro, o.microBatch, "--micro-batch");
  }
  if (o.globalBatch) {
    keys.train = o.globalBatch;
    override(o, kTrain, std::to_string(o.globalBatch), "--global-batch");
  }
  const bool flags = o.globalBatch || !o.microBatch.empty();
  if (flags && keys.train && keys.micro)
    keys.accumulation.reset(); // follows from the two
  return search || (o.zero == "auto" && !keys.micro && !keys.accumulation);
}

/// The batch that flags and file leave open is inferred as DeepSpeed does,
/// unless the search is asked for it.  A mismatch of the file's keys becomes a
/// message.
std::optional<int> settleBatch(DriverOptions &o, const Config &config,
                               std::vector<ConfigMessage> &messages) {
  const bool flags = o.globalBatch || !o.microBatch.empty();
  Config effective = config;
  BatchKeys &keys = effective.batch;
  if (overrideBatch(o, keys)) {
    o.globalBatch = keys.train.value_or(0);
    return std::nullopt;
  }
  if (!keys.train && !keys.micro && !keys.accumulation) {
    if (o.strict)
      messages.push_back({1, true,
                          o.config + ":1: error: expects train_batch_size or "
                                     "train_micro_batch_size_per_gpu"});
    return std::nullopt;
  }
  std::string error;
  const std::optional<Batch> batch = inferBatch(effective, o.world, error);
  if (!batch && flags)
    return fail(2, error);
  if (!batch) {
    int line = 0;
    for (const char *key : {kAccumulation, kMicro, kTrain})
      if (const ConfigEntry *entry = config.find(key))
        line = entry->line;
    messages.push_back(
        {line, true,
         o.config + ":" + std::to_string(line) + ": error: " + error});
    return std::nullopt;
  }
  for (auto [path, key, value] :
       {std::tuple(kTrain, keys.train, batch->global),
        std::tuple(kMicro, keys.micro, batch->micro),
        std::tuple(kAccumulation, keys.accumulation, batch->accumulation)})
    if (!key)
      o.origins.push_back({path, std::to_string(value), "inferred"});
  o.globalBatch = batch->global;
  o.microBatch = std::to_string(batch->micro);
  return std::nullopt;
}

/// Prints messages; whether one is an error.
bool tell(std::vector<ConfigMessage> &messages) {
  std::ranges::stable_sort(messages, {}, &ConfigMessage::line);
  bool failed = false;
  for (const ConfigMessage &message : messages) {
    std::fprintf(stderr, "%s\n", message.text.c_str());
    failed |= message.error;
  }
  return failed;
}

/// The object that `text` is in urlsafe base64, as DeepSpeed's launcher passes
/// it on; empty when it is none, or a file's name.
std::string decodedConfig(std::string text) {
  if (llvm::sys::fs::exists(text))
    return {};
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  std::vector<char> bytes;
  if (llvm::Error error = llvm::decodeBase64(text, bytes)) {
    llvm::consumeError(std::move(error));
    return {};
  }
  const llvm::StringRef decoded(bytes.data(), bytes.size());
  return decoded.contains('{') ? decoded.str() : "";
}

/// The text of --config; an object in base64 gets a short name for messages.
rt::StatusOr<std::string> readConfigText(DriverOptions &o) {
  if (std::string decoded = decodedConfig(o.config); !decoded.empty()) {
    o.config = "<base64>";
    return decoded;
  }
  return rt::readText(o.config, "", "a ds_config.json", uint64_t(1) << 24);
}

/// Reads the file; flags override its keys before they are checked together.
std::optional<int> readConfig(DriverOptions &o) {
  const auto text = readConfigText(o);
  if (!text.ok())
    return fail(1, text.status().message());
  std::vector<ConfigMessage> messages;
  o.file = parseConfig(*text, o.config, messages, o.strict);
  if (std::optional<int> code = settleBatch(o, o.file, messages))
    return code;
  if (!o.zero.empty() && o.zero != "auto") {
    o.file.zero.stage = o.zero[0] - '0';
    override(o, "zero_optimization.stage", o.zero, "--zero");
  }
  if (o.lr)
    override(o, "optimizer.params.lr", number(*o.lr), "--lr");
  checkConfig(o.file, o.config, messages);
  return tell(messages) ? std::optional(1) : std::nullopt;
}

/// What flags say of the update; --optimizer replaces the file's.
Recipe settleOptimizer(DriverOptions &o, Config config) {
  std::optional<double> rate = o.lr;
  const OptimizerKind *kind = findOptimizerKind(o.optimizer);
  if (kind) {
    config.optimizer = {};
    if (!config.scheduler.type)
      rate = o.lr.value_or(kind->rate);
  }
  Recipe recipe = config.recipe(rate);
  if (kind) {
    recipe.optimizer = kind->defaults;
    override(o, "optimizer.type", o.optimizer, "--optimizer");
  }
  if (o.weightDecay) {
    recipe.optimizer.weightDecay = *o.weightDecay;
    override(o, "optimizer.params.weight_decay", number(*o.weightDecay),
             "--weight-decay");
  }
  recipe.clipValue = o.clipValue.value_or(0);
  std::vector<ParameterGroup> groups;
  if (!o.freeze.empty())
    groups.push_back({.patterns = o.freeze, .frozen = true});
  if (!o.noDecay.empty())
    groups.push_back({.patterns = o.noDecay, .weightDecay = 0});
  recipe.groups.insert(recipe.groups.begin(), groups.begin(), groups.end());
  return recipe;
}

} // namespace

/// --precision, which turns one of the file's sections on, or all off.
static void settlePrecision(DriverOptions &o, Config &config) {
  if (o.precision.empty() || o.precision == "auto")
    return;
  config.fp16.enabled = o.precision == "fp16";
  config.bf16.enabled = o.precision == "bf16";
  for (auto [path, on] : {std::pair("fp16.enabled", config.fp16.enabled),
                          std::pair("bf16.enabled", config.bf16.enabled)})
    o.origins.push_back(
        {path, *on ? "true" : "false", "--precision=" + o.precision});
}

/// What the search chooses from.
static std::vector<Precision> precisionsOf(const DriverOptions &o,
                                           Config config) {
  if (o.precision != "auto")
    return {o.recipe.precision};
  std::vector<Precision> precisions;
  config.fp16.enabled = false;
  for (bool brain : {false, true}) {
    config.bf16.enabled = brain;
    precisions.push_back(config.recipe().precision);
  }
  return precisions;
}

std::optional<int> settle(DriverOptions &o) {
  if (!o.config.empty())
    if (std::optional<int> code = readConfig(o))
      return code;
  if (o.zero.empty())
    o.zero = o.file.zero.stage ? std::to_string(*o.file.zero.stage) : "auto";
  const bool flags = !o.schedule.empty() || o.warmupSteps || o.stableSteps ||
                     o.decaySteps || o.minLr || o.decayPower;
  Config config = o.file;
  if (flags)
    config.scheduler.type.reset();
  settlePrecision(o, config);
  o.recipe = settleOptimizer(o, config);
  o.recipe.precision.tf32 = o.precision == "tf32";
  o.precisions = precisionsOf(o, config);
  std::optional<int> code =
      flags ? settleSchedule(o, o.recipe.rate) : std::nullopt;
  if (flags)
    o.origins.push_back({"scheduler", describeSchedule(o.recipe.rate),
                         "--schedule, --warmup-steps, --decay-steps, ..."});
  return code;
}

std::string explain(const DriverOptions &o,
                    const std::vector<ConfigOrigin> &found,
                    const std::string &hfConfig) {
  std::vector<ConfigOrigin> origins;
  for (const ConfigOrigin &origin : found) {
    const ConfigEntry *entry = o.file.find(origin.path);
    if (!entry || entry->automatic || entry->value != origin.value)
      origins.push_back(origin);
  }
  origins.insert(origins.end(), o.origins.begin(), o.origins.end());
  return explainConfig(o.file, o.config, origins, {hiddenSizeOf(hfConfig)},
                       o.explainConfig == "all");
}

} // namespace ds
