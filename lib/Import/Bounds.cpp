//===- Bounds.cpp - How large the integers of inputs may be -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module from elsewhere does not say how many tokens there are.  Its tables
// do, where an input indexes one directly.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Import/Import.h"

using namespace mlir;

namespace ds {
namespace {

struct Bound {
  int64_t rows = 0;               ///< Integers are below; 0: not known.
  std::optional<int64_t> ignored; ///< A number that every use skips.

  void meet(int64_t count, std::optional<int64_t> skipped) {
    ignored = rows == 0 || ignored == skipped ? skipped : std::nullopt;
    rows = rows == 0 ? count : std::min(rows, count);
  }
};

/// Whether the op only hands integers on: all of them, a part of them, or with
/// negative ones counted from the end.
bool handsOn(Operation *op) {
  return isa<ReshapeOp, TransposeOp, BroadcastOp, WindowOp, SliceOp, TakeOp,
             SplitOp, ReverseOp, StopGradientOp, SelectOp>(op);
}

Bound boundOf(Value input) {
  Bound bound;
  RankedTensorType type = tensorType(input);
  DenseSet<Value> seen;
  SmallVector<Value> waiting{input};
  while (!waiting.empty()) {
    Value value = waiting.pop_back_val();
    for (Operation *user : value.getUsers()) {
      if (auto lookup = dyn_cast<EmbeddingOp>(user);
          lookup && lookup.getIds() == value)
        bound.meet(tensorType(lookup.getTable()).getDimSize(0), std::nullopt);
      if (auto rows = dyn_cast<GatherOp>(user);
          rows && rows.getIndices() == value && rows.getMap().size() == 1 &&
          rows.getSizes()[rows.getMap()[0]] == 1)
        bound.meet(tensorType(rows.getInput()).getDimSize(rows.getMap()[0]),
                   std::nullopt);
      if (auto loss = dyn_cast<CrossEntropyOp>(user);
          loss && loss.getTargets() == value)
        bound.meet(static_cast<int64_t>(loss.getClasses().value_or(
                       tensorType(loss.getLogits()).getShape().back())),
                   loss.getIgnore());
      if (!handsOn(user))
        continue;
      for (Value result : user->getResults())
        if (tensorType(result).getElementType() == type.getElementType() &&
            seen.insert(result).second)
          waiting.push_back(result);
    }
  }
  return bound;
}

} // namespace

void boundInputs(ModuleOp module) {
  func::FuncOp loss = findLoss(module);
  Builder builder(module.getContext());
  for (BlockArgument input : loss.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    const unsigned number = input.getArgNumber();
    if (!type || !type.getElementType().isInteger() ||
        loss.getArgAttr(number, "ds.bound"))
      continue;
    const Bound bound = boundOf(input);
    if (bound.rows == 0)
      continue;
    loss.setArgAttr(number, "ds.bound", builder.getI64IntegerAttr(bound.rows));
    const bool isInside =
        bound.ignored && *bound.ignored >= 0 && *bound.ignored < bound.rows;
    if (bound.ignored && !isInside)
      loss.setArgAttr(number, "ds.ignored",
                      builder.getI64IntegerAttr(*bound.ignored));
  }
}

} // namespace ds
