//===- RaiseNorms.cpp - Norms by what they compute -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"
#include "ds/Raise/RowCone.h"

#include <cmath>

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISENORMSPASS
#include "ds/Passes/Import.h.inc"

namespace {

constexpr int64_t kRows = 4;

/// Rows whose means and variances differ, down to variances that any usual eps
/// is not small beside.
RowCone::Probe normProbe(const RowCone &cone) {
  const int64_t width = cone.getWidth();
  const double sizes[kRows] = {1, 3, 1e-2, 1e-3}, means[kRows] = {0, 2, 0, 0};
  RowCone::Probe probe{probeNumbers(kRows * width, 1), {}, {}};
  for (int64_t i = 0; i < kRows * width; ++i)
    probe.input[i] = probe.input[i] * sizes[i / width] + means[i / width];
  for (size_t i = 0; i < cone.getVectors().size(); ++i)
    probe.vectors.push_back(probeNumbers(width, i + 2));
  return probe;
}

/// A norm's kind, and which vectors of the cone scale and shift it; -1: none.
struct Norm {
  bool rms;
  double eps;
  int scale = -1, bias = -1;

  std::vector<double> compute(const RowCone::Probe &probe,
                              int64_t width) const {
    std::vector<double> result(probe.input.size());
    for (size_t begin = 0; begin < result.size(); begin += width) {
      const double *x = probe.input.data() + begin;
      double mean = 0, squares = 0;
      for (int64_t i = 0; i < width && !rms; ++i)
        mean += x[i] / width;
      for (int64_t i = 0; i < width; ++i)
        squares += (x[i] - mean) * (x[i] - mean) / width;
      for (int64_t i = 0; i < width; ++i)
        result[begin + i] = (x[i] - mean) / std::sqrt(squares + eps) *
                                (scale < 0 ? 1.0 : probe.vectors[scale][i]) +
                            (bias < 0 ? 0.0 : probe.vectors[bias][i]);
    }
    return result;
  }
};

/// The norms that a cone with such vectors and constants could be.
SmallVector<Norm> possibleNorms(const RowCone &cone) {
  SmallVector<std::pair<int, int>> roles; // scale, bias
  switch (cone.getVectors().size()) {
  case 0:
    roles = {{-1, -1}};
    break;
  case 1:
    roles = {{0, -1}, {-1, 0}};
    break;
  case 2:
    roles = {{0, 1}, {1, 0}};
    break;
  default:
    break;
  }
  SmallVector<Norm> norms;
  for (double eps : cone.getConstants())
    for (bool rms : {false, true})
      for (auto [scale, bias] : roles)
        if (eps > 0 && eps < 0.1 && (!rms || bias < 0))
          norms.push_back({rms, eps, scale, bias});
  return norms;
}

Value build(OpBuilder &builder, Location loc, const RowCone &cone,
            const Norm &norm, Value input) {
  const int64_t width = cone.getWidth();
  auto type =
      RankedTensorType::get({width}, tensorType(input).getElementType());
  auto vector = [&](int which, double otherwise) -> Value {
    return which < 0
               ? ConstantOp::create(builder, loc, type, otherwise).getResult()
               : reshaped(builder, loc, cone.getVectors()[which], width);
  };
  Value scale = vector(norm.scale, 1);
  auto eps = builder.getF64FloatAttr(norm.eps);
  if (norm.rms)
    return RmsNormOp::create(builder, loc, input.getType(), input, scale, eps);
  return LayerNormOp::create(builder, loc, input.getType(), input, scale,
                             vector(norm.bias, 0), eps);
}

struct RaiseNorms : impl::RaiseNormsPassBase<RaiseNorms> {
  using RaiseNormsPassBase::RaiseNormsPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    if (!isa<MulOp, DivOp, AddOp, SubOp>(op))
      return std::nullopt;
    for (Value input : rowInputs(op->getResult(0))) {
      auto cone = RowCone::find(op->getResult(0), input);
      if (!cone || !cone->getRowIndices().empty() || !cone->uses<SumOp>() ||
          !cone->uses<SqrtOp, RsqrtOp, PowOp>())
        continue;
      const RowCone::Probe probe = normProbe(*cone);
      const std::vector<double> y = cone->evaluate(probe);
      for (const Norm &norm : possibleNorms(*cone))
        if (agree(y, norm.compute(probe, cone->getWidth())))
          return Raised{build(builder, op->getLoc(), *cone, norm, input),
                        norm.rms ? "rms_norm" : "layer_norm"};
    }
    return std::nullopt;
  }
};
} // namespace
} // namespace ds
