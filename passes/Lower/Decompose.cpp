//===- Decompose.cpp - Ops of several instructions ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "ds/Passes/Lower.h.inc"

namespace {

struct Decompose : impl::DecomposePassBase<Decompose> {
  using DecomposePassBase::DecomposePassBase;

  void runOnOperation() override {
    SmallVector<DecomposableOpInterface> ops;
    getOperation().walk([&](DecomposableOpInterface op) { ops.push_back(op); });
    for (DecomposableOpInterface op : ops) {
      OpBuilder builder(op);
      Operation *before = op->getPrevNode();
      SmallVector<Value> results = op.decompose(builder);
      Block *block = op->getBlock();
      auto it = before ? std::next(before->getIterator()) : block->begin();
      for (; &*it != op.getOperation(); ++it)
        inherit(&*it, op);
      op->replaceAllUsesWith(results);
      op->erase();
    }
  }

  /// Marks a part like the whole.
  void inherit(Operation *part, Operation *whole) {
    for (StringRef name : {kBlockAttr, kBackwardAttr})
      if (Attribute value = whole->getAttr(name))
        part->setAttr(name, value);
  }
};

} // namespace
} // namespace ds
