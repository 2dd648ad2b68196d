//===- Windows.cpp - Importing pooling and cumulative folds -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A window as long as a dimension, with as much padding in front as it has
// elements there, is what JAX writes a cumulative sum as.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Of every number, so that none overflows.
constexpr int64_t kLargest = int64_t{1} << 31;

/// The attributes of an op with windows, whole.
struct WindowLists {
  SmallVector<int64_t> sizes, by, low, high, interior, apart;

  SmallVector<NamedAttribute> attributes(Importer &importer) const {
    SmallVector<NamedAttribute> list{importer.named("sizes", sizes)};
    auto add = [&](StringRef name, ArrayRef<int64_t> numbers, int64_t usual) {
      if (llvm::any_of(numbers, [&](int64_t n) { return n != usual; }))
        list.push_back(importer.named(name, numbers));
    };
    add("by", by, 1);
    add("low", low, 0);
    add("interior", interior, 0);
    add("apart", apart, 1);
    return list;
  }
};

/// Reads the lists, or says which is not as it should be.
LogicalResult readLists(Operation *op, int64_t rank, WindowLists &lists) {
  auto read = [&](StringRef name, SmallVector<int64_t> &into, int64_t usual) {
    auto given = op->getAttrOfType<DenseI64ArrayAttr>(name);
    into = given ? SmallVector<int64_t>(given.asArrayRef())
                 : SmallVector<int64_t>(rank, usual);
    if (static_cast<int64_t>(into.size()) == rank &&
        llvm::all_of(into, [](int64_t n) { return n > 0 && n < kLargest; }))
      return success();
    return LogicalResult(op->emitOpError("expects '")
                         << name << "' to have " << rank
                         << " numbers from 1 to 2^31 - 1, but got "
                         << listText(into));
  };
  if (failed(read("window_dimensions", lists.sizes, 1)) ||
      failed(read("window_strides", lists.by, 1)) ||
      failed(read("base_dilations", lists.interior, 1)) ||
      failed(read("window_dilations", lists.apart, 1)))
    return failure();
  for (int64_t &n : lists.interior)
    --n;
  lists.low.assign(rank, 0);
  lists.high.assign(rank, 0);
  auto padding = op->getAttrOfType<DenseIntElementsAttr>("padding");
  if (!padding)
    return success();
  SmallVector<int64_t> numbers;
  for (const APInt &n : padding.getValues<APInt>())
    numbers.push_back(n.getSExtValue());
  if (static_cast<int64_t>(numbers.size()) != 2 * rank)
    return op->emitOpError("expects 'padding' to have ")
           << 2 * rank << " numbers, but got " << numbers.size();
  for (int64_t n : numbers)
    if (n <= -kLargest || n >= kLargest)
      return op->emitOpError("expects 'padding' below 2^31, but got ") << n;
  for (int64_t d = 0; d < rank; ++d) {
    lists.low[d] = numbers[2 * d];
    lists.high[d] = numbers[2 * d + 1];
  }
  return success();
}

/// Fails unless as many windows as `parts` says fit into `whole`.
LogicalResult checkCount(Operation *op, const WindowLists &lists,
                         ArrayRef<int64_t> whole, ArrayRef<int64_t> parts) {
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(whole)) {
    const int64_t spread =
        size == 0 ? 0 : (size - 1) * (lists.interior[d] + 1) + 1;
    const int64_t room = lists.low[d] + spread + lists.high[d] -
                         (lists.sizes[d] - 1) * lists.apart[d] - 1;
    shape.push_back(room < 0 ? 0 : room / lists.by[d] + 1);
  }
  if (ArrayRef(shape) == parts)
    return success();
  return op->emitOpError("expects ")
         << listText(shape) << " windows, but got " << listText(parts);
}

//===--------------------------------------------------------------------===//
// Folds of windows
//===--------------------------------------------------------------------===//

/// The one value that a value consists of: constants are repeated often.
DenseElementsAttr repeated(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<BroadcastOp, ReshapeOp>(op))
      break;
    value = op->getOperand(0);
  }
  DenseElementsAttr known = Importer::known(value);
  return known && known.isSplat() ? known : nullptr;
}

/// Whether a region is log(e^a + e^b) as JAX prints it.
bool isLogAddExp(Block &block) {
  static constexpr StringLiteral ops[] = {
      "stablehlo.maximum",     "stablehlo.subtract",     "stablehlo.compare",
      "stablehlo.add",         "stablehlo.abs",          "stablehlo.negate",
      "stablehlo.exponential", "stablehlo.log_plus_one", "stablehlo.add",
      "stablehlo.select",      "stablehlo.return"};
  SmallVector<Operation *> found;
  for (Operation &op : block)
    found.push_back(&op);
  if (block.getNumArguments() != 2 || found.size() != std::size(ops))
    return false;
  for (auto [op, name] : llvm::zip_equal(found, ops))
    if (op->getName().getStringRef() != name)
      return false;
  Value a = block.getArgument(0), b = block.getArgument(1);
  auto has = [&](unsigned op, ArrayRef<Value> operands) {
    return llvm::equal(found[op]->getOperands(), operands);
  };
  auto result = [&](unsigned op) { return found[op]->getResult(0); };
  auto compare = cast<stablehlo::CompareOp>(found[2]);
  return has(0, {a, b}) && has(1, {a, b}) && has(2, {result(1), result(1)}) &&
         compare.getComparisonDirection() == stablehlo::Direction::NE &&
         has(3, {a, b}) && has(4, {result(1)}) && has(5, {result(4)}) &&
         has(6, {result(5)}) && has(7, {result(6)}) &&
         has(8, {result(0), result(7)}) &&
         has(9, {result(2), result(3), result(8)}) && has(10, {result(9)});
}

/// The dimension along which windows are all elements in front, or with
/// `reverse` all behind.
struct Prefix {
  int64_t dim;
  bool reverse;
};
std::optional<Prefix> prefixOf(const WindowLists &lists,
                               ArrayRef<int64_t> shape) {
  std::optional<Prefix> found;
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (lists.by[d] != 1 || lists.interior[d] != 0 || lists.apart[d] != 1)
      return std::nullopt;
    if (lists.sizes[d] == 1 && lists.low[d] == 0 && lists.high[d] == 0)
      continue;
    const bool front = lists.low[d] == size - 1 && lists.high[d] == 0;
    const bool behind = lists.high[d] == size - 1 && lists.low[d] == 0;
    if (found || lists.sizes[d] != size || !(front || behind))
      return std::nullopt;
    found = {static_cast<int64_t>(d), behind};
  }
  return found;
}

LogicalResult importReduceWindow(Importer &importer,
                                 stablehlo::ReduceWindowOp op) {
  if (op.getInputs().size() != 1)
    return op.emitOpError("reduces windows of several tensors, which cannot be "
                          "imported; reduce one at a time");
  Value x = importer.lookup(op.getInputs()[0]);
  RankedTensorType type = convertType(op.getResult(0).getType());
  Block &block = op.getBody().front();
  const bool truths = type.getElementType().isInteger(1);
  std::optional<Reduction> reduction = reductionOf(block, truths);
  const bool isLog = isLogAddExp(block);
  const StringRef kind = isLog ? "logsumexp" : reduction ? reduction->kind : "";
  if (kind.empty() || truths || kind == "and" || kind == "or")
    return op.emitOpError("reduces windows by a function that cannot be "
                          "imported yet; expects add, multiply, maximum or "
                          "minimum of numbers");
  const bool hasSign = isUnsigned(op.getInputs()[0]);
  DenseElementsAttr init = repeated(importer.lookup(op.getInitValues()[0]));
  if (!isNeutral(isLog ? "max" : kind, init, hasSign))
    return op.emitOpError("reduces windows from a value that is not the "
                          "function's neutral element, which cannot be "
                          "imported yet; combine with it afterwards");
  WindowLists lists;
  if (failed(readLists(op, type.getRank(), lists)) ||
      failed(checkCount(op, lists, tensorType(x).getShape(), type.getShape())))
    return failure();
  std::optional<Prefix> prefix = prefixOf(lists, tensorType(x).getShape());
  const bool extremum = kind == "max" || kind == "min";
  if (prefix && x.getType() == type && !(hasSign && extremum)) {
    SmallVector<NamedAttribute> attributes{importer.named("kind", kind),
                                           importer.named("dim", prefix->dim)};
    if (prefix->reverse)
      attributes.push_back(importer.flag("reverse"));
    return importer.define(op.getResult(0),
                           importer.make("ds.cumulative", type, x, attributes));
  }
  if (isLog)
    return op.emitOpError("adds exponentials in windows that are not prefixes, "
                          "which cannot be imported yet");
  SmallVector<NamedAttribute> attributes = lists.attributes(importer);
  attributes.push_back(importer.named("kind", kind));
  if (hasSign)
    attributes.push_back(importer.flag("is_unsigned"));
  return importer.define(
      op.getResult(0), importer.make("ds.reduce_window", type, x, attributes));
}

//===--------------------------------------------------------------------===//
// Their gradients
//===--------------------------------------------------------------------===//

/// "max" or "min" for a comparison that keeps the first of equal elements.
StringRef selectionOf(Block &block) {
  auto compare = dyn_cast<stablehlo::CompareOp>(block.front());
  auto end = dyn_cast<stablehlo::ReturnOp>(block.getTerminator());
  if (!compare || block.getOperations().size() != 2 || !end ||
      end.getResults() != ValueRange(compare.getResult()) ||
      block.getNumArguments() != 2 ||
      compare.getLhs() != block.getArgument(0) ||
      compare.getRhs() != block.getArgument(1))
    return "";
  if (compare.getComparisonDirection() == stablehlo::Direction::GE)
    return "max";
  return compare.getComparisonDirection() == stablehlo::Direction::LE ? "min"
                                                                      : "";
}

LogicalResult importSelectAndScatter(Importer &importer,
                                     stablehlo::SelectAndScatterOp op) {
  const StringRef kind = selectionOf(op.getSelect().front());
  std::optional<Reduction> adds =
      reductionOf(op.getScatter().front(), /*truths=*/false);
  if (kind.empty() || !adds || adds->kind != "sum")
    return op.emitOpError("selects or scatters by a function that cannot be "
                          "imported yet; expects compare GE or LE, and add");
  Value x = importer.lookup(op.getOperand());
  Value source = importer.lookup(op.getSource());
  RankedTensorType type = tensorType(x), windows = tensorType(source);
  if (convertType(op.getResult(0).getType()) != type ||
      type.getElementType() != windows.getElementType() ||
      type.getRank() != windows.getRank())
    return op.emitOpError("expects a result of the operand's type, and a "
                          "source of its rank and elements, but got ")
           << op.getResult(0).getType() << " and " << op.getSource().getType();
  WindowLists lists;
  if (failed(readLists(op, type.getRank(), lists)) ||
      failed(checkCount(op, lists, type.getShape(), windows.getShape())))
    return failure();
  SmallVector<NamedAttribute> attributes = lists.attributes(importer);
  SmallVector<NamedAttribute> selects(attributes);
  selects.push_back(importer.named("kind", kind));
  if (isUnsigned(op.getOperand()))
    selects.push_back(importer.flag("is_unsigned"));
  auto places = RankedTensorType::get(windows.getShape(),
                                      IntegerType::get(op.getContext(), 32));
  Value chosen = importer.make("ds.arg_reduce_window", places, x, selects);
  Value sum = importer.make("ds.reduce_window_grad", type, {source, chosen},
                            attributes);
  Value init = importer.lookup(op.getInitValue());
  if (!isNeutral("sum", repeated(init), /*isUnsigned=*/false))
    sum = importer.makeBinary("ds.add", sum, init, /*commutes=*/false);
  return importer.define(op.getResult(0), sum);
}

} // namespace

void addWindows(Handlers &handlers) {
  add(handlers, importReduceWindow);
  add(handlers, importSelectAndScatter);
}

} // namespace ds::hlo
