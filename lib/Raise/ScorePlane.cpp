//===- ScorePlane.cpp - What is added to attention's scores -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Raise/ScorePlane.h"
#include "ds/Raise/Raise.h"

#include <cmath>

using namespace mlir;

namespace ds {

ScorePlane::Plane ScorePlane::positions(Axis axis) const {
  Plane plane(queries * keys);
  for (int64_t i = 0, e = plane.size(); i < e; ++i)
    plane[i] = double(axis == Axis::Query ? i / keys : i % keys);
  return plane;
}

std::optional<ScorePlane::Plane> ScorePlane::constant(ConstantOp op,
                                                      const Axes &axes) {
  if (auto splat = op.getSplat())
    return Plane{*splat};
  RankedTensorType type = tensorType(op.getResult());
  int64_t query = 0, key = 0, step = 1;
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    const int64_t size = type.getDimSize(dim);
    if (size != 1) {
      if (axes[dim] == Axis::Batch)
        return std::nullopt;
      (axes[dim] == Axis::Query ? query : key) = step;
    }
    step *= size;
  }
  std::vector<double> elements = constantElements(op);
  Plane plane(queries * keys);
  for (int64_t i = 0, e = plane.size(); i < e; ++i)
    plane[i] = elements[i / keys * query + i % keys * key];
  return plane;
}

std::optional<ScorePlane::Plane> ScorePlane::pointwise(Operation *op,
                                                       const Axes &axes,
                                                       double score,
                                                       int depth) {
  SmallVector<Plane> planes;
  size_t size = 1;
  for (Value operand : op->getOperands()) {
    // A suffix is repeated over leading dimensions.
    const int64_t rank = tensorType(operand).getRank();
    auto plane = evaluate(operand, Axes(ArrayRef(axes).take_back(rank)), score,
                          depth + 1);
    if (!plane)
      return std::nullopt;
    size = std::max(size, plane->size());
    planes.push_back(std::move(*plane));
  }
  const SmallVector<int64_t> flat{int64_t(size)};
  SmallVector<HostTensor> operands;
  for (Plane &plane : planes) {
    HostTensor tensor(flat, plane[0]);
    if (plane.size() == size)
      tensor.data = std::move(plane);
    operands.push_back(std::move(tensor));
  }
  SmallVector<const HostTensor *> pointers;
  for (const HostTensor &operand : operands)
    pointers.push_back(&operand);
  HostTensor result(flat);
  cast<EvaluableOpInterface>(op).evaluate(pointers, result);
  return std::move(result.data);
}

/// Nothing when the value is not a function of the score and its place.
std::optional<ScorePlane::Plane>
ScorePlane::evaluate(Value value, const Axes &axes, double score, int depth) {
  Operation *op = value.getDefiningOp();
  if (value == scores)
    return Plane{score};
  if (!op || depth > 64)
    return std::nullopt;
  if (auto fixed = dyn_cast<ConstantOp>(op))
    return constant(fixed, axes);
  if (auto iota = dyn_cast<IotaOp>(op))
    return axes[iota.getDim()] == Axis::Batch
               ? std::nullopt
               : std::optional(positions(axes[iota.getDim()]));
  if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    RankedTensorType from = tensorType(broadcast.getInput());
    Axes inner;
    for (auto [dim, place] : llvm::enumerate(broadcast.getPlaces()))
      inner.push_back(from.getDimSize(dim) == 1 ? Axis::Batch : axes[place]);
    return evaluate(broadcast.getInput(), inner, score, depth + 1);
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    RankedTensorType from = tensorType(reshape.getInput());
    if (withoutOnes(from.getShape()) !=
        withoutOnes(tensorType(value).getShape()))
      return std::nullopt;
    Axes left, inner(from.getRank(), Axis::Batch);
    for (auto [axis, size] :
         llvm::zip_equal(axes, tensorType(value).getShape()))
      if (size != 1)
        left.push_back(axis);
    for (int64_t dim = 0, next = 0; dim < from.getRank(); ++dim)
      if (from.getDimSize(dim) != 1)
        inner[dim] = left[next++];
    return evaluate(reshape.getInput(), inner, score, depth + 1);
  }
  if (isPointwise(op))
    return pointwise(op, axes, score, depth);
  return std::nullopt;
}

std::optional<ScorePlane::Mask> ScorePlane::read(Value result,
                                                 std::string &why) {
  Axes axes(tensorType(result).getRank(), Axis::Batch);
  axes.back() = Axis::Key;
  for (int64_t dim = axes.size() - 2; dim >= 0; --dim)
    if (tensorType(result).getDimSize(dim) != 1) {
      axes[dim] = Axis::Query;
      break;
    }
  std::vector<Plane> planes;
  for (double score : {0.0, 1.0, 2.0}) {
    auto plane = evaluate(result, axes, score, 0);
    if (!plane) {
      why = "its mask depends on more than positions";
      return std::nullopt;
    }
    if (plane->size() == 1)
      plane->resize(queries * keys, plane->front());
    planes.push_back(std::move(*plane));
  }
  // What is this far below the others has a probability of 0 in float32.
  constexpr double kHidden = -1e4;
  const double scale = planes[1][0] - planes[0][0];
  bool isCausal = true, isNone = true;
  for (int64_t i = 0; i < queries * keys; ++i) {
    const bool isHidden = planes[0][i] <= kHidden && planes[2][i] <= kHidden;
    isCausal &= isHidden == (i % keys > i / keys);
    isNone &= !isHidden;
    const double tolerance = 1e-6 * std::abs(scale);
    if (!isHidden &&
        (std::abs(planes[1][i] - planes[0][i] - scale) > tolerance ||
         std::abs(planes[2][i] - planes[1][i] - scale) > tolerance ||
         std::abs(planes[0][i]) > tolerance)) {
      why = "its scores are changed by more than a factor and a mask";
      return std::nullopt;
    }
  }
  if (!isCausal && !isNone) {
    why = "its mask is neither causal nor none";
    return std::nullopt;
  }
  return Mask{scale, isCausal};
}

} // namespace ds
