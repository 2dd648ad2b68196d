//===- DifferentiateScan.cpp - The gradient of a loop -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop of as many rounds in the other direction.  The forward loop stacks
// what each round begins with, and nothing else: a round of the gradient
// computes the round's inner values again.  It carries the gradients of the
// carried values, and the sums of those of shared tensors.
//===--------------------------------------------------------------------===//

#include "ds/Passes/Differentiate.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
namespace {

bool isFloat(Value value) {
  return isa<FloatType>(tensorType(value).getElementType());
}

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

LogicalResult differentiateScan(OpBuilder &builder, ScanOp scan,
                                ValueRange resultGrads,
                                llvm::function_ref<bool(Value)> isActive,
                                MutableArrayRef<Value> operandGrads) {
  return ScanGradient(builder, scan, resultGrads, isActive).run(operandGrads);
}

} // namespace ds
