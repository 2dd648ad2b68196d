//===- Checks.cpp - What keys say together ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeepSpeed's own refusals, in the order of its sections.
//===--------------------------------------------------------------------===//

#include "Findings.h"
#include "Schema.h"
#include "Translate.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace ds {
namespace {

class Checks {
public:
  Checks(const Config &config, const std::string &file,
         std::vector<ConfigMessage> &messages)
      : config(config), findings(file, messages) {}

  void run() {
    for (const char *section : {"optimizer", "scheduler"})
      checkType(section);
    if (config.optimizer.type)
      checkParams("optimizer.", *config.optimizer.type);
    if (config.scheduler.type)
      checkParams("scheduler.", *config.scheduler.type);
    checkOptimizer();
    checkSchedule();
    checkPrecision();
    checkZero();
    checkGradients();
    checkCompile();
    if (isOn("elasticity.enabled"))
      checkElasticity();
  }

private:
  //===------------------------------------------------------------------===//
  // What the file says
  //===------------------------------------------------------------------===//

  bool isGiven(const std::string &path) const {
    const ConfigEntry *entry = config.find(path);
    return entry && !entry->automatic;
  }
  bool isOn(const std::string &path) const {
    const ConfigEntry *entry = config.find(path);
    return entry && entry->value == "true";
  }
  int lineOf(const std::string &path) const {
    const ConfigEntry *entry = config.find(path);
    return entry ? entry->line : 1;
  }
  void refuse(const std::string &path, const std::string &text) {
    if (const ConfigEntry *entry = config.find(path))
      findings.withdraw(entry->line, entry->spelled);
    findings.error(lineOf(path), text);
  }
  int64_t stage() const { return config.zero.stage.value_or(0); }

  static std::string number(double value) {
    const bool whole = value == std::trunc(value) && std::abs(value) < 1e15;
    return whole ? std::to_string(static_cast<int64_t>(value))
                 : json(value).dump();
  }

  //===------------------------------------------------------------------===//
  // Sections with a type
  //===------------------------------------------------------------------===//

  void checkType(const std::string &section) {
    if (isGiven(section + ".params") && !isGiven(section + ".type"))
      refuse(section, "expects '" + section + ".type' beside its params");
  }

  void checkParams(const std::string &section, const std::string &type) {
    auto has = [&](const char *types) {
      return std::ranges::count(split(types), type) > 0;
    };
    for (const Key &key : configKeys()) {
      if (!*key.types || !std::string_view(key.path).starts_with(section))
        continue;
      const std::string path = key.path;
      if (isGiven(path) && !has(key.types))
        refuse(path, "'" + path + "' is no parameter of " + type + ", but of " +
                         either(split(key.types)));
      if (!isGiven(path) && has(key.required))
        refuse(section + "type",
               "expects '" + path + "', which " + type + " needs");
    }
  }

  void checkOptimizer() {
    const OptimizerKeys &keys = config.optimizer;
    if (keys.type == "SGD" && keys.nesterov == true &&
        keys.momentum.value_or(0) == 0)
      refuse("optimizer.params.nesterov",
             "expects 'optimizer.params.momentum' above 0 beside "
             "'optimizer.params.nesterov'; set it, or the latter to false");
    if (keys.type == "Lamb" && config.fp16.enabled == true &&
        config.fp16.lossScale.value_or(0) != 0)
      refuse("fp16.loss_scale",
             "expects 'fp16.loss_scale' to be 0 beside Lamb, but got " +
                 number(*config.fp16.lossScale));
    // Those that DeepSpeed has tested with ZeRO.
    const auto tested = split("AdamW|Adam|Adagrad|Lion|Muon");
    if (keys.type && stage() > 0 && config.zero.allowUntested != true &&
        std::ranges::count(tested, *keys.type) == 0)
      refuse("optimizer.type",
             "expects 'zero_allow_untested_optimizer' to be true, because "
             "DeepSpeed has not tested " +
                 *keys.type + " with ZeRO; set it, or ZeRO's stage to 0");
  }

  /// DeepSpeed's end where they do; an extension has to have a decay.
  void checkSchedule() {
    const SchedulerKeys &keys = config.scheduler;
    if (!keys.type)
      return;
    const auto extensions = split("Linear|Cosine|Polynomial|WSD");
    const int64_t warmup = keys.warmupSteps.value_or(0),
                  decay = keys.decaySteps.value_or(1);
    if (std::ranges::count(extensions, *keys.type) > 0 &&
        keys.totalSteps.value_or(warmup + decay) < warmup + decay)
      return refuse("scheduler.params.total_num_steps",
                    "expects 'scheduler.params.total_num_steps' to be at "
                    "least " +
                        std::to_string(warmup + decay) + ", " +
                        std::to_string(warmup) + " steps of warm-up and " +
                        std::to_string(decay) + " of decay, but got " +
                        std::to_string(*keys.totalSteps));
    Recipe recipe;
    translateOptimizer(config, recipe);
    translateSchedule(config, {}, recipe);
    if (const std::string why = whyInvalid(recipe.rate); !why.empty())
      refuse("scheduler.type", *keys.type + " " + why);
  }

  //===------------------------------------------------------------------===//
  // Precision
  //===------------------------------------------------------------------===//

  void checkPrecision() {
    const bool half = config.fp16.enabled == true;
    const bool brain = config.bf16.enabled == true;
    if (half && brain)
      findings.error(std::max(lineOf("fp16.enabled"), lineOf("bf16.enabled")),
                     "expects one of 'fp16.enabled' and 'bf16.enabled' to be "
                     "true, but got both; turn one off");
    if (half)
      checkMasters(config.fp16.masterWeights,
                   "fp16.fp16_master_weights_and_grads");
    if (brain)
      checkMasters(config.bf16.masterWeights,
                   "bf16.bf16_master_weights_and_grads");
    if (brain && config.bf16.optimizerStates == true &&
        config.bf16.masterWeights != true)
      refuse("bf16.bf16_optimizer_states",
             "expects 'bf16.bf16_master_weights_and_grads' to be true beside "
             "'bf16.bf16_optimizer_states'; set it, or the latter to false");
    const std::string type = half ? "fp16" : brain ? "bf16" : "fp32";
    if (!(half && brain) && config.dataTypes.param.value_or(type) != type)
      refuse("data_types.param_dtype",
             "expects 'data_types.param_dtype' to be " + type +
                 ", as fp16 and bf16 say, but got " + *config.dataTypes.param);
  }

  void checkMasters(std::optional<bool> given, const std::string &path) {
    if (given == true && stage() == 0)
      refuse(path,
             "expects 'zero_optimization.stage' to be 1, 2 or 3 beside '" +
                 path + "'; set it, or the latter to false");
  }

  //===------------------------------------------------------------------===//
  // ZeRO and gradients
  //===------------------------------------------------------------------===//

  void checkZero() {
    const ZeroKeys &zero = config.zero;
    if (zero.allgatherBucket.value_or(0) % 2 != 0)
      refuse("zero_optimization.allgather_bucket_size",
             "expects 'zero_optimization.allgather_bucket_size' to be even, "
             "but got " +
                 std::to_string(*zero.allgatherBucket));
    if (zero.offloadRatio.value_or(1) < 1 && stage() != 3)
      refuse("zero_optimization.offload_optimizer.ratio",
             "expects 'zero_optimization.offload_optimizer.ratio' to be 1 "
             "outside stage 3, but got " +
                 number(*zero.offloadRatio));
    const std::string cpu = "cpu";
    if (zero.micsShard.value_or(-1) > 0 &&
        (zero.paramDevice == cpu || zero.optimizerDevice == cpu))
      refuse("zero_optimization.mics_shard_size",
             "expects 'zero_optimization.mics_shard_size' to be -1 beside "
             "offloading to cpu, but got " +
                 std::to_string(*zero.micsShard));
  }

  void checkGradients() {
    const GradientKeys &keys = config.gradient;
    if (keys.allreduceOp == "sum" && stage() == 3)
      refuse("gradient_allreduce_op",
             "expects 'gradient_allreduce_op' to be mean under ZeRO-3, but "
             "got sum");
    if (keys.allreduceOp == "sum" && isOn("compile.deepcompile"))
      refuse("gradient_allreduce_op",
             "expects 'gradient_allreduce_op' to be mean beside "
             "'compile.deepcompile', but got sum");
    if (stage() == 0 || config.zero.reduceScatter == false)
      return;
    const std::string remedy = ", because 'zero_optimization.reduce_scatter' "
                               "is on; set that to false";
    if (keys.predivideFactor.value_or(1) != 1)
      refuse(
          "gradient_predivide_factor",
          "expects 'gradient_predivide_factor' to be 1 under ZeRO, but got " +
              number(*keys.predivideFactor) + remedy);
    if (keys.prescale == true)
      refuse("prescale_gradients", "expects 'prescale_gradients' to be false "
                                   "under ZeRO, but got true" +
                                       remedy);
  }

  //===------------------------------------------------------------------===//
  // DeepCompile
  //===------------------------------------------------------------------===//

  void checkCompile() {
    const bool offloaded =
        config.zero.optimizerDevice.value_or("none") != "none";
    if (isOn("compile.offload_opt_states") && offloaded)
      refuse("compile.offload_opt_states",
             "expects 'compile.offload_opt_states' to be false beside "
             "'zero_optimization.offload_optimizer'; drop one");
    if (isOn("compile.offload_activation"))
      for (const char *other :
           {"compile.offload_opt_states", "compile.offload_parameters"})
        if (isOn(other))
          refuse("compile.offload_activation",
                 "expects 'compile.offload_activation' to be false beside '" +
                     std::string(other) + "'; drop one");
    checkPasses();
  }

  void checkPasses() {
    const ConfigEntry *entry = config.find("compile.passes");
    if (!entry || entry->automatic)
      return;
    auto has = [&](const std::string &pass) {
      return entry->value.find('"' + pass + '"') != std::string::npos;
    };
    const std::string got = ", but got " + entry->value;
    if (has("z3") && stage() > 0 && stage() < 3)
      findings.error(entry->line, "expects 'compile.passes' without z3 under "
                                  "ZeRO-" +
                                      std::to_string(stage()) + got);
    if (has("autotp") && (has("autosp") || has("z1") || has("z3")))
      findings.error(entry->line,
                     "expects 'compile.passes' to have autotp alone" + got);
  }

  //===------------------------------------------------------------------===//
  // Elasticity
  //===------------------------------------------------------------------===//

  std::optional<double> elastic(const std::string &name) const {
    const ConfigEntry *entry = config.find("elasticity." + name);
    const json value =
        entry ? json::parse(entry->value, nullptr, false) : json();
    return value.is_number() ? std::optional(value.get<double>())
                             : std::nullopt;
  }

  void checkElasticity() {
    const std::string section = "elasticity.";
    for (const char *name : {"max_train_batch_size", "micro_batch_sizes"})
      if (!isGiven(section + name))
        refuse("elasticity.enabled", "expects 'elasticity." +
                                         std::string(name) +
                                         "' beside 'elasticity.enabled'");
    const double version = elastic("version").value_or(0.2);
    if (version > 0.2)
      refuse("elasticity.version",
             "expects 'elasticity.version' to be 0.1 or 0.2, but got " +
                 number(version));
    if (version == 0.1 && elastic("model_parallel_size").value_or(1) > 1)
      refuse("elasticity.model_parallel_size",
             "expects 'elasticity.model_parallel_size' to be 1 in version "
             "0.1, but got " +
                 number(*elastic("model_parallel_size")));
    if (elastic("min_gpus").value_or(1) > elastic("max_gpus").value_or(10000))
      refuse("elasticity.min_gpus",
             "expects 'elasticity.min_gpus' to be at most "
             "'elasticity.max_gpus'");
    if (isOn("elasticity.ignore_non_elastic_batch_info"))
      return;
    for (const char *key :
         {"train_batch_size", "train_micro_batch_size_per_gpu",
          "gradient_accumulation_steps"})
      if (isGiven(key))
        refuse(key, "expects no '" + std::string(key) +
                        "' beside 'elasticity.enabled'; drop it, or set "
                        "'elasticity.ignore_non_elastic_batch_info' to true");
  }

  const Config &config;
  Findings findings;
};

} // namespace

void checkConfig(const Config &config, const std::string &file,
                 std::vector<ConfigMessage> &messages) {
  Checks(config, file, messages).run();
  std::ranges::stable_sort(messages, {}, &ConfigMessage::line);
}

} // namespace ds
