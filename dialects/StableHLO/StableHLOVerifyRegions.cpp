//===- StableHLOVerifyRegions.cpp - Gather, scatter and regions ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "StableHLOShapes.h"

using namespace mlir;

namespace ds::stablehlo {

using Dims = ArrayRef<int64_t>;
using Sizes = SmallVector<int64_t>;

//===--------------------------------------------------------------------===//
// Gather and scatter
//===--------------------------------------------------------------------===//

namespace {
/// What gather and scatter have in common: the same numbers, with a gather's
/// names.  `window` is the result of the one, an update of the other.
struct Places {
  Operation *op;
  RankedTensorType operand, indices, window;
  Dims offset, collapsed, operandBatch, indicesBatch, startMap;
  int64_t indexVector;

  LogicalResult check() const;
  LogicalResult checkIndexVector() const;
  LogicalResult checkBatches() const;
  /// Sizes of the indices' dimensions but the index vector's.
  Sizes batchSizes() const;
  /// Sizes of the operand's dimensions that a window has.
  Sizes windowDims() const;
};
} // namespace

static Sizes concat(Dims a, Dims b) {
  Sizes all(a);
  all.append(b.begin(), b.end());
  return all;
}

Sizes Places::batchSizes() const {
  Sizes sizes;
  for (int64_t i = 0; i < indices.getRank(); ++i)
    if (i != indexVector)
      sizes.push_back(indices.getDimSize(i));
  return sizes;
}

Sizes Places::windowDims() const {
  Sizes dims;
  for (int64_t i = 0; i < operand.getRank(); ++i)
    if (!llvm::is_contained(collapsed, i) &&
        !llvm::is_contained(operandBatch, i))
      dims.push_back(i);
  return dims;
}

LogicalResult Places::checkIndexVector() const {
  if (!isa<IntegerType>(indices.getElementType()))
    return op->emitOpError("expects integer indices, but got ") << indices;
  if (indexVector < 0 || indexVector > indices.getRank())
    return op->emitOpError("expects index_vector_dim from 0 to ")
           << indices.getRank() << ", but got " << indexVector;
  int64_t size =
      indexVector == indices.getRank() ? 1 : indices.getDimSize(indexVector);
  if (!fits(size, startMap.size()))
    return op->emitOpError("expects index vectors of ")
           << startMap.size() << " numbers, but got " << size;
  return success();
}

LogicalResult Places::checkBatches() const {
  if (failed(checkCount(op, "batching dimensions of the indices",
                        indicesBatch.size(), operandBatch.size())) ||
      failed(checkDims(op, "the indices' batching dimensions", indicesBatch,
                       indices.getRank())))
    return failure();
  if (llvm::is_contained(indicesBatch, indexVector))
    return op->emitOpError("expects index_vector_dim not to be a batching "
                           "dimension, but got ")
           << indexVector;
  for (auto [i, j] : llvm::zip_equal(operandBatch, indicesBatch))
    if (!fits(operand.getDimSize(i), indices.getDimSize(j)))
      return op->emitOpError("expects batching dimensions of equal sizes, but "
                             "got ")
             << operand << " and " << indices;
  return success();
}

LogicalResult Places::check() const {
  if (failed(checkDims(op, "collapsed and batching dimensions",
                       concat(collapsed, operandBatch), operand.getRank())) ||
      failed(checkDims(op, "indexed and batching dimensions",
                       concat(startMap, operandBatch), operand.getRank())) ||
      failed(checkDims(op, "window dimensions", offset, window.getRank())) ||
      failed(checkIndexVector()) || failed(checkBatches()) ||
      failed(checkCount(op, "window dimensions", offset.size(),
                        windowDims().size())))
    return failure();
  if (!llvm::is_sorted(offset))
    return op->emitOpError("expects window dimensions in ascending order");
  Sizes batch = batchSizes();
  if (window.getRank() != static_cast<int64_t>(offset.size() + batch.size()))
    return op->emitOpError("expects rank ")
           << offset.size() + batch.size() << ", but got " << window;
  size_t next = 0;
  for (int64_t i = 0; i < window.getRank(); ++i)
    if (!llvm::is_contained(offset, i) &&
        !fits(window.getDimSize(i), batch[next++]))
      return op->emitOpError("expects one window per index, but got ")
             << window << " for " << indices;
  return success();
}

LogicalResult GatherOp::verify() {
  GatherDimsAttr d = getDimensionNumbers();
  RankedTensorType operand = tensor(getOperand()), result = tensor(getResult());
  Places places{*this,
                operand,
                tensor(getStartIndices()),
                result,
                d.getOffset(),
                d.getCollapsed(),
                d.getOperandBatch(),
                d.getIndicesBatch(),
                d.getStartMap(),
                d.getIndexVector()};
  if (failed(checkCount(*this, "slice sizes", getSliceSizes().size(),
                        operand.getRank())) ||
      failed(places.check()))
    return failure();
  Sizes window = places.windowDims();
  for (auto [i, size] : llvm::enumerate(getSliceSizes())) {
    const bool whole = llvm::is_contained(window, static_cast<int64_t>(i));
    if (size < 0 ||
        (!operand.isDynamicDim(i) && size > operand.getDimSize(i)) ||
        (!whole && size > 1))
      return emitOpError("expects slices within ")
             << operand << ", and of 1 where collapsed, but got " << size
             << " in dimension " << i;
  }
  for (auto [at, dim] : llvm::zip_equal(d.getOffset(), window))
    if (!fits(result.getDimSize(at), getSliceSizes()[dim]))
      return emitOpError("expects slices of the given sizes, but got ")
             << result;
  if (result.getElementType() != operand.getElementType())
    return emitOpError("expects a result of the operand's elements, but got ")
           << result;
  return success();
}

LogicalResult ScatterOp::verify() {
  ScatterDimsAttr d = getScatterDimensionNumbers();
  if (getInputs().empty())
    return emitOpError("expects at least one operand");
  if (getResultTypes() != getInputs().getTypes())
    return emitOpError("expects results of the inputs' types");
  for (auto [input, update] : llvm::zip_equal(getInputs(), getUpdates())) {
    RankedTensorType operand = tensor(input), window = tensor(update);
    Places places{*this,
                  operand,
                  tensor(getScatterIndices()),
                  window,
                  d.getWindow(),
                  d.getInserted(),
                  d.getOperandBatch(),
                  d.getIndicesBatch(),
                  d.getScatterMap(),
                  d.getIndexVector()};
    if (failed(places.check()))
      return failure();
    for (auto [at, dim] : llvm::zip_equal(d.getWindow(), places.windowDims()))
      if (!window.isDynamicDim(at) && !operand.isDynamicDim(dim) &&
          window.getDimSize(at) > operand.getDimSize(dim))
        return emitOpError("expects updates that fit into ")
               << operand << ", but got " << window;
  }
  return success();
}

//===--------------------------------------------------------------------===//
// Regions
//===--------------------------------------------------------------------===//

/// A region of one block with these arguments that returns these types.
static LogicalResult checkRegion(Operation *op, Region &region,
                                 TypeRange arguments, TypeRange results) {
  if (!region.hasOneBlock())
    return op->emitOpError("expects regions of one block");
  Block &block = region.front();
  if (block.getArgumentTypes() != arguments)
    return op->emitOpError("expects a region of arguments ")
           << arguments << ", but got " << block.getArgumentTypes();
  auto end = block.empty() ? nullptr : dyn_cast<ReturnOp>(block.back());
  if (!end)
    return op->emitOpError("expects regions that end with stablehlo.return");
  if (end.getResults().getTypes() != results)
    return op->emitOpError("expects a region that returns ")
           << results << ", but got " << end.getResults().getTypes();
  return success();
}

LogicalResult ReduceOp::verify() {
  if (getInputs().empty())
    return emitOpError("expects at least one operand");
  RankedTensorType first = tensor(getInputs()[0]);
  SmallVector<Type> scalars;
  for (auto [input, init] : llvm::zip_equal(getInputs(), getInitValues())) {
    RankedTensorType type = tensor(input);
    if (failed(verifyCompatibleShape(type, first)))
      return emitOpError("expects inputs of one shape, but got ")
             << first << " and " << type;
    scalars.push_back(RankedTensorType::get({}, type.getElementType()));
    if (init.getType() != scalars.back())
      return emitOpError("expects an initial value ")
             << scalars.back() << ", but got " << init.getType();
  }
  if (failed(
          checkDims(*this, "dimensions", getDimensions(), first.getRank())) ||
      failed(checkCount(*this, "results", getNumResults(), scalars.size())))
    return failure();
  Sizes shape;
  for (int64_t i = 0; i < first.getRank(); ++i)
    if (!llvm::is_contained(getDimensions(), i))
      shape.push_back(first.getDimSize(i));
  for (auto [type, input] : llvm::zip_equal(getResultTypes(), getInputs())) {
    auto result = dyn_cast<RankedTensorType>(type);
    if (!result || result.getElementType() != tensor(input).getElementType())
      return emitOpError("expects results of the inputs' elements, but got ")
             << type;
    if (failed(checkShape(*this, result, shape)))
      return failure();
  }
  SmallVector<Type> arguments(scalars);
  arguments.append(scalars);
  return checkRegion(*this, getBody(), arguments, scalars);
}

LogicalResult ReduceWindowOp::verify() {
  if (getInputs().empty())
    return emitOpError("expects at least one operand");
  SmallVector<Type> scalars;
  for (auto [input, init] : llvm::zip_equal(getInputs(), getInitValues())) {
    scalars.push_back(
        RankedTensorType::get({}, tensor(input).getElementType()));
    if (init.getType() != scalars.back())
      return emitOpError("expects an initial value ")
             << scalars.back() << ", but got " << init.getType();
  }
  if (failed(checkCount(*this, "results", getNumResults(), scalars.size())))
    return failure();
  for (auto [type, input] : llvm::zip_equal(getResultTypes(), getInputs())) {
    auto result = dyn_cast<RankedTensorType>(type);
    if (!result || result.getElementType() != tensor(input).getElementType() ||
        result.getRank() != tensor(input).getRank())
      return emitOpError("expects results of the inputs' rank and elements, "
                         "but got ")
             << type;
  }
  SmallVector<Type> arguments(scalars);
  arguments.append(scalars);
  return checkRegion(*this, getBody(), arguments, scalars);
}

LogicalResult SelectAndScatterOp::verify() {
  Type scalar =
      RankedTensorType::get({}, tensor(getOperand()).getElementType());
  Type truth = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
  if (getInitValue().getType() != scalar)
    return emitOpError("expects an initial value ")
           << scalar << ", but got " << getInitValue().getType();
  if (getNumResults() != 1 || getResultTypes()[0] != getOperand().getType())
    return emitOpError("expects one result of the operand's type ")
           << getOperand().getType();
  if (failed(checkRegion(*this, getSelect(), {scalar, scalar}, truth)))
    return failure();
  return checkRegion(*this, getScatter(), {scalar, scalar}, scalar);
}

LogicalResult SortOp::verify() {
  if (getInputs().empty())
    return emitOpError("expects at least one operand");
  RankedTensorType first = tensor(getInputs()[0]);
  SmallVector<Type> arguments;
  for (Value input : getInputs()) {
    RankedTensorType type = tensor(input);
    if (failed(verifyCompatibleShape(type, first)))
      return emitOpError("expects inputs of one shape, but got ")
             << first << " and " << type;
    arguments.append(2, RankedTensorType::get({}, type.getElementType()));
  }
  if (getResultTypes() != getInputs().getTypes())
    return emitOpError("expects results of the inputs' types");
  const int64_t rank = first.getRank();
  const int64_t dimension =
      getDimensionAttr() ? getDimensionAttr().getInt() : -1;
  if (dimension < -rank || dimension >= rank)
    return emitOpError("expects 'dimension' to be one of ")
           << first << ", but got " << dimension;
  Type truth = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
  return checkRegion(*this, getComparator(), arguments, truth);
}

LogicalResult WhileOp::verify() {
  Type truth = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
  if (getResultTypes() != getOperandTypes())
    return emitOpError("expects results of the operands' types");
  if (failed(checkRegion(*this, getCond(), getOperandTypes(), truth)))
    return failure();
  return checkRegion(*this, getBody(), getOperandTypes(), getResultTypes());
}

LogicalResult CaseOp::verify() {
  if (getIndex().getType() !=
      RankedTensorType::get({}, IntegerType::get(getContext(), 32)))
    return emitOpError("expects an index tensor<i32>, but got ")
           << getIndex().getType();
  if (getBranches().empty())
    return emitOpError("expects at least one region");
  for (Region &branch : getBranches())
    if (failed(checkRegion(*this, branch, {}, getResultTypes())))
      return failure();
  return success();
}

LogicalResult IfOp::verify() {
  if (tensor(getPred()).getRank() != 0 || !isTruth(getPred().getType()))
    return emitOpError("expects a condition tensor<i1>, but got ")
           << getPred().getType();
  if (failed(checkRegion(*this, getOnTrue(), {}, getResultTypes())))
    return failure();
  return checkRegion(*this, getOnFalse(), {}, getResultTypes());
}

} // namespace ds::stablehlo
