//===- RaiseSoftmax.cpp - Softmax by what it computes -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"
#include "ds/Raise/RowCone.h"

#include <cmath>

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISESOFTMAXPASS
#include "ds/Passes/Import.h.inc"

namespace {

constexpr int64_t kRows = 4;

struct RaiseSoftmax : impl::RaiseSoftmaxPassBase<RaiseSoftmax> {
  using RaiseSoftmaxPassBase::RaiseSoftmaxPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    if (!isa<MulOp, DivOp, ExpOp>(op))
      return std::nullopt;
    for (Value input : rowInputs(op->getResult(0))) {
      auto cone = RowCone::find(op->getResult(0), input);
      if (!cone || !cone->getVectors().empty() ||
          !cone->getRowIndices().empty() || !cone->uses<SumOp>() ||
          !cone->uses<ExpOp>())
        continue;
      const RowCone::Probe probe{
          probeNumbers(kRows * cone->getWidth(), 1), {}, {}};
      const std::vector<double> y = cone->evaluate(probe);
      const double scale = scaleOf(*cone, probe.input, y);
      if (scale == 0 ||
          !agree(y, softmax(probe.input, cone->getWidth(), scale)))
        continue;
      input = withoutShift(input);
      return Raised{SoftmaxOp::create(builder, op->getLoc(), input.getType(),
                                      input, builder.getF64FloatAttr(scale),
                                      /*causal=*/UnitAttr()),
                    "softmax"};
    }
    return std::nullopt;
  }

  /// The scores from which one number per row was subtracted, say a maximum
  /// that was taken before they were transposed: a softmax does not see it.
  static Value withoutShift(Value input) {
    auto sub = input.getDefiningOp<SubOp>();
    auto shift = sub ? sub.getRhs().getDefiningOp<BroadcastOp>() : nullptr;
    if (!shift || sub.getLhs().getType() != input.getType())
      return input;
    const int64_t last = tensorType(input).getRank() - 1;
    for (auto [size, place] : llvm::zip_equal(
             tensorType(shift.getInput()).getShape(), shift.getPlaces()))
      if (size != 1 && place == last)
        return input;
    return sub.getLhs();
  }

  /// What the input is multiplied by, if this is a softmax: as a constant of
  /// the cone has it, or 1; 0 when it is none.
  static double scaleOf(const RowCone &cone, ArrayRef<double> x,
                        ArrayRef<double> y) {
    if (!(y[0] > 0) || !(y[1] > 0) || x[0] == x[1])
      return 0;
    const double scale = std::log(y[0] / y[1]) / (x[0] - x[1]);
    SmallVector<double> exact{1};
    for (double constant : cone.getConstants()) {
      exact.push_back(constant);
      exact.push_back(1 / constant);
    }
    for (double value : exact)
      if (std::abs(value - scale) <= 1e-6 * std::abs(scale))
        return value;
    return std::isfinite(scale) ? scale : 0;
  }

  static std::vector<double> softmax(ArrayRef<double> x, int64_t width,
                                     double scale) {
    std::vector<double> y(x.size());
    for (size_t begin = 0; begin < x.size(); begin += width) {
      double sum = 0;
      for (int64_t i = 0; i < width; ++i)
        sum += std::exp(scale * x[begin + i]);
      for (int64_t i = 0; i < width; ++i)
        y[begin + i] = std::exp(scale * x[begin + i]) / sum;
    }
    return y;
  }
};
} // namespace
} // namespace ds
