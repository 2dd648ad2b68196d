//===- Overflow.cpp - Steps whose gradients are not finite --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Overflow.h"

using namespace mlir;

namespace ds {

static constexpr StringLiteral kSkippedSteps = "skipped_steps",
                               kLossScale = "loss_scale",
                               kPatience = "loss_scale.patience",
                               kGoodSteps = "loss_scale.good_steps";

static RankedTensorType f64(OpBuilder &b) {
  return RankedTensorType::get({}, b.getF64Type());
}
static RankedTensorType i64(OpBuilder &b) {
  return RankedTensorType::get({}, b.getI64Type());
}

static void addScalar(OpBuilder &b, StringRef name, RankedTensorType type,
                      double value) {
  Attribute member =
      MemberAttr::get(b.getContext(), b.getStringAttr(name), 0, type,
                      ConstantInitAttr::get(b.getContext(), value));
  UnitOp::create(b, b.getUnknownLoc(), name, "scalar", type, 1,
                 b.getArrayAttr(member));
}

static bool isDynamic(const OverflowRule &rule) {
  return rule.scale && rule.scale.isDynamic();
}

void addOverflowState(OpBuilder &b, const OverflowRule &rule) {
  if (!rule.check)
    return;
  addScalar(b, kSkippedSteps, i64(b), 0);
  if (!isDynamic(rule))
    return;
  addScalar(b, kLossScale, f64(b), rule.scale.getInitial().getValueAsDouble());
  addScalar(b, kPatience, f64(b),
            static_cast<double>(rule.scale.getHysteresis()));
  addScalar(b, kGoodSteps, f64(b), 0);
}

Value readLossScale(OpBuilder &b, Location loc, const OverflowRule &rule) {
  if (isDynamic(rule))
    return ReadOp::create(b, loc, f64(b), kLossScale);
  if (!rule.scale)
    return {};
  return ConstantOp::create(b, loc, f64(b),
                            rule.scale.getInitial().getValueAsDouble());
}

Value readSteps(OpBuilder &b, Location loc, const OverflowRule &rule) {
  Value done = ReadOp::create(b, loc, i64(b), "step");
  if (!rule.check)
    return done;
  Value skipped = ReadOp::create(b, loc, i64(b), kSkippedSteps);
  return AddOp::create(b, loc, i64(b), done, skipped);
}

Overflow findOverflow(OpBuilder &b, Location loc, Value norm) {
  auto i1 = RankedTensorType::get({}, b.getI1Type());
  Value isFinite = IsFiniteOp::create(b, loc, i1, norm);
  Value one = ConstantOp::create(b, loc, f64(b), 1.0);
  Value whole = ConstantOp::create(b, loc, i64(b), 1.0);
  Overflow overflow;
  overflow.fine = CastOp::create(b, loc, f64(b), isFinite);
  overflow.done = CastOp::create(b, loc, i64(b), isFinite);
  overflow.skip = SubOp::create(b, loc, f64(b), one, overflow.fine);
  overflow.skipped = SubOp::create(b, loc, i64(b), whole, overflow.done);
  return overflow;
}

SmallVector<Value> writeOverflowState(OpBuilder &b, Location loc,
                                      const OverflowRule &rule,
                                      const Overflow &overflow, Value scale) {
  Value before = ReadOp::create(b, loc, i64(b), kSkippedSteps);
  Value skipped = AddOp::create(b, loc, i64(b), before, overflow.skipped);
  WriteOp::create(b, loc, skipped, kSkippedSteps);
  SmallVector<Value> report{overflow.skip};
  if (!isDynamic(rule)) {
    if (scale)
      report.push_back(scale);
    return report;
  }
  // What is read is the state itself, which has the next scale in the end.
  report.push_back(CopyOp::create(b, loc, scale.getType(), scale));
  Value patience = ReadOp::create(b, loc, f64(b), kPatience);
  Value good = ReadOp::create(b, loc, f64(b), kGoodSteps);
  auto next =
      NextLossScaleOp::create(b, loc, f64(b), f64(b), f64(b), f64(b), scale,
                              patience, good, overflow.skip, rule.scale);
  const StringRef names[] = {kLossScale, kPatience, kGoodSteps};
  for (auto [value, name] : llvm::zip(next.getResults(), names))
    WriteOp::create(b, loc, value, name);
  report.push_back(next.getExhausted());
  return report;
}

} // namespace ds
