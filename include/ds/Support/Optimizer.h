//===- Optimizer.h - How parameters are updated -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optimizer in plain values.  What each value means is said at its op.
// LLVM-free.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_OPTIMIZER_H
#define DS_SUPPORT_OPTIMIZER_H

#include <optional>
#include <string>
#include <vector>

namespace ds {

/// One rule of updating parameters.  Only what its op has is used.
struct Optimizer {
  std::string name = "adamw"; ///< Of its op.
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8, weightDecay = 0.1;
  double momentum = 0, dampening = 0;
  bool nesterov = false;
  bool biasCorrection = true;
  double lrDecay = 0, initialAccumulatorValue = 0;
  double maxCoeff = 10, minCoeff = 0.01;
  /// Of the schedule's rate; what Muon cannot update takes `othersScale`.
  double rateScale = 1, othersScale = 1;

  bool operator==(const Optimizer &) const = default;
};

/// An attribute of an optimizer's op: a number or a flag.
struct OptimizerValue {
  const char *name;
  double Optimizer::*number = nullptr;
  bool Optimizer::*flag = nullptr;
};

/// An optimizer's op, and what torch.optim or DeepSpeed give it by default.
struct OptimizerKind {
  const char *label; ///< For people.
  double rate;       ///< Learning rate.
  Optimizer defaults;
  std::vector<OptimizerValue> values;
};

/// All optimizers.
inline const std::vector<OptimizerKind> &optimizerKinds() {
  using O = Optimizer;
  static const OptimizerValue beta1{"beta1", &O::beta1},
      beta2{"beta2", &O::beta2}, eps{"eps", &O::eps},
      decay{"weight_decay", &O::weightDecay},
      momentum{"momentum", &O::momentum},
      nesterov{"nesterov", nullptr, &O::nesterov},
      correction{"bias_correction", nullptr, &O::biasCorrection};
  static const std::vector<OptimizerValue> adam = {beta1, beta2, eps, decay,
                                                   correction};
  static const std::vector<OptimizerKind> kinds = {
      {"SGD",
       1e-3,
       {.name = "sgd", .weightDecay = 0},
       {momentum, {"dampening", &O::dampening}, nesterov, decay}},
      {"Adam", 1e-3, {.name = "adam", .beta2 = 0.999, .weightDecay = 0}, adam},
      {"AdamW", 3e-4, {}, adam},
      {"Adagrad",
       1e-2,
       {.name = "adagrad", .eps = 1e-10, .weightDecay = 0},
       {{"lr_decay", &O::lrDecay},
        eps,
        decay,
        {"initial_accumulator_value", &O::initialAccumulatorValue}}},
      {"Lamb",
       1e-3,
       {.name = "lamb", .beta2 = 0.999, .weightDecay = 0},
       {beta1,
        beta2,
        eps,
        decay,
        {"max_coeff", &O::maxCoeff},
        {"min_coeff", &O::minCoeff},
        correction}},
      {"Lion",
       1e-4,
       {.name = "lion", .beta2 = 0.99, .weightDecay = 0},
       {beta1, beta2, decay}},
      {"Muon",
       1e-3,
       {.name = "muon",
        .eps = 1e-10,
        .weightDecay = 0,
        .momentum = 0.95,
        .nesterov = true},
       {momentum, nesterov, decay}}};
  return kinds;
}

/// The one whose op is called `name`, or null.
inline const OptimizerKind *findOptimizerKind(const std::string &name) {
  for (const OptimizerKind &kind : optimizerKinds())
    if (kind.defaults.name == name)
      return &kind;
  return nullptr;
}

/// What updates the parameters that `muon` cannot.
inline Optimizer othersOf(Optimizer muon) {
  muon.name = "adamw";
  muon.rateScale = muon.othersScale;
  return muon;
}

/// Parameters by their names, and what is different about them.  The first
/// group that has a parameter counts.
struct ParameterGroup {
  /// Of file names: `*`, `?`, `[...]`; `auto` are those of at most one
  /// dimension.
  std::vector<std::string> patterns;
  std::optional<double> rate = {}; ///< In place of the schedule's peak.
  std::optional<double> weightDecay = {};
  bool frozen = false; ///< Not trained at all.

  bool operator==(const ParameterGroup &) const = default;
};

} // namespace ds

#endif // DS_SUPPORT_OPTIMIZER_H
