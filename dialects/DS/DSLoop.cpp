//===- DSLoop.cpp - Loops and branches of the model ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a well-formed scan is, and which of its values are not needed.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ds {

RankedTensorType ScanOp::stackOf(Type entry, int64_t rounds) {
  auto type = cast<RankedTensorType>(entry);
  SmallVector<int64_t> shape{rounds};
  llvm::append_range(shape, type.getShape());
  return RankedTensorType::get(shape, type.getElementType());
}

RankedTensorType ScanOp::entryOf(Type stack) {
  auto type = cast<RankedTensorType>(stack);
  return RankedTensorType::get(type.getShape().drop_front(),
                               type.getElementType());
}

/// With an empty body that has the right arguments; `outputs` are the types of
/// stacked results.
void ScanOp::build(OpBuilder &builder, OperationState &state, int64_t rounds,
                   bool reversed, ValueRange carry, ValueRange each,
                   ValueRange shared, TypeRange outputs) {
  SmallVector<Type> results(carry.getTypes());
  llvm::append_range(results, outputs);
  build(builder, state, results, builder.getI64IntegerAttr(rounds),
        reversed ? builder.getUnitAttr() : UnitAttr(), carry, each, shared);
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(state.regions.front().get());
  auto add = [&](Type type) { body->addArgument(type, state.location); };
  add(RankedTensorType::get({}, builder.getI64Type()));
  llvm::for_each(carry.getTypes(), add);
  for (Type type : each.getTypes())
    add(entryOf(type));
  llvm::for_each(shared.getTypes(), add);
}

//===--------------------------------------------------------------------===//
// Verifiers
//===--------------------------------------------------------------------===//

/// Each tensor of `stacks` has an entry for every round.
static LogicalResult verifyStacks(ScanOp op, ValueRange stacks,
                                  StringRef what) {
  const auto rounds = static_cast<int64_t>(op.getRounds());
  for (auto [i, stack] : llvm::enumerate(stacks)) {
    RankedTensorType type = tensorType(stack);
    if (type.getRank() == 0 || type.getDimSize(0) != rounds)
      return op.emitOpError("expects ")
             << what << " " << i << " to have " << rounds
             << " entries in its first dimension, but got " << type;
  }
  return success();
}

LogicalResult ScanOp::verify() {
  if (static_cast<int64_t>(getRounds()) < 1)
    return emitOpError("expects at least one round, but got ")
           << static_cast<int64_t>(getRounds());
  for (Type type :
       llvm::concat<const Type>(getOperandTypes(), getResultTypes()))
    if (auto tensor = cast<RankedTensorType>(type);
        !tensor.hasStaticShape() || tensor.getEncoding())
      return emitOpError("expects static shapes, but got ") << type;
  if (getNumResults() < getCarry().size())
    return emitOpError("expects a result for each of ")
           << getCarry().size() << " carried values, but got "
           << getNumResults() << " results";
  for (auto [i, carry, last] : llvm::enumerate(getCarry(), getLasts()))
    if (carry.getType() != last.getType())
      return emitOpError("expects result ")
             << i << " to be the last of a carried " << carry.getType()
             << ", but got " << last.getType();
  if (failed(verifyStacks(*this, getEach(), "stacked operand")) ||
      failed(verifyStacks(*this, getStacks(), "stacked result")))
    return failure();
  SmallVector<Type> expected{
      RankedTensorType::get({}, IntegerType::get(getContext(), 64))};
  llvm::append_range(expected, getCarry().getTypes());
  for (Type type : getEach().getTypes())
    expected.push_back(entryOf(type));
  llvm::append_range(expected, getShared().getTypes());
  TypeRange arguments = getBody().getArgumentTypes();
  if (arguments != TypeRange(expected))
    return emitOpError("expects a body of ")
           << TypeRange(expected) << ", but got one of " << arguments;
  return success();
}

LogicalResult ScanOp::verifyRegions() {
  Block &body = getBody().front();
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield)
    return emitOpError("expects a body that ends with 'ds.yield'");
  SmallVector<Type> expected(getCarry().getTypes());
  for (Type type : getStacks().getTypes())
    expected.push_back(entryOf(type));
  if (yield.getOperandTypes() != TypeRange(expected))
    return yield.emitOpError("expects the scan's carried values and entries, ")
           << TypeRange(expected) << ", but got " << yield.getOperandTypes();
  for (Operation &op : body.without_terminator()) {
    auto random = dyn_cast<RandomOpInterface>(op);
    if (!isMemoryEffectFree(&op))
      return op.emitOpError("reads or writes state or meets other ranks, which "
                            "the body of a 'ds.scan' cannot; do it outside");
    if (random && random.getDropoutAttr())
      return op.emitOpError("drops the same elements in every round of a "
                            "'ds.scan'; write the loop out");
  }
  return success();
}

//===--------------------------------------------------------------------===//
// Values that are not needed
//===--------------------------------------------------------------------===//

namespace {

/// What stays of a scan.
class Needed {
public:
  explicit Needed(ScanOp scan)
      : scan(scan), carry(scan.getCarry().size()),
        stacks(scan.getStacks().size()) {
    for (auto [i, result] : llvm::enumerate(scan.getStacks()))
      if (!result.use_empty()) {
        stacks.set(i);
        need(scan.getEntries()[i]);
      }
    for (auto [i, result] : llvm::enumerate(scan.getLasts()))
      if (!result.use_empty())
        needCarry(i);
    while (!open.empty())
      follow(open.pop_back_val());
  }

  bool contains(Value argument) const { return seen.contains(argument); }

private:
  void need(Value value) {
    if (seen.insert(value).second)
      open.push_back(value);
  }

  void needCarry(unsigned i) {
    if (carry.test(i))
      return;
    carry.set(i);
    need(scan.getCarryArgs()[i]);
    need(scan.getNexts()[i]);
  }

  void follow(Value value) {
    if (Operation *op = value.getDefiningOp()) {
      for (Value operand : op->getOperands())
        need(operand);
      return;
    }
    const unsigned number = cast<BlockArgument>(value).getArgNumber();
    if (number >= 1 && number <= carry.size())
      needCarry(number - 1);
  }

  ScanOp scan;
  DenseSet<Value> seen;
  SmallVector<Value> open;

public:
  llvm::BitVector carry, stacks;
};

/// What an argument of the body is everywhere: a carried value that never
/// changes is what it was at first, a shared constant stands in the body.
Value sameEverywhere(ScanOp scan, unsigned i) {
  if (scan.getNexts()[i] == scan.getCarryArgs()[i])
    return scan.getCarry()[i];
  return {};
}

bool isSplat(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant && constant.getSplat();
}

/// One scan with fewer values in place of another.
struct SimplerScan : OpRewritePattern<ScanOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ScanOp scan,
                                PatternRewriter &rewriter) const override {
    Needed needed(scan);
    SmallVector<Value> carry, each, shared;
    SmallVector<unsigned> kept; // arguments of the new body, as old numbers
    SmallVector<std::pair<unsigned, Value>> invariant;
    bool changed = false;
    for (auto [i, init] : llvm::enumerate(scan.getCarry())) {
      if (!needed.carry.test(i)) {
        changed = true;
      } else if (Value same = sameEverywhere(scan, i)) {
        invariant.push_back({i, same});
        changed = true;
      } else {
        carry.push_back(init);
        kept.push_back(scan.getCarryArgs()[i].getArgNumber());
      }
    }
    changed |= !needed.stacks.all();
    for (auto [argument, stack] :
         llvm::zip_equal(scan.getEachArgs(), scan.getEach()))
      if (needed.contains(argument) && !isSplat(stack)) {
        each.push_back(stack);
        kept.push_back(argument.getArgNumber());
      } else {
        changed = true;
      }
    for (auto [i, same] : invariant) {
      shared.push_back(same);
      kept.push_back(scan.getCarryArgs()[i].getArgNumber());
    }
    for (auto [argument, value] :
         llvm::zip_equal(scan.getSharedArgs(), scan.getShared()))
      if (needed.contains(argument) && !isSplat(value) &&
          !llvm::is_contained(shared, value)) {
        shared.push_back(value);
        kept.push_back(argument.getArgNumber());
      } else {
        changed = true;
      }
    if (!changed)
      return failure();
    SmallVector<Type> outputs;
    for (unsigned i : needed.stacks.set_bits())
      outputs.push_back(scan.getStacks()[i].getType());
    auto made =
        ScanOp::create(rewriter, scan.getLoc(), scan.getRounds(),
                       scan.getReversed(), carry, each, shared, outputs);
    made->setDiscardableAttrs(scan->getDiscardableAttrDictionary());
    moveBody(rewriter, scan, made, kept, needed);
    replaceResults(rewriter, scan, made, needed);
    return success();
  }

private:
  static void moveBody(PatternRewriter &rewriter, ScanOp scan, ScanOp made,
                       ArrayRef<unsigned> kept, const Needed &needed) {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *to = &made.getBody().front();
    rewriter.setInsertionPointToStart(to);
    IRMapping map;
    map.map(scan.getEntryNumber(), made.getEntryNumber());
    for (auto [i, number] : llvm::enumerate(kept))
      map.map(scan.getBody().getArgument(number), to->getArgument(i + 1));
    SmallVector<Value> tensors(scan.getEach());
    llvm::append_range(tensors, scan.getShared());
    const unsigned first = 1 + scan.getCarry().size();
    for (auto [i, tensor] : llvm::enumerate(tensors)) {
      BlockArgument argument = scan.getBody().getArgument(first + i);
      if (map.contains(argument) || !needed.contains(argument))
        continue;
      if (isSplat(tensor)) {
        auto value = cast<DenseElementsAttr>(
            tensor.getDefiningOp<ConstantOp>().getValue());
        auto type = cast<RankedTensorType>(argument.getType());
        map.map(argument, ConstantOp::create(rewriter, tensor.getLoc(), type,
                                             value.resizeSplat(type))
                              .getResult());
        continue;
      }
      // The same tensor came before.
      auto same = llvm::find(made.getShared(), tensor);
      map.map(argument, made.getSharedArgs()[same - made.getShared().begin()]);
    }
    for (Operation &op : scan.getBody().front().without_terminator())
      if (llvm::any_of(op.getResults(),
                       [&](Value v) { return needed.contains(v); }))
        rewriter.clone(op, map);
    SmallVector<Value> yields;
    for (auto [i, next] : llvm::enumerate(scan.getNexts()))
      if (needed.carry.test(i) && !sameEverywhere(scan, i))
        yields.push_back(map.lookup(next));
    for (unsigned i : needed.stacks.set_bits())
      yields.push_back(map.lookup(scan.getEntries()[i]));
    YieldOp::create(rewriter, scan.getLoc(), yields);
  }

  static void replaceResults(PatternRewriter &rewriter, ScanOp scan,
                             ScanOp made, const Needed &needed) {
    SmallVector<Value> results;
    unsigned next = 0;
    for (auto [i, carry] : llvm::enumerate(scan.getCarry()))
      if (!needed.carry.test(i))
        results.push_back(carry); // nobody uses it
      else if (Value same = sameEverywhere(scan, i))
        results.push_back(same);
      else
        results.push_back(made.getResult(next++));
    for (unsigned i = 0; i < needed.stacks.size(); ++i)
      results.push_back(needed.stacks.test(i) ? made.getResult(next++)
                                              : Value());
    for (auto [old, value] : llvm::zip_equal(scan.getResults(), results))
      if (value)
        rewriter.replaceAllUsesWith(old, value);
    rewriter.eraseOp(scan);
  }
};

} // namespace

void ScanOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add<SimplerScan>(context);
}

//===--------------------------------------------------------------------===//
// Branches
//===--------------------------------------------------------------------===//

void GuardOp::evaluate(ArrayRef<const HostTensor *> operands,
                       MutableArrayRef<HostTensor> results) {
  results[0] = *operands[1];
}

void GuardOp::buildVjp(OpBuilder &b, ValueRange grads,
                       MutableArrayRef<Value> out) {
  Value nothing = ConstantOp::create(b, getLoc(), tensorType(grads[0]), 0.0);
  out[1] = SelectOp::create(b, getLoc(), grads[0].getType(), getCondition(),
                            grads[0], nothing);
}

} // namespace ds
