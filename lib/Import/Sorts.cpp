//===- Sorts.cpp - Importing sorts and the largest elements -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every sort is the positions of the sorted elements, and gathers at them.  Of
// several keys the last one is sorted by first.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

//===--------------------------------------------------------------------===//
// Comparisons
//===--------------------------------------------------------------------===//

/// An operand to sort by.
struct Key {
  unsigned operand;
  bool descending = false;
  bool total = false; ///< -0 in front of 0, and NaN by its sign.
};

bool isConstantOf(Value value, llvm::function_ref<bool(const APFloat &)> test) {
  auto op = value.getDefiningOp<stablehlo::ConstantOp>();
  auto elements = op ? dyn_cast<DenseElementsAttr>(op.getValue()) : nullptr;
  return elements && elements.isSplat() &&
         isa<FloatType>(elements.getElementType()) &&
         test(elements.getSplatValue<APFloat>());
}

/// What is chosen where a comparison of `x` with `other` holds; null if
/// `value` is something else.
stablehlo::SelectOp selectBy(Value value, stablehlo::Direction direction) {
  auto select = value.getDefiningOp<stablehlo::SelectOp>();
  auto compare =
      select ? select.getPred().getDefiningOp<stablehlo::CompareOp>() : nullptr;
  return compare && compare.getComparisonDirection() == direction ? select
                                                                  : nullptr;
}

/// The argument that a value is, with all zeros and all NaN made one: what JAX
/// compares by.
std::optional<unsigned> argumentOf(Value value, Block &block, bool &isOne) {
  isOne = false;
  if (auto select = selectBy(value, stablehlo::Direction::NE)) {
    auto compare = select.getPred().getDefiningOp<stablehlo::CompareOp>();
    auto zeros = selectBy(select.getOnFalse(), stablehlo::Direction::EQ);
    if (!zeros || compare.getLhs() != compare.getRhs() ||
        zeros.getOnFalse() != compare.getLhs() ||
        !isConstantOf(select.getOnTrue(), [](auto &x) { return x.isNaN(); }) ||
        !isConstantOf(zeros.getOnTrue(), [](auto &x) { return x.isZero(); }))
      return std::nullopt;
    auto isZero = zeros.getPred().getDefiningOp<stablehlo::CompareOp>();
    if (isZero.getLhs() != zeros.getOnFalse() ||
        !isConstantOf(isZero.getRhs(), [](auto &x) { return x.isZero(); }))
      return std::nullopt;
    value = zeros.getOnFalse();
    isOne = true;
  }
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != &block)
    return std::nullopt;
  return argument.getArgNumber();
}

/// The key that a comparison of both sides is of.
std::optional<Key> keyOf(stablehlo::CompareOp compare, Block &block) {
  bool isOne, isOneToo;
  std::optional<unsigned> lhs = argumentOf(compare.getLhs(), block, isOne);
  std::optional<unsigned> rhs = argumentOf(compare.getRhs(), block, isOneToo);
  if (!lhs || !rhs || *lhs / 2 != *rhs / 2 || *lhs == *rhs || isOne != isOneToo)
    return std::nullopt;
  const bool total =
      compare.getCompareType() == stablehlo::CompareType::TOTALORDER;
  // The first element of each pair is what may come first.
  const bool turned = *lhs % 2 == 1;
  return Key{*lhs / 2, turned, total && !isOne};
}

/// The keys of a comparison, the first one first; none: it is something else.
SmallVector<Key> keysOf(Value value, Block &block) {
  using stablehlo::Direction;
  if (auto compare = value.getDefiningOp<stablehlo::CompareOp>()) {
    std::optional<Key> key = keyOf(compare, block);
    const Direction direction = compare.getComparisonDirection();
    if (!key || (direction != Direction::LT && direction != Direction::GT))
      return {};
    key->descending ^= direction == Direction::GT;
    return {*key};
  }
  // The first key is less, or it is equal and the others are less.
  auto either = value.getDefiningOp<stablehlo::OrOp>();
  if (!either)
    return {};
  SmallVector<Key> keys = keysOf(either.getLhs(), block);
  auto both = either.getRhs().getDefiningOp<stablehlo::AndOp>();
  auto equal =
      both ? both.getLhs().getDefiningOp<stablehlo::CompareOp>() : nullptr;
  if (keys.size() != 1 || !equal ||
      equal.getComparisonDirection() != Direction::EQ)
    return {};
  std::optional<Key> same = keyOf(equal, block);
  SmallVector<Key> rest = keysOf(both.getRhs(), block);
  if (!same || same->operand != keys[0].operand ||
      same->total != keys[0].total || rest.empty())
    return {};
  keys.append(rest);
  return keys;
}

//===--------------------------------------------------------------------===//
// Sorting
//===--------------------------------------------------------------------===//

/// Sorts along one dimension.
class Sorting {
public:
  Sorting(Importer &importer, int64_t dim, RankedTensorType shape)
      : importer(importer), dim(dim) {
    for (int64_t d = 0; d < shape.getRank(); ++d)
      if (d != dim)
        others.push_back(d);
    toLast = others;
    toLast.push_back(dim);
    back.assign(toLast.size(), 0);
    for (auto [i, d] : llvm::enumerate(toLast))
      back[d] = static_cast<int64_t>(i);
  }

  /// Positions of the first `kept` elements of a key in order.
  Value order(Value key, bool hasSign, bool descending, bool total,
              int64_t kept) {
    Type element = tensorType(key).getElementType();
    const unsigned width = element.getIntOrFloatBitWidth();
    if (isa<IntegerType>(element) && width < 32) {
      SmallVector<NamedAttribute> sign;
      if (hasSign)
        sign.push_back(importer.flag("is_unsigned"));
      Type wide = IntegerType::get(key.getContext(), 32);
      key = importer.make("ds.cast", tensorType(key).clone(wide), key, sign);
      hasSign = false;
    }
    Value last = importer.transpose(key, toLast);
    SmallVector<int64_t> shape(tensorType(last).getShape());
    shape.back() = kept;
    SmallVector<NamedAttribute> attributes;
    if (descending)
      attributes.push_back(importer.flag("descending"));
    if (hasSign)
      attributes.push_back(importer.flag("is_unsigned"));
    if (total && isa<FloatType>(element))
      attributes.push_back(importer.flag("total"));
    auto type =
        RankedTensorType::get(shape, IntegerType::get(key.getContext(), 32));
    return importer.transpose(
        importer.make("ds.argsort", type, last, attributes), back);
  }

  /// The elements of `x` at these positions.
  Value at(Value x, Value order) {
    RankedTensorType type = tensorType(x), places = tensorType(order);
    auto iota = x.getDefiningOp<IotaOp>();
    if (iota && static_cast<int64_t>(iota.getDim()) == dim) {
      Type result = places.clone(type.getElementType());
      return result == places ? order : importer.make("ds.cast", result, order);
    }
    const SmallVector<int64_t> ones(type.getRank(), 1);
    SmallVector<NamedAttribute> attributes{
        importer.named("offset", ArrayRef<int64_t>()),
        importer.named("collapsed", ArrayRef<int64_t>(dim)),
        importer.named("map", ArrayRef<int64_t>(dim)),
        importer.named("vector", type.getRank()),
        importer.named("sizes", ones)};
    if (!others.empty()) {
      attributes.push_back(importer.named("batch", others));
      attributes.push_back(importer.named("of", others));
    }
    return importer.make("ds.gather", type.clone(places.getShape()), {x, order},
                         attributes);
  }

private:
  Importer &importer;
  int64_t dim;
  SmallVector<int64_t> others, toLast, back;
};

LogicalResult importSort(Importer &importer, stablehlo::SortOp op) {
  Block &block = op.getComparator().front();
  SmallVector<Key> keys = keysOf(block.getTerminator()->getOperand(0), block);
  if (keys.empty())
    return op.emitOpError("sorts by a comparison that cannot be imported yet; "
                          "expects LT or GT of one operand after the other, as "
                          "jax.lax.sort prints it");
  SmallVector<Value> inputs = importer.lookup(op.getInputs());
  RankedTensorType shape = tensorType(inputs[0]);
  int64_t dim = op.getDimensionAttr() ? op.getDimensionAttr().getInt() : -1;
  dim += dim < 0 ? shape.getRank() : 0;
  Sorting sorting(importer, dim, shape);
  Value order;
  for (const Key &key : llvm::reverse(keys)) {
    Value by = inputs[key.operand];
    Value next =
        sorting.order(order ? sorting.at(by, order) : by,
                      isUnsigned(op.getInputs()[key.operand]), key.descending,
                      key.total, shape.getDimSize(dim));
    order = order ? sorting.at(order, next) : next;
  }
  for (auto [input, result] : llvm::zip_equal(inputs, op.getResults()))
    if (failed(importer.define(result, sorting.at(input, order))))
      return failure();
  return success();
}

LogicalResult importTopK(Importer &importer, chlo::TopKOp op) {
  Value x = importer.lookup(op.getOperand());
  RankedTensorType type = tensorType(x);
  Sorting sorting(importer, type.getRank() - 1, type);
  Value order = sorting.order(x, isUnsigned(op.getOperand()),
                              /*descending=*/true, /*total=*/true,
                              tensorType(op.getIndices()).getShape().back());
  if (failed(importer.define(op.getIndices(), order)))
    return failure();
  return importer.define(op.getValues(), sorting.at(x, order));
}

} // namespace

void addSorts(Handlers &handlers) {
  add(handlers, importSort);
  add(handlers, importTopK);
}

} // namespace ds::hlo
