//===- Places.cpp - Importing what reads and writes computed places -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Starts that are all known, limited such that `sizes` are inside.
std::optional<SmallVector<int64_t>> knownStarts(ArrayRef<Value> starts,
                                                ArrayRef<int64_t> shape,
                                                ArrayRef<int64_t> sizes) {
  SmallVector<int64_t> known;
  for (auto [start, size, part] : llvm::zip_equal(starts, shape, sizes)) {
    std::optional<int64_t> number = Importer::knownInteger(start);
    // A dimension that is taken whole can only start at 0.
    if (part == size)
      number = 0;
    if (!number)
      return std::nullopt;
    known.push_back(std::clamp<int64_t>(*number, 0, size - part));
  }
  return known;
}

/// Starts as ds.dynamic_slice has them: i32 or i64.
SmallVector<Value> wideStarts(Importer &importer, ValueRange starts) {
  SmallVector<Value> wide;
  for (Value start : starts) {
    Value value = importer.lookup(start);
    const unsigned width =
        getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
    if (width < 32) {
      auto type =
          RankedTensorType::get({}, IntegerType::get(value.getContext(), 32));
      SmallVector<NamedAttribute> sign;
      if (isUnsigned(start))
        sign.push_back(importer.flag("is_unsigned"));
      value = importer.make("ds.cast", type, value, sign);
    }
    wide.push_back(value);
  }
  return wide;
}

LogicalResult importDynamicSlice(Importer &importer,
                                 stablehlo::DynamicSliceOp op) {
  Value x = importer.lookup(op.getOperand());
  RankedTensorType type = convertType(op.getType());
  SmallVector<Value> starts = wideStarts(importer, op.getStartIndices());
  if (auto known =
          knownStarts(starts, tensorType(x).getShape(), type.getShape()))
    return importer.define(
        op, importer.slice(x, *known, type.getShape(),
                           SmallVector<int64_t>(known->size(), 1)));
  SmallVector<Value> operands{x};
  operands.append(starts);
  return importer.define(op, importer.make("ds.dynamic_slice", type, operands));
}

LogicalResult importDynamicUpdate(Importer &importer,
                                  stablehlo::DynamicUpdateSliceOp op) {
  Value x = importer.lookup(op.getOperand());
  Value part = importer.lookup(op.getUpdate());
  if (part.getType() == x.getType()) // it can only start at 0
    return importer.define(op, part);
  SmallVector<Value> operands{x, part};
  operands.append(wideStarts(importer, op.getStartIndices()));
  return importer.define(
      op, importer.make("ds.dynamic_update", x.getType(), operands));
}

/// Indices as ds.gather has them: i32 or i64.
FailureOr<Value> indicesOf(Importer &importer, Operation *op, Value indices) {
  Value value = importer.lookup(indices);
  Type element = getElementTypeOrSelf(value.getType());
  if (element.isInteger(32) || element.isInteger(64))
    return value;
  return op->emitOpError("expects indices of 32 or 64 bits, but got ")
         << indices.getType() << "; convert them first";
}

/// Where a gather's only slice begins, if that is known: limited like any
/// start.
std::optional<SmallVector<int64_t>>
knownWindow(stablehlo::GatherOp op, Value indices, RankedTensorType type) {
  stablehlo::GatherDimsAttr dims = op.getDimensionNumbers();
  const auto count = static_cast<int64_t>(dims.getStartMap().size());
  if (tensorType(indices).getNumElements() != count ||
      !dims.getOperandBatch().empty())
    return std::nullopt;
  DenseElementsAttr known = Importer::known(indices);
  SmallVector<int64_t> starts(type.getRank(), 0);
  for (auto [i, dim] : llvm::enumerate(dims.getStartMap())) {
    const int64_t last = type.getDimSize(dim) - op.getSliceSizes()[dim];
    if (last == 0) // taken whole
      continue;
    if (!known)
      return std::nullopt;
    const int64_t start = known.getValues<APInt>()[i].getSExtValue();
    starts[dim] = std::clamp<int64_t>(start, 0, last);
  }
  return starts;
}

LogicalResult importGather(Importer &importer, stablehlo::GatherOp op) {
  FailureOr<Value> indices = indicesOf(importer, op, op.getStartIndices());
  if (failed(indices))
    return failure();
  Value from = importer.lookup(op.getOperand());
  RankedTensorType type = convertType(op.getType());
  if (auto starts = knownWindow(op, *indices, tensorType(from))) {
    const SmallVector<int64_t> steps(starts->size(), 1);
    Value window = importer.slice(from, *starts, op.getSliceSizes(), steps);
    return importer.define(op, importer.reshape(window, type.getShape()));
  }
  stablehlo::GatherDimsAttr dims = op.getDimensionNumbers();
  SmallVector<NamedAttribute> attributes{
      importer.named("offset", dims.getOffset()),
      importer.named("collapsed", dims.getCollapsed()),
      importer.named("map", dims.getStartMap()),
      importer.named("vector", dims.getIndexVector()),
      importer.named("sizes", op.getSliceSizes())};
  if (!dims.getOperandBatch().empty()) {
    attributes.push_back(importer.named("batch", dims.getOperandBatch()));
    attributes.push_back(importer.named("of", dims.getIndicesBatch()));
  }
  return importer.define(
      op, importer.make("ds.gather", type, {from, *indices}, attributes));
}

/// How a scatter's function combines an element and its update, or nothing.
std::optional<StringRef> kindOf(stablehlo::ScatterOp op) {
  Block &block = op.getUpdateComputation().front();
  auto end = dyn_cast<stablehlo::ReturnOp>(block.getTerminator());
  if (!end || end.getNumOperands() != 1 || block.getNumArguments() != 2)
    return std::nullopt;
  Value result = end.getOperand(0);
  if (result == block.getArgument(1))
    return "set";
  Operation *only = result.getDefiningOp();
  if (!only || only->getNumOperands() != 2 || &block.front() != only ||
      !block.getArgument(0).hasOneUse() || !block.getArgument(1).hasOneUse())
    return std::nullopt;
  return llvm::StringSwitch<std::optional<StringRef>>(
             only->getName().getStringRef())
      .Case("stablehlo.add", "add")
      .Case("stablehlo.multiply", "mul")
      .Case("stablehlo.maximum", "max")
      .Case("stablehlo.minimum", "min")
      .Default(std::nullopt);
}

LogicalResult importScatter(Importer &importer, stablehlo::ScatterOp op) {
  if (op.getInputs().size() != 1)
    return op.emitOpError("scatters into several tensors, which cannot be "
                          "imported yet; scatter into one at a time");
  std::optional<StringRef> kind = kindOf(op);
  if (!kind)
    return op.emitOpError("combines by a function that cannot be imported yet; "
                          "expects add, multiply, maximum, minimum or the "
                          "update itself");
  FailureOr<Value> indices = indicesOf(importer, op, op.getScatterIndices());
  if (failed(indices))
    return failure();
  stablehlo::ScatterDimsAttr dims = op.getScatterDimensionNumbers();
  SmallVector<NamedAttribute> attributes{
      importer.named("kind", *kind), importer.named("window", dims.getWindow()),
      importer.named("inserted", dims.getInserted()),
      importer.named("map", dims.getScatterMap()),
      importer.named("vector", dims.getIndexVector())};
  if (!dims.getOperandBatch().empty()) {
    attributes.push_back(importer.named("batch", dims.getOperandBatch()));
    attributes.push_back(importer.named("of", dims.getIndicesBatch()));
  }
  return importer.define(
      op.getResult(0),
      importer.make("ds.scatter", convertType(op.getResult(0).getType()),
                    {importer.lookup(op.getInputs()[0]), *indices,
                     importer.lookup(op.getUpdates()[0])},
                    attributes));
}

} // namespace

void addPlaces(Handlers &handlers) {
  add(handlers, importDynamicSlice);
  add(handlers, importDynamicUpdate);
  add(handlers, importGather);
  add(handlers, importScatter);
}

} // namespace ds::hlo
