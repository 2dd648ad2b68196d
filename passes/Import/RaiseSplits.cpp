//===- RaiseSplits.cpp - Windows that together are a whole tensor -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISESPLITSPASS
#include "ds/Passes/Import.h.inc"

namespace {

/// The windows of `whole` along its last dimension, by where they begin, when
/// they leave nothing out and do not overlap.
SmallVector<WindowOp> partsOf(Value whole) {
  SmallVector<WindowOp> parts;
  const int64_t last = tensorType(whole).getRank() - 1;
  for (Operation *user : whole.getUsers())
    if (auto window = dyn_cast<WindowOp>(user);
        window && !window->use_empty() &&
        static_cast<int64_t>(window.getDim()) == last)
      parts.push_back(window);
  llvm::sort(parts,
             [](WindowOp a, WindowOp b) { return a.getAt() < b.getAt(); });
  int64_t end = 0;
  for (WindowOp part : parts) {
    if (static_cast<int64_t>(part.getAt()) != end)
      return {};
    end += tensorType(part.getResult()).getShape().back();
  }
  return parts.size() > 1 && end == tensorType(whole).getShape().back()
             ? parts
             : SmallVector<WindowOp>();
}

struct RaiseSplits : impl::RaiseSplitsPassBase<RaiseSplits> {
  using RaiseSplitsPassBase::RaiseSplitsPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation())) {
      SmallVector<Value> values(function.getArguments());
      function.walk(
          [&](Operation *op) { llvm::append_range(values, op->getResults()); });
      for (Value value : values)
        if (isa<RankedTensorType>(value.getType()))
          visit(value);
    }
  }

  static void visit(Value value) {
    SmallVector<WindowOp> parts = partsOf(value);
    if (parts.empty())
      return;
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(value);
    SmallVector<Type> types;
    for (WindowOp part : parts)
      types.push_back(part.getType());
    auto split = SplitOp::create(builder, parts[0].getLoc(), types, value);
    // The windows go as dead code: other values of the list may be theirs.
    for (auto [part, result] : llvm::zip_equal(parts, split.getParts()))
      part.getResult().replaceAllUsesWith(result);
  }
};
} // namespace
} // namespace ds
