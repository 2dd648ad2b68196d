//===- BuildUpdate.cpp - The optimizer's part of a training step --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An optimizer is known here by what OptimizerOpInterface says of it alone.
//===--------------------------------------------------------------------===//

#include "BuildUpdate.h"

using namespace mlir;

namespace ds {

static std::string stateName(UnitOp unit, StringRef suffix) {
  return (unit.getSymName() + "." + suffix).str();
}

OptimizerAttr optimizerOf(UnitOp unit, OptimizerAttr fallback) {
  auto own = unit->getAttrOfType<OptimizerAttr>(kOptimizerAttr);
  return own ? own : fallback;
}

void addOptimizerState(OpBuilder &b, OptimizerAttr optimizer, UnitOp unit) {
  MLIRContext *context = b.getContext();
  Attribute init = ConstantInitAttr::get(context, initialState(optimizer));
  for (StringRef suffix : stateNames(optimizer)) {
    SmallVector<Attribute> members;
    for (auto member : unit.getMembers().getAsRange<MemberAttr>())
      members.push_back(MemberAttr::get(
          context, b.getStringAttr(member.getName().getValue() + "." + suffix),
          member.getOffset(), member.getType(), init));
    UnitOp::create(b, unit.getLoc(), stateName(unit, suffix), "optimizer",
                   unit.getType(), 1, b.getArrayAttr(members));
  }
}

/// Says where the unit's tensors are, to an op that must know.
static void addTensors(OpBuilder &b, UnitOp unit, OperationState &state) {
  SmallVector<int64_t> offsets;
  SmallVector<Type> types;
  for (auto member : unit.getMembers().getAsRange<MemberAttr>()) {
    offsets.push_back(member.getOffset());
    types.push_back(member.getType());
  }
  state.addAttribute("offsets", b.getDenseI64ArrayAttr(offsets));
  state.addAttribute("types", b.getTypeArrayAttr(types));
}

/// The schedule's rate times the optimizer's own scale.
static Value rateOf(OpBuilder &b, Location loc, OptimizerAttr optimizer,
                    Value rate) {
  FloatAttr scale = optimizer.getLrScale();
  if (!scale || scale.getValueAsDouble() == 1)
    return rate;
  auto f64 = cast<RankedTensorType>(rate.getType());
  Value factor = ConstantOp::create(b, loc, f64, scale.getValueAsDouble());
  return MulOp::create(b, loc, f64, rate, factor);
}

void buildUpdate(OpBuilder &b, OptimizerAttr optimizer, UnitOp unit, Value grad,
                 const UpdateScalars &scalars) {
  Location loc = unit.getLoc();
  SymbolTable symbols(unit->getParentOfType<ModuleOp>());
  SmallVector<std::string> names{unit.getSymName().str()};
  for (StringRef suffix : stateNames(optimizer))
    names.push_back(stateName(unit, suffix));
  SmallVector<Value> tensors;
  for (const std::string &name : names) {
    Type type = symbols.lookup<UnitOp>(name).getType();
    tensors.push_back(ReadOp::create(b, loc, type, name));
  }
  SmallVector<Type> results(ValueRange(tensors).getTypes());
  tensors.push_back(grad);
  SmallVector<int32_t> segments{static_cast<int32_t>(tensors.size()), 1, 1, 1};
  OperationState state(loc, ("ds." + optimizer.getName()).str());
  state.addOperands(tensors);
  state.addOperands({scalars.gradScale, rateOf(b, loc, optimizer, scalars.rate),
                     scalars.time});
  const bool hasMomentum = optimizer.getValues().contains("beta1");
  for (Value optional :
       {hasMomentum ? scalars.momentum : Value(), scalars.skip}) {
    segments.push_back(optional ? 1 : 0);
    if (optional)
      state.addOperands(optional);
  }
  state.addTypes(results);
  state.addAttributes(optimizer.getValues().getValue());
  if (scalars.clipValue > 0)
    state.addAttribute("clip_value", b.getF64FloatAttr(scalars.clipValue));
  if (layoutOf(optimizer) != UpdateLayout::Elementwise)
    addTensors(b, unit, state);
  state.addAttribute("operandSegmentSizes", b.getDenseI32ArrayAttr(segments));
  Operation *update = b.create(state);
  for (auto [name, value] : llvm::zip_equal(names, update->getResults()))
    WriteOp::create(b, loc, value, name);
}

} // namespace ds
