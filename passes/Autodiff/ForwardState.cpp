//===- ForwardState.cpp - What a step makes of buffers ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ForwardState.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {

ForwardState::ForwardState(func::FuncOp loss) {
  for (auto write : loss.getOps<WriteOp>()) {
    const bool isFloat =
        isa<FloatType>(tensorType(write.getValue()).getElementType());
    (isFloat ? means : firsts).push_back(write);
  }
}

/// The ops that `writes` need, in program order.
static SmallVector<Operation *> neededFor(ArrayRef<WriteOp> writes,
                                          Block &block) {
  DenseSet<Value> needed;
  for (WriteOp write : writes)
    needed.insert(write->getOperand(0));
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(block)) {
    if (llvm::none_of(op.getResults(),
                      [&](Value value) { return needed.contains(value); }))
      continue;
    ops.push_back(&op);
    op.walk([&](Operation *inner) {
      needed.insert(inner->operand_begin(), inner->operand_end());
    });
  }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

SmallVector<Value> buildFirsts(OpBuilder &b, func::FuncOp loss,
                               ArrayRef<WriteOp> writes, ValueRange inputs,
                               ValueRange counter) {
  if (writes.empty())
    return {};
  Location loc = loss.getLoc();
  IRMapping map;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  for (auto [argument, input] : llvm::zip_equal(loss.getArguments(), inputs))
    map.map(argument,
            MicroBatchOp::create(b, loc, argument.getType(), input, zero)
                .getResult());
  SmallVector<Value> place(counter);
  if (!place.empty())
    place.push_back(IndexOp::create(b, loc, zero));
  for (Operation *op : neededFor(writes, loss.getBody().front())) {
    auto random = dyn_cast<RandomOpInterface>(b.clone(*op, map));
    if (random && random.getDropoutAttr())
      random.getCounterMutable().assign(place);
  }
  return llvm::map_to_vector(writes, [&](WriteOp write) {
    return map.lookupOrDefault(write.getValue());
  });
}

void writeMean(OpBuilder &b, WriteOp write, Value sum, int64_t count) {
  Location loc = write.getLoc();
  if (count > 1) {
    auto scalar = RankedTensorType::get({}, tensorType(sum).getElementType());
    Value number =
        ConstantOp::create(b, loc, scalar, static_cast<double>(count));
    sum = DivOp::create(b, loc, sum.getType(), sum, number);
  }
  WriteOp::create(b, loc, sum, write.getState());
}

} // namespace ds
