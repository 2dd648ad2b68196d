//===- WidenKernels.cpp - Partial results in memory as float32 ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_WIDENKERNELSPASS
#include "ds/Passes/Lower.h.inc"

namespace {

Type wide(Type type) {
  return RankedTensorType::get(cast<RankedTensorType>(type).getShape(),
                               Float32Type::get(type.getContext()));
}

/// `value` in float32: as it was before nobody but `op` needed it rounded.
Value widened(OpBuilder &b, Operation *op, Value value) {
  auto rounded = value.getDefiningOp<CastOp>();
  if (rounded && value.hasOneUse() &&
      rounded.getInput().getType() == wide(value.getType()))
    return rounded.getInput();
  return b.createOrFold<CastOp>(op->getLoc(), wide(value.getType()), value);
}

void widen(KernelOpInterface op) {
  OpBuilder b(op);
  for (unsigned i : op.getSummedOperands())
    op->setOperand(i, widened(b, op, op->getOperand(i)));
  Value result = op->getResult(0);
  const Type narrow = result.getType();
  result.setType(wide(narrow));
  b.setInsertionPointAfter(op);
  auto rounded = CastOp::create(b, op->getLoc(), narrow, result);
  for (StringRef name : {kBlockAttr, kBackwardAttr})
    if (Attribute mark = op->getAttr(name))
      rounded->setAttr(name, mark);
  result.replaceAllUsesExcept(rounded, rounded);
}

struct WidenKernels : impl::WidenKernelsPassBase<WidenKernels> {
  using WidenKernelsPassBase::WidenKernelsPassBase;

  void runOnOperation() override {
    SmallVector<KernelOpInterface> ops;
    getOperation().walk([&](KernelOpInterface op) {
      if (!op.getSummedOperands().empty() &&
          isNarrow(getElementTypeOrSelf(op->getResult(0))))
        ops.push_back(op);
    });
    for (KernelOpInterface op : ops)
      widen(op);
  }
};

} // namespace
} // namespace ds
