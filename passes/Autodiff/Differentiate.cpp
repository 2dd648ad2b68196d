//===- Differentiate.cpp - Reverse mode over one block ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One sweep backwards over the ops that lie between inputs and output; each
// op gives its own vector-Jacobian product.
//===--------------------------------------------------------------------===//

#include "ds/Passes/Differentiate.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Autodiff.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "ds/Passes/Autodiff.h.inc"

namespace {

class Reverse {
public:
  Reverse(OpBuilder &builder, ValueRange inputs) : builder(builder) {
    for (Value input : inputs)
      active.insert(input);
  }

  /// Marks what depends on the inputs, in program order.
  SmallVector<Operation *> activeOps() {
    SmallVector<Operation *> ops;
    Block *block = builder.getInsertionBlock();
    for (auto it = block->begin(), end = builder.getInsertionPoint(); it != end;
         ++it) {
      if (isa<StopGradientOp>(*it) ||
          !llvm::any_of(it->getOperands(),
                        [&](Value v) { return active.contains(v); }))
        continue;
      for (Value result : it->getResults())
        active.insert(result);
      ops.push_back(&*it);
    }
    return ops;
  }

  LogicalResult visit(Operation *op) {
    SmallVector<Value> resultGrads;
    for (Value result : op->getResults())
      resultGrads.push_back(grads.lookup(result));
    if (llvm::none_of(resultGrads,
                      [](Value v) { return static_cast<bool>(v); }))
      return success();
    Operation *before = previousOp();
    SmallVector<Value> operandGrads(op->getNumOperands());
    if (auto scan = dyn_cast<ScanOp>(op)) {
      auto isActive = [&](Value v) { return active.contains(v); };
      if (failed(differentiateScan(builder, scan, resultGrads, isActive,
                                   operandGrads)))
        return failure();
    } else if (auto simple = dyn_cast<DifferentiableOpInterface>(op)) {
      simple.buildVjp(builder, resultGrads, operandGrads);
    } else {
      return op->emitOpError("has no gradient, but the loss depends on it");
    }
    for (auto [operand, grad] :
         llvm::zip_equal(op->getOperands(), operandGrads))
      if (grad && active.contains(operand))
        add(operand, grad);
    markNew(before, op);
    return success();
  }

  void add(Value value, Value grad) {
    Value &sum = grads[value];
    sum = sum ? AddOp::create(builder, grad.getLoc(), grad.getType(), sum, grad)
                    .getResult()
              : grad;
  }

  Value lookup(Value value) const { return grads.lookup(value); }

private:
  Operation *previousOp() {
    Block *block = builder.getInsertionBlock();
    auto it = builder.getInsertionPoint();
    return it == block->begin() ? nullptr : &*std::prev(it);
  }

  /// Marks the ops built since `before` as belonging to `forward`'s gradient.
  void markNew(Operation *before, Operation *forward) {
    Block *block = builder.getInsertionBlock();
    auto it = before ? std::next(before->getIterator()) : block->begin();
    Location loc = forward->getLoc();
    if (auto name = dyn_cast<NameLoc>(loc))
      loc = NameLoc::get(builder.getStringAttr(name.getName().str() + ".grad"),
                         name.getChildLoc());
    for (; it != builder.getInsertionPoint(); ++it) {
      it->setAttr(kBackwardAttr, builder.getUnitAttr());
      if (Attribute index = forward->getAttr(kBlockAttr))
        it->setAttr(kBlockAttr, index);
      it->setLoc(loc);
    }
  }

  OpBuilder &builder;
  DenseSet<Value> active;
  DenseMap<Value, Value> grads;
};

} // namespace

FailureOr<SmallVector<Value>> differentiate(OpBuilder &builder,
                                            ValueRange outputs,
                                            ValueRange seeds,
                                            ValueRange inputs) {
  Reverse reverse(builder, inputs);
  SmallVector<Operation *> ops = reverse.activeOps();
  for (auto [output, seed] : llvm::zip_equal(outputs, seeds))
    reverse.add(output, seed);
  for (Operation *op : llvm::reverse(ops))
    if (failed(reverse.visit(op)))
      return failure();
  SmallVector<Value> result;
  for (Value input : inputs)
    result.push_back(reverse.lookup(input));
  return result;
}

namespace {

struct Differentiate : impl::DifferentiatePassBase<Differentiate> {
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    auto forward = getOperation().lookupSymbol<func::FuncOp>(function);
    auto isScalar = [](Type type) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      return tensor && tensor.getRank() == 0;
    };
    if (!forward || forward.getNumResults() != 1 ||
        !forward.getBody().hasOneBlock() ||
        !isScalar(forward.getResultTypes()[0])) {
      getOperation().emitError() << "expects a function '@" << function
                                 << "' of one block that returns one scalar";
      return signalPassFailure();
    }
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(forward);
    IRMapping map;
    auto grad = cast<func::FuncOp>(builder.clone(*forward, map));
    grad.setName(function + "_grad");
    Operation *end = grad.getBody().front().getTerminator();
    builder.setInsertionPoint(end);
    SmallVector<Value> inputs;
    for (Value argument : grad.getArguments())
      if (isa<FloatType>(tensorType(argument).getElementType()))
        inputs.push_back(argument);
    Value output = end->getOperand(0);
    Value seed =
        ConstantOp::create(builder, end->getLoc(), tensorType(output), 1.0);
    auto grads = differentiate(builder, output, seed, inputs);
    if (failed(grads))
      return signalPassFailure();
    SmallVector<Value> results{output};
    for (auto [input, value] : llvm::zip_equal(inputs, *grads))
      results.push_back(value ? value
                              : ConstantOp::create(builder, end->getLoc(),
                                                   tensorType(input), 0.0)
                                    .getResult());
    end->setOperands(results);
    grad.setType(builder.getFunctionType(grad.getArgumentTypes(),
                                         ValueRange(results).getTypes()));
  }
};

} // namespace
} // namespace ds
