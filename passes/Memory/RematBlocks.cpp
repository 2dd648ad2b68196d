//===- RematBlocks.cpp - Recompute activations block by block -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Memory.h"
#include "ds/Passes/Recompute.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_REMATBLOCKSPASS
#include "ds/Passes/Memory.h.inc"

bool isParameterLike(Operation *op) {
  return isa_and_nonnull<UnflattenOp, ReadOp, AllGatherOp, ConstantOp,
                         RotaryTableOp, MicroBatchOp>(op);
}

void SecondCopy::addUse(OpOperand &use) {
  uses.push_back(&use);
  if (!before || use.getOwner()->isBeforeInBlock(before))
    before = use.getOwner();
}

/// A gradient that exists just before `op`.
static Value latestGradient(Operation *op) {
  for (Operation *prev = op->getPrevNode(); prev; prev = prev->getPrevNode())
    if (prev->hasAttr(kBackwardAttr) && prev->getNumResults() > 0)
      return prev->getResult(0);
  return {};
}

void makeAgain(const SecondCopy &copy, int64_t &barriers) {
  OpBuilder b(copy.before);
  Value after = latestGradient(copy.before);
  IRMapping map;
  for (Operation *op : copy.ops)
    for (Value operand : op->getOperands()) {
      Operation *def = operand.getDefiningOp();
      // Parameters are read or gathered where they are needed anyway.
      if (map.contains(operand) || copy.ops.contains(def) ||
          isParameterLike(def))
        continue;
      map.map(operand, BarrierOp::create(b, op->getLoc(), operand.getType(),
                                         operand, after, barriers++)
                           .getResult());
    }
  for (Operation *op : copy.ops) {
    Operation *again = b.clone(*op, map);
    again->setAttr(kBackwardAttr, b.getUnitAttr());
    if (auto name = dyn_cast<NameLoc>(op->getLoc()))
      again->setLoc(
          NameLoc::get(b.getStringAttr(name.getName().str() + ".again"),
                       name.getChildLoc()));
  }
  for (OpOperand *use : copy.uses)
    use->set(map.lookup(use->get()));
}

namespace {

bool isForward(Operation *op) {
  return op && op->hasAttr(kBlockAttr) && !op->hasAttr(kBackwardAttr);
}

/// Everything of the same block that `op` needs, in program order.
void collect(Operation *op, SecondCopy &copy) {
  if (copy.ops.contains(op))
    return;
  for (Value operand : op->getOperands()) {
    Operation *def = operand.getDefiningOp();
    if (isForward(def) && def->getAttr(kBlockAttr) == op->getAttr(kBlockAttr))
      collect(def, copy);
  }
  copy.ops.insert(op);
}

using Decision = llvm::MapVector<int64_t, SecondCopy>;

Decision decide(Block &block) {
  Decision decision;
  for (Operation &op : block) {
    if (!isForward(&op))
      continue;
    for (OpOperand &use : op.getUses()) {
      Operation *user = use.getOwner();
      if (user->getBlock() != &block || !user->hasAttr(kBackwardAttr))
        continue;
      int64_t index = op.getAttrOfType<IntegerAttr>(kBlockAttr).getInt();
      SecondCopy &copy = decision[index];
      collect(&op, copy);
      copy.addUse(use);
    }
  }
  return decision;
}

struct RematBlocks : impl::RematBlocksPassBase<RematBlocks> {
  using RematBlocksPassBase::RematBlocksPassBase;

  void runOnOperation() override {
    int64_t barriers = 0;
    getOperation().walk([&](Block *block) {
      for (auto &[index, copy] : decide(*block))
        makeAgain(copy, barriers);
    });
  }
};

} // namespace
} // namespace ds
