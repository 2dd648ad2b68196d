//===- StepCurve.h - A scalar of a plan as a function of the step ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a plan's own scalar instructions compute from its state `step`, such as
// the learning rate, without running it.
//===----------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_STEPCURVE_H
#define DS_RUNTIME_PLAN_STEPCURVE_H

#include "plan/Plan.h"

namespace ds::rt {

/// An entry's output.  Refers to the plan that it was made from.
class StepCurve {
public:
  /// Nothing when the entry of `program` has no output of this name, or when
  /// the output depends on more than the step: on gradients, say.
  static std::optional<StepCurve> of(const plan::Program &program,
                                     const plan::Entry &entry,
                                     std::string_view output);

  /// The output in the step after `step` updates.
  double at(uint64_t step) const;

private:
  /// One value; `a` and `b` are values before it.
  struct Value {
    const plan::Scalar *scalar; ///< Null: the step.
    uint32_t a = 0, b = 0;
  };
  friend class StepCurveBuilder;
  std::vector<Value> values_; ///< The output last.
};

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_STEPCURVE_H
