//===- SchemaOptimizer.cpp - Keys of the optimizer and its groups -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

using C = Config;
using O = OptimizerKeys;
using G = ParameterGroupKeys;
constexpr auto kOptimizer = &C::optimizer;
constexpr const char *adams = "AdamW|Adam";

constexpr Key kKeys[] = {
    {"optimizer", kSection, "", honoured, "How parameters are updated"},
    {"optimizer.type",
     words("AdamW|Adam",
           "SGD|Adagrad|Lamb|Lion|Muon|OneBitAdam|ZeroOneAdam|OneBitLamb|"
           "MuAdam|MuAdamW|MuSGD",
           true),
     "", honoured, "The rule of the update", at<kOptimizer, &O::type>},
    {"optimizer.legacy_fusion", kBool, "false",
     ignored("every update is one fused kernel"),
     "Use the older fused wrapper"},
    {"optimizer.params", kSection, "", honoured, "The rule's numbers"},
    {"optimizer.params.lr", kPositive, "0.001", honoured,
     "The learning rate, which a scheduler may override",
     at<kOptimizer, &O::lr>},
    {"optimizer.params.betas", kBetas, "", honoured,
     "How slowly the moments forget", at<kOptimizer, &O::betas>,
     "AdamW|Adam|Lamb|Lion|Muon"},
    {"optimizer.params.eps", kPositive, "", honoured,
     "Added to the denominator", at<kOptimizer, &O::eps>,
     "AdamW|Adam|Adagrad|Lamb|Muon"},
    {"optimizer.params.weight_decay", kRate, "0", honoured,
     "How fast parameters shrink", at<kOptimizer, &O::weightDecay>},
    {"optimizer.params.adam_w_mode", kBool, "true", honoured,
     "Whether Adam decays weights beside the gradient, not inside it",
     at<kOptimizer, &O::adamWMode>, adams},
    {"optimizer.params.torch_adam", kBool, "false", honoured,
     "Use torch.optim's class, whose AdamW decays weights by 0.01",
     at<kOptimizer, &O::torchAdam>, adams},
    {"optimizer.params.fp32_optimizer_states",
     kBool,
     "true",
     ignored("states are float32 unless bf16.bf16_optimizer_states"),
     "Keep the moments in float32",
     {},
     adams},
    {"optimizer.params.amsgrad", kBool, "false", refused("it is not built"),
     "Use the largest second moment so far", at<kOptimizer, &O::amsgrad>,
     "AdamW|Adam|Lamb"},
    {"optimizer.params.bias_correction", kBool, "true",
     refused("the update always has it"),
     "Correct the moments of the first steps",
     at<kOptimizer, &O::biasCorrection>, "AdamW|Adam|Lamb"},
    {"optimizer.params.momentum", kRate, "", honoured,
     "How slowly the direction forgets", at<kOptimizer, &O::momentum>,
     "SGD|Muon"},
    {"optimizer.params.dampening", kRate, "0", honoured,
     "Of the gradient in the momentum", at<kOptimizer, &O::dampening>, "SGD"},
    {"optimizer.params.nesterov", kBool, "", honoured,
     "Look ahead along the momentum", at<kOptimizer, &O::nesterov>, "SGD|Muon"},
    {"optimizer.params.maximize", kBool, "false", honoured,
     "Go up the gradient", at<kOptimizer, &O::maximize>,
     "AdamW|Adam|SGD|Adagrad"},
    {"optimizer.params.lr_decay", kRate, "0", honoured,
     "How fast Adagrad's rate falls with the step", at<kOptimizer, &O::lrDecay>,
     "Adagrad"},
    {"optimizer.params.initial_accumulator_value", kRate, "0", honoured,
     "Of Adagrad's sum of squares", at<kOptimizer, &O::initialAccumulator>,
     "Adagrad"},
    {"optimizer.params.max_coeff", kPositive, "10", honoured,
     "The largest trust ratio", at<kOptimizer, &O::maxCoeff>, "Lamb"},
    {"optimizer.params.min_coeff", kRate, "0.01", honoured,
     "The smallest trust ratio", at<kOptimizer, &O::minCoeff>, "Lamb"},
    {"optimizer.params.muon_lr", kPositive, "", honoured,
     "The rate of the matrices; default: lr", at<kOptimizer, &O::muonLr>,
     "Muon"},
    {"optimizer.params.adam_lr", kPositive, "", honoured,
     "The rate of what is no matrix; default: lr", at<kOptimizer, &O::adamLr>,
     "Muon"},
    {"optimizer.params.ns_method", words("gram|standard"), "\"gram\"", honoured,
     "How Newton-Schulz iterates", at<kOptimizer, &O::nsMethod>, "Muon"},
    {"optimizer.params.ns_steps", kCount, "5", honoured,
     "Iterations of Newton-Schulz", at<kOptimizer, &O::nsSteps>, "Muon"},

    {"parameter_groups", kList, "", refused("it is not built"),
     "An extension: the first group whose pattern a parameter's name matches "
     "overrides the optimizer for it"},
    {"parameter_groups[]", kSection, "", inherited, "One group"},
    {"parameter_groups[].pattern", kText, "", inherited,
     "Of the parameters' whole names; '*' is any text", inGroup<&G::pattern>},
    {"parameter_groups[].lr", kRate, "", inherited,
     "The learning rate, by which the schedule's is scaled", inGroup<&G::lr>},
    {"parameter_groups[].weight_decay", kRate, "", inherited,
     "The weight decay", inGroup<&G::weightDecay>},
    {"parameter_groups[].frozen", kBool, "false", inherited,
     "No gradient, no state, no update", inGroup<&G::frozen>},
};

} // namespace

std::span<const Key> optimizerKeys() { return kKeys; }

} // namespace ds
