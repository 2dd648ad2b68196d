//===- KernelCost.cpp - What the phases of a kernel cost ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts what the emitted loops do at each point: every formula that a phase
// computes, again in each phase that does so, and every tensor that it loads
// or stores there.  A row that an earlier phase has read is in the cache: only
// its loads count.
//===--------------------------------------------------------------------===//

#include "KernelPlan.h"

#include "ds/Dialect/DS/DS.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;

namespace {

class Coster {
public:
  Coster(func::FuncOp lowered, const KernelPlan &plan, const InPlace &inPlace)
      : lowered(lowered), plan(plan), returned(returnedBy(lowered)),
        touched(lowered.getNumArguments() + returned.size(), false) {
    // Arguments as the code takes them: results that have their own storage
    // come last.
    unsigned next = lowered.getNumArguments();
    for (unsigned i = 0; i < returned.size(); ++i) {
      auto over = llvm::find_if(inPlace, [&](auto p) { return p.first == i; });
      places.push_back(over != inPlace.end() ? over->second : next++);
    }
  }

  std::vector<KernelPass> run() {
    std::vector<KernelPass> passes;
    for (const Phase &phase : plan.phases) {
      passes.emplace_back();
      pass = &passes.back();
      seen.clear();
      startPhase(phase);
      for (GenericOp op : phase.reductions)
        compute(op);
      for (unsigned result : phase.stores)
        store(returned[result], places[result]);
      for (Value value : phase.kept)
        store(value, homeOf(value));
      for (unsigned result : phase.stores)
        inMemory.insert(returned[result]);
      inMemory.insert(phase.kept.begin(), phase.kept.end());
    }
    return passes;
  }

private:
  void startPhase(const Phase &phase) {
    rows = static_cast<double>(HostTensor::count(plan.shape.rows()));
    points = static_cast<double>(HostTensor::count(phase.inner));
    // After its last row, a column kernel has one point for each column.
    if (plan.shape.walk != KernelWalk::Column || &phase == plan.phases.begin())
      points *= rows;
    share = phase.causal ? visible(phase.inner[0]) : 1.0;
    countLoops(phase);
  }

  /// How often the innermost loop of a phase starts.
  void countLoops(const Phase &phase) {
    if (phase.inner.empty() || plan.shape.walk == KernelWalk::Flat)
      return;
    if (plan.shape.walk == KernelWalk::Column) {
      pass->loops = points / kColumnTile / (points > rows ? kMaxRowBlock : 1);
      return;
    }
    double innermost = 1; // dimensions that are one loop
    for (auto [size, cut] : llvm::zip(phase.inner, phase.cuts))
      innermost = (cut ? 1 : innermost) * static_cast<double>(size);
    const double parts = static_cast<double>(phase.segments);
    pass->loops = points / innermost * (phase.causal ? 2 : parts);
  }

  /// The share of a causal row's positions that its loops run over.
  double visible(int64_t columns) {
    int64_t last = plan.shape.rows().back();
    double sum = 0;
    for (int64_t row = 0; row < last; ++row)
      sum += static_cast<double>(std::min<int64_t>(
          columns, llvm::alignTo(row + columns - last + 1, kCausalBlock)));
    return sum / static_cast<double>(last * columns);
  }

  bool isPerRow(Value value) {
    return plan.shape.walk != KernelWalk::Flat &&
           tensorType(value).getShape() == plan.shape.rows();
  }

  /// At how many points a phase computes or loads a value.
  double pointsOf(Value value, bool isCausal) {
    if (tensorType(value).getRank() == 0 || isPerRow(value))
      return std::min(rows, points);
    return isCausal ? points * share : points;
  }

  void compute(GenericOp op) {
    Value value = op.getResult(0);
    const bool reduces = op.getNumReductionLoops() > 0;
    const bool isCausal = op->hasAttr("ds.causal");
    const double times = reduces ? (isCausal ? points * share : points)
                                 : pointsOf(value, isCausal);
    op.getBody()->walk([&](Operation *inner) {
      if (isTranscendental(inner))
        pass->exponentials += times;
      else if (isa<arith::DivFOp, math::SqrtOp, math::RsqrtOp>(inner))
        pass->divisions += times;
      else if (inner->getNumResults() == 1 && !isFree(inner))
        pass->simple += times;
    });
    for (OpOperand *input : op.getDpsInputOperands())
      if (op.payloadUsesValueFromOperand(input))
        use(input->get(), byteSize(tensorType(input->get())), isCausal);
    op.getBody()->walk([&](tensor::ExtractOp extract) {
      RankedTensorType type = tensorType(extract.getTensor());
      const double width = type.getElementTypeBitWidth() / 8.0;
      use(extract.getTensor(), std::min<double>(byteSize(type), times * width),
          isCausal);
    });
  }

  /// Positions and constants: loops have them anyway.
  static bool isFree(Operation *op) {
    return isa<arith::ConstantOp, arith::IndexCastOp, linalg::IndexOp,
               tensor::ExtractOp>(op);
  }

  /// What a formula reads: a load, or another formula.
  void use(Value value, double bytes, bool isCausal) {
    if (!seen.insert(value).second)
      return;
    auto op = value.getDefiningOp<GenericOp>();
    auto argument = dyn_cast<BlockArgument>(value);
    if (op && !inMemory.contains(value)) {
      if (op.getNumReductionLoops() == 0)
        compute(op);
      return; // else a sum that an earlier phase has left in a register
    }
    pass->simple += pointsOf(value, isCausal);
    if (argument)
      touch(argument.getArgNumber(), bytes);
  }

  void store(Value value, int place) {
    if (auto op = value.getDefiningOp<GenericOp>();
        op && !inMemory.contains(value) && seen.insert(value).second &&
        op.getNumReductionLoops() == 0)
      compute(op);
    pass->simple += pointsOf(value, /*isCausal=*/false);
    if (place >= 0)
      touch(static_cast<unsigned>(place), byteSize(tensorType(value)));
  }

  int homeOf(Value kept) {
    int result = plan.kept.lookup(kept);
    return result < 0 ? -1 : static_cast<int>(places[result]);
  }

  void touch(unsigned argument, double bytes) {
    if (!std::exchange(touched[argument], true))
      pass->touches.push_back(
          {argument, bytes, plan.shape.walk == KernelWalk::Column});
  }

  func::FuncOp lowered;
  const KernelPlan &plan;
  OperandRange returned;
  SmallVector<unsigned> places; ///< The argument that holds each result.
  SmallVector<bool> touched;    ///< Arguments.
  KernelPass *pass = nullptr;
  DenseSet<Value> seen; ///< Computed or loaded in the current phase.
  DenseSet<Value> inMemory;
  double rows = 1, points = 1, share = 1;
};

} // namespace

/// A place, a load and a store for each element.
static std::vector<KernelPass> costCopy(func::FuncOp lowered) {
  StridedCopyOp op = copyIn(lowered);
  const auto bytes = static_cast<double>(copiedBytes(lowered));
  KernelPass pass;
  pass.simple = 4.0 * HostTensor::count(op.getSizes());
  for (Value tensor : {op.getInput(), op.getInto()}) {
    const double whole = byteSize(tensorType(tensor));
    pass.touches.push_back(
        {cast<BlockArgument>(tensor).getArgNumber(), std::min(bytes, whole)});
  }
  return {pass};
}

std::vector<KernelPass> ds::costKernel(func::FuncOp lowered,
                                       const KernelPlan &plan,
                                       const InPlace &inPlace) {
  if (plan.shape.walk == KernelWalk::Copy)
    return costCopy(lowered);
  if (plan.shape.walk != KernelWalk::Scatter)
    return Coster(lowered, plan, inPlace).run();
  Scatter op(lowered);
  const double rows = byteSize(tensorType(op.values));
  KernelPass pass;
  // Loads, sum and store for each element, into rows that lie anywhere.
  pass.simple = 4.0 * tensorType(op.values).getNumElements();
  for (BlockArgument argument : lowered.getArguments()) {
    const double bytes = byteSize(tensorType(argument));
    pass.touches.push_back({argument.getArgNumber(), argument == op.into
                                                         ? std::min(rows, bytes)
                                                         : bytes});
  }
  return {pass};
}
