//===- BuildUpdate.cpp - The optimizer's part of a training step --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "BuildUpdate.h"

using namespace mlir;

namespace ds {

/// What AdamW keeps, as its states' names end.
static constexpr StringLiteral kStates[] = {"exp_avg", "exp_avg_sq"};

static std::string stateName(UnitOp unit, StringRef suffix) {
  return (unit.getSymName() + "." + suffix).str();
}

void addOptimizerState(OpBuilder &b, const Optimizer &, UnitOp unit) {
  MLIRContext *context = b.getContext();
  Attribute zero = ConstantInitAttr::get(context, 0.0);
  for (StringRef suffix : kStates) {
    SmallVector<Attribute> members;
    for (auto member : unit.getMembers().getAsRange<MemberAttr>())
      members.push_back(MemberAttr::get(
          context, b.getStringAttr(member.getName().getValue() + "." + suffix),
          member.getOffset(), member.getType(), zero));
    UnitOp::create(b, unit.getLoc(), stateName(unit, suffix), "optimizer",
                   unit.getType(), 1, b.getArrayAttr(members));
  }
}

void buildUpdate(OpBuilder &b, const Optimizer &optimizer, UnitOp unit,
                 Value grad, const UpdateScalars &scalars) {
  Location loc = unit.getLoc();
  Type type = unit.getType();
  SmallVector<std::string> names{unit.getSymName().str()};
  for (StringRef suffix : kStates)
    names.push_back(stateName(unit, suffix));
  SmallVector<Value> state;
  for (const std::string &name : names)
    state.push_back(ReadOp::create(b, loc, type, name));
  auto f64 = [&](double value) { return b.getF64FloatAttr(value); };
  auto update =
      AdamWOp::create(b, loc, type, type, type, state[0], state[1], state[2],
                      grad, scalars.gradScale, scalars.rate, scalars.time,
                      scalars.skip, f64(optimizer.beta1), f64(optimizer.beta2),
                      f64(optimizer.eps), f64(optimizer.weightDecay));
  for (auto [name, value] : llvm::zip_equal(names, update.getResults()))
    WriteOp::create(b, loc, value, name);
}

} // namespace ds
