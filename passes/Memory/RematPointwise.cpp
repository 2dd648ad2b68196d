//===- RematPointwise.cpp - Recompute what costs one pass over memory ---===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Memory.h"
#include "ds/Passes/Recompute.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_REMATPOINTWISEPASS
#include "ds/Passes/Memory.h.inc"

namespace {

bool isGradient(Operation *op) { return op->hasAttr(kBackwardAttr); }

/// Costs nothing to keep.
bool isScalar(Value value) { return tensorType(value).getRank() == 0; }

/// Element-wise or row by row: one pass over its operands, no product.
bool isCheap(Operation &op) {
  auto kernel = dyn_cast<KernelOpInterface>(op);
  return kernel && !isGradient(&op) && op.getNumResults() == 1 &&
         !isScalar(op.getResult(0)) &&
         (kernel.getKernelKind() == KernelKind::Elementwise ||
          kernel.getKernelKind() == KernelKind::Row);
}

/// Whether `value` is there at `op` whatever this pass does: a parameter, or
/// an activation that a gradient op needs then or later and that is kept.
bool isKeptUntil(Value value, Operation *op,
                 const llvm::SmallPtrSetImpl<Operation *> &made) {
  Operation *def = value.getDefiningOp();
  if (!def || isParameterLike(def) || isScalar(value))
    return true;
  if (made.contains(def))
    return false;
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return user->getBlock() == op->getBlock() && isGradient(user) &&
           (user == op || op->isBeforeInBlock(user));
  });
}

/// Adds `op` and the cheap ops that it needs, down to what is there; false when
/// something else would have to be kept.
bool collect(Operation &op, SecondCopy &copy,
             const llvm::SmallPtrSetImpl<Operation *> &made) {
  if (copy.ops.contains(&op))
    return true; // on another path
  if (!isCheap(op))
    return false;
  for (Value operand : op.getOperands())
    if (!isKeptUntil(operand, copy.before, made) &&
        !collect(*operand.getDefiningOp(), copy, made))
      return false;
  copy.ops.insert(&op);
  return true;
}

/// What comes from parameters alone, such as an embedding, would need them
/// gathered once more.
bool usesActivation(const SecondCopy &copy) {
  for (Operation *op : copy.ops)
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp();
          def && !isParameterLike(def) && !copy.ops.contains(def))
        return true;
  return false;
}

/// Whether a forward op needs the result of `op` after gradient ops began to:
/// then it is there anyway.
bool outlives(Operation &op, Operation *firstGradient) {
  return llvm::any_of(op.getUsers(), [&](Operation *user) {
    return user->getBlock() == op.getBlock() && !isGradient(user) &&
           firstGradient->isBeforeInBlock(user);
  });
}

/// What gradient ops take from the one result of `op`.
SecondCopy copyFor(Operation &op) {
  SecondCopy copy;
  for (OpOperand &use : op.getUses())
    if (use.getOwner()->getBlock() == op.getBlock() &&
        isGradient(use.getOwner()))
      copy.addUse(use);
  return copy;
}

SmallVector<SecondCopy> decide(Block &block) {
  SmallVector<SecondCopy> copies;
  llvm::SmallPtrSet<Operation *, 16> made;
  for (Operation &op : block) {
    if (!isCheap(op))
      continue;
    SecondCopy copy = copyFor(op);
    if (!copy.before || outlives(op, copy.before) || !collect(op, copy, made) ||
        !usesActivation(copy))
      continue;
    made.insert(&op);
    copies.push_back(std::move(copy));
  }
  return copies;
}

struct RematPointwise : impl::RematPointwisePassBase<RematPointwise> {
  using RematPointwisePassBase::RematPointwisePassBase;

  void runOnOperation() override {
    int64_t barriers = 0;
    getOperation().walk([&](BarrierOp op) {
      barriers = std::max<int64_t>(barriers, op.getId() + 1);
    });
    getOperation().walk([&](Block *block) {
      for (const SecondCopy &copy : decide(*block))
        makeAgain(copy, barriers);
    });
  }
};

} // namespace
} // namespace ds
