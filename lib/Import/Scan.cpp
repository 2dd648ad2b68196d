//===- Scan.cpp - A loop that stays a loop ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The body is imported once, into a draft that carries all values and uses
// what it likes of the outside.  Then it is seen what they are: counters
// follow from the round, slices at a counter are entries of stacked tensors,
// updates at one are stacked results, and the rest of the outside is shared.
// Where a slice lies is not matched, but computed for every round.
//===--------------------------------------------------------------------===//

#include "Scan.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Ops that the place of a slice may take to compute.
constexpr size_t kMostPlaceOps = 64;

/// Places of windows of one entry: begin, begin + 1, ... in the order of the
/// rounds, or from the last one down to begin.
struct Places {
  int64_t begin;
  bool descending;
};

class ScanImporter {
public:
  ScanImporter(Importer &importer, stablehlo::WhileOp op,
               const Counting &counting)
      : importer(importer), op(op), counting(counting),
        builder(importer.getBuilder()), rounds(counting.rounds) {}

  LogicalResult run() {
    if (failed(buildDraft()))
      return failure();
    findCounters();
    findStackedResults();
    findEntries();
    return finish();
  }

private:
  /// A slice that is an entry of a stacked tensor.
  struct Entry {
    DynamicSliceOp slice;
    Places places;
  };
  /// A carried tensor of which every round writes one entry.
  struct Stack {
    unsigned carried; ///< Its number in the draft.
    Value part;
    Places places;
  };

  bool isInside(Value value) { return value.getParentBlock() == body; }

  //===------------------------------------------------------------------===//
  // The draft
  //===------------------------------------------------------------------===//

  /// Imports the body once; invariant values are those of the outside.
  LogicalResult buildDraft() {
    Block &from = op.getBody().front();
    Operation *end = from.getTerminator();
    SmallVector<Value> inits;
    for (auto [i, value] : llvm::enumerate(op.getValues())) {
      const bool same = end->getOperand(i) == from.getArgument(i);
      numbers.push_back(
          same || i == counting.value ? -1 : static_cast<int>(inits.size()));
      if (numbers.back() >= 0)
        inits.push_back(importer.lookup(value));
    }
    draft = ScanOp::create(builder, op.getLoc(), rounds, /*reversed=*/false,
                           inits, ValueRange(), ValueRange(), TypeRange());
    body = &draft.getBody().front();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(body);
    for (auto [i, argument] : llvm::enumerate(from.getArguments())) {
      Value value = numbers[i] >= 0 ? draft.getCarryArgs()[numbers[i]]
                    : i == counting.value
                        ? counter(convertType(argument.getType()),
                                  counting.start, counting.step)
                        : importer.lookup(op.getValues()[i]);
      if (failed(importer.define(argument, value)))
        return failure();
    }
    if (failed(importer.walk(from)))
      return failure();
    SmallVector<Value> nexts;
    for (auto [i, value] : llvm::enumerate(end->getOperands()))
      if (numbers[i] >= 0)
        nexts.push_back(importer.lookup(value));
    YieldOp::create(builder, op.getLoc(), nexts);
    return success();
  }

  /// start + round * step, as one of the loop's own integers.
  Value counter(RankedTensorType type, int64_t start, int64_t step) {
    Value value = draft.getEntryNumber();
    auto wide = cast<RankedTensorType>(value.getType());
    auto number = [&](int64_t n) {
      return importer.constant(wide, static_cast<double>(n));
    };
    if (step != 1)
      value = importer.make("ds.mul", wide, {value, number(step)});
    if (start != 0)
      value = importer.make("ds.add", wide, {value, number(start)});
    return type == wide ? value : importer.make("ds.cast", type, value);
  }

  //===------------------------------------------------------------------===//
  // What values are
  //===------------------------------------------------------------------===//

  /// Carried integers that start as a constant and move by one are functions of
  /// the round.
  void findCounters() {
    for (auto [i, argument] : llvm::enumerate(draft.getCarryArgs())) {
      auto start = Importer::knownInteger(draft.getCarry()[i]);
      auto next = draft.getNexts()[i].getDefiningOp<AddOp>();
      if (!start || tensorType(argument).getRank() != 0 || !next)
        continue;
      Value by = next.getLhs() == argument   ? next.getRhs()
                 : next.getRhs() == argument ? next.getLhs()
                                             : Value();
      auto step = by ? Importer::knownInteger(by) : std::nullopt;
      if (!step)
        continue;
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(body);
      RankedTensorType type = tensorType(argument);
      argument.replaceAllUsesWith(counter(type, *start, *step));
      lasts[i] = *start + *step * rounds;
    }
  }

  void findStackedResults() {
    for (auto [i, argument] : llvm::enumerate(draft.getCarryArgs())) {
      auto update = draft.getNexts()[i].getDefiningOp<DynamicUpdateOp>();
      if (lasts.count(i) || !update || update.getInput() != argument ||
          !argument.hasOneUse() || !update->hasOneUse())
        continue;
      if (auto places = placesOf(tensorType(argument), update.getPart(),
                                 update.getStarts()))
        stacks.push_back({static_cast<unsigned>(i), update.getPart(), *places});
    }
  }

  void findEntries() {
    for (auto slice : body->getOps<DynamicSliceOp>()) {
      if (isInside(slice.getInput()))
        continue;
      if (auto places = placesOf(tensorType(slice.getInput()),
                                 slice.getResult(), slice.getStarts()))
        entries.push_back({slice, *places});
    }
  }

  /// Where `part`, a window of one entry of a `whole`, lies in each round;
  /// nothing when it does not go from one entry to the next.
  std::optional<Places> placesOf(RankedTensorType whole, Value part,
                                 ValueRange starts) {
    ArrayRef<int64_t> shape = tensorType(part).getShape();
    if (shape.empty() || shape[0] != 1 || whole.getDimSize(0) < rounds ||
        shape.drop_front() != whole.getShape().drop_front())
      return std::nullopt;
    SmallVector<Operation *> cone;
    if (!collect(starts[0], cone))
      return std::nullopt;
    auto at = [&](int64_t round) {
      return std::clamp<int64_t>(evaluate(starts[0], cone, round), 0,
                                 whole.getDimSize(0) - 1);
    };
    const int64_t first = at(0), direction = at(1) - first;
    if (direction != 1 && direction != -1)
      return std::nullopt;
    for (int64_t round = 2; round < rounds; ++round)
      if (at(round) != first + direction * round)
        return std::nullopt;
    const bool descending = direction < 0;
    return Places{descending ? first - (rounds - 1) : first, descending};
  }

  /// The ops that compute an integer from the round alone, in order.
  bool collect(Value value, SmallVectorImpl<Operation *> &cone) {
    if (value == draft.getEntryNumber() || Importer::known(value))
      return true;
    Operation *def = value.getDefiningOp();
    if (!def || !isInside(value) || !isa<EvaluableOpInterface>(def) ||
        def->getNumResults() != 1 || tensorType(value).getNumElements() != 1)
      return false;
    if (llvm::is_contained(cone, def))
      return true;
    for (Value operand : def->getOperands())
      if (!collect(operand, cone))
        return false;
    cone.push_back(def);
    return cone.size() <= kMostPlaceOps;
  }

  int64_t evaluate(Value value, ArrayRef<Operation *> cone, int64_t round) {
    DenseMap<Value, HostTensor> known;
    auto get = [&](Value operand) -> const HostTensor * {
      auto [it, isNew] = known.try_emplace(operand);
      if (isNew) {
        it->second = HostTensor(operand.getType());
        it->second.data[0] = static_cast<double>(
            operand == draft.getEntryNumber()
                ? round
                : Importer::knownInteger(operand).value_or(0));
      }
      return &it->second;
    };
    for (Operation *step : cone) {
      for (Value operand : step->getOperands())
        get(operand); // before pointers are taken
      SmallVector<const HostTensor *> operands =
          llvm::map_to_vector(step->getOperands(), get);
      std::vector<HostTensor> results(1,
                                      HostTensor(step->getResult(0).getType()));
      cast<EvaluableOpInterface>(step).evaluate(operands, results);
      known[step->getResult(0)] = std::move(results[0]);
    }
    return static_cast<int64_t>(get(value)->data[0]);
  }

  //===------------------------------------------------------------------===//
  // The scan
  //===------------------------------------------------------------------===//

  /// Whether most stacks are walked from the last entry on.
  bool isReversed() {
    int64_t down = 0;
    for (const Entry &entry : entries)
      down += entry.places.descending ? 1 : -1;
    for (const Stack &stack : stacks)
      down += stack.places.descending ? 1 : -1;
    return down > 0;
  }

  LogicalResult finish() {
    reversed = isReversed();
    takeEntries();
    SmallVector<Value> carry, nexts, parts;
    SmallVector<unsigned> kept;
    SmallVector<Type> outputs;
    for (auto [i, init] : llvm::enumerate(draft.getCarry())) {
      const bool isStack = llvm::any_of(
          stacks, [&](const Stack &stack) { return stack.carried == i; });
      if (lasts.count(i) || isStack)
        continue;
      carry.push_back(init);
      nexts.push_back(draft.getNexts()[i]);
      kept.push_back(i);
    }
    for (const Stack &stack : stacks) {
      builder.setInsertionPoint(body->getTerminator());
      ArrayRef<int64_t> shape = tensorType(stack.part).getShape();
      nexts.push_back(importer.reshape(stack.part, shape.drop_front()));
      outputs.push_back(ScanOp::stackOf(nexts.back().getType(), rounds));
    }
    body->getTerminator()->setOperands(nexts);
    capture();
    builder.setInsertionPoint(draft);
    scan = ScanOp::create(builder, op.getLoc(), rounds, reversed, carry, each,
                          shared.getArrayRef(), outputs);
    moveBody(kept);
    draft.erase();
    builder.setInsertionPointAfter(scan);
    return defineResults(kept);
  }

  /// Makes slices arguments of the draft, behind what it carries.
  void takeEntries() {
    DenseMap<std::tuple<Value, int64_t, int>, BlockArgument> made;
    for (auto &[slice, places] : entries) {
      Value whole = slice.getInput();
      auto [it, isNew] = made.try_emplace(
          std::tuple(whole, places.begin, int{places.descending}));
      if (isNew) {
        builder.setInsertionPoint(draft);
        each.push_back(stackOf(whole, places));
        it->second = body->addArgument(ScanOp::entryOf(each.back().getType()),
                                       slice.getLoc());
        entryArgs.push_back(it->second);
      }
      builder.setInsertionPoint(slice);
      slice.replaceAllUsesWith(
          importer.reshape(it->second, slice.getType().getShape()));
      slice.erase();
    }
  }

  /// The entries of `whole` that the rounds take, in the scan's order.
  Value stackOf(Value whole, const Places &places) {
    RankedTensorType type = tensorType(whole);
    SmallVector<int64_t> starts(type.getRank(), 0), sizes(type.getShape());
    starts[0] = places.begin;
    sizes[0] = rounds;
    Value part = importer.slice(whole, starts, sizes,
                                SmallVector<int64_t>(type.getRank(), 1));
    return turned(part, places);
  }

  Value turned(Value stack, const Places &places) {
    if (places.descending == reversed)
      return stack;
    return importer.make("ds.reverse", stack.getType(), stack,
                         importer.named("dims", ArrayRef<int64_t>{0}));
  }

  /// What the body uses of the outside: constants come inside, if they are
  /// small, and all else is shared.
  void capture() {
    DenseMap<Value, Value> constants;
    for (Operation &inner : *body)
      for (OpOperand &operand : inner.getOpOperands()) {
        Value value = operand.get();
        if (isInside(value))
          continue;
        DenseElementsAttr known = Importer::known(value);
        if (!known || (!known.isSplat() && known.getNumElements() > 8)) {
          shared.insert(value);
          continue;
        }
        Value &copy = constants[value];
        if (!copy) {
          builder.setInsertionPointToStart(body);
          copy = importer.constant(known);
        }
        operand.set(copy);
      }
  }

  void moveBody(ArrayRef<unsigned> kept) {
    Block *to = &scan.getBody().front();
    builder.setInsertionPointToEnd(to);
    Value round = scan.getEntryNumber();
    if (reversed) {
      auto type = cast<RankedTensorType>(round.getType());
      round = importer.make(
          "ds.sub", type,
          {importer.constant(type, static_cast<double>(rounds - 1)), round});
    }
    draft.getEntryNumber().replaceAllUsesWith(round);
    for (auto [i, argument] : llvm::zip_equal(kept, scan.getCarryArgs()))
      draft.getCarryArgs()[i].replaceAllUsesWith(argument);
    for (auto [from, argument] : llvm::zip_equal(entryArgs, scan.getEachArgs()))
      from.replaceAllUsesWith(argument);
    // Tensors that the outside has are other values there.
    auto inBody = [&](OpOperand &use) {
      return use.getOwner()->getBlock() == body;
    };
    for (auto [value, argument] : llvm::zip_equal(shared, scan.getSharedArgs()))
      Value(value).replaceUsesWithIf(argument, inBody);
    // What is left of updates reads carried tensors that are no more.
    for (Operation &inner : llvm::make_early_inc_range(llvm::reverse(*body)))
      if (isOpTriviallyDead(&inner))
        inner.erase();
    to->getOperations().splice(to->end(), body->getOperations());
  }

  LogicalResult defineResults(ArrayRef<unsigned> kept) {
    DenseMap<unsigned, Value> results;
    for (auto [i, last] : llvm::zip_equal(kept, scan.getLasts()))
      results[i] = last;
    for (auto [stack, made] : llvm::zip_equal(stacks, scan.getStacks()))
      results[stack.carried] = intoInit(stack, made);
    for (auto [i, last] : lasts)
      results[i] = importer.constant(tensorType(draftCarry(i)), last);
    for (auto [i, result] : llvm::enumerate(op.getResults())) {
      Value value = importer.lookup(op.getValues()[i]);
      if (numbers[i] >= 0)
        value = results.lookup(numbers[i]);
      else if (i == counting.value)
        value = importer.constant(
            tensorType(value),
            static_cast<double>(counting.start + counting.step * rounds));
      if (failed(importer.define(result, value)))
        return failure();
    }
    return success();
  }

  /// What the loop began with as value `i` of the draft.
  Value draftCarry(unsigned i) {
    auto found = llvm::find(numbers, static_cast<int>(i));
    return importer.lookup(op.getValues()[found - numbers.begin()]);
  }

  /// The stacked entries, and what was in front of and behind them before.
  Value intoInit(const Stack &stack, Value made) {
    Value init = draftCarry(stack.carried);
    RankedTensorType type = tensorType(init);
    Value all = turned(made, stack.places);
    if (all.getType() == type)
      return all;
    SmallVector<Value> parts;
    auto add = [&](int64_t begin, int64_t end) {
      if (begin == end)
        return;
      SmallVector<int64_t> starts(type.getRank(), 0), sizes(type.getShape());
      starts[0] = begin;
      sizes[0] = end - begin;
      parts.push_back(importer.slice(init, starts, sizes,
                                     SmallVector<int64_t>(type.getRank(), 1)));
    };
    add(0, stack.places.begin);
    parts.push_back(all);
    add(stack.places.begin + rounds, type.getDimSize(0));
    return importer.make("ds.stack", type, parts,
                         importer.named("dim", int64_t{0}));
  }

  Importer &importer;
  stablehlo::WhileOp op;
  Counting counting;
  OpBuilder &builder;
  int64_t rounds;

  ScanOp draft, scan;
  Block *body = nullptr;    ///< The draft's.
  SmallVector<int> numbers; ///< Of the loop's values in the draft, or -1.
  llvm::MapVector<unsigned, int64_t> lasts; ///< Of carried counters.
  SmallVector<Entry> entries;
  SmallVector<Stack> stacks;
  bool reversed = false;
  SmallVector<Value> each;
  SmallVector<BlockArgument> entryArgs; ///< Of the draft.
  llvm::SetVector<Value> shared;
};

} // namespace

LogicalResult importScan(Importer &importer, stablehlo::WhileOp op,
                         const Counting &counting) {
  return ScanImporter(importer, op, counting).run();
}

} // namespace ds::hlo
