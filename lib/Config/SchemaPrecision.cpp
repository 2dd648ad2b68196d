//===- SchemaPrecision.cpp - Keys of number formats ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

using C = Config;
using F = Fp16Keys;
using B = Bf16Keys;
using D = DataTypeKeys;
constexpr auto kFp16 = &C::fp16;
constexpr auto kBf16 = &C::bf16;
constexpr auto kTypes = &C::dataTypes;
constexpr const char *casts =
    "casts are inserted ahead of time; turn bf16 or fp16 on instead";
constexpr Kind kType = words("fp32|fp16|bf16");
constexpr Kind kScale{Type::Number,
                      "a number of at least 0; 0 is dynamic",
                      {0, kInfinity, false, true}};
constexpr Kind kPower{Type::Int, "a whole number from 0 to 127", {0, 127}};

constexpr Key kKeys[] = {
    {"fp16", strict(sectionIf("enabled")), "", honoured,
     "Compute in float16, with a scaled loss"},
    {"fp16.enabled", kBool, "false", inherited, "Turn it on",
     at<kFp16, &F::enabled>},
    {"fp16.auto_cast", kBool, "false",
     ignored("products cast their operands, inputs as well"), "Cast the inputs",
     at<kFp16, &F::autoCast>},
    {"fp16.loss_scale", kScale, "0", inherited,
     "The loss scale; 0: a dynamic one", at<kFp16, &F::lossScale>},
    {"fp16.initial_scale_power", kPower, "16", inherited,
     "The dynamic scale begins at 2 to this power",
     at<kFp16, &F::initialScalePower>},
    {"fp16.loss_scale_window", kCount, "1000", inherited,
     "Good steps behind which the scale doubles",
     at<kFp16, &F::lossScaleWindow>},
    {"fp16.hysteresis", kCount, "2", inherited,
     "Overflows after which the scale is halved", at<kFp16, &F::hysteresis>},
    {"fp16.consecutive_hysteresis", kBool, "false", inherited,
     "Forgive overflows at each good step, not with each doubling",
     at<kFp16, &F::consecutiveHysteresis>},
    {"fp16.min_loss_scale", kPositive, "1", inherited, "The least scale",
     at<kFp16, &F::minLossScale>},
    {"fp16.fp16_master_weights_and_grads", kBool, "false",
     refused("parameters of float16 are not built; use bf16"),
     "No float32 copies of parameters", at<kFp16, &F::masterWeights>},

    {"bf16", strict(sectionIf("enabled")), "", honoured, "Compute in bfloat16"},
    {"bf16.enabled", kBool, "false", inherited, "Turn it on",
     at<kBf16, &B::enabled>},
    {"bf16.immediate_grad_update", kBool, "false",
     ignored("each micro-batch's gradient is added at once"),
     "Add each gradient to its float32 sum at once",
     at<kBf16, &B::immediateGradUpdate>},
    {"bf16.check_grad_overflow", kBool, "true", inherited,
     "Skip a step whose gradients are not finite",
     at<kBf16, &B::checkGradOverflow>},
    {"bf16.bf16_master_weights_and_grads", kBool, "false", inherited,
     "No float32 copies of parameters", at<kBf16, &B::masterWeights>},
    {"bf16.bf16_optimizer_states", kBool, "false", inherited,
     "Keep the optimizer's states in bfloat16", at<kBf16, &B::optimizerStates>},
    {"bf16.stochastic_rounding", kBool, "false", inherited,
     "Of this compiler: round bfloat16 parameters and states at random",
     at<kBf16, &B::stochasticRounding>},
    {"bfloat16", aliasOf("bf16")},

    {"data_types", kSection, "", honoured, "Types of tensors"},
    {"data_types.grad_accum_dtype", kType, "", honoured,
     "In which gradients of micro-batches are added",
     at<kTypes, &D::gradAccum>},
    {"data_types.param_dtype", kType, "",
     ignored("fp16 and bf16 say in which type is computed"),
     "Of the parameters", at<kTypes, &D::param>},
    {"data_types.buffer_dtype", kType, "", ignored("buffers keep their types"),
     "Of the buffers", at<kTypes, &D::buffer>},
    {"communication_data_type", kType, "", honoured,
     "In which gradients travel", at<kTypes, &D::communication>},
    {"seq_parallel_communication_data_type", kType, "\"fp32\"",
     ignored("there is no sequence parallelism"),
     "In which gradients travel between the ranks of a sequence"},

    {"amp", sectionIf("enabled"), "", refused(casts),
     "Mixed precision by Apex"},
    {"amp.enabled", kBool, "false", inherited, "Turn it on"},
    {"amp.*", kAny, "", inherited, "Passed on to Apex"},
    {"torch_autocast", sectionIf("enabled"), "", refused(casts),
     "Mixed precision by torch.autocast"},
    {"torch_autocast.enabled", kBool, "false", inherited, "Turn it on"},
    {"torch_autocast.dtype", words("bfloat16|float16|bf16|fp16"), "", inherited,
     "The type to compute in"},
    {"torch_autocast.lower_precision_safe_modules", kList, "", inherited,
     "Classes of modules that compute in it"},
};

} // namespace

std::span<const Key> precisionKeys() { return kKeys; }

} // namespace ds
