//===- InsertCopies.cpp - Views with gaps for kernels -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Gaps.h"

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_INSERTCOPIESPASS
#include "ds/Passes/Lower.h.inc"

namespace {

/// Whether a range of dimension `dim` of `whole` has gaps: some dimension in
/// front of it goes on behind the range.
bool leavesGaps(RankedTensorType whole, RankedTensorType part, int64_t dim) {
  return whole.getDimSize(dim) != part.getDimSize(dim) &&
         llvm::any_of(part.getShape().take_front(dim),
                      [](int64_t size) { return size != 1; });
}

} // namespace

bool hasGaps(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || !isa<ReshapeOp, TakeOp, BarrierOp, WindowOp, SplitOp>(op))
    return false;
  auto whole = tensorType(op->getOperand(0)), part = tensorType(value);
  if (auto window = dyn_cast<WindowOp>(op);
      window && leavesGaps(whole, part, window.getDim()))
    return true;
  if (isa<SplitOp>(op) && leavesGaps(whole, part, part.getRank() - 1))
    return true;
  return hasGaps(op->getOperand(0));
}

namespace {

struct InsertCopies : impl::InsertCopiesPassBase<InsertCopies> {
  using InsertCopiesPassBase::InsertCopiesPassBase;

  void runOnOperation() override {
    // By value and block: what a loop copies does not exist outside of it.
    DenseMap<std::pair<Value, Block *>, Value> copies;
    getOperation().walk([&](Operation *op) {
      if (!isa<LaunchOp, ScanOp, CollectiveOpInterface>(op))
        return;
      for (OpOperand &operand : op->getOpOperands()) {
        if (!hasGaps(operand.get()))
          continue;
        Value &copy = copies[{operand.get(), op->getBlock()}];
        if (!copy) {
          OpBuilder builder(op);
          copy = CopyOp::create(builder, operand.get().getLoc(),
                                operand.get().getType(), operand.get());
        }
        operand.set(copy);
      }
    });
  }
};

} // namespace
} // namespace ds
