//===- Control.cpp - Importing calls, loops and branches ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All of it ends when importing does: calls are walked where they stand, loops
// as often as their counter says, and of branches the one that a constant
// chooses.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Rounds that a loop may have to be written out.
constexpr int64_t kMostRounds = 256;

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

/// Our exporters' call for what StableHLO has no op for.
constexpr StringLiteral kStopGradient = "ds.stop_gradient";

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
  return op.emitOpError("calls '")
         << op.getCallTargetName()
         << "', which ds-mlir does not know; write this part of the model "
            "with functions that lower to StableHLO's own ops";
}

LogicalResult importWhile(Importer &importer, stablehlo::WhileOp op) {
  SmallVector<Value> values = importer.lookup(op.getValues());
  Block &cond = op.getCond().front(), &body = op.getBody().front();
  for (int64_t round = 0;; ++round) {
    for (auto [argument, value] : llvm::zip_equal(cond.getArguments(), values))
      if (failed(importer.define(argument, value)))
        return failure();
    if (failed(importer.walk(cond)))
      return failure();
    std::optional<int64_t> goesOn = Importer::knownInteger(
        importer.lookup(cond.getTerminator()->getOperand(0)));
    if (!goesOn)
      return op.emitOpError("runs as often as computed values say, which "
                            "cannot be imported yet; expects a loop that "
                            "counts, as lax.scan and lax.fori_loop with "
                            "constant bounds");
    if (*goesOn == 0)
      break;
    if (round == kMostRounds)
      return op.emitOpError("runs for more than ")
             << kMostRounds
             << " rounds, and longer loops cannot be imported yet; shorten "
                "the loop or compute several steps at a time";
    for (auto [argument, value] : llvm::zip_equal(body.getArguments(), values))
      if (failed(importer.define(argument, value)))
        return failure();
    if (failed(importer.walk(body)))
      return failure();
    values = importer.lookup(body.getTerminator()->getOperands());
  }
  for (auto [result, value] : llvm::zip_equal(op.getResults(), values))
    if (failed(importer.define(result, value)))
      return failure();
  return success();
}

LogicalResult refuseBranch(Operation *op) {
  return op->emitOpError("chooses by a computed value, which cannot be "
                         "imported yet; compute both values and select one "
                         "(jnp.where)");
}

LogicalResult importCase(Importer &importer, stablehlo::CaseOp op) {
  std::optional<int64_t> index =
      Importer::knownInteger(importer.lookup(op.getIndex()));
  if (!index)
    return refuseBranch(op);
  const int64_t count = static_cast<int64_t>(op.getBranches().size());
  const int64_t chosen = *index < 0 || *index >= count ? count - 1 : *index;
  return importBody(importer, op, op.getBranches()[chosen].front(), {});
}

LogicalResult importIf(Importer &importer, stablehlo::IfOp op) {
  std::optional<int64_t> truth =
      Importer::knownInteger(importer.lookup(op.getPred()));
  if (!truth)
    return refuseBranch(op);
  Region &chosen = *truth ? op.getOnTrue() : op.getOnFalse();
  return importBody(importer, op, chosen.front(), {});
}

} // namespace

void addControl(Handlers &handlers) {
  add(handlers, importCall);
  add(handlers, importComposite);
  add(handlers, importBarrier);
  add(handlers, importCustomCall);
  add(handlers, importWhile);
  add(handlers, importCase);
  add(handlers, importIf);
}

} // namespace ds::hlo
