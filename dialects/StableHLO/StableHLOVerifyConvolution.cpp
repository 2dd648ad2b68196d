//===- StableHLOVerifyConvolution.cpp - Well-formed convolutions --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "StableHLOShapes.h"

using namespace mlir;

namespace ds::stablehlo {
namespace {

/// Window parameters beyond it have no meaning, and would overflow.
constexpr int64_t kLimit = int64_t{1} << 31;

/// Whether `layout` has -2, -1 and each spatial dimension once.
bool isLayout(ArrayRef<int64_t> layout) {
  SmallVector<int64_t> sorted(layout);
  llvm::sort(sorted);
  return llvm::equal(
      sorted, llvm::seq<int64_t>(-2, static_cast<int64_t>(layout.size()) - 2));
}

LogicalResult checkLayouts(ConvolutionOp op) {
  ConvDimsAttr dims = op.getDimensionNumbers();
  const int64_t rank = tensor(op.getLhs()).getRank();
  const std::tuple<StringRef, ArrayRef<int64_t>, Value> tensors[] = {
      {"input", dims.getInput(), op.getLhs()},
      {"kernel", dims.getKernel(), op.getRhs()},
      {"result", dims.getOutput(), op.getResult()}};
  for (auto [what, layout, value] : tensors) {
    if (tensor(value).getRank() != rank || rank < 2)
      return op.emitOpError("expects tensors of one rank, of 2 or more, but "
                            "got ")
             << value.getType() << " as " << what;
    if (static_cast<int64_t>(layout.size()) != rank || !isLayout(layout))
      return op.emitOpError("expects a layout of two features or batches and "
                            "each spatial dimension for the ")
             << what << " " << value.getType();
  }
  return success();
}

LogicalResult checkList(ConvolutionOp op, StringRef what,
                        std::optional<ArrayRef<int64_t>> list, size_t spatial) {
  if (!list)
    return success();
  if (failed(checkCount(op, what, list->size(), spatial)))
    return failure();
  for (int64_t value : *list)
    if (value < 1 || value >= kLimit)
      return op.emitOpError("expects ")
             << what << " from 1 to below 2^31, but got " << value;
  return success();
}

LogicalResult checkWindow(ConvolutionOp op, size_t spatial) {
  if (failed(checkList(op, "strides", op.getWindowStrides(), spatial)) ||
      failed(checkList(op, "dilations of the input", op.getLhsDilation(),
                       spatial)) ||
      failed(checkList(op, "dilations of the kernel", op.getRhsDilation(),
                       spatial)))
    return failure();
  if (std::optional<ArrayRef<bool>> reversal = op.getWindowReversal())
    if (failed(checkCount(op, "reversals", reversal->size(), spatial)))
      return failure();
  DenseIntElementsAttr padding = op.getPaddingAttr();
  if (!padding)
    return success();
  const int64_t shape[] = {static_cast<int64_t>(spatial), 2};
  if (!llvm::equal(padding.getType().getShape(), shape))
    return op.emitOpError("expects padding of two edges for each of ")
           << spatial << " spatial dimensions, but got " << padding.getType();
  for (int64_t value : padding.getValues<int64_t>())
    if (value <= -kLimit || value >= kLimit)
      return op.emitOpError("expects padding below 2^31, but got ") << value;
  return success();
}

int64_t sizeOf(Value value, ArrayRef<int64_t> layout, int64_t dim) {
  return tensor(value).getDimSize(llvm::find(layout, dim) - layout.begin());
}

/// Fails unless `size` is `count` times `part`, as far as that is known.
LogicalResult checkGroups(ConvolutionOp op, StringRef what, int64_t size,
                          int64_t count, int64_t part) {
  if (ShapedType::isDynamic(size) ||
      (size % count == 0 && fits(size / count, part)))
    return success();
  return op.emitOpError("expects ")
         << what << " in " << count << " equal groups"
         << (ShapedType::isDynamic(part) ? "" : " of " + std::to_string(part))
         << ", but got " << size;
}

LogicalResult checkFeatures(ConvolutionOp op) {
  ConvDimsAttr dims = op.getDimensionNumbers();
  const auto groups = static_cast<int64_t>(op.getFeatureGroupCount()),
             batches = static_cast<int64_t>(op.getBatchGroupCount());
  if (groups < 1 || batches < 1 || (groups > 1 && batches > 1))
    return op.emitOpError("expects feature groups or batch groups, and at "
                          "least one of each, but got ")
           << groups << " and " << batches;
  const int64_t outputs = sizeOf(op.getRhs(), dims.getKernel(), -1);
  if (failed(checkGroups(op, "the input's features",
                         sizeOf(op.getLhs(), dims.getInput(), -2), groups,
                         sizeOf(op.getRhs(), dims.getKernel(), -2))) ||
      failed(checkGroups(op, "the kernel's output features", outputs,
                         std::max(groups, batches), ShapedType::kDynamic)))
    return failure();
  return checkGroups(op, "the input's batch",
                     sizeOf(op.getLhs(), dims.getInput(), -1), batches,
                     sizeOf(op.getResult(), dims.getOutput(), -1));
}

/// Places of the window along spatial dimension `d`.
int64_t placesOf(ConvolutionOp op, int64_t d) {
  ConvDimsAttr dims = op.getDimensionNumbers();
  const int64_t input = sizeOf(op.getLhs(), dims.getInput(), d),
                kernel = sizeOf(op.getRhs(), dims.getKernel(), d);
  if (ShapedType::isDynamic(input) || ShapedType::isDynamic(kernel))
    return ShapedType::kDynamic;
  auto at = [&](std::optional<ArrayRef<int64_t>> list) -> __int128 {
    return list ? (*list)[d] : 1;
  };
  __int128 edges = 0;
  if (DenseIntElementsAttr padding = op.getPaddingAttr())
    edges = __int128(padding.getValues<int64_t>()[2 * d]) +
            padding.getValues<int64_t>()[2 * d + 1];
  auto spread = [](__int128 size, __int128 dilation) {
    return size == 0 ? 0 : (size - 1) * dilation + 1;
  };
  const __int128 room = spread(input, at(op.getLhsDilation())) + edges,
                 window = spread(kernel, at(op.getRhsDilation()));
  if (room < window || room <= 0)
    return 0;
  return static_cast<int64_t>((room - window) / at(op.getWindowStrides()) + 1);
}

} // namespace

LogicalResult ConvolutionOp::verify() {
  if (failed(checkLayouts(*this)) ||
      failed(checkWindow(*this, tensor(getLhs()).getRank() - 2)) ||
      failed(checkFeatures(*this)))
    return failure();
  SmallVector<int64_t> shape;
  ConvDimsAttr dims = getDimensionNumbers();
  for (auto [i, dim] : llvm::enumerate(dims.getOutput()))
    shape.push_back(dim == -1   ? tensor(getResult()).getDimSize(i)
                    : dim == -2 ? sizeOf(getRhs(), dims.getKernel(), -1)
                                : placesOf(*this, dim));
  return checkShape(*this, tensor(getResult()), shape);
}

} // namespace ds::stablehlo
