//===- Settings.cpp - What the file says, under what the flags say ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Options.h"
#include "base/Files.h"
#include "ds/Config/Config.h"

#include <cstdio>

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

std::optional<int> readConfig(const std::string &path, Config &config) {
  const auto text =
      rt::readText(path, "", "a ds_config.json", uint64_t(1) << 24);
  if (!text.ok())
    return fail(1, text.status().message());
  std::vector<ConfigMessage> messages;
  config = parseConfig(*text, path, messages);
  bool failed = false;
  for (const ConfigMessage &message : messages) {
    std::fprintf(stderr, "%s\n", message.text.c_str());
    failed |= message.error;
  }
  return failed ? std::optional(1) : std::nullopt;
}

/// The batch: what flags and file leave open is inferred as DeepSpeed does,
/// unless the search is asked for the micro-batch.
std::optional<int> settleBatch(DriverOptions &o, Config config) {
  const bool flags = o.globalBatch || !o.microBatch.empty();
  bool search = o.microBatch == "auto";
  if (search) {
    config.batch.micro.reset();
    config.batch.accumulation.reset();
  } else if (!o.microBatch.empty()) {
    char *end = nullptr;
    const long long micro = std::strtoll(o.microBatch.c_str(), &end, 10);
    if (*end || micro < 1 || micro > (1ll << 31))
      return std::nullopt; // refused where it is used
    config.batch.micro = micro;
  }
  if (o.globalBatch)
    config.batch.train = o.globalBatch;
  if (flags && config.batch.train && config.batch.micro)
    config.batch.accumulation.reset(); // follows from the two
  search |=
      o.zero == "auto" && !config.batch.micro && !config.batch.accumulation;
  if (search) {
    o.globalBatch = config.batch.train.value_or(0);
    return std::nullopt;
  }
  if (!config.batch.train && !config.batch.micro && !config.batch.accumulation)
    return std::nullopt;
  std::string error;
  const std::optional<Batch> batch = inferBatch(config, o.world, error);
  if (!batch && flags)
    return fail(2, error);
  if (!batch) {
    int line = 0;
    for (const char *key :
         {"gradient_accumulation_steps", "train_micro_batch_size_per_gpu",
          "train_batch_size"})
      if (const ConfigEntry *entry = config.find(key))
        line = entry->line;
    std::fprintf(stderr, "%s:%d: error: %s\n", o.config.c_str(), line,
                 error.c_str());
    return 1;
  }
  o.globalBatch = batch->global;
  o.microBatch = std::to_string(batch->micro);
  return std::nullopt;
}

/// Linear warm-up and cosine decay by flags, instead of the file's scheduler.
std::optional<int> settleSchedule(const DriverOptions &o, Schedule &schedule) {
  constexpr int64_t kMost = int64_t{1} << 31;
  const int64_t warmup = o.warmupSteps.value_or(0);
  if (warmup < 0 || warmup > kMost)
    return fail(2, "expects --warmup-steps from 0 to 2147483648, but got " +
                       std::to_string(warmup));
  if (o.decaySteps && (*o.decaySteps <= warmup || *o.decaySteps > kMost))
    return fail(2, "expects --decay-steps above the " + std::to_string(warmup) +
                       " steps of the warm-up and at most 2147483648, but "
                       "got " +
                       std::to_string(*o.decaySteps));
  if (o.minLr && !o.decaySteps)
    return fail(2, "--min-lr is where the decay ends; add --decay-steps");
  if (o.minLr && !(*o.minLr >= 0 && *o.minLr <= schedule.peak))
    return fail(2, "expects --min-lr from 0 to the learning rate " +
                       number(schedule.peak) + ", but got " + number(*o.minLr));
  if (warmup > 0)
    schedule.warmup = {"linear", 0, warmup, 1, false};
  if (o.decaySteps)
    schedule.decay = {"cosine", o.minLr.value_or(0), warmup,
                      *o.decaySteps - warmup};
  return std::nullopt;
}

} // namespace

std::optional<int> settle(DriverOptions &o) {
  Config config;
  if (!o.config.empty()) {
    if (std::optional<int> code = readConfig(o.config, config))
      return code;
    if (std::optional<int> code = settleBatch(o, config))
      return code;
  }
  if (o.zero.empty())
    o.zero = config.zero.stage ? std::to_string(*config.zero.stage) : "auto";
  const bool flags = o.warmupSteps || o.decaySteps || o.minLr;
  if (flags)
    config.scheduler.type.reset();
  o.recipe = config.recipe(o.lr);
  return flags ? settleSchedule(o, o.recipe.rate) : std::nullopt;
}

} // namespace ds
