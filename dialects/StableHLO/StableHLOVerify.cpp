//===- StableHLOVerify.cpp - What StableHLO's ops require ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As much as the importer relies on: ranks, sizes and roles of dimensions.
//===--------------------------------------------------------------------===//

#include "StableHLOShapes.h"

#include "llvm/ADT/SmallSet.h"

using namespace mlir;

namespace ds::stablehlo {

using Dims = ArrayRef<int64_t>;

static std::string text(Dims dims) {
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(dims, os);
  return text + "]";
}

LogicalResult checkDims(Operation *op, StringRef what, Dims dims,
                        int64_t rank) {
  llvm::SmallSet<int64_t, 8> seen;
  for (int64_t dim : dims)
    if (dim < 0 || dim >= rank || !seen.insert(dim).second)
      return op->emitOpError("expects ")
             << what << " to be distinct dimensions of a rank-" << rank
             << " tensor, but got " << text(dims);
  return success();
}

LogicalResult checkShape(Operation *op, RankedTensorType type, Dims shape) {
  if (type.getRank() == static_cast<int64_t>(shape.size()) &&
      llvm::all_of(llvm::zip_equal(type.getShape(), shape), [](auto pair) {
        return fits(std::get<0>(pair), std::get<1>(pair));
      }))
    return success();
  return op->emitOpError("expects a result of shape ")
         << text(shape) << ", but got " << type;
}

LogicalResult checkCount(Operation *op, StringRef what, size_t count,
                         size_t size) {
  if (count == size)
    return success();
  return op->emitOpError("expects ")
         << size << " " << what << ", but got " << count;
}

LogicalResult checkIndices(Operation *op, ValueRange indices, int64_t count) {
  if (failed(checkCount(op, "start indices", indices.size(), count)))
    return failure();
  for (Value index : indices)
    if (tensor(index).getRank() != 0 ||
        !isa<IntegerType>(tensor(index).getElementType()))
      return op->emitOpError("expects integer scalars as indices, but got ")
             << index.getType();
  return success();
}

//===--------------------------------------------------------------------===//
// Elementwise
//===--------------------------------------------------------------------===//

LogicalResult CompareOp::verify() {
  if (isTruth(getType()))
    return success();
  return emitOpError("expects a result of i1, but got ") << getType();
}

LogicalResult SelectOp::verify() {
  RankedTensorType pred = tensor(getPred());
  if (isTruth(pred) && (pred.getRank() == 0 || succeeded(verifyCompatibleShape(
                                                   pred, tensor(getResult())))))
    return success();
  return emitOpError("expects a condition of i1 of the values' shape or of "
                     "rank 0, but got ")
         << pred << " for " << getType();
}

LogicalResult ClampOp::verify() {
  for (Value limit : {getMin(), getMax()})
    if (tensor(limit).getRank() != 0 &&
        failed(verifyCompatibleShape(tensor(limit), tensor(getOperand()))))
      return emitOpError("expects limits of the operand's shape or of rank 0, "
                         "but got ")
             << limit.getType() << " for " << getOperand().getType();
  return success();
}

//===--------------------------------------------------------------------===//
// Moves
//===--------------------------------------------------------------------===//

LogicalResult BroadcastInDimOp::verify() {
  RankedTensorType from = tensor(getOperand()), to = tensor(getResult());
  Dims dims = getBroadcastDimensions();
  if (failed(checkCount(*this, "dims", dims.size(), from.getRank())) ||
      failed(checkDims(*this, "dims", dims, to.getRank())))
    return failure();
  for (auto [size, dim] : llvm::zip_equal(from.getShape(), dims))
    if (size != 1 && !fits(size, to.getDimSize(dim)))
      return emitOpError("expects dimensions of the result's size or of 1, "
                         "but got ")
             << from << " for " << to;
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = tensor(getOperand()), to = tensor(getResult());
  if (!from.hasStaticShape() || !to.hasStaticShape() ||
      from.getNumElements() == to.getNumElements())
    return success();
  return emitOpError("expects as many elements as before, but got ")
         << from << " and " << to;
}

LogicalResult TransposeOp::verify() {
  RankedTensorType from = tensor(getOperand());
  Dims dims = getPermutation();
  if (failed(checkCount(*this, "dims", dims.size(), from.getRank())) ||
      failed(checkDims(*this, "dims", dims, from.getRank())))
    return failure();
  SmallVector<int64_t> shape;
  for (int64_t dim : dims)
    shape.push_back(from.getDimSize(dim));
  return checkShape(*this, tensor(getResult()), shape);
}

LogicalResult SliceOp::verify() {
  RankedTensorType from = tensor(getOperand());
  SmallVector<int64_t> shape;
  for (Dims list : {getStartIndices(), getLimitIndices(), getStrides()})
    if (failed(checkCount(*this, "ranges", list.size(), from.getRank())))
      return failure();
  for (auto [size, start, limit, stride] :
       llvm::zip_equal(from.getShape(), getStartIndices(), getLimitIndices(),
                       getStrides())) {
    if (start < 0 || limit < start || stride < 1 ||
        (!ShapedType::isDynamic(size) && limit > size))
      return emitOpError("expects ranges within ")
             << from << ", but got [" << start << ":" << limit << ":" << stride
             << "]";
    shape.push_back((limit - start) / stride + ((limit - start) % stride != 0));
  }
  return checkShape(*this, tensor(getResult()), shape);
}

LogicalResult PadOp::verify() {
  RankedTensorType from = tensor(getOperand());
  if (tensor(getPaddingValue()).getRank() != 0)
    return emitOpError("expects a scalar to pad with, but got ")
           << getPaddingValue().getType();
  constexpr int64_t kMost = int64_t{1} << 48;
  SmallVector<int64_t> shape;
  for (Dims list :
       {getEdgePaddingLow(), getEdgePaddingHigh(), getInteriorPadding()})
    if (failed(checkCount(*this, "paddings", list.size(), from.getRank())))
      return failure();
  for (auto [size, low, high, interior] :
       llvm::zip_equal(from.getShape(), getEdgePaddingLow(),
                       getEdgePaddingHigh(), getInteriorPadding())) {
    if (interior < 0 || interior > kMost || std::max(low, high) > kMost ||
        std::min(low, high) < -kMost || size > kMost)
      return emitOpError("expects an interior padding from 0 on, and paddings "
                         "below 2^48, but got low ")
             << low << ", high " << high << ", interior " << interior;
    if (ShapedType::isDynamic(size)) {
      shape.push_back(size);
      continue;
    }
    llvm::APInt between(128, std::max<int64_t>(size - 1, 0));
    between *= llvm::APInt(128, interior);
    if (between.getActiveBits() > 60)
      return emitOpError("expects a result of fewer than 2^60 elements");
    shape.push_back(low + high + size +
                    static_cast<int64_t>(between.getZExtValue()));
    if (shape.back() < 0)
      return emitOpError("expects a result of at least no elements, but got ")
             << shape.back() << " in a dimension";
  }
  return checkShape(*this, tensor(getResult()), shape);
}

LogicalResult ConcatenateOp::verify() {
  if (getInputs().empty())
    return emitOpError("expects at least one operand");
  RankedTensorType first = tensor(getInputs()[0]);
  const int64_t dim = getDimension();
  if (dim < 0 || dim >= first.getRank())
    return emitOpError("expects a dimension of ")
           << first << ", but got " << dim;
  SmallVector<int64_t> shape(first.getShape());
  for (Value input : getInputs().drop_front()) {
    RankedTensorType type = tensor(input);
    if (type.getRank() != first.getRank())
      return emitOpError("expects operands of one rank, but got ")
             << first << " and " << type;
    for (int64_t i = 0; i < type.getRank(); ++i)
      if (i != dim && !fits(type.getDimSize(i), shape[i]))
        return emitOpError("expects shapes that differ in dimension ")
               << dim << " only, but got " << first << " and " << type;
    if (type.isDynamicDim(dim) || ShapedType::isDynamic(shape[dim]))
      shape[dim] = ShapedType::kDynamic;
    else
      shape[dim] += type.getDimSize(dim);
  }
  return checkShape(*this, tensor(getResult()), shape);
}

LogicalResult ReverseOp::verify() {
  RankedTensorType from = tensor(getOperand());
  if (failed(checkDims(*this, "dims", getDimensions(), from.getRank())))
    return failure();
  return checkShape(*this, tensor(getResult()), from.getShape());
}

LogicalResult IotaOp::verify() {
  return checkDims(*this, "dim", static_cast<int64_t>(getIotaDimension()),
                   tensor(getResult()).getRank());
}

LogicalResult DynamicSliceOp::verify() {
  RankedTensorType from = tensor(getOperand()), to = tensor(getResult());
  if (failed(checkIndices(*this, getStartIndices(), from.getRank())) ||
      failed(
          checkCount(*this, "sizes", getSliceSizes().size(), from.getRank())))
    return failure();
  for (auto [size, part] : llvm::zip_equal(from.getShape(), getSliceSizes()))
    if (part < 0 || (!ShapedType::isDynamic(size) && part > size))
      return emitOpError("expects sizes within ")
             << from << ", but got " << text(getSliceSizes());
  if (to.getElementType() != from.getElementType())
    return emitOpError("expects a result of the operand's elements, but got ")
           << to;
  return checkShape(*this, to, getSliceSizes());
}

LogicalResult DynamicUpdateSliceOp::verify() {
  RankedTensorType from = tensor(getOperand()), part = tensor(getUpdate());
  if (failed(checkIndices(*this, getStartIndices(), from.getRank())))
    return failure();
  bool inside = from.getRank() == part.getRank() &&
                from.getElementType() == part.getElementType();
  for (int64_t i = 0; inside && i < from.getRank(); ++i)
    inside = from.isDynamicDim(i) || part.isDynamicDim(i) ||
             part.getDimSize(i) <= from.getDimSize(i);
  if (inside)
    return success();
  return emitOpError("expects an update that fits into ")
         << from << ", but got " << part;
}

//===--------------------------------------------------------------------===//
// Products
//===--------------------------------------------------------------------===//

/// Dimensions of `type` in no list.
static SmallVector<int64_t> freeSizes(RankedTensorType type, Dims a, Dims b) {
  SmallVector<int64_t> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (!llvm::is_contained(a, i) && !llvm::is_contained(b, i))
      sizes.push_back(type.getDimSize(i));
  return sizes;
}

LogicalResult DotGeneralOp::verify() {
  RankedTensorType lhs = tensor(getLhs()), rhs = tensor(getRhs());
  DotAttr dims = getDotDimensionNumbers();
  auto both = [](Dims a, Dims b) {
    SmallVector<int64_t> all(a);
    all.append(b.begin(), b.end());
    return all;
  };
  if (failed(checkDims(*this, "the left operand's",
                       both(dims.getLhsBatch(), dims.getLhsSummed()),
                       lhs.getRank())) ||
      failed(checkDims(*this, "the right operand's",
                       both(dims.getRhsBatch(), dims.getRhsSummed()),
                       rhs.getRank())))
    return failure();
  for (auto [left, right] :
       {std::pair(dims.getLhsBatch(), dims.getRhsBatch()),
        std::pair(dims.getLhsSummed(), dims.getRhsSummed())}) {
    if (failed(checkCount(*this, "dimensions of the right operand",
                          right.size(), left.size())))
      return failure();
    for (auto [i, j] : llvm::zip_equal(left, right))
      if (!fits(lhs.getDimSize(i), rhs.getDimSize(j)))
        return emitOpError("expects equal sizes, but got dimension ")
               << i << " of " << lhs << " and " << j << " of " << rhs;
  }
  for (Attribute word : getPrecisionConfigAttr()
                            ? getPrecisionConfigAttr()
                            : ArrayAttr::get(getContext(), {}))
    if (!isa<PrecisionAttr>(word))
      return emitOpError("expects precisions, but got ") << word;
  SmallVector<int64_t> shape;
  for (int64_t i : dims.getLhsBatch())
    shape.push_back(lhs.getDimSize(i));
  shape.append(freeSizes(lhs, dims.getLhsBatch(), dims.getLhsSummed()));
  shape.append(freeSizes(rhs, dims.getRhsBatch(), dims.getRhsSummed()));
  return checkShape(*this, tensor(getResult()), shape);
}

LogicalResult BarrierOp::verify() {
  if (getOperandTypes() == getResultTypes())
    return success();
  return emitOpError("expects results of the operands' types");
}

} // namespace ds::stablehlo
