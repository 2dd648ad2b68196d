//===- Schema.cpp - The keys of ds_config.json --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

#include <limits>

namespace ds {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kCount{1, 2147483648.0, false, false,
                       "a whole number from 1 to 2147483648"};
constexpr Range kRate{0, kInfinity, false, true, "a number of at least 0"};
constexpr Range kPositive{0, kInfinity, true, true, "a positive number"};
constexpr Range kBetas{0, 1, false, true, "a list of two numbers in [0, 1)"};
constexpr Range kStage{0, 3, false, false, "0, 1, 2 or 3"};

const std::string kWarmup = "WarmupLR", kDecay = "WarmupDecayLR",
                  kCosine = "WarmupCosineLR";

std::vector<Key> makeKeys() {
  using C = Config;
  const std::string opt = "optimizer.params.", sched = "scheduler.params.";
  const std::vector<std::string> linear = {kWarmup, kDecay},
                                 all = {kWarmup, kDecay, kCosine},
                                 ending = {kDecay, kCosine}, cosine = {kCosine};
  return {
      {"train_batch_size", &C::trainBatch, kCount},
      {"train_micro_batch_size_per_gpu", &C::microBatch, kCount},
      {"gradient_accumulation_steps", &C::accumulation, kCount},
      {"gradient_clipping", &C::gradientClipping, kRate},
      {"zero_optimization.stage", &C::zeroStage, kStage},
      {"optimizer.type", &C::optimizer, {}, {"AdamW", "Adam"}, true},
      {opt + "lr", &C::lr, kPositive},
      {opt + "betas", &C::betas, kBetas},
      {opt + "eps", &C::eps, kPositive},
      {opt + "weight_decay", &C::weightDecay, kRate},
      {opt + "adam_w_mode", &C::adamWMode},
      {opt + "torch_adam", &C::torchAdam},
      {"scheduler.type", &C::scheduler, {}, all},
      {sched + "warmup_min_lr", &C::warmupMinLr, kRate, {}, false, linear},
      {sched + "warmup_max_lr", &C::warmupMaxLr, kPositive, {}, false, linear},
      {sched + "warmup_num_steps", &C::warmupSteps, kCount, {}, false, all},
      {sched + "warmup_type",
       &C::warmupType,
       {},
       {"log", "linear"},
       false,
       all},
      {sched + "total_num_steps",
       &C::totalSteps,
       kCount,
       {},
       false,
       ending,
       ending},
      {sched + "warmup_min_ratio",
       &C::warmupMinRatio,
       kRate,
       {},
       false,
       cosine},
      {sched + "cos_min_ratio", &C::cosMinRatio, kRate, {}, false, cosine},
  };
}

std::vector<Fixed> makeFixed() {
  const char *f32 = "only float32 is built";
  const char *offload = "offloading is not built";
  const char *wire = "gradients travel as float32";
  const char *quantized = "quantization is not built";
  const char *pruning = "compression is not built";
  const char *later = "it is not built";
  const std::string zero = "zero_optimization.", comp = "compression_training.";
  std::vector<Fixed> rows = {
      {"fp16.enabled", false, f32},
      {"bf16.enabled", false, f32},
      {"bfloat16.enabled", false, f32},
      {"amp.enabled", false, f32},
      {"torch_autocast.enabled", false, f32},
      {"data_types.grad_accum_dtype", "fp32", f32},
      {"communication_data_type", "fp32", wire},
      {"gradient_allreduce_op", "mean", "gradients are averaged"},
      {zero + "offload_optimizer.device", "none", offload},
      {zero + "offload_param.device", "none", offload},
      {zero + "cpu_offload", false, offload},
      {zero + "cpu_offload_param", false, offload},
      {zero + "zero_quantized_weights", false, quantized},
      {zero + "zero_quantized_gradients", false, quantized},
      {"optimizer.params.amsgrad", false, later},
      {"optimizer.params.bias_correction", true, "the update always has it"},
      {"scheduler.params.last_batch_iteration", -1,
       "the step is in the checkpoint"},
      {"sequence_parallel_size", 1, later},
      {"progressive_layer_drop.enabled", false, later},
      {"curriculum_learning.enabled", false, later},
      {"data_efficiency.enabled", false, later},
      {"elasticity.enabled", false, later},
      {comp + "layer_reduction.enabled", false, pruning},
  };
  for (const char *kind :
       {"weight_quantization", "activation_quantization", "sparse_pruning",
        "row_pruning", "head_pruning", "channel_pruning"})
    rows.push_back(
        {comp + kind + ".shared_parameters.enabled", false, pruning});
  return rows;
}

} // namespace

std::span<const Key> configKeys() {
  static const std::vector<Key> keys = makeKeys();
  return keys;
}

std::span<const Fixed> fixedKeys() {
  static const std::vector<Fixed> keys = makeFixed();
  return keys;
}

} // namespace ds
