//===- ScalarMath.cpp - What scalar instructions compute ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/Plan.h"

#include <cmath>

namespace ds::rt {

double compute(plan::ScalarOpcode opcode, double a, double b) {
  switch (opcode) {
  case plan::ScalarOpcode::add:
    return a + b;
  case plan::ScalarOpcode::sub:
    return a - b;
  case plan::ScalarOpcode::mul:
    return a * b;
  case plan::ScalarOpcode::div:
    return a / b;
  case plan::ScalarOpcode::min:
    return b < a || b != b ? b : a;
  case plan::ScalarOpcode::max:
    return b > a || b != b ? b : a;
  case plan::ScalarOpcode::pow:
    return std::pow(a, b);
  case plan::ScalarOpcode::sqrt:
    return std::sqrt(a);
  case plan::ScalarOpcode::log:
    return std::log(a);
  case plan::ScalarOpcode::cos:
    return std::cos(a);
  case plan::ScalarOpcode::floor:
    return std::floor(a);
  default:
    return a;
  }
}

} // namespace ds::rt
