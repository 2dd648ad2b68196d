//===- Loops.cpp - Importing loops --------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A short loop is written out: what is known in a round is known to all that
// follows, and patterns are recognized across rounds.  A long one that counts
// becomes a `ds.scan`.
//===--------------------------------------------------------------------===//

#include "Scan.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Loops of at most so many rounds, and so many ops in all of them, are written
/// out.  Scanned layers are; a recurrence over a sequence is not.
constexpr int64_t kFewRounds = 64;
constexpr int64_t kFewOps = 1 << 14;
/// Rounds that are tried of a loop whose number is not known beforehand.
constexpr int64_t kMostRounds = 256;

/// The ops of a block, those of functions that it calls and of regions too.
class OpCount {
public:
  explicit OpCount(Importer &importer) : importer(importer) {}

  int64_t of(Block &block) {
    int64_t count = 0;
    block.walk([&](Operation *op) {
      ++count;
      if (auto call = dyn_cast<func::CallOp>(op))
        count = std::min(count + ofFunction(call.getCallee()), kFewOps + 1);
    });
    return count;
  }

private:
  int64_t ofFunction(StringRef name) {
    func::FuncOp function = importer.function(name);
    if (!function || !function.getBody().hasOneBlock())
      return 0;
    auto [it, isNew] = known.try_emplace(function, 0); // 0: calls itself
    return isNew ? known[function] = of(function.getBody().front())
                 : it->second;
  }

  Importer &importer;
  DenseMap<Operation *, int64_t> known;
};

/// The integer that `value`, of one of the loop's regions, is in every round.
std::optional<int64_t> everywhere(Importer &importer, stablehlo::WhileOp op,
                                  Value value) {
  if (auto constant = value.getDefiningOp<stablehlo::ConstantOp>()) {
    auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!elements || elements.getNumElements() != 1 ||
        !isa<IntegerType>(elements.getElementType()))
      return std::nullopt;
    return elements.getSplatValue<APInt>().getSExtValue();
  }
  if (auto argument = dyn_cast<BlockArgument>(value);
      argument && argument.getOwner()->getParentOp() == op) {
    const unsigned i = argument.getArgNumber();
    Block &body = op.getBody().front();
    if (body.getTerminator()->getOperand(i) != body.getArgument(i))
      return std::nullopt;
    value = op.getValues()[i];
  }
  Value outside = importer.lookup(value);
  return outside ? Importer::knownInteger(outside) : std::nullopt;
}

/// How far argument `i` of the body moves in a round.
std::optional<int64_t> stepOf(Importer &importer, stablehlo::WhileOp op,
                              unsigned i) {
  Block &body = op.getBody().front();
  Operation *next = body.getTerminator()->getOperand(i).getDefiningOp();
  if (!isa_and_nonnull<stablehlo::AddOp, stablehlo::SubOp>(next))
    return std::nullopt;
  const bool isSum = isa<stablehlo::AddOp>(next);
  Value by = next->getOperand(1);
  if (isSum && by == body.getArgument(i))
    by = next->getOperand(0);
  else if (next->getOperand(0) != body.getArgument(i))
    return std::nullopt;
  std::optional<int64_t> step = everywhere(importer, op, by);
  return step && !isSum ? -*step : step;
}

/// Rounds of a counter that goes from `start` in `step`s while it is `relation`
/// to `bound`.
std::optional<int64_t> roundsOf(stablehlo::Direction relation, int64_t start,
                                int64_t step, int64_t bound) {
  // Far from where sums overflow.
  for (int64_t number : {start, step, bound})
    if (number > int64_t{1} << 40 || number < -(int64_t{1} << 40))
      return std::nullopt;
  if (relation == stablehlo::Direction::GT ||
      relation == stablehlo::Direction::GE) {
    relation = relation == stablehlo::Direction::GT ? stablehlo::Direction::LT
                                                    : stablehlo::Direction::LE;
    start = -start, step = -step, bound = -bound;
  }
  switch (relation) {
  case stablehlo::Direction::LE:
    ++bound;
    [[fallthrough]];
  case stablehlo::Direction::LT:
    if (start >= bound)
      return 0;
    return step > 0 ? std::optional((bound - start + step - 1) / step)
                    : std::nullopt;
  case stablehlo::Direction::NE:
    if (step == 0 || (bound - start) % step != 0 || (bound - start) / step < 0)
      return std::nullopt;
    return (bound - start) / step;
  default:
    return std::nullopt;
  }
}

/// How `op` counts, when one can see it.
std::optional<Counting> countingOf(Importer &importer, stablehlo::WhileOp op) {
  Block &cond = op.getCond().front();
  auto compare =
      cond.getTerminator()->getOperand(0).getDefiningOp<stablehlo::CompareOp>();
  auto counter =
      compare ? dyn_cast<BlockArgument>(compare.getLhs()) : BlockArgument();
  if (!counter || counter.getOwner() != &cond ||
      tensorType(counter).getRank() != 0)
    return std::nullopt;
  const unsigned i = counter.getArgNumber();
  auto start = Importer::knownInteger(importer.lookup(op.getValues()[i]));
  auto bound = everywhere(importer, op, compare.getRhs());
  auto step = stepOf(importer, op, i);
  if (!start || !bound || !step)
    return std::nullopt;
  auto rounds =
      roundsOf(compare.getComparisonDirection(), *start, *step, *bound);
  if (!rounds)
    return std::nullopt;
  return Counting{i, *start, *step, *rounds};
}

LogicalResult writeOut(Importer &importer, stablehlo::WhileOp op) {
  SmallVector<Value> values = importer.lookup(op.getValues());
  Block &cond = op.getCond().front(), &body = op.getBody().front();
  for (int64_t round = 0;; ++round) {
    for (auto [argument, value] : llvm::zip_equal(cond.getArguments(), values))
      if (failed(importer.define(argument, value)))
        return failure();
    if (failed(importer.walk(cond)))
      return failure();
    std::optional<int64_t> goesOn = Importer::knownInteger(
        importer.lookup(cond.getTerminator()->getOperand(0)));
    if (!goesOn)
      return op.emitOpError(
          "runs as often as computed values say, but a plan is fixed before it "
          "runs; expects a loop that counts, as lax.scan and lax.fori_loop "
          "with constant bounds; run the most rounds that it may need, and "
          "keep a round's values while the condition holds (jnp.where)");
    if (*goesOn == 0)
      break;
    if (round == kMostRounds)
      return op.emitOpError("runs for more than ")
             << kMostRounds
             << " rounds, and how many cannot be seen; expects a counter that "
                "is compared with a constant and grows by a constant";
    for (auto [argument, value] : llvm::zip_equal(body.getArguments(), values))
      if (failed(importer.define(argument, value)))
        return failure();
    if (failed(importer.walk(body)))
      return failure();
    values = importer.lookup(body.getTerminator()->getOperands());
  }
  for (auto [result, value] : llvm::zip_equal(op.getResults(), values))
    if (failed(importer.define(result, value)))
      return failure();
  return success();
}

LogicalResult importWhile(Importer &importer, stablehlo::WhileOp op) {
  std::optional<Counting> counting = countingOf(importer, op);
  if (!counting)
    return writeOut(importer, op);
  const int64_t ops = OpCount(importer).of(op.getBody().front());
  if (counting->rounds < 2 ||
      (counting->rounds <= kFewRounds && counting->rounds * ops <= kFewOps))
    return writeOut(importer, op);
  return importScan(importer, op, *counting);
}

} // namespace

void addLoops(Handlers &handlers) { add(handlers, importWhile); }

} // namespace ds::hlo
