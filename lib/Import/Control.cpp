//===- Control.cpp - Importing calls and branches ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of it ends when importing does: calls are walked where they stand, and of
// branches the one that a constant chooses.  Where a computed value chooses,
// all are computed, and one is selected: a plan has no branches.
//===--------------------------------------------------------------------===//

#include "Importer.h"

#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ds::hlo {
namespace {

LogicalResult importBody(Importer &importer, Operation *op, Block &block,
                         ArrayRef<Value> operands) {
  for (auto [argument, operand] :
       llvm::zip_equal(block.getArguments(), operands))
    if (failed(importer.define(argument, operand)))
      return failure();
  if (failed(importer.walk(block)))
    return failure();
  for (auto [result, value] :
       llvm::zip_equal(op->getResults(), block.getTerminator()->getOperands()))
    if (failed(importer.define(result, importer.lookup(value))))
      return failure();
  return success();
}

LogicalResult importFunction(Importer &importer, Operation *op,
                             StringRef name) {
  func::FuncOp callee = importer.function(name);
  if (!callee || !callee.getBody().hasOneBlock())
    return op->emitOpError("expects a function of one block named '@")
           << name << "'";
  if (callee.getArgumentTypes() != op->getOperandTypes() ||
      callee.getResultTypes() != op->getResultTypes())
    return op->emitOpError("expects the types of '@")
           << name << "', " << callee.getFunctionType();
  if (llvm::is_contained(importer.calls, callee))
    return op->emitOpError("calls '@")
           << name << "' within itself; recursion cannot be imported";
  importer.calls.push_back(callee);
  SmallVector<Value> operands = importer.lookup(op->getOperands());
  LogicalResult done =
      importBody(importer, op, callee.getBody().front(), operands);
  importer.calls.pop_back();
  return done;
}

LogicalResult importCall(Importer &importer, func::CallOp op) {
  return importFunction(importer, op, op.getCallee());
}

LogicalResult importComposite(Importer &importer, stablehlo::CompositeOp op) {
  return importFunction(importer, op, op.getDecomposition());
}

LogicalResult importBarrier(Importer &importer, stablehlo::BarrierOp op) {
  for (auto [result, value] : llvm::zip_equal(op.getResult(), op.getValues()))
    if (failed(importer.define(result, importer.lookup(value))))
      return failure();
  return success();
}

/// Calls that say where or how a value is kept, not what it is.
bool isIdentity(StringRef name) {
  return llvm::is_contained({"Sharding", "SPMDFullToShardShape",
                             "SPMDShardToFullShape", "LayoutConstraint",
                             "annotate_device_placement", "ShardBarrierFrom",
                             "ShardBarrierTo"},
                            name);
}

/// Our exporters' calls for what StableHLO has no op for.
constexpr StringLiteral kStopGradient = "ds.stop_gradient",
                        kDropout = "ds.dropout";

/// Equal names have equal masks: what is called twice gets a number.
LogicalResult importDropout(Importer &importer, stablehlo::CustomCallOp op) {
  auto name = op->getAttrOfType<StringAttr>("ds.name");
  auto rate = op->getAttrOfType<FloatAttr>("ds.rate");
  Value x = importer.lookup(op.getOperand(0));
  if (!name || !rate || !rate.getType().isF64() ||
      !isa<FloatType>(tensorType(x).getElementType()))
    return op.emitOpError("expects '")
           << kDropout
           << "' of a floating tensor, with a string 'ds.name' and a "
              "probability 'ds.rate' of f64";
  OpBuilder &b = importer.getBuilder();
  auto dropout = DropoutAttr::getChecked(
      [&] { return op.emitOpError(); }, op.getContext(),
      b.getStringAttr(importer.uniqueName(name.getValue())), rate);
  if (!dropout)
    return failure();
  RankedTensorType type = tensorType(x);
  if (type.getRank() == 0) // one sample of one element
    x = importer.reshape(x, {1});
  Value dropped = importer.make("ds.dropout", x.getType(), x,
                                b.getNamedAttr("dropout", dropout));
  return importer.define(op.getResult(0),
                         importer.reshape(dropped, type.getShape()));
}

LogicalResult importCustomCall(Importer &importer, stablehlo::CustomCallOp op) {
  if (isIdentity(op.getCallTargetName()) && op.getNumOperands() == 1 &&
      op.getNumResults() == 1)
    return importer.define(op.getResult(0), importer.lookup(op.getOperand(0)));
  if (op.getCallTargetName() == kStopGradient && op.getNumOperands() == 1 &&
      op.getNumResults() == 1) {
    Value x = importer.lookup(op.getOperand(0));
    return importer.define(op.getResult(0),
                           importer.make("ds.stop_gradient", x.getType(), x));
  }
  if (op.getCallTargetName() == kDropout && op.getNumOperands() == 1 &&
      op.getNumResults() == 1)
    return importDropout(importer, op);
  return op.emitOpError("calls '")
         << op.getCallTargetName()
         << "', which ds-mlir does not know; write this part of the model "
            "with functions that lower to StableHLO's own ops";
}

/// What a branch sees of the outside goes through a guard: the gradient of a
/// branch that is not taken may be NaN, and is dropped there.
class Guarded {
public:
  Guarded(Importer &importer, Region &branch, Value taken)
      : importer(importer) {
    llvm::SetVector<Value> used;
    getUsedValuesDefinedAbove(branch, branch, used);
    for (Value value : used) {
      Value made = importer.lookup(value);
      if (!made || Importer::known(made) ||
          !isa<FloatType>(getElementTypeOrSelf(made.getType())))
        continue;
      before.push_back({value, made});
      Value guard = importer.make("ds.guard", made.getType(), {taken, made});
      good &= succeeded(importer.define(value, guard));
    }
  }
  ~Guarded() {
    for (auto [value, made] : before)
      good &= succeeded(importer.define(value, made));
  }
  bool isGood() const { return good; }

private:
  Importer &importer;
  SmallVector<std::pair<Value, Value>> before;
  bool good = true;
};

/// Computes all branches; `taken` says of each whether it is the one.
LogicalResult importAll(Importer &importer, Operation *op,
                        ArrayRef<Value> taken) {
  SmallVector<Value> results;
  for (int64_t i = op->getNumRegions() - 1; i >= 0; --i) {
    Block &branch = op->getRegion(i).front();
    Guarded guarded(importer, op->getRegion(i), taken[i]);
    if (!guarded.isGood() || failed(importer.walk(branch)))
      return failure();
    SmallVector<Value> values =
        importer.lookup(branch.getTerminator()->getOperands());
    if (results.empty()) {
      results = values;
      continue;
    }
    for (auto [result, value] : llvm::zip_equal(results, values))
      if (result != value)
        result = importer.make("ds.select", value.getType(),
                               {taken[i], value, result});
  }
  for (auto [result, value] : llvm::zip_equal(op->getResults(), results))
    if (failed(importer.define(result, value)))
      return failure();
  return success();
}

LogicalResult importCase(Importer &importer, stablehlo::CaseOp op) {
  Value index = importer.lookup(op.getIndex());
  const auto count = static_cast<int64_t>(op.getBranches().size());
  if (std::optional<int64_t> known = Importer::knownInteger(index)) {
    const int64_t chosen = *known < 0 || *known >= count ? count - 1 : *known;
    return importBody(importer, op, op.getBranches()[chosen].front(), {});
  }
  if (count == 1)
    return importBody(importer, op, op.getBranches().front().front(), {});
  // Every other index is the last branch's.
  SmallVector<Value> taken;
  Value any;
  RankedTensorType type = tensorType(index);
  RankedTensorType truth = type.clone(importer.getBuilder().getI1Type());
  for (int64_t i = 0; i + 1 < count; ++i) {
    taken.push_back(
        importer.make("ds.compare", truth,
                      {index, importer.constant(type, static_cast<double>(i))},
                      importer.named("relation", "eq")));
    any = any ? importer.make("ds.or", truth, {any, taken[i]}) : taken[i];
  }
  taken.push_back(importer.make("ds.not", truth, any));
  return importAll(importer, op, taken);
}

LogicalResult importIf(Importer &importer, stablehlo::IfOp op) {
  Value pred = importer.lookup(op.getPred());
  if (std::optional<int64_t> truth = Importer::knownInteger(pred)) {
    Region &chosen = *truth ? op.getOnTrue() : op.getOnFalse();
    return importBody(importer, op, chosen.front(), {});
  }
  Value other = importer.make("ds.not", pred.getType(), pred);
  return importAll(importer, op, {pred, other});
}

} // namespace

void addControl(Handlers &handlers) {
  add(handlers, importCall);
  add(handlers, importComposite);
  add(handlers, importBarrier);
  add(handlers, importCustomCall);
  add(handlers, importCase);
  add(handlers, importIf);
}

} // namespace ds::hlo
