//===- NarrowState.cpp - Parameters and states of 16 bits ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "NarrowState.h"

using namespace mlir;

namespace ds {

static bool has16Bits(Type type) {
  auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
  return element && element.getWidth() == 16;
}

Value withElements(OpBuilder &b, Value value, Type element) {
  if (tensorType(value).getElementType() == element)
    return value;
  // A 16-bit number that was made wider is that number again.
  auto cast = value.getDefiningOp<CastOp>();
  if (cast && tensorType(cast.getInput()).getElementType() == element &&
      has16Bits(cast.getInput().getType()))
    return cast.getInput();
  return CastOp::create(b, value.getLoc(),
                        withElement(value.getType(), element), value);
}

void setElements(UnitOp unit, Type element) {
  unit.setType(withElement(unit.getType(), element));
  SmallVector<Attribute> members;
  for (auto member : unit.getMembers().getAsRange<MemberAttr>())
    members.push_back(MemberAttr::get(
        unit.getContext(), member.getName(), member.getOffset(),
        withElement(member.getType(), element), member.getInit()));
  unit.setMembersAttr(ArrayAttr::get(unit.getContext(), members));
}

namespace {
/// The updates of one function.
struct Widening {
  SymbolTable &symbols;
  ValueRange counter;

  void apply(OptimizerOpInterface update) {
    OpBuilder b(update);
    Type wide = b.getF32Type();
    for (OpOperand &operand : update->getOpOperands()) {
      Value value = operand.get();
      if (has16Bits(value.getType()))
        operand.set(withElements(b, value, wide));
    }
    b.setInsertionPointAfter(update);
    for (Value result : update->getResults())
      for (OpOperand &use : llvm::make_early_inc_range(result.getUses()))
        if (auto write = dyn_cast<WriteOp>(use.getOwner()))
          if (auto unit = symbols.lookup<UnitOp>(write.getState());
              has16Bits(unit.getType())) {
            result.setType(withElement(result.getType(), wide));
            b.setInsertionPoint(write);
            use.set(narrow(b, write, result, unit));
          }
  }

  Value narrow(OpBuilder &b, WriteOp write, Value value, UnitOp unit) {
    Location loc = write.getLoc();
    Type type = unit.getType();
    if (counter.empty())
      return CastOp::create(b, loc, type, value);
    std::array<uint32_t, 2> key =
        streamKey((unit.getSymName() + ".rounding").str());
    auto words =
        DenseElementsAttr::get(RankedTensorType::get({2}, b.getI32Type()),
                               ArrayRef<int32_t>{static_cast<int32_t>(key[0]),
                                                 static_cast<int32_t>(key[1])});
    auto i64 = RankedTensorType::get({}, b.getI64Type());
    return StochasticRoundOp::create(
        b, loc, type, value, ConstantOp::create(b, loc, words), counter[0],
        counter[1], ConstantOp::create(b, loc, i64, 0.0));
  }
};
} // namespace

void widenUpdates(func::FuncOp function, ValueRange counter) {
  SymbolTable symbols(function->getParentOfType<ModuleOp>());
  // Updates read units as they are.
  for (auto read : function.getOps<ReadOp>())
    if (auto unit = symbols.lookup<UnitOp>(read.getState()))
      read.getValue().setType(unit.getType());
  Widening widening{symbols, counter};
  SmallVector<OptimizerOpInterface> updates(
      function.getOps<OptimizerOpInterface>());
  for (OptimizerOpInterface update : updates)
    widening.apply(update);
}

} // namespace ds
