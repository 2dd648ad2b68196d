//===- Raise.cpp - What the raising passes share ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Raise/Raise.h"

using namespace mlir;

namespace ds {

SmallVector<func::FuncOp> lossFunctions(ModuleOp module) {
  return llvm::filter_to_vector(
      module.getOps<func::FuncOp>(),
      [](func::FuncOp function) { return function->hasAttr(kLossAttr); });
}

/// Erases `op` and what only it used.
static void eraseDead(Operation *op) {
  llvm::SmallSetVector<Operation *, 8> pending;
  pending.insert(op);
  while (!pending.empty()) {
    Operation *next = pending.pop_back_val();
    if (!isOpTriviallyDead(next))
      continue;
    for (Value operand : next->getOperands())
      if (Operation *source = operand.getDefiningOp())
        pending.insert(source);
    next->erase();
  }
}

/// Adds to the number of times that `what` was raised.
static void count(ModuleOp module, StringRef what, int64_t times) {
  NamedAttrList counts(module->getAttrOfType<DictionaryAttr>(kRaisedAttr));
  if (auto before = dyn_cast_or_null<IntegerAttr>(counts.get(what)))
    times += before.getInt();
  if (times > 0)
    counts.set(what, Builder(module.getContext()).getI64IntegerAttr(times));
  else
    counts.erase(what);
  module->setAttr(kRaisedAttr, counts.getDictionary(module.getContext()));
}

void raiseBackwards(
    func::FuncOp function,
    function_ref<std::optional<Raised>(OpBuilder &, Operation *)> find) {
  auto module = function->getParentOfType<ModuleOp>();
  // Bodies of loops before what is around them, which may go with its uses.
  SmallVector<Block *> blocks;
  function.walk([&](Block *block) { blocks.push_back(block); });
  for (Block *block : blocks) {
    Operation *op = &block->back();
    while (op) {
      std::optional<Raised> raised;
      OpBuilder builder(op);
      if (op->getNumResults() == 1 && !op->use_empty())
        raised = find(builder, op);
      if (!raised) {
        op = op->getPrevNode();
        continue;
      }
      count(module, raised->what, 1);
      if (!raised->instead.empty())
        count(module, raised->instead, -1);
      // A row's input may have other dimensions of size 1.
      Value result = op->getResult(0);
      Value value = reshaped(builder, op->getLoc(), raised->value,
                             tensorType(result).getShape());
      result.replaceAllUsesWith(value);
      // What goes stands before the new op, or is `op`.
      Operation *next = value.getDefiningOp();
      eraseDead(op);
      op = next->getPrevNode();
    }
  }
}

void tellNotRaised(Operation *op, StringRef what, const Twine &why) {
  op->emitRemark("looks like ")
      << what << ", but " << why << "; it stays as it is written";
}

std::vector<double> probeNumbers(int64_t count, uint64_t seed) {
  std::vector<double> numbers(count);
  uint64_t state = seed * 0x9E3779B97F4A7C15 + 1;
  for (double &number : numbers) {
    state = state * 6364136223846793005 + 1442695040888963407;
    number = (static_cast<double>(state >> 11) * 0x1p-53 - 0.5) * 4;
  }
  return numbers;
}

std::vector<double> constantElements(ConstantOp constant) {
  std::vector<double> elements;
  if (auto floats = dyn_cast<DenseFPElementsAttr>(constant.getValue()))
    for (APFloat value : floats) {
      bool loses;
      value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                    &loses);
      elements.push_back(value.convertToDouble());
    }
  else if (auto ints = dyn_cast<DenseIntElementsAttr>(constant.getValue()))
    for (const APInt &value : ints)
      elements.push_back(value.getBitWidth() == 1
                             ? double(value.getZExtValue())
                             : double(value.getSExtValue()));
  return elements;
}

SmallVector<int64_t> withoutOnes(ArrayRef<int64_t> shape) {
  return llvm::filter_to_vector(shape, [](int64_t size) { return size != 1; });
}

std::optional<Scaled> scaledBy(Operation *op) {
  if (isa<NegOp>(op))
    return Scaled{-1, op->getOperand(0)};
  if (!isa<MulOp, DivOp>(op))
    return std::nullopt;
  for (int which : {1, 0}) {
    auto constant = op->getOperand(which).getDefiningOp<ConstantOp>();
    auto splat = constant ? constant.getSplat() : std::nullopt;
    if (!splat || (isa<DivOp>(op) && which == 0))
      continue;
    return Scaled{isa<MulOp>(op) ? *splat : 1 / *splat,
                  op->getOperand(1 - which)};
  }
  return std::nullopt;
}

Value reshaped(OpBuilder &builder, Location loc, Value value,
               ArrayRef<int64_t> shape) {
  RankedTensorType type = tensorType(value);
  if (type.getShape() == shape)
    return value;
  return ReshapeOp::create(builder, loc, type.clone(shape), value);
}

} // namespace ds
