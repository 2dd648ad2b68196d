//===- Moves.cpp - Importing ops that move elements ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Importer.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;

namespace ds::hlo {
namespace {

LogicalResult importConstant(Importer &importer, stablehlo::ConstantOp op) {
  RankedTensorType type = convertType(op.getType());
  if (auto elements = dyn_cast<DenseElementsAttr>(op.getValue())) {
    if (elements.getType() != type)
      elements = elements.bitcast(type.getElementType());
    return importer.define(op, importer.constant(elements));
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue());
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob)
    return op.emitOpError("expects dense elements or a dense_resource whose "
                          "bytes are in the module");
  const int64_t bytes = type.getElementType().isInteger(1)
                            ? type.getNumElements()
                            : byteSize(type);
  if (static_cast<int64_t>(blob->getData().size()) != bytes)
    return op.emitOpError("expects ") << bytes << " bytes of " << op.getType()
                                      << ", but got " << blob->getData().size();
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> truths;
    for (char byte : blob->getData())
      truths.push_back(byte != 0);
    return importer.define(
        op, importer.constant(DenseElementsAttr::get(type, truths)));
  }
  return importer.define(
      op, importer.constant(
              DenseElementsAttr::getFromRawBuffer(type, blob->getData())));
}

/// Dimensions of the result that a value is repeated from, with what it is
/// repeated of: a broadcast of a broadcast is one.
struct Repeated {
  Value source;
  SmallVector<int64_t> dims;
};

Repeated throughBroadcasts(Value value, ArrayRef<int64_t> dims) {
  Repeated found{value, SmallVector<int64_t>(dims)};
  while (Operation *op = found.source.getDefiningOp()) {
    RankedTensorType type = tensorType(found.source);
    if (op->getName().getStringRef() == "ds.broadcast") {
      const int64_t rank = tensorType(op->getOperand(0)).getRank();
      SmallVector<int64_t> inner;
      auto attribute = op->getAttrOfType<DenseI64ArrayAttr>("dims");
      for (int64_t i = 0; i < rank; ++i)
        inner.push_back(
            found.dims[attribute ? attribute[i] : type.getRank() - rank + i]);
      found = {op->getOperand(0), inner};
      continue;
    }
    // A reshape that adds dimensions of size 1 only.
    if (!isa<ReshapeOp>(op))
      break;
    ArrayRef<int64_t> before = tensorType(op->getOperand(0)).getShape();
    SmallVector<int64_t> inner;
    for (auto [i, size] : llvm::enumerate(type.getShape()))
      if (inner.size() < before.size() && before[inner.size()] == size)
        inner.push_back(found.dims[i]);
      else if (size != 1)
        return found;
    if (inner.size() != before.size())
      break;
    found = {op->getOperand(0), inner};
  }
  return found;
}

LogicalResult importBroadcast(Importer &importer,
                              stablehlo::BroadcastInDimOp op) {
  RankedTensorType type = convertType(op.getType());
  Repeated from = throughBroadcasts(importer.lookup(op.getOperand()),
                                    op.getBroadcastDimensions());
  if (DenseElementsAttr known = Importer::known(from.source);
      known && known.isSplat() && type.getNumElements() == 1)
    return importer.define(op, importer.constant(known.resizeSplat(type)));
  // In the result's order of dimensions.
  if (!llvm::is_sorted(from.dims)) {
    auto order = llvm::to_vector(llvm::seq<int64_t>(0, from.dims.size()));
    llvm::sort(order, [&](int64_t a, int64_t b) {
      return from.dims[a] < from.dims[b];
    });
    from.source = importer.transpose(from.source, order);
    llvm::sort(from.dims);
  }
  RankedTensorType source = tensorType(from.source);
  if (source.getNumElements() == type.getNumElements())
    return importer.define(op, importer.reshape(from.source, type.getShape()));
  bool suffix = true;
  for (auto [i, dim] : llvm::enumerate(from.dims))
    suffix &=
        dim == type.getRank() - source.getRank() + static_cast<int64_t>(i) &&
        source.getDimSize(i) == type.getDimSize(dim);
  SmallVector<NamedAttribute> attributes;
  if (!suffix)
    attributes.push_back(importer.named("dims", from.dims));
  return importer.define(
      op, importer.make("ds.broadcast", type, from.source, attributes));
}

LogicalResult importReshape(Importer &importer, stablehlo::ReshapeOp op) {
  return importer.define(op, importer.reshape(importer.lookup(op.getOperand()),
                                              op.getType().getShape()));
}

LogicalResult importTranspose(Importer &importer, stablehlo::TransposeOp op) {
  return importer.define(op,
                         importer.transpose(importer.lookup(op.getOperand()),
                                            op.getPermutation()));
}

LogicalResult importSlice(Importer &importer, stablehlo::SliceOp op) {
  return importer.define(
      op, importer.slice(importer.lookup(op.getOperand()), op.getStartIndices(),
                         op.getType().getShape(), op.getStrides()));
}

LogicalResult importPad(Importer &importer, stablehlo::PadOp op) {
  Value x = importer.lookup(op.getOperand());
  RankedTensorType type = convertType(op.getType());
  if (x.getType() == type &&
      llvm::all_of(op.getEdgePaddingLow(), [](int64_t n) { return n == 0; }))
    return importer.define(op, x);
  DenseElementsAttr filling =
      Importer::known(importer.lookup(op.getPaddingValue()));
  if (!filling)
    return op.emitOpError("expects a constant to pad with, but got one that is "
                          "computed; pad with a constant and select");
  double value = 0;
  if (isa<FloatType>(filling.getElementType()))
    value = filling.getSplatValue<APFloat>().convertToDouble();
  else if (isUnsigned(op.getPaddingValue()) ||
           filling.getElementType().isInteger(1))
    value = static_cast<double>(filling.getSplatValue<APInt>().getZExtValue());
  else
    value = static_cast<double>(filling.getSplatValue<APInt>().getSExtValue());
  SmallVector<NamedAttribute> attributes{
      importer.named("low", op.getEdgePaddingLow())};
  if (llvm::any_of(op.getInteriorPadding(), [](int64_t n) { return n != 0; }))
    attributes.push_back(importer.named("interior", op.getInteriorPadding()));
  if (value != 0)
    attributes.push_back(importer.getBuilder().getNamedAttr(
        "value", importer.getBuilder().getF64FloatAttr(value)));
  return importer.define(op, importer.make("ds.pad", type, x, attributes));
}

LogicalResult importConcatenate(Importer &importer,
                                stablehlo::ConcatenateOp op) {
  RankedTensorType type = convertType(op.getType());
  SmallVector<Value> parts;
  for (Value part : importer.lookup(op.getInputs()))
    if (tensorType(part).getNumElements() > 0)
      parts.push_back(part);
  if (parts.size() == 1)
    return importer.define(op, parts[0]);
  const int64_t dim = op.getDimension();
  if (dim + 1 == type.getRank())
    return importer.define(op, importer.make("ds.concat", type, parts));
  return importer.define(
      op, importer.make("ds.stack", type, parts, importer.named("dim", dim)));
}

LogicalResult importReverse(Importer &importer, stablehlo::ReverseOp op) {
  return importer.define(
      op, importer.make("ds.reverse", convertType(op.getType()),
                        importer.lookup(op.getOperand()),
                        importer.named("dims", op.getDimensions())));
}

LogicalResult importIota(Importer &importer, stablehlo::IotaOp op) {
  const int64_t dim = op.getIotaDimension();
  RankedTensorType type = convertType(op.getType());
  if (type.getDimSize(dim) == 1)
    return importer.define(op, importer.constant(type, 0));
  return importer.define(
      op, importer.make("ds.iota", type, {}, importer.named("dim", dim)));
}

} // namespace

void addMoves(Handlers &handlers) {
  add(handlers, importConstant);
  add(handlers, importBroadcast);
  add(handlers, importReshape);
  add(handlers, importTranspose);
  add(handlers, importSlice);
  add(handlers, importPad);
  add(handlers, importConcatenate);
  add(handlers, importReverse);
  add(handlers, importIota);
}

} // namespace ds::hlo
