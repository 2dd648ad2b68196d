//===- RaiseActivations.cpp - GELU and SiLU by what they compute --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"
#include "ds/Raise/RowCone.h"

#include <cmath>

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISEACTIVATIONSPASS
#include "ds/Passes/Import.h.inc"

namespace {

struct Activation {
  StringLiteral name;
  double (*function)(double);
  Value (*create)(OpBuilder &, Location, Value);
};

template <typename Op>
Value create(OpBuilder &builder, Location loc, Value input) {
  return Op::create(builder, loc, input.getType(), input);
}

const Activation kActivations[] = {
    {"gelu",
     [](double x) {
       return 0.5 * x *
              (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
     },
     create<GeluOp>},
    {"gelu_erf",
     [](double x) { return 0.5 * x * (1 + std::erf(x * M_SQRT1_2)); },
     create<GeluErfOp>},
    {"silu", [](double x) { return x / (1 + std::exp(-x)); }, create<SiluOp>}};

/// Numbers over which the functions differ from each other and from what is
/// nearly one of them; at least a row.
std::vector<double> places(int64_t width) {
  std::vector<double> x = probeNumbers(std::max<int64_t>(width, 64), 1);
  for (double &value : x)
    value *= 3;
  x.resize((x.size() + width - 1) / width * width, 0.5);
  return x;
}

struct RaiseActivations : impl::RaiseActivationsPassBase<RaiseActivations> {
  using RaiseActivationsPassBase::RaiseActivationsPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    if (!isa<MulOp, DivOp>(op))
      return std::nullopt;
    for (Value input : rowInputs(op->getResult(0))) {
      auto cone = RowCone::find(op->getResult(0), input);
      if (!cone || !cone->getVectors().empty() ||
          !cone->getRowIndices().empty() || cone->uses<SumOp, ReduceOp>() ||
          !cone->uses<TanhOp, ErfOp, SigmoidOp, ExpOp>())
        continue;
      const std::vector<double> x = places(cone->getWidth());
      const std::vector<double> y = cone->evaluate({x, {}, {}});
      for (const Activation &activation : kActivations) {
        std::vector<double> expected(x.size());
        llvm::transform(x, expected.begin(), activation.function);
        if (agree(y, expected))
          return Raised{activation.create(builder, op->getLoc(), input),
                        activation.name};
      }
    }
    return std::nullopt;
  }
};
} // namespace
} // namespace ds
