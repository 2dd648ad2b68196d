//===- Precision.h - Which numbers a training step computes with --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types and loss scaling in plain values.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_PRECISION_H
#define DS_SUPPORT_PRECISION_H

#include <cstdint>
#include <optional>
#include <string>

namespace ds {

/// A factor of the loss that keeps small gradients above fp16's smallest
/// number; the update divides by it.
struct LossScale {
  double initial = 65536; ///< Positive.
  /// Halved when gradients overflow, doubled when they did not for long; what
  /// follows matters only then.
  bool isDynamic = true;
  int64_t window = 1000;  ///< Good steps until it doubles, at least 1.
  int64_t hysteresis = 2; ///< Overflows until it halves, at least 1.
  /// Every good step makes up for the overflows before it, not only a doubling.
  bool consecutiveHysteresis = false;
  double smallest = 1; ///< Positive.  An overflow there ends the run.
};

/// Element types by the names "f32", "bf16" and "fp16".
struct Precision {
  std::string compute = "f32"; ///< Of products and activations.
  std::string master = "f32";  ///< Of parameters as they are kept.
  std::string states = "f32";  ///< Of what the optimizer keeps.
  /// Of the sum of a step's gradients.
  std::string accumulation = "f32";
  /// Of gradients as they travel; empty: as they are.
  std::string communication;
  /// New 16-bit parameters and states are rounded up or down at random, by how
  /// near they are, so that small updates count on average.
  bool stochasticRounding = false;
  std::optional<LossScale> lossScale;
  /// Skips a step whose gradients are not finite; always with a loss scale.
  bool checkOverflow = false;

  /// On a GPU, products of float32 round their operands to tf32: 10 bits of
  /// mantissa and all of the exponent.
  bool tf32 = false;

  /// "f32", "tf32", "bf16" or "fp16".
  std::string name() const { return tf32 ? "tf32" : compute; }
  bool isNarrow() const { return compute != "f32"; }

  static Precision bf16() {
    Precision precision;
    precision.compute = "bf16";
    precision.checkOverflow = true;
    return precision;
  }
  static Precision fp16(const LossScale &scale = {}) {
    Precision precision;
    precision.compute = "fp16";
    precision.lossScale = scale;
    precision.checkOverflow = true;
    return precision;
  }
};

} // namespace ds

#endif // DS_SUPPORT_PRECISION_H
