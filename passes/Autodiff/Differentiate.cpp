//===- Differentiate.cpp - Reverse mode over one block ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One sweep backwards over the ops that lie between inputs and output; each
// op gives its own vector-Jacobian product.  A loop's is a loop, whose body is
// swept in turn.
//===--------------------------------------------------------------------===//

#include "ds/Passes/Differentiate.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Autodiff.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "ds/Passes/Autodiff.h.inc"

/// What `buildVjp` does, for a loop, and only for operands that are active,
/// since each costs something in every round.  Leaves `scan` dead: one that
/// also stacks what its gradient needs takes its place.
static LogicalResult differentiateScan(OpBuilder &builder, ScanOp scan,
                                       ValueRange resultGrads,
                                       llvm::function_ref<bool(Value)> isActive,
                                       MutableArrayRef<Value> operandGrads);

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

bool isFloat(Value value) {
  return isa<FloatType>(tensorType(value).getElementType());
}

/// The gradient of a loop: one of as many rounds in the other direction.  The
/// forward loop stacks what each round begins with, and nothing else: a round
/// of the gradient computes the round's inner values again.  It carries the
/// gradients of the carried values, and the sums of those of shared tensors.
class ScanGradient {
public:
  ScanGradient(OpBuilder &builder, ScanOp scan, ValueRange resultGrads,
               llvm::function_ref<bool(Value)> isActive)
      : b(builder), scan(scan), loc(scan.getLoc()),
        resultGrads(resultGrads.begin(), resultGrads.end()) {
    Block &body = scan.getBody().front();
    for (auto [operand, argument] :
         llvm::zip_equal(scan.getOperands(), body.getArguments().drop_front()))
      if (isActive(operand))
        active.insert(argument);
    spread(body);
    auto select = [&](auto arguments, SmallVector<unsigned> &into) {
      for (auto [i, argument] : llvm::enumerate(arguments))
        if (active.contains(argument) && isFloat(argument))
          into.push_back(i);
    };
    select(scan.getCarryArgs(), carries);
    select(scan.getEachArgs(), entries);
    select(scan.getSharedArgs(), shared);
  }

  LogicalResult run(MutableArrayRef<Value> operandGrads) {
    ScanOp gradient = buildLoop(stackCarried());
    if (failed(buildBody(gradient)))
      return failure();
    unsigned next = 0;
    const unsigned each = scan.getCarry().size();
    const unsigned whole = each + scan.getEach().size();
    for (unsigned i : carries)
      operandGrads[i] = gradient.getResult(next++);
    for (unsigned i : shared)
      operandGrads[whole + i] = gradient.getResult(next++);
    for (unsigned i : entries)
      operandGrads[each + i] = gradient.getResult(next++);
    return success();
  }

private:
  /// Marks what depends on active values in any round.
  void spread(Block &body) {
    bool changed = true;
    auto mark = [&](Value value) { changed |= active.insert(value).second; };
    while (std::exchange(changed, false)) {
      for (Operation &op : body.without_terminator())
        if (llvm::any_of(op.getOperands(),
                         [&](Value v) { return active.contains(v); }))
          llvm::for_each(op.getResults(), mark);
      for (auto [argument, next] :
           llvm::zip_equal(scan.getCarryArgs(), scan.getNexts()))
        if (active.contains(next))
          mark(argument);
    }
  }

  /// Puts a loop that also stacks what rounds begin with in the place of the
  /// first one, and returns these stacks.
  SmallVector<Value> stackCarried() {
    OpBuilder before(scan);
    const auto rounds = static_cast<int64_t>(scan.getRounds());
    SmallVector<Type> outputs(scan.getStacks().getTypes());
    for (Type type : scan.getCarry().getTypes())
      outputs.push_back(ScanOp::stackOf(type, rounds));
    auto made =
        ScanOp::create(before, loc, rounds, scan.getReversed(), scan.getCarry(),
                       scan.getEach(), scan.getShared(), outputs);
    made->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
    IRMapping map;
    map.map(scan.getBody().getArguments(), made.getBody().getArguments());
    before.setInsertionPointToEnd(&made.getBody().front());
    for (Operation &op : scan.getBody().front())
      before.clone(op, map);
    Operation *yield = made.getBody().front().getTerminator();
    yield->insertOperands(yield->getNumOperands(), made.getCarryArgs());
    scan->replaceAllUsesWith(
        made.getResults().take_front(scan.getNumResults()));
    return llvm::to_vector_of<Value>(
        made.getResults().drop_front(scan.getNumResults()));
  }

  Value zeros(OpBuilder &at, Type type) {
    return ConstantOp::create(at, loc, cast<RankedTensorType>(type), 0.0);
  }

  /// The loop without a body.  Its arguments are, in this order, gradients of
  /// carried values, sums for shared tensors; carried values, entries,
  /// gradients of stacked results; shared tensors.
  ScanOp buildLoop(ArrayRef<Value> carried) {
    SmallVector<Value> inits, each(carried);
    for (unsigned i : carries)
      inits.push_back(resultGrads[i] ? resultGrads[i]
                                     : zeros(b, scan.getCarry()[i].getType()));
    for (unsigned i : shared)
      inits.push_back(zeros(b, scan.getShared()[i].getType()));
    llvm::append_range(each, scan.getEach());
    for (auto [i, entry] : llvm::enumerate(scan.getEntries()))
      if (Value grad = resultGrads[scan.getCarry().size() + i];
          grad && active.contains(entry)) {
        stacks.push_back(i);
        each.push_back(grad);
      }
    SmallVector<Type> outputs;
    for (unsigned i : entries)
      outputs.push_back(scan.getEach()[i].getType());
    return ScanOp::create(b, loc, scan.getRounds(), !scan.getReversed(), inits,
                          each, scan.getShared(), outputs);
  }

  LogicalResult buildBody(ScanOp gradient) {
    Block *body = &gradient.getBody().front();
    auto at = OpBuilder::atBlockEnd(body);
    auto carryArgs = gradient.getCarryArgs();
    auto eachArgs = gradient.getEachArgs();
    IRMapping map;
    map.map(scan.getEntryNumber(), gradient.getEntryNumber());
    const unsigned count = scan.getCarry().size();
    map.map(scan.getCarryArgs(), eachArgs.take_front(count));
    map.map(scan.getEachArgs(), eachArgs.slice(count, scan.getEach().size()));
    map.map(scan.getSharedArgs(), gradient.getSharedArgs());
    for (Operation &op : scan.getBody().front().without_terminator())
      at.clone(op, map);
    SmallVector<Value> outputs, seeds, inputs;
    for (auto [n, i] : llvm::enumerate(carries)) {
      outputs.push_back(map.lookup(scan.getNexts()[i]));
      seeds.push_back(carryArgs[n]);
    }
    for (auto [n, i] : llvm::enumerate(stacks)) {
      outputs.push_back(map.lookup(scan.getEntries()[i]));
      seeds.push_back(eachArgs[count + scan.getEach().size() + n]);
    }
    for (unsigned i : carries)
      inputs.push_back(map.lookup(scan.getCarryArgs()[i]));
    for (unsigned i : shared)
      inputs.push_back(map.lookup(scan.getSharedArgs()[i]));
    for (unsigned i : entries)
      inputs.push_back(map.lookup(scan.getEachArgs()[i]));
    auto grads = differentiate(at, outputs, seeds, inputs);
    if (failed(grads))
      return failure();
    SmallVector<Value> yields;
    for (auto [n, grad] : llvm::enumerate(*grads)) {
      const bool isSum =
          n >= carries.size() && n < carries.size() + shared.size();
      if (isSum)
        grad = add(at, carryArgs[n], grad);
      yields.push_back(grad ? grad : zeros(at, inputs[n].getType()));
    }
    YieldOp::create(at, loc, yields);
    // All of it is the backward pass: what is computed again, too.
    for (Operation &op : body->without_terminator())
      op.setAttr(kBackwardAttr, b.getUnitAttr());
    return success();
  }

  /// `sum + grad`; of a product, added where the sum lies.
  Value add(OpBuilder &at, Value sum, Value grad) {
    if (!grad)
      return sum;
    if (auto dot = grad.getDefiningOp<DotOp>(); dot && dot->use_empty()) {
      Value all = DotAddOp::create(at, dot.getLoc(), sum.getType(), sum,
                                   dot.getSpec(), dot.getLhs(), dot.getRhs());
      dot.erase();
      return all;
    }
    return AddOp::create(at, grad.getLoc(), sum.getType(), sum, grad);
  }

  OpBuilder &b;
  ScanOp scan;
  Location loc;
  SmallVector<Value> resultGrads;
  DenseSet<Value> active; ///< In the body.
  /// What has a gradient: carried values, entries, shared tensors, and stacked
  /// results.
  SmallVector<unsigned> carries, entries, shared, stacks;
};

} // namespace

static LogicalResult differentiateScan(OpBuilder &builder, ScanOp scan,
                                       ValueRange resultGrads,
                                       llvm::function_ref<bool(Value)> isActive,
                                       MutableArrayRef<Value> operandGrads) {
  return ScanGradient(builder, scan, resultGrads, isActive).run(operandGrads);
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
