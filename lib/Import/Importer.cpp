//===- Importer.cpp - Walks StableHLO and makes ds ops ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Importer.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ds::hlo {

/// Integers of at most so many elements are computed while importing: counters
/// of loops, starts of slices.
constexpr int64_t kFoldedElements = 8;

std::string listText(ArrayRef<int64_t> list) {
  std::string text = "[";
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(list, os);
  return text + "]";
}

static Type signless(Type element) {
  auto integer = dyn_cast<IntegerType>(element);
  return integer ? IntegerType::get(element.getContext(), integer.getWidth())
                 : element;
}

RankedTensorType convertType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape() || tensor.getEncoding())
    return {};
  Type element = signless(tensor.getElementType());
  const bool known = element.isF32() || element.isF64() || element.isBF16() ||
                     element.isF16() || element.isInteger(1) ||
                     element.isInteger(8) || element.isInteger(16) ||
                     element.isInteger(32) || element.isInteger(64);
  if (!known)
    return {};
  return RankedTensorType::get(tensor.getShape(), element);
}

bool isUnsigned(Value value) {
  return getElementTypeOrSelf(value.getType()).isUnsignedInteger();
}

Importer::Importer(ModuleOp module, OpBuilder &builder)
    : builder(builder), current(module.getLoc()), symbols(module) {
  addElementwise(handlers);
  addMoves(handlers);
  addPlaces(handlers);
  addSums(handlers);
  addControl(handlers);
  addLoops(handlers);
  addConvolutions(handlers);
  addWindows(handlers);
  addSorts(handlers);
  addRandom(handlers);
}

LogicalResult Importer::walk(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(importOp(&op)))
      return failure();
  return success();
}

LogicalResult Importer::importOp(Operation *op) {
  for (Type type : op->getResultTypes())
    if (!convertType(type))
      return op->emitOpError("has a result that ds has no type for: ")
             << type
             << "; expects static tensors of f32, f64, bf16, f16, i1 or "
                "integers of 8 to 64 bits";
  auto handler = handlers.find(op->getName().getStringRef());
  if (handler == handlers.end())
    return op->emitOpError("cannot be imported yet; write this part of the "
                           "model with other functions, or leave it out of "
                           "the loss");
  current = op->getLoc();
  return handler->second(*this, op);
}

LogicalResult Importer::define(Value value, Value made) {
  Type type = convertType(value.getType());
  if (!made || made.getType() != type) {
    InFlightDiagnostic error = mlir::emitError(value.getLoc())
                               << "expects a value of " << value.getType();
    if (made)
      error << ", but the operands give " << made.getType();
    return error;
  }
  values[value] = made;
  return success();
}

std::string Importer::uniqueName(StringRef name) {
  std::string unique = name.str();
  for (int i = 1; !names.insert(unique).second; ++i)
    unique = name.str() + "." + std::to_string(i);
  return unique;
}

//===--------------------------------------------------------------------===//
// Making ops
//===--------------------------------------------------------------------===//

DenseElementsAttr Importer::known(Value value) {
  auto op = value.getDefiningOp<ConstantOp>();
  return op ? dyn_cast<DenseElementsAttr>(op.getValue()) : nullptr;
}

std::optional<int64_t> Importer::knownInteger(Value value) {
  DenseElementsAttr elements = known(value);
  if (!elements || elements.getNumElements() != 1 ||
      !isa<IntegerType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<APInt>().getSExtValue();
}

Value Importer::constant(DenseElementsAttr value) {
  return ConstantOp::create(builder, current,
                            cast<RankedTensorType>(value.getType()), value);
}

Value Importer::constant(RankedTensorType type, double value) {
  Type element = type.getElementType();
  if (isa<FloatType>(element))
    return constant(DenseElementsAttr::get(
        type, Attribute(builder.getFloatAttr(element, value))));
  return constant(DenseElementsAttr::get(
      type, Attribute(builder.getIntegerAttr(
                element, APInt(element.getIntOrFloatBitWidth(),
                               static_cast<int64_t>(value), /*isSigned=*/true,
                               /*implicitTrunc=*/true)))));
}

/// What an op of known integers computes, or null.
static DenseElementsAttr fold(Operation *op) {
  auto evaluable = dyn_cast<EvaluableOpInterface>(op);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!evaluable || !isa<IntegerType>(type.getElementType()) ||
      type.getNumElements() > kFoldedElements || op->getNumOperands() == 0)
    return {};
  std::vector<HostTensor> operands;
  for (Value operand : op->getOperands()) {
    DenseElementsAttr value = Importer::known(operand);
    if (!value || value.getNumElements() > kFoldedElements ||
        !isa<IntegerType>(value.getElementType()))
      return {};
    HostTensor &tensor = operands.emplace_back(value.getType());
    const bool truth = value.getElementType().isInteger(1);
    for (auto [at, element] : llvm::enumerate(value.getValues<APInt>()))
      tensor.data[at] = truth ? static_cast<double>(element.getZExtValue())
                              : static_cast<double>(element.getSExtValue());
  }
  std::vector<const HostTensor *> pointers;
  for (const HostTensor &operand : operands)
    pointers.push_back(&operand);
  std::vector<HostTensor> results(1, HostTensor(type));
  evaluable.evaluate(pointers, results);
  SmallVector<APInt> elements;
  const unsigned width = type.getElementType().getIntOrFloatBitWidth();
  for (double element : results[0].data) {
    // Beyond that, float64 is not exact.
    if (!(std::abs(element) <= 9007199254740992.0))
      return {};
    elements.push_back(APInt(width, static_cast<int64_t>(element),
                             /*isSigned=*/true, /*implicitTrunc=*/true));
  }
  return DenseElementsAttr::get(type, elements);
}

Value Importer::make(StringRef name, Type result, ValueRange operands,
                     ArrayRef<NamedAttribute> attributes) {
  OperationState state(current, name, operands, result, attributes);
  Operation *op = builder.create(state);
  if (DenseElementsAttr value = fold(op)) {
    op->erase();
    return constant(value);
  }
  return op->getResult(0);
}

Value Importer::shortest(Value value, RankedTensorType type) {
  auto isSuffix = [&](Value part) {
    ArrayRef<int64_t> shape = tensorType(part).getShape();
    return shape.size() < type.getShape().size() &&
           type.getShape().take_back(shape.size()) == shape;
  };
  if (DenseElementsAttr elements = known(value);
      elements && elements.isSplat() && type.getRank() > 0 &&
      tensorType(value).getRank() > 0) {
    auto scalar = RankedTensorType::get({}, elements.getElementType());
    return constant(elements.resizeSplat(scalar));
  }
  Operation *op = value.getDefiningOp();
  if (!op || op->getName().getStringRef() != BroadcastOp::getOperationName() ||
      !isSuffix(op->getOperand(0)))
    return value;
  // Its dimensions must be the last ones, in order.
  auto dims = op->getAttrOfType<DenseI64ArrayAttr>("dims");
  const int64_t rank = tensorType(op->getOperand(0)).getRank();
  if (dims)
    for (auto [i, dim] : llvm::enumerate(dims.asArrayRef()))
      if (dim != type.getRank() - rank + static_cast<int64_t>(i))
        return value;
  return op->getOperand(0);
}

Value Importer::beforeMerging(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  if (!reshape)
    return nullptr;
  ArrayRef<int64_t> from = tensorType(reshape.getInput()).getShape(),
                    to = tensorType(value).getShape();
  return to.size() > 1 && from.size() > to.size() &&
                 from.take_back(to.size() - 1) == to.drop_front()
             ? reshape.getInput()
             : Value();
}

/// What was merged stays apart up to the next reshape, often the one that
/// takes it apart again: nothing stands between an op and those before it.
Value Importer::makeRepeated(StringRef name, Type result, Value lhs,
                             Value repeated,
                             ArrayRef<NamedAttribute> attributes) {
  Value whole = beforeMerging(lhs);
  if (!whole || tensorType(repeated).getRank() >= tensorType(lhs).getRank())
    return make(name, result, {lhs, repeated}, attributes);
  auto type = cast<RankedTensorType>(result);
  Value made = make(name, type.clone(tensorType(whole).getShape()),
                    {whole, repeated}, attributes);
  return reshape(made, type.getShape());
}

Value Importer::makeBinary(StringRef name, Value lhs, Value rhs, bool commutes,
                           ArrayRef<NamedAttribute> attributes, Type result) {
  RankedTensorType type = tensorType(lhs);
  if (!result)
    result = type;
  Value right = shortest(rhs, type);
  if (right != rhs)
    return makeRepeated(name, result, lhs, right, attributes);
  if (commutes)
    if (Value left = shortest(lhs, type); left != lhs)
      return makeRepeated(name, result, rhs, left, attributes);
  return make(name, result, {lhs, rhs}, attributes);
}

Value Importer::reshape(Value value, ArrayRef<int64_t> shape) {
  RankedTensorType type = tensorType(value);
  if (type.getShape() == shape)
    return value;
  return make("ds.reshape", type.clone(shape), value);
}

Value Importer::transpose(Value value, ArrayRef<int64_t> dims) {
  RankedTensorType type = tensorType(value);
  SmallVector<int64_t> shape, moved;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    shape.push_back(type.getDimSize(dim));
    if (shape.back() != 1)
      moved.push_back(dim);
  }
  // Only dimensions of size 1 move: the elements stay where they are.
  if (llvm::is_sorted(moved))
    return reshape(value, shape);
  return make("ds.transpose", type.clone(shape), value, named("dims", dims));
}

Value Importer::slice(Value value, ArrayRef<int64_t> starts,
                      ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides) {
  RankedTensorType type = tensorType(value), part = type.clone(sizes);
  if (type == part)
    return value;
  SmallVector<int64_t> cut;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (sizes[i] != type.getDimSize(i))
      cut.push_back(i);
  const bool dense =
      llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
  if (dense && cut.size() == 1) // a view
    return make("ds.window", part, value,
                {named("dim", cut[0]), named("at", starts[cut[0]])});
  SmallVector<NamedAttribute> attributes{named("at", starts)};
  if (!dense)
    attributes.push_back(named("by", strides));
  return make("ds.slice", part, value, attributes);
}

} // namespace ds::hlo
