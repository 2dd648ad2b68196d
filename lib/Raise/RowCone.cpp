//===- RowCone.cpp - What ops compute of each row of a tensor -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Raise/RowCone.h"
#include "ds/Raise/Raise.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

constexpr int kMostOps = 96; ///< Of a cone; what is written out has fewer.

/// A splat, also of a tensor that repeats one.
std::optional<double> splatOf(Value value) {
  while (auto broadcast = value.getDefiningOp<BroadcastOp>())
    value = broadcast.getInput();
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getSplat() : std::nullopt;
}

/// Folds the last dimension.
bool foldsRows(Operation *op) {
  if (auto sum = dyn_cast<SumOp>(op))
    return sum.getTrailing();
  return isa<ReduceOp>(op);
}

} // namespace

bool agree(ArrayRef<double> a, ArrayRef<double> b) {
  return llvm::equal(a, b, [](double x, double y) {
    return std::isfinite(x) && std::isfinite(y) &&
           std::abs(x - y) <= 5e-7 * (std::abs(x) + std::abs(y)) + 1e-7;
  });
}

//===--------------------------------------------------------------------===//
// The cone
//===--------------------------------------------------------------------===//

bool RowCone::hasKind(Type type, Kind kind) const {
  ArrayRef<int64_t> sizes = cast<RankedTensorType>(type).getShape();
  ArrayRef<int64_t> leading = ArrayRef(shape).drop_back();
  switch (kind) {
  case Kind::Full:
    return !sizes.empty() && sizes.back() == width &&
           withoutOnes(sizes) == withoutOnes(shape);
  case Kind::Row:
    return withoutOnes(sizes) == withoutOnes(leading);
  case Kind::Vector:
    return !sizes.empty() && sizes.back() == width &&
           withoutOnes(sizes).size() == 1;
  case Kind::Scalar:
    return withoutOnes(sizes).empty();
  }
  return false;
}

bool RowCone::isConstant(Value value, int depth) const {
  Operation *op = value.getDefiningOp();
  if (!op || depth > 8 || value == input)
    return false;
  if (isa<ConstantOp, IotaOp>(op))
    return true;
  return (isPointwise(op) || isa<BroadcastOp, ReshapeOp>(op)) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return isConstant(operand, depth + 1);
         });
}

std::optional<RowCone::Kind> RowCone::visitLeaf(Value value) {
  Type element = tensorType(value).getElementType();
  if (isa<FloatType>(element) && hasKind(value.getType(), Kind::Vector)) {
    vectors.push_back(value);
    return Kind::Vector;
  }
  if (element.isInteger() && !element.isInteger(1) &&
      hasKind(value.getType(), Kind::Row)) {
    rowIndices.push_back(value);
    return Kind::Row;
  }
  return std::nullopt;
}

std::optional<RowCone::Kind> RowCone::visit(Value value, int depth) {
  if (auto known = kinds.find(value); known != kinds.end())
    return known->second;
  if (depth > kMostOps || static_cast<int>(ops.size()) > kMostOps)
    return std::nullopt;
  std::optional<Kind> kind;
  Operation *op = value.getDefiningOp();
  if (value == input) {
    kind = Kind::Full;
  } else if (auto splat = splatOf(value)) {
    kind = Kind::Scalar;
    if (!llvm::is_contained(constants, *splat))
      constants.push_back(*splat);
  } else if (hasKind(value.getType(), Kind::Vector) &&
             !hasKind(value.getType(), Kind::Full) &&
             !hasKind(value.getType(), Kind::Row) && !isConstant(value, 0)) {
    kind = visitLeaf(value);
  } else {
    const size_t marks[] = {ops.size(), vectors.size(), rowIndices.size()};
    kind = op ? visitOp(op, depth) : std::nullopt;
    if (kind) {
      ops.push_back(op);
    } else {
      ops.truncate(marks[0]);
      vectors.truncate(marks[1]);
      rowIndices.truncate(marks[2]);
      kind = visitLeaf(value);
    }
  }
  if (kind)
    kinds[value] = *kind;
  return kind;
}

/// Whether a repeated vector still lies along the rows, and what is one per row
/// across them.
bool RowCone::keepsPlaces(BroadcastOp op, Kind kind) const {
  RankedTensorType from = tensorType(op.getInput());
  const int64_t last = tensorType(op.getResult()).getRank() - 1;
  int64_t before = -1;
  for (auto [dim, place] : llvm::enumerate(op.getPlaces())) {
    if (from.getDimSize(dim) == 1)
      continue;
    if (kind == Kind::Vector && place != last)
      return false;
    if (kind == Kind::Row && (place == last || place <= before))
      return false;
    before = place;
  }
  return true;
}

/// The kind of an op's result; nothing when the op is none of a row's.
std::optional<RowCone::Kind> RowCone::visitOp(Operation *op, int depth) {
  if (op->getNumResults() != 1)
    return std::nullopt;
  RankedTensorType type = tensorType(op->getResult(0));
  auto as = [&](Kind kind) {
    return hasKind(type, kind) ? std::optional(kind) : std::nullopt;
  };
  if (auto iota = dyn_cast<IotaOp>(op))
    return int64_t(iota.getDim()) == type.getRank() - 1 &&
                   type.getShape().back() == width
               ? std::optional(Kind::Vector)
               : std::nullopt;
  if (isa<ConstantOp>(op))
    return as(Kind::Vector);
  if (auto gather = dyn_cast<GatherOp>(op))
    return visitGather(gather, depth);
  const bool folds = foldsRows(op);
  if (!isPointwise(op) && !folds && !isa<BroadcastOp, ReshapeOp>(op))
    return std::nullopt;
  Kind most = Kind::Scalar;
  for (Value operand : op->getOperands()) {
    auto kind = visit(operand, depth + 1);
    if (!kind)
      return std::nullopt;
    // A suffix of a row's shape that is one per row is repeated elsewhere.
    if (isPointwise(op) && *kind == Kind::Row &&
        withoutOnes(tensorType(operand).getShape()) !=
            withoutOnes(type.getShape()))
      return std::nullopt;
    // Vectors and rows together fill a whole tensor.
    most = (most == Kind::Vector && *kind == Kind::Row) ||
                   (most == Kind::Row && *kind == Kind::Vector)
               ? Kind::Full
               : std::max(most, *kind);
  }
  // Folding one index per row, [..., 1], changes nothing.
  if (folds)
    return most == Kind::Full || most == Kind::Row ? as(Kind::Row)
                                                   : std::nullopt;
  if (most == Kind::Scalar)
    return most;
  if (auto broadcast = dyn_cast<BroadcastOp>(op);
      broadcast && !keepsPlaces(broadcast, most))
    return std::nullopt;
  if (most == Kind::Full)
    return as(Kind::Full);
  return hasKind(type, most) || hasKind(type, Kind::Full) ? std::optional(most)
                                                          : std::nullopt;
}

/// One element of each row: take_along_axis.
std::optional<RowCone::Kind> RowCone::visitGather(GatherOp gather, int depth) {
  const int64_t rank = shape.size();
  auto counting = [&](ArrayRef<int64_t> dims) {
    return llvm::equal(dims, llvm::seq<int64_t>(0, rank - 1));
  };
  if (!hasKind(gather.getInput().getType(), Kind::Full) ||
      !hasKind(gather.getIndices().getType(), Kind::Row) ||
      !hasKind(gather.getType(), Kind::Row) || !counting(gather.getBatch()) ||
      !counting(gather.getOf()) || gather.getMap() != ArrayRef{rank - 1} ||
      visit(gather.getInput(), depth + 1) != Kind::Full ||
      visit(gather.getIndices(), depth + 1) != Kind::Row)
    return std::nullopt;
  return Kind::Row;
}

std::optional<RowCone> RowCone::find(Value result, Value input) {
  RowCone cone;
  cone.input = input;
  cone.result = result;
  cone.shape.assign(tensorType(input).getShape().begin(),
                    tensorType(input).getShape().end());
  if (cone.shape.size() < 2 || cone.shape.back() < 2 || input == result)
    return std::nullopt;
  cone.width = cone.shape.back();
  if (!cone.visit(result, 0) || cone.ops.empty() || !cone.kinds.contains(input))
    return std::nullopt;
  return cone;
}

SmallVector<Value> rowInputs(Value result) {
  SmallVector<Value> order, inputs, pending{result};
  llvm::SmallDenseSet<Value> seen{result};
  auto shape = tensorType(result).getShape();
  if (shape.empty())
    return inputs;
  // Breadth first, so that what is further away comes later.
  for (size_t next = 0; next < pending.size() && next < kMostOps; ++next) {
    Operation *op = pending[next].getDefiningOp();
    if (!op || op->getNumResults() != 1 ||
        (!isPointwise(op) && !foldsRows(op) &&
         !isa<BroadcastOp, ReshapeOp>(op)))
      continue;
    for (Value operand : op->getOperands())
      if (seen.insert(operand).second) {
        pending.push_back(operand);
        ArrayRef<int64_t> operandShape = tensorType(operand).getShape();
        if (!operandShape.empty() && operandShape.back() == shape.back() &&
            withoutOnes(operandShape) == withoutOnes(shape) &&
            !splatOf(operand))
          inputs.push_back(operand);
      }
  }
  std::reverse(inputs.begin(), inputs.end());
  return inputs;
}

//===--------------------------------------------------------------------===//
// Its values
//===--------------------------------------------------------------------===//

int64_t RowCone::sizeOf(Kind kind, int64_t rows) const {
  switch (kind) {
  case Kind::Scalar:
    return 1;
  case Kind::Vector:
    return width;
  case Kind::Row:
    return rows;
  case Kind::Full:
    return rows * width;
  }
  return 0;
}

std::vector<double> RowCone::expanded(const std::vector<double> &from,
                                      Kind kind, Kind to, int64_t rows) const {
  if (kind == to)
    return from;
  std::vector<double> result(sizeOf(to, rows));
  for (int64_t i = 0, e = result.size(); i < e; ++i)
    result[i] = kind == Kind::Scalar   ? from[0]
                : kind == Kind::Vector ? from[i % width]
                                       : from[i / width];
  return result;
}

std::vector<double> RowCone::gathered(GatherOp gather, int64_t rows,
                                      const Values &values) const {
  const auto &from = values.at(gather.getInput());
  const auto &places = values.at(gather.getIndices());
  std::vector<double> result(rows);
  for (int64_t row = 0; row < rows; ++row) {
    const auto place = static_cast<int64_t>(places[row]);
    const int64_t inside = std::clamp<int64_t>(place, 0, width - 1);
    result[row] =
        gather.getDrops() && inside != place ? 0.0 : from[row * width + inside];
  }
  return result;
}

void RowCone::evaluate(Operation *op, int64_t rows, Values &values) const {
  Value result = op->getResult(0);
  const Kind kind = kinds.at(result);
  if (isa<BroadcastOp, ReshapeOp>(op)) {
    values[result] = std::vector(values.at(op->getOperand(0)));
    return;
  }
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    values[result] = constantElements(constant);
    return;
  }
  if (isa<IotaOp>(op)) {
    std::vector<double> places(width);
    for (int64_t i = 0; i < width; ++i)
      places[i] = double(i);
    values[result] = std::move(places);
    return;
  }
  if (auto gather = dyn_cast<GatherOp>(op)) {
    values[result] = gathered(gather, rows, values);
    return;
  }
  if (foldsRows(op) && kinds.at(op->getOperand(0)) == Kind::Row) {
    values[result] = std::vector(values.at(op->getOperand(0)));
    return;
  }
  const Kind from = foldsRows(op) ? Kind::Full : kind;
  SmallVector<int64_t> whole{rows, width}, flat{sizeOf(from, rows)},
      out{sizeOf(kind, rows)};
  SmallVector<HostTensor> operands;
  for (Value operand : op->getOperands()) {
    HostTensor tensor(foldsRows(op) ? whole : flat);
    tensor.data = expanded(values.at(operand), kinds.at(operand), from, rows);
    operands.push_back(std::move(tensor));
  }
  SmallVector<const HostTensor *> pointers;
  for (const HostTensor &operand : operands)
    pointers.push_back(&operand);
  HostTensor computed(out);
  cast<EvaluableOpInterface>(op).evaluate(pointers, computed);
  values[result] = std::move(computed.data);
}

std::vector<double> RowCone::evaluate(const Probe &probe) const {
  const int64_t rows = static_cast<int64_t>(probe.input.size()) / width;
  Values values;
  for (auto [value, kind] : kinds)
    if (kind == Kind::Scalar)
      if (auto splat = splatOf(value))
        values[value] = {*splat};
  values[input] = probe.input;
  for (auto [value, numbers] : llvm::zip_equal(vectors, probe.vectors))
    values[value] = numbers;
  for (Value value : rowIndices)
    values[value] = probe.rowIndices;
  for (Operation *op : ops)
    evaluate(op, rows, values);
  return expanded(values.at(result), kinds.at(result),
                  std::max(kinds.at(result), Kind::Row), rows);
}

} // namespace ds
