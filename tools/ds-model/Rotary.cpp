//===- Rotary.cpp - Rotary positions and their scalings -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// transformers 5 writes 'rope_parameters'; before it were 'rope_theta' and
// 'rope_scaling'.  A scaling changes the frequencies, in float32 steps as
// transformers does it.
//===--------------------------------------------------------------------===//

#include "Llama.h"

#include <cmath>
#include <numbers>

using namespace mlir;

namespace ds {
namespace {

/// 1 / theta ** (2i / d), as ds.rotary_table has it.
std::vector<float> plainFrequencies(double theta, int64_t headSize) {
  std::vector<float> frequencies;
  for (int64_t i = 0; i < headSize; i += 2) {
    const float exponent = static_cast<float>(i) / static_cast<float>(headSize);
    frequencies.push_back(
        1.0f / static_cast<float>(std::pow(
                   static_cast<double>(static_cast<float>(theta)), exponent)));
  }
  return frequencies;
}

/// Llama 3.1: long waves are stretched, short ones stay, and those in between
/// are mixed.
float scaleLlama3(float frequency, double factor, double low, double high,
                  double context) {
  const float wave = static_cast<float>(2 * std::numbers::pi) / frequency;
  const auto longest = static_cast<float>(context / low),
             shortest = static_cast<float>(context / high);
  if (wave > longest)
    return frequency / static_cast<float>(factor);
  if (wave < shortest)
    return frequency;
  const float smooth =
      (static_cast<float>(context) / wave - static_cast<float>(low)) /
      static_cast<float>(high - low);
  return (1 - smooth) * frequency / static_cast<float>(factor) +
         smooth * frequency;
}

} // namespace

void LlamaShape::readRotary(HfConfig &c, double missing) {
  const std::string at = c.has("rope_scaling") && !c.has("rope_parameters")
                             ? "rope_scaling."
                             : "rope_parameters.";
  c.demandObject("rope_parameters");
  c.demandObject("rope_scaling");
  theta = c.positive("rope_theta", missing);
  theta = c.positive("rope_parameters.rope_theta", theta);
  const std::string kind = c.word(at + "rope_type|" + at + "type", "default",
                                  {"default", "linear", "llama3"});
  if (c.number(at + "partial_rotary_factor|partial_rotary_factor", 1, 0, 1) !=
      1)
    c.refuse("expects " + c.shown(at + "partial_rotary_factor") +
             " to be 1, the only value that is built");
  if (kind == "default")
    return;
  frequencies = plainFrequencies(theta, headSize);
  auto need = [&](const char *key) {
    if (!c.has(at + key))
      c.refuse("expects '" + at + key + "' for rope_type '" + kind + "'");
    return c.positive(at + key, 1);
  };
  const double factor = need("factor");
  if (kind == "linear") {
    for (float &frequency : frequencies)
      frequency /= static_cast<float>(factor);
    return;
  }
  const double low = need("low_freq_factor"), high = need("high_freq_factor");
  const double context = need("original_max_position_embeddings");
  if (c.error().empty() && high <= low)
    c.refuse("expects '" + at + "high_freq_factor' above '" + at +
             "low_freq_factor'");
  for (float &frequency : frequencies)
    frequency = scaleLlama3(frequency, factor, low, high, context);
}

Value LlamaShape::rotaryTable(ModelBuilder &m, RankedTensorType type,
                              const char *function) const {
  return RotaryTableOp::create(
      m.b, m.loc, type, m.b.getStringAttr(function), m.b.getF64FloatAttr(theta),
      frequencies.empty() ? DenseF32ArrayAttr()
                          : m.b.getDenseF32ArrayAttr(frequencies));
}

} // namespace ds
