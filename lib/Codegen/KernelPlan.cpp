//===- KernelPlan.cpp - The phases of a kernel --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value's level is the number of reductions that must be complete before
// it: a phase is all reductions and results of one level and one inner shape.
// Which arguments a phase reads follows from a walk over the formulas, with
// every index written as the loop dimension it is, or -1 if computed.
//===--------------------------------------------------------------------===//

#include "KernelPlan.h"

#include "ds/Dialect/DS/DS.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/CSE.h"

#include <map>
#include <set>

using namespace mlir;
using namespace ds;

using linalg::GenericOp;
using Dims = SmallVector<int64_t>;

FailureOr<KernelShape> ds::analyzeFunction(func::FuncOp function) {
  SmallVector<Operation *> ops;
  for (Operation &op : function.getBody().front().without_terminator())
    ops.push_back(&op);
  FailureOr<KernelShape> shape = analyzeKernel(ops);
  if (failed(shape))
    function.emitError("the ops of this function do not form one kernel");
  return shape;
}

FailureOr<func::FuncOp> ds::lowerToLoops(func::FuncOp function) {
  auto lowered = func::FuncOp::create(function.getLoc(), function.getName(),
                                      function.getFunctionType());
  Block *entry = lowered.addEntryBlock();
  OpBuilder builder = OpBuilder::atBlockEnd(entry);
  IRMapping map;
  map.map(function.getArguments(), entry->getArguments());
  SmallVector<Value> rows; // of a scatter
  for (Operation &op : function.getBody().front()) {
    auto kernel = dyn_cast<KernelOpInterface>(op);
    if (!kernel) {
      builder.clone(op, map);
      continue;
    }
    SmallVector<Value> operands, results;
    for (Value operand : op.getOperands())
      operands.push_back(map.lookup(operand));
    if (failed(kernel.lowerToLinalg(builder, operands, results))) {
      lowered.erase();
      return op.emitOpError("cannot be lowered to loops");
    }
    if (kernel.getKernelKind() == KernelKind::Scatter ||
        kernel.getKernelKind() == KernelKind::Copy) {
      rows.assign(results.begin(), results.end());
      builder.clone(op, map);
    } else {
      map.map(op.getResults(), results);
    }
  }
  // What a scatter combines stands behind its result.
  Operation *end = entry->getTerminator();
  end->insertOperands(end->getNumOperands(), rows);
  // Ops side by side may need the same sums.
  IRRewriter rewriter(function.getContext());
  DominanceInfo dominance(lowered);
  eliminateCommonSubExpressions(rewriter, dominance, lowered);
  return lowered;
}

OperandRange ds::returnedBy(func::FuncOp lowered) {
  return lowered.getBody().front().getTerminator()->getOperands().take_front(
      lowered.getNumResults());
}

Scatter::Scatter(func::FuncOp lowered) {
  Operation *end = lowered.getBody().front().getTerminator();
  into = end->getOperand(0).getDefiningOp()->getOperand(0);
  isInside = end->getOperand(1);
  base = end->getOperand(2);
  values = end->getOperand(3);
  kind = values.getDefiningOp()
             ->getAttrOfType<StringAttr>("ds.combine")
             .getValue();
}

bool ds::isTranscendental(Operation *op) {
  return isa<math::ExpOp, math::ExpM1Op, math::LogOp, math::Log1pOp,
             math::TanhOp, math::ErfOp, math::SinOp, math::CosOp, math::TanOp,
             math::Atan2Op, math::CbrtOp, math::PowFOp, arith::RemFOp>(op);
}

bool ds::isRandomWords(Value value) {
  auto op = value.getDefiningOp<GenericOp>();
  return op && !op.getBody()->getOps<RandomWordOp>().empty();
}

namespace {

/// A read of an argument in a phase.
struct Access {
  unsigned phase;
  Dims dims;
};

class Planner {
public:
  Planner(func::FuncOp lowered, const KernelShape &shape,
          const InPlace &inPlace, std::string &why)
      : lowered(lowered), rank(shape.rowRank), returned(returnedBy(lowered)),
        inPlace(inPlace), why(why) {
    plan.shape = shape;
  }

  FailureOr<KernelPlan> run() {
    if (plan.shape.walk == KernelWalk::Scatter)
      return scatter();
    if (plan.shape.walk == KernelWalk::Copy)
      return copy();
    estimate();
    if (plan.shape.walk == KernelWalk::Column)
      makeColumnPhases();
    else
      makeRowPhases();
    // Storing a result later lets other formulas be computed again later,
    // which may read more: repeat.  Stores only move to later phases.
    do
      trace();
    while (delayStores());
    keepCostly();
    if (!isAligned)
      return refuse("a formula reads what another row reduces");
    for (auto [result, argument] : inPlace)
      if (!isLegal(result, argument))
        return refuse("result " + std::to_string(result) +
                      " cannot overwrite argument " + std::to_string(argument));
    return plan;
  }

private:
  LogicalResult refuse(const std::string &reason) {
    why = reason;
    return failure();
  }

  //===------------------------------------------------------------------===//
  // Phases
  //===------------------------------------------------------------------===//

  static bool isReduction(GenericOp op) { return op.getNumReductionLoops(); }

  /// Reductions that must be complete before `value`.
  int64_t level(Value value) {
    auto op = value.getDefiningOp<GenericOp>();
    return op ? level(op) + isReduction(op) : 0;
  }
  int64_t level(GenericOp op) {
    auto [at, isNew] = levels.try_emplace(op, 0);
    if (!isNew)
      return at->second;
    int64_t result = 0;
    for (Value input : op.getInputs())
      result = std::max(result, level(input));
    op.getBody()->walk([&](tensor::ExtractOp extract) {
      result = std::max(result, level(extract.getTensor()));
    });
    return levels[op] = result;
  }

  void makeRowPhases() {
    std::map<std::pair<int64_t, Dims>, Phase> ordered;
    auto at = [&](int64_t level, ArrayRef<int64_t> shape) -> Phase & {
      Dims inner(shape.drop_front(std::min<size_t>(rank, shape.size())));
      Phase &phase = ordered[{level, inner}];
      phase.inner = inner;
      return phase;
    };
    for (GenericOp op : lowered.getOps<GenericOp>())
      if (isReduction(op))
        at(level(op), op.getStaticLoopRanges()).reductions.push_back(op);
    for (auto [i, value] : llvm::enumerate(returned))
      at(level(value), tensorType(value).getShape()).stores.push_back(i);
    for (auto &entry : ordered)
      plan.phases.push_back(std::move(entry.second));
  }

  void makeColumnPhases() {
    Phase rows, columns;
    for (GenericOp op : lowered.getOps<GenericOp>())
      if (isReduction(op))
        rows.reductions.push_back(op);
    for (auto [i, value] : llvm::enumerate(returned))
      (level(value) ? columns : rows).stores.push_back(i);
    rows.inner = columns.inner =
        Dims(ArrayRef(plan.shape.shape).drop_front(rank));
    plan.phases = {rows, columns};
  }

  //===------------------------------------------------------------------===//
  // Reads
  //===------------------------------------------------------------------===//

  static Dims sequence(int64_t first, int64_t size) {
    return llvm::to_vector(llvm::seq(first, first + size));
  }

  /// The loop dimensions of a result where it is stored.
  Dims storeDims(unsigned result) {
    int64_t size = tensorType(returned[result]).getRank();
    bool column =
        plan.shape.walk == KernelWalk::Column && level(returned[result]) > 0;
    return sequence(column ? rank : 0, size);
  }

  void trace() {
    reads.clear();
    uses.clear();
    inMemory.clear();
    for (auto [number, phase] : llvm::enumerate(plan.phases)) {
      current = number;
      phase.cuts.assign(phase.inner.size(), false);
      visited.clear();
      for (GenericOp op : phase.reductions)
        visitOp(op, sequence(0, op.getNumLoops()));
      for (unsigned result : phase.stores)
        visit(returned[result], storeDims(result));
      for (unsigned result : phase.stores)
        inMemory.insert(returned[result]);
      inMemory.insert(phase.kept.begin(), phase.kept.end());
    }
  }

  /// Notes which neighbouring loops one access keeps apart.
  void cut(ArrayRef<int64_t> dims) {
    Phase &phase = plan.phases[current];
    for (int64_t d = 1, n = phase.inner.size(); d < n; ++d) {
      const auto *left = llvm::find(dims, rank + d - 1);
      const auto *right = llvm::find(dims, rank + d);
      bool apart = left == dims.end() ? right != dims.end() : left + 1 != right;
      phase.cuts[d] = phase.cuts[d] || apart;
    }
  }

  void visit(Value value, ArrayRef<int64_t> dims) {
    // Once: a formula that is used twice by one that is used twice, and so on,
    // is reached in more ways than there is time for.
    if (!visited.insert({value.getAsOpaquePointer(), Dims(dims)}).second)
      return;
    auto op = value.getDefiningOp<GenericOp>();
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      cut(dims);
      reads[argument.getArgNumber()].push_back({current, Dims(dims)});
    } else if (op && inMemory.contains(value)) {
      cut(dims);
      isAligned &= isOwnRow(dims);
    } else if (op && !isReduction(op)) {
      uses[value].insert(current);
      visitOp(op, dims);
    } else if (op && plan.shape.walk != KernelWalk::Column) {
      // A sum is one scalar per row: no other row's can be read.
      isAligned &= Dims(dims) == sequence(0, rank);
    }
  }

  /// Whether a place lies in the row that is being computed.
  bool isOwnRow(ArrayRef<int64_t> dims) {
    return plan.shape.walk != KernelWalk::Row ||
           Dims(dims.take_front(rank)) == sequence(0, rank);
  }

  void visitOp(GenericOp op, ArrayRef<int64_t> dims) {
    if (auto segments = op->getAttrOfType<IntegerAttr>("ds.segments"))
      plan.phases[current].segments = segments.getInt();
    if (op->hasAttr("ds.causal") && plan.shape.walk == KernelWalk::Row)
      plan.phases[current].causal = plan.phases[current].inner.size() == 1;
    for (OpOperand *input : op.getDpsInputOperands())
      if (op.payloadUsesValueFromOperand(input))
        visit(input->get(), apply(op.getMatchingIndexingMap(input), dims));
    op.getBody()->walk(
        [&](linalg::IndexOp index) { cut({dims[index.getDim()]}); });
    op.getBody()->walk([&](tensor::ExtractOp extract) {
      Dims places;
      for (Value place : extract.getIndices()) {
        auto index = place.getDefiningOp<linalg::IndexOp>();
        places.push_back(index ? dims[index.getDim()] : -1);
      }
      visit(extract.getTensor(), places);
    });
  }

  static Dims apply(AffineMap map, ArrayRef<int64_t> dims) {
    Dims result;
    for (AffineExpr expr : map.getResults())
      result.push_back(dims[cast<AffineDimExpr>(expr).getPosition()]);
    return result;
  }

  //===------------------------------------------------------------------===//
  // Storage
  //===------------------------------------------------------------------===//

  unsigned storePhase(unsigned result) {
    for (auto [number, phase] : llvm::enumerate(plan.phases))
      if (llvm::is_contained(phase.stores, result))
        return number;
    llvm_unreachable("every result is stored");
  }

  /// The last phase that reads an argument; -1 for none.
  int64_t lastRead(unsigned argument) {
    int64_t last = -1;
    for (const Access &access : reads[argument])
      last = std::max<int64_t>(last, access.phase);
    return last;
  }

  /// Moves results that overwrite an argument behind its last read.
  bool delayStores() {
    bool moved = false;
    for (auto [result, argument] : inPlace) {
      unsigned at = storePhase(result);
      int64_t last = lastRead(argument);
      if (last <= static_cast<int64_t>(at) ||
          plan.phases[last].inner != plan.phases[at].inner)
        continue;
      llvm::erase(plan.phases[at].stores, result);
      plan.phases[last].stores.push_back(result);
      moved = true;
    }
    return moved;
  }

  bool isLegal(unsigned result, unsigned argument) {
    return returned[result].getType() ==
               lowered.getArgument(argument).getType() &&
           mayOverwrite(argument, storeDims(result), storePhase(result));
  }

  /// Whether a phase may write over an argument at `dims`: until then only
  /// the same row was read, and in the phase itself only the same place.
  bool mayOverwrite(unsigned argument, const Dims &dims, unsigned phase) {
    return llvm::all_of(reads[argument], [&](const Access &access) {
      if (access.dims == dims)
        return access.phase <= phase;
      return plan.shape.walk == KernelWalk::Row && access.phase < phase &&
             isOwnRow(access.dims);
    });
  }

  static bool isCostly(Value value) {
    auto op = value.getDefiningOp<GenericOp>();
    bool costly = false;
    if (op && !isReduction(op))
      op.getBody()->walk(
          [&](Operation *inner) { costly |= isTranscendental(inner); });
    return costly;
  }

  /// Values with transcendental functions that several phases use are kept
  /// in the storage of a result that is still to be written, or on the stack;
  /// random words always on the stack, where a row is not too long.
  void keepCostly() {
    if (plan.shape.walk != KernelWalk::Row)
      return;
    SmallVector<std::pair<Value, std::pair<unsigned, unsigned>>> costly;
    for (auto &[value, phases] : uses)
      if (isRandomWords(value) || (isCostly(value) && phases.size() > 1))
        costly.push_back({value, {*phases.begin(), *phases.rbegin()}});
    for (auto [value, range] : costly) {
      plan.phases[range.first].kept.push_back(value);
      trace();
      int home = -1;
      for (unsigned i = 0; i < returned.size() && home < 0; ++i)
        if (canHold(i, value, range.first, range.second))
          home = i;
      int64_t stackBytes = isRandomWords(value) ? 256 << 10 : 32 << 10;
      if (home < 0 && rowBytes(value) > stackBytes) {
        plan.phases[range.first].kept.pop_back();
        trace();
        continue;
      }
      plan.kept[value] = home;
    }
  }

  bool canHold(unsigned result, Value value, unsigned first, unsigned last) {
    if (returned[result].getType() != value.getType() ||
        storePhase(result) < last)
      return false;
    for (auto &entry : plan.kept)
      if (entry.second == static_cast<int>(result))
        return false;
    for (auto [overwriting, argument] : inPlace)
      if (overwriting == result &&
          !mayOverwrite(argument, storeDims(result), first))
        return false;
    return true;
  }

  int64_t rowBytes(Value value) {
    RankedTensorType type = tensorType(value);
    return byteSize(RankedTensorType::get(type.getShape().drop_front(rank),
                                          type.getElementType()));
  }

  //===------------------------------------------------------------------===//
  // Cost
  //===------------------------------------------------------------------===//

  void estimate() {
    DenseMap<Value, double> touched;
    for (GenericOp op : lowered.getOps<GenericOp>()) {
      double points = HostTensor::count(op.getStaticLoopRanges());
      double cost = 0;
      op.getBody()->walk([&](Operation *inner) {
        if (isTranscendental(inner) || isa<RandomWordOp>(inner))
          cost += 12;
        else if (isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
                     arith::MaxNumFOp, arith::MaximumFOp, arith::MinimumFOp,
                     math::SqrtOp>(inner))
          cost += 1;
      });
      plan.flops += points * cost;
      for (OpOperand *input : op.getDpsInputOperands())
        if (op.payloadUsesValueFromOperand(input))
          touched[input->get()] = byteSize(tensorType(input->get()));
      op.getBody()->walk([&](tensor::ExtractOp extract) {
        double whole = byteSize(tensorType(extract.getTensor()));
        double width =
            extract.getTensor().getType().getElementTypeBitWidth() / 8.0;
        double &bytes = touched[extract.getTensor()];
        bytes = std::max(bytes, std::min(whole, points * width));
      });
    }
    for (Value argument : lowered.getArguments())
      plan.bytes += touched.lookup(argument);
    for (Value result : returned)
      plan.bytes += byteSize(tensorType(result));
  }

  FailureOr<KernelPlan> scatter() {
    Scatter op(lowered);
    plan.flops = tensorType(op.values).getNumElements();
    plan.bytes = 2.0 * byteSize(tensorType(op.values));
    for (Value argument : lowered.getArguments())
      if (argument != op.into)
        plan.bytes += byteSize(tensorType(argument));
    if (inPlace.size() != 1 ||
        lowered.getArgument(inPlace[0].second) != op.into)
      return refuse("rows can only be combined in place");
    return plan;
  }

  FailureOr<KernelPlan> copy() {
    plan.bytes = 2.0 * copiedBytes(lowered);
    if (inPlace.size() != 1 ||
        lowered.getArgument(inPlace[0].second) != copyIn(lowered).getInto())
      return refuse("elements can only be copied in place");
    return plan;
  }

  func::FuncOp lowered;
  int64_t rank;
  OperandRange returned;
  const InPlace &inPlace;
  std::string &why;
  KernelPlan plan;
  DenseMap<Operation *, int64_t> levels;
  unsigned current = 0;
  std::set<std::pair<void *, Dims>> visited; ///< In the current phase.
  bool isAligned = true;
  std::map<unsigned, SmallVector<Access>> reads;
  llvm::MapVector<Value, std::set<unsigned>> uses;
  DenseSet<Value> inMemory;
};

} // namespace

FailureOr<KernelPlan> ds::planKernel(func::FuncOp lowered,
                                     const KernelShape &shape,
                                     const InPlace &inPlace, std::string &why) {
  return Planner(lowered, shape, inPlace, why).run();
}
