//===- CastPrecision.cpp - The loss in a 16-bit type --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One walk in program order: when an op is reached its operands have their
// final types, and its class says what it makes of them.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Precision.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_CASTPRECISIONPASS
#include "ds/Passes/Precision.h.inc"

FloatType floatType(MLIRContext *context, StringRef name) {
  if (name == "f32")
    return Float32Type::get(context);
  if (name == "bf16")
    return BFloat16Type::get(context);
  if (name == "fp16")
    return Float16Type::get(context);
  return {};
}

namespace {

/// Rewrites blocks in place.
class Caster {
public:
  Caster(FloatType wide, FloatType narrow) : wide(wide), narrow(narrow) {}

  /// A block's terminator is its owner's business.
  void visit(Block &block) {
    for (Operation &op :
         llvm::make_early_inc_range(block.without_terminator())) {
      if (auto scan = dyn_cast<ScanOp>(op))
        visit(scan);
      else if (auto precise = dyn_cast<PrecisionOpInterface>(op))
        visit(precise);
    }
  }

  /// Gives operand `operand` the element type `to`, if it is a tensor of the
  /// two types that this is about.
  void convert(OpOperand &operand, FloatType to) {
    Value value = operand.get();
    if (!isOurs(value) || tensorType(value).getElementType() == to)
      return;
    Operation *user = operand.getOwner();
    Value &copy = casts[{value, user->getBlock()}];
    if (!copy) {
      OpBuilder b(user);
      copy = CastOp::create(b, user->getLoc(), withElement(value.getType(), to),
                            value);
      if (Attribute block = user->getAttr(kBlockAttr))
        copy.getDefiningOp()->setAttr(kBlockAttr, block);
    }
    operand.set(copy);
  }

  FloatType wide, narrow;

private:
  bool isOurs(Value value) const {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type &&
           (type.getElementType() == wide || type.getElementType() == narrow);
  }
  bool isNarrow(Value value) const {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.getRank() > 0 && type.getElementType() == narrow;
  }

  void convertAll(Operation *op, FloatType to, bool scalars) {
    for (OpOperand &operand : op->getOpOperands())
      if (scalars ||
          (isOurs(operand.get()) && tensorType(operand.get()).getRank() > 0))
        convert(operand, to);
  }
  void setResults(Operation *op) {
    for (Value result : op->getResults())
      if (isOurs(result))
        result.setType(withElement(result.getType(), narrow));
  }

  void visit(PrecisionOpInterface op) {
    switch (op.getPrecisionClass()) {
    case PrecisionClass::Cast:
      convertAll(op, narrow, /*scalars=*/true);
      setResults(op);
      break;
    case PrecisionClass::Keep:
      convertAll(op, wide, /*scalars=*/true);
      break;
    case PrecisionClass::Follow:
      // Factors and the like may stay what they are.
      if (llvm::none_of(op->getOperands(),
                        [&](Value v) { return isNarrow(v); })) {
        convertAll(op, wide, /*scalars=*/true);
        break;
      }
      convertAll(op, narrow, /*scalars=*/false);
      setResults(op);
      break;
    case PrecisionClass::Any:
      break;
    }
  }

  /// What is carried keeps its type over all rounds; all else comes and leaves
  /// as it is.
  void visit(ScanOp scan) {
    const unsigned carried = scan.getCarry().size();
    for (OpOperand &operand : scan->getOpOperands().take_front(carried))
      convert(operand, wide);
    for (auto [argument, operand] :
         llvm::zip_equal(scan.getBody().getArguments().drop_front(1 + carried),
                         scan.getOperands().drop_front(carried)))
      if (isOurs(argument))
        argument.setType(withElement(argument.getType(),
                                     tensorType(operand).getElementType()));
    Block &body = scan.getBody().front();
    visit(body);
    Operation *yield = body.getTerminator();
    for (auto [i, next] : llvm::enumerate(yield->getOpOperands())) {
      if (i < carried)
        convert(next, wide);
      else if (isOurs(next.get()))
        scan.getResult(i).setType(
            withElement(scan.getResult(i).getType(),
                        tensorType(next.get()).getElementType()));
    }
  }

  DenseMap<std::pair<Value, Block *>, Value> casts;
};

struct CastPrecision : impl::CastPrecisionPassBase<CastPrecision> {
  using CastPrecisionPassBase::CastPrecisionPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp loss = findLoss(module);
    narrow = floatType(&getContext(), compute);
    if (!loss || failed(check(module)))
      return loss ? signalPassFailure()
                  : (module.emitError("expects a function marked 'ds.loss'"),
                     signalPassFailure());
    if (master != "f32")
      for (auto unit : module.getOps<UnitOp>())
        narrowUnit(unit);
    Caster caster(Float32Type::get(&getContext()), narrow);
    for (auto read : loss.getOps<ReadOp>())
      readUnit(read);
    Block &body = loss.getBody().front();
    caster.visit(body);
    for (OpOperand &result : body.getTerminator()->getOpOperands())
      caster.convert(result, caster.wide);
  }

  LogicalResult check(ModuleOp module) {
    if (!narrow || narrow.getWidth() != 16)
      return module.emitError("expects to compute in bf16 or fp16, but got '")
             << compute << "'";
    if (master != "f32" && master != compute)
      return module.emitError("expects parameters in f32 or '")
             << compute << "', but got '" << master << "'";
    for (auto parameter : module.getOps<ParameterOp>())
      return parameter.emitOpError("expects units (run ds-make-units first)");
    return success();
  }

  static bool isTrained(UnitOp unit) {
    return (unit.getRole() == "parameter" || unit.getRole() == "frozen") &&
           cast<RankedTensorType>(unit.getType()).getElementType().isF32();
  }

  /// Keeps a unit in the 16-bit type, with its members.
  void narrowUnit(UnitOp unit) {
    if (!isTrained(unit))
      return;
    unit.setType(withElement(unit.getType(), narrow));
    SmallVector<Attribute> members;
    for (auto member : unit.getMembers().getAsRange<MemberAttr>())
      members.push_back(MemberAttr::get(
          &getContext(), member.getName(), member.getOffset(),
          withElement(member.getType(), narrow), member.getInit()));
    unit.setMembersAttr(ArrayAttr::get(&getContext(), members));
  }

  /// Puts the working copy in a read's place.
  void readUnit(ReadOp read) {
    auto unit =
        SymbolTable::lookupNearestSymbolFrom<UnitOp>(read, read.getStateAttr());
    Value whole = read.getValue();
    if (unit && unit.getType() != whole.getType())
      return whole.setType(cast<RankedTensorType>(unit.getType()));
    if (!unit || !isTrained(unit))
      return;
    OpBuilder b(read);
    b.setInsertionPointAfter(read);
    auto copy = CastOp::create(b, read.getLoc(),
                               withElement(whole.getType(), narrow), whole);
    whole.replaceAllUsesExcept(copy, copy);
  }

  FloatType narrow;
};

} // namespace
} // namespace ds
