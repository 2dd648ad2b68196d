//===- SchemaZero.cpp - Keys of ZeRO ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

using C = Config;
using Z = ZeroKeys;
constexpr auto kZero = &C::zero;
constexpr Kind kStage{Type::Int, "0, 1, 2 or 3", {0, 3}};
constexpr const char *offload = "offloading is not built";
constexpr const char *quantized = "quantization is not built";

constexpr Key kKeys[] = {
    {"zero_optimization", strict(kSection), "", honoured,
     "What ranks share of optimizer, gradients and parameters"},
    {"zero_optimization.stage", kStage, "0", honoured,
     "0: nothing, 1: the optimizer's states, 2: gradients, too, 3: "
     "parameters, too",
     at<kZero, &Z::stage>},
    {"zero_optimization.offload_optimizer", strict(kSection), "", honoured,
     "Where the optimizer's states are"},
    {"zero_optimization.offload_optimizer.device", words("none|cpu|nvme"),
     "\"none\"", refused(offload), "The memory"},
    {"zero_optimization.offload_param", strict(kSection), "", honoured,
     "Where parameters are"},
    {"zero_optimization.offload_param.device", words("none|cpu|nvme"),
     "\"none\"", refused(offload), "The memory"},
    {"zero_optimization.cpu_offload", kBool, "false", refused(offload),
     "The older way to say offload_optimizer.device"},
    {"zero_optimization.cpu_offload_param", kBool, "false", refused(offload),
     "The older way to say offload_param.device"},
    {"zero_optimization.zero_quantized_weights", kBool, "false",
     refused(quantized), "Gather 8-bit parameters"},
    {"zero_optimization.zero_quantized_gradients", kBool, "false",
     refused(quantized), "Reduce 4-bit gradients"},
};

} // namespace

std::span<const Key> zeroKeys() { return kKeys; }

} // namespace ds
