//===- MarkBlocks.cpp - Find the layers of an imported model ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Imported models come written out.  The ops that depend on parameters, in
// program order, are read as a text whose letters are op names and types; a
// layer is what this text repeats without a gap.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"

#include <map>

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_MARKBLOCKSPASS
#include "ds/Passes/Import.h.inc"

namespace {

/// Fewer ops are no layer: products of a sum, additions of a bias.
constexpr size_t kFewestOps = 3;

/// `count` repetitions of `period` ops from `begin` on.
struct Repetition {
  size_t begin = 0, period = 0, count = 0;
  size_t ops() const { return period * count; }
};

class Layers {
public:
  explicit Layers(func::FuncOp function) {
    llvm::DenseSet<Operation *> trained;
    for (Operation &op : function.getBody().front().without_terminator()) {
      const bool reads = isa<ReadOp>(op);
      // What no parameter decides (masks, tables of positions) is made once
      // for all layers, so it is of none.
      if (!reads && llvm::none_of(op.getOperands(), [&](Value operand) {
            return trained.contains(operand.getDefiningOp());
          }))
        continue;
      trained.insert(&op);
      if (reads)
        continue;
      letters.push_back(letterOf(&op));
      ops.push_back(&op);
    }
    countCrossing();
  }

  /// Marks the layers of ops [begin, end), and of what is before and behind.
  void mark(size_t begin, size_t end) {
    std::optional<Repetition> best = longest(begin, end);
    if (!best)
      return;
    mark(begin, best->begin);
    for (size_t i = 0; i < best->ops(); ++i)
      ops[best->begin + i]->setAttr(
          kBlockAttr, Builder(ops[0]->getContext())
                          .getI64IntegerAttr(
                              blocks + static_cast<int64_t>(i) /
                                           static_cast<int64_t>(best->period)));
    blocks += static_cast<int64_t>(best->count);
    mark(best->begin + best->ops(), end);
  }

  size_t size() const { return ops.size(); }
  int64_t count() const { return blocks; }

private:
  /// Attributes are left out: equal layers may have windows of their own.
  unsigned letterOf(Operation *op) {
    std::vector<const void *> key{op->getName().getAsOpaquePointer()};
    for (Type type : op->getOperandTypes())
      key.push_back(type.getAsOpaquePointer());
    key.push_back(nullptr);
    for (Type type : op->getResultTypes())
      key.push_back(type.getAsOpaquePointer());
    return known.try_emplace(std::move(key), known.size()).first->second;
  }

  /// For each place between two ops the bytes that are made before and used
  /// behind it.
  void countCrossing() {
    llvm::DenseMap<Operation *, size_t> places;
    for (auto [i, op] : llvm::enumerate(ops))
      places[op] = i;
    std::vector<int64_t> change(ops.size() + 1, 0);
    for (auto [i, op] : llvm::enumerate(ops))
      for (Value result : op->getResults()) {
        size_t last = i;
        for (Operation *user : result.getUsers()) {
          auto place = places.find(user);
          last = std::max(last, place == places.end() ? ops.size() - 1
                                                      : place->second);
        }
        if (last == i)
          continue;
        change[i + 1] += byteSize(cast<RankedTensorType>(result.getType()));
        change[last + 1] -= byteSize(cast<RankedTensorType>(result.getType()));
      }
    int64_t bytes = 0;
    for (int64_t difference : change)
      crossing.push_back(bytes += difference);
  }

  /// The repetition that covers most of [begin, end); of equal ones that of
  /// the shortest period.  Every repetition must read parameters.
  std::optional<Repetition> longest(size_t begin, size_t end) const {
    std::optional<Repetition> best;
    size_t slack = 0;
    for (size_t period = kFewestOps; 2 * period <= end - begin; ++period)
      for (size_t i = begin, run = 0; i + period <= end; ++i) {
        if (i + period < end && letters[i] == letters[i + period]) {
          ++run;
          continue;
        }
        Repetition found{i - run, period, 1 + run / period};
        if (found.count > 1 && (!best || found.ops() > best->ops()) &&
            readsParameters(found)) {
          best = found;
          slack = run % period;
        }
        run = 0;
      }
    if (best)
      best->begin += bestStart(*best, slack);
    return best;
  }

  bool readsParameters(const Repetition &r) const {
    for (size_t i = r.begin; i < r.begin + r.period; ++i)
      if (llvm::any_of(ops[i]->getOperands(), [](Value operand) {
            return isa_and_nonnull<ReadOp>(operand.getDefiningOp());
          }))
        return true;
    return false;
  }

  /// A repetition can begin at any of `slack` + 1 ops.  A layer begins where
  /// the least is handed over, so that keeping its inputs keeps little.
  size_t bestStart(const Repetition &r, size_t slack) const {
    auto handedOver = [&](size_t start) {
      int64_t bytes = 0;
      for (size_t i = 0; i <= r.count; ++i)
        bytes += crossing[r.begin + start + i * r.period];
      return bytes;
    };
    size_t best = 0;
    for (size_t start = 1; start <= slack; ++start)
      if (handedOver(start) < handedOver(best))
        best = start;
    return best;
  }

  std::map<std::vector<const void *>, unsigned> known;
  std::vector<unsigned> letters;
  std::vector<Operation *> ops;
  std::vector<int64_t> crossing;
  int64_t blocks = 0;
};

struct MarkBlocks : impl::MarkBlocksPassBase<MarkBlocks> {
  using MarkBlocksPassBase::MarkBlocksPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation())) {
      Layers layers(function);
      layers.mark(0, layers.size());
      if (layers.count() > 0)
        getOperation()->setAttr(
            kBlocksAttr,
            Builder(&getContext()).getI64IntegerAttr(layers.count()));
    }
  }
};

} // namespace
} // namespace ds
