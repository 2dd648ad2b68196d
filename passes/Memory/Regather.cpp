//===- Regather.cpp - Gather again instead of keeping -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Memory.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_REGATHERPASS
#include "ds/Passes/Memory.h.inc"

namespace {

struct Use {
  OpOperand *operand;
  UnflattenOp views;
};

/// Runs of uses of one unit, in program order.
SmallVector<SmallVector<Use>> decide(Block &block) {
  SmallVector<SmallVector<Use>> clusters;
  for (Operation &op : block)
    for (OpOperand &operand : op.getOpOperands()) {
      auto views = operand.get().getDefiningOp<UnflattenOp>();
      if (!views || views->getBlock() != &block ||
          !views.getFlat().getDefiningOp<AllGatherOp>())
        continue;
      if (clusters.empty() || clusters.back().front().views != views)
        clusters.emplace_back();
      clusters.back().push_back({&operand, views});
    }
  return clusters;
}

/// A value that exists just before `op`: ties the gather to its place.
Value latestValue(Operation *op) {
  for (Operation *prev = op->getPrevNode(); prev; prev = prev->getPrevNode())
    if (isa<DotOp, ConvolutionOp, ConvolutionGradInputOp,
            ConvolutionGradWeightOp, KernelOpInterface,
            DecomposableOpInterface>(prev))
      return prev->getResult(0);
  return {};
}

struct Regather : impl::RegatherPassBase<Regather> {
  using RegatherPassBase::RegatherPassBase;

  void runOnOperation() override {
    // Ids start behind those of other passes.
    int64_t barriers = 0;
    getOperation().walk([&](BarrierOp op) {
      barriers = std::max<int64_t>(barriers, op.getId() + 1);
    });
    getOperation().walk([&](Block *block) {
      DenseSet<Operation *> seen;
      for (auto &cluster : decide(*block)) {
        UnflattenOp views = cluster.front().views;
        if (seen.insert(views).second)
          continue; // the first cluster keeps the first gather
        apply(views, cluster, barriers++);
      }
    });
  }

  void apply(UnflattenOp views, ArrayRef<Use> cluster, int64_t id) {
    auto gather = views.getFlat().getDefiningOp<AllGatherOp>();
    Operation *first = cluster.front().operand->getOwner();
    OpBuilder b(first);
    // A 16-bit copy of the shard is made again, too.
    auto copied = gather.getInput().getDefiningOp<CastOp>();
    Value shard = copied ? copied.getInput() : gather.getInput();
    Value again = BarrierOp::create(b, gather.getLoc(), shard.getType(), shard,
                                    latestValue(first), id);
    if (copied)
      again = CastOp::create(b, copied.getLoc(), copied.getType(), again);
    Value whole = AllGatherOp::create(b, gather.getLoc(), gather.getType(),
                                      again, gather.getAxis());
    auto copy = UnflattenOp::create(b, views.getLoc(), views->getResultTypes(),
                                    whole, views.getOffsetsAttr());
    for (const Use &use : cluster) {
      unsigned index = cast<OpResult>(use.operand->get()).getResultNumber();
      use.operand->set(copy->getResult(index));
    }
  }
};

} // namespace
} // namespace ds
