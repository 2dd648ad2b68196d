//===- Schedule.cpp - Gathers late, reductions early --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Late means: just before it is needed, or where an earlier unit is, to hide
// the time that a gather takes behind that unit's compute.
//===--------------------------------------------------------------------===//

#include "ds/Passes/Schedule.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_SCHEDULEPASS
#include "ds/Passes/Schedule.h.inc"

namespace {

/// Ops that only make something available: best just before it is needed.
bool isLate(Operation &op) {
  // A copy of state in another type waits as the state does.
  if (auto cast = dyn_cast<CastOp>(op))
    return isa_and_nonnull<ReadOp>(cast.getInput().getDefiningOp());
  return isa<AllGatherOp, UnflattenOp, BarrierOp, ConstantOp, LocalShardOp,
             MicroBatchOp, RotaryTableOp, arith::ConstantOp>(op);
}

/// A read may not move over a write of its state.
bool readCanMove(ReadOp read, Operation *to) {
  for (Operation *op = read; op != to; op = op->getNextNode())
    if (auto write = dyn_cast<WriteOp>(op);
        write && write.getState() == read.getState())
      return false;
  return true;
}

/// Gradients on their way into their unit's sum.
bool isEarly(Operation &op) {
  if (isa<FlattenOp, ReduceScatterOp>(op))
    return true;
  auto add = dyn_cast<AddOp>(op);
  return add && llvm::any_of(add->getOperands(), [](Value operand) {
           auto argument = dyn_cast<BlockArgument>(operand);
           return argument &&
                  isa<scf::ForOp, ScanOp>(argument.getOwner()->getParentOp());
         });
}

Operation *firstUser(Operation &op) {
  Operation *first = nullptr;
  for (Operation *user : op.getUsers()) {
    Operation *here = op.getBlock()->findAncestorOpInBlock(*user);
    if (here && (!first || here->isBeforeInBlock(first)))
      first = here;
  }
  return first;
}

void sinkLateOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    auto read = dyn_cast<ReadOp>(op);
    if (!isLate(op) && !read)
      continue;
    Operation *user = firstUser(op);
    if (user && (!read || readCanMove(read, user)))
      op.moveBefore(user);
  }
}

/// A gather of a unit and what only prepares it, in their order.
struct Gather {
  SmallVector<Operation *> ops;
  Operation *use; ///< What needs it first.
};

SmallVector<Gather> gathersOf(Block &block) {
  SmallVector<Gather> gathers;
  for (auto gather : block.getOps<AllGatherOp>()) {
    Operation *use = firstUser(*gather);
    if (!use)
      continue;
    SmallVector<Operation *> ops = {gather};
    for (Operation *def = gather.getInput().getDefiningOp();
         def && def->getBlock() == &block &&
         isa<CastOp, BarrierOp, ReadOp>(def);
         def = def->getNumOperands() ? def->getOperand(0).getDefiningOp()
                                     : nullptr)
      ops.push_back(def);
    std::reverse(ops.begin(), ops.end());
    gathers.push_back({ops, use});
  }
  return gathers;
}

/// What computes just before `op`: a barrier that moves there comes behind it.
Value valueBefore(Operation *op) {
  while ((op = op->getPrevNode()))
    if (isa<DotOp, KernelOpInterface>(op))
      return op->getResult(0);
  return {};
}

/// Whether all that the ops of a gather need, but for what a barrier comes
/// behind, is there before `place`, or among them.
bool existsBefore(const Gather &gather, Operation *place) {
  return llvm::all_of(gather.ops, [&](Operation *op) {
    Operation *def =
        op->getNumOperands() ? op->getOperand(0).getDefiningOp() : nullptr;
    return !def || def->getBlock() != place->getBlock() ||
           def->isBeforeInBlock(place) || llvm::is_contained(gather.ops, def);
  });
}

/// Begins `gather` before `place`, unless its state is written in between, or
/// what it gathers, a new parameter, say, is made there.
void begin(const Gather &gather, Operation *place) {
  if (!existsBefore(gather, place))
    return;
  for (Operation *op : gather.ops)
    if (auto read = dyn_cast<ReadOp>(op))
      for (Operation *between = place; between != gather.use;
           between = between->getNextNode())
        if (auto write = dyn_cast<WriteOp>(between);
            write && write.getState() == read.getState())
          return;
  for (Operation *op : gather.ops) {
    if (op->isBeforeInBlock(place))
      continue;
    if (auto barrier = dyn_cast<BarrierOp>(op)) {
      barrier.getAfterMutable().clear();
      if (Value value = valueBefore(place))
        barrier.getAfterMutable().assign(value);
    }
    op->moveBefore(place);
  }
}

/// Each gather begins where the one `distance` before it is needed first, in
/// its order.
void prefetchGathers(Block &block, int64_t distance) {
  const SmallVector<Gather> gathers = gathersOf(block);
  for (size_t i = 1; i < gathers.size(); ++i) {
    const size_t earlier =
        i - std::min<size_t>(i, static_cast<size_t>(distance));
    if (gathers[earlier].use->isBeforeInBlock(gathers[i].use))
      begin(gathers[i], gathers[earlier].use);
  }
}

void hoistEarlyOps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!isEarly(op))
      continue;
    Operation *last = nullptr;
    for (Value operand : op.getOperands()) {
      Operation *def = operand.getDefiningOp();
      if (def && def->getBlock() == &block &&
          (!last || last->isBeforeInBlock(def)))
        last = def;
    }
    if (last)
      op.moveAfter(last);
  }
}

/// Gives each op that fills memory with a constant a copy of its own: the
/// canonicalizer hoists constants out of loops, where they would live long.
void localizeConstants(Operation *root) {
  SmallVector<ConstantOp> constants;
  root->walk([&](ConstantOp op) { constants.push_back(op); });
  for (ConstantOp op : constants) {
    if (tensorType(op.getResult()).getRank() == 0)
      continue;
    for (OpOperand &use : llvm::make_early_inc_range(op->getUses())) {
      if (isa<scf::ForOp>(use.getOwner()))
        continue;
      OpBuilder b(use.getOwner());
      use.set(b.clone(*op)->getResult(0));
    }
    if (op->use_empty())
      op.erase();
  }
}

struct Schedule : impl::SchedulePassBase<Schedule> {
  using SchedulePassBase::SchedulePassBase;

  void runOnOperation() override {
    localizeConstants(getOperation());
    getOperation().walk([&](Block *block) {
      if (isa<ModuleOp>(block->getParentOp()))
        return;
      sinkLateOps(*block);
      if (prefetch > 0)
        prefetchGathers(*block, prefetch);
      hoistEarlyOps(*block);
    });
  }
};

} // namespace
} // namespace ds
