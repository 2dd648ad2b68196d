//===- DSVerify.cpp - What well-formed ds ops are -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSProducts.h"
#include "DSShapes.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
namespace {

/// The number of elements; nothing for dynamic types and beyond 2^63.
std::optional<int64_t> elementsOf(RankedTensorType type) {
  int64_t elements = 1;
  for (int64_t size : type.getShape())
    if (ShapedType::isDynamic(size) ||
        __builtin_mul_overflow(elements, size, &elements))
      return std::nullopt;
  return elements;
}

LogicalResult verifyOffsets(Operation *op, RankedTensorType flat,
                            TypeRange tensors, ArrayRef<int64_t> offsets) {
  if (flat.getRank() != 1 || !flat.hasStaticShape())
    return op->emitOpError("expects a static rank-1 unit, but got ") << flat;
  if (tensors.size() != offsets.size())
    return op->emitOpError("expects one offset per tensor, but got ")
           << offsets.size() << " offsets for " << tensors.size() << " tensors";
  int64_t end = 0, whole = flat.getDimSize(0);
  for (auto [type, offset] : llvm::zip_equal(tensors, offsets)) {
    auto tensor = cast<RankedTensorType>(type);
    if (!tensor.hasStaticShape() ||
        tensor.getElementType() != flat.getElementType())
      return op->emitOpError("expects static tensors of the unit's element "
                             "type, but got ")
             << tensor << " in " << flat;
    const std::optional<int64_t> size = elementsOf(tensor);
    if (!size || offset < end || offset > whole || *size > whole - offset)
      return op->emitOpError("expects ascending, disjoint tensors inside ")
             << flat << ", but got " << tensor << " at " << offset;
    end = offset + *size;
  }
  return success();
}

LogicalResult verifyInit(Operation *op, Attribute init, RankedTensorType type) {
  if (isa<NormalAttr>(init) && !isa<FloatType>(type.getElementType()))
    return op->emitOpError("expects initial values #ds.fill<value> of ")
           << type << ", but got " << init;
  if (isa<NormalAttr, ConstantInitAttr>(init))
    return success();
  if (isa<SeedInitAttr>(init) && isa<UnitOp>(op)) {
    if (type.getRank() == 0 && type.getElementType().isInteger(64))
      return success();
    return op->emitOpError("expects #ds.seed to be the value of an int64 "
                           "scalar, but got ")
           << type;
  }
  return op->emitOpError("expects initial values #ds.normal<std> or "
                         "#ds.fill<value>, but got ")
         << init;
}

LogicalResult verifyShard(Operation *op, Value whole, Value shard) {
  auto w = tensorType(whole), s = tensorType(shard);
  if (w.getRank() != 1 || s.getRank() != 1 ||
      w.getElementType() != s.getElementType() || s.getDimSize(0) <= 0 ||
      w.getDimSize(0) % s.getDimSize(0) != 0)
    return op->emitOpError(
               "expects flat tensors whose shard divides the whole, "
               "but got shard ")
           << s << " of " << w;
  return success();
}

} // namespace

//===--------------------------------------------------------------------===//
// State
//===--------------------------------------------------------------------===//

LogicalResult ParameterOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getType());
  if (!type || !elementsOf(type))
    return emitOpError("expects a static shape below 2^63 elements, but got ")
           << getType();
  if (getRole() != "parameter" && getRole() != "frozen" &&
      getRole() != "buffer")
    return emitOpError("expects role 'parameter', 'frozen' or 'buffer', but "
                       "got '")
           << getRole() << "'";
  const Type element = type.getElementType();
  if (getRole() == "parameter" && !isa<FloatType>(element))
    return emitOpError("expects a floating-point tensor, but got ") << type;
  if (!isa<FloatType>(element) && !element.isInteger(1) &&
      !element.isInteger(8) && !element.isInteger(16) &&
      !element.isInteger(32) && !element.isInteger(64))
    return emitOpError("expects elements of floating point, i1, i8, i16, i32 "
                       "or i64, but got ")
           << type;
  return verifyInit(*this, getInit(), cast<RankedTensorType>(getType()));
}

LogicalResult UnitOp::verify() {
  if (!llvm::is_contained(
          {"parameter", "frozen", "buffer", "optimizer", "scalar"}, getRole()))
    return emitOpError("expects role 'parameter', 'frozen', 'buffer', "
                       "'optimizer' or 'scalar', but got '")
           << getRole() << "'";
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape() || type.getRank() > 1 || getShards() < 1)
    return emitOpError("expects a static flat or rank-0 type and at least one "
                       "shard, but got ")
           << type << " and " << getShards() << " shards";
  int64_t end = 0, elements = 0;
  if (!elementsOf(type) ||
      __builtin_mul_overflow(*elementsOf(type), getShards(), &elements))
    return emitOpError("expects fewer than 2^63 elements, but got ")
           << getShards() << " shards of " << type;
  for (auto member : getMembers().getAsRange<MemberAttr>()) {
    if (failed(verifyInit(*this, member.getInit(), member.getType())))
      return failure();
    if (member.getType().getElementType() != type.getElementType())
      return emitOpError("expects members of the unit's element type, but got ")
             << member << " in " << type;
    const std::optional<int64_t> size = elementsOf(member.getType());
    if (!size || member.getOffset() < end || member.getOffset() > elements ||
        *size > elements - member.getOffset())
      return emitOpError("expects ascending, disjoint members within ")
             << elements << " elements, but got " << member;
    end = member.getOffset() + *size;
  }
  return success();
}

/// The type of the parameter or unit that `state` names.
static FailureOr<Type> stateType(Operation *op, FlatSymbolRefAttr state,
                                 SymbolTableCollection &table) {
  Operation *symbol = table.lookupNearestSymbolFrom(op, state);
  if (auto parameter = dyn_cast_or_null<ParameterOp>(symbol))
    return parameter.getType();
  if (auto unit = dyn_cast_or_null<UnitOp>(symbol))
    return unit.getType();
  return op->emitOpError("expects a ds.parameter or ds.unit named ") << state;
}

static LogicalResult verifyStateUse(Operation *op, FlatSymbolRefAttr state,
                                    Type type, SymbolTableCollection &table) {
  FailureOr<Type> declared = stateType(op, state, table);
  if (failed(declared))
    return failure();
  if (*declared != type)
    return op->emitOpError("expects the type of ")
           << state << ", " << *declared << ", but got " << type;
  return success();
}

LogicalResult ReadOp::verifySymbolUses(SymbolTableCollection &table) {
  return verifyStateUse(*this, getStateAttr(), getValue().getType(), table);
}

LogicalResult WriteOp::verifySymbolUses(SymbolTableCollection &table) {
  return verifyStateUse(*this, getStateAttr(), getValue().getType(), table);
}

/// `%ln_1.weight = ds.read @transformer.h.0.ln_1.weight`: the last two parts.
void ReadOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  auto [rest, last] = getState().rsplit('.');
  StringRef layer = last.empty() ? StringRef() : rest.rsplit('.').second;
  if (!last.empty() && layer.empty())
    layer = rest;
  setName(getValue(),
          last.empty() ? getState().str() : (layer + "." + last).str());
}

LogicalResult UnflattenOp::verify() {
  return verifyOffsets(*this, tensorType(getFlat()), getTensors().getTypes(),
                       getOffsets());
}

LogicalResult FlattenOp::verify() {
  return verifyOffsets(*this, tensorType(getFlat()), getTensors().getTypes(),
                       getOffsets());
}

LogicalResult MicroBatchOp::verify() {
  auto inputs = tensorType(getInputs()), entry = tensorType(getEntry());
  if (inputs.getRank() != entry.getRank() + 1 ||
      !isPart(inputs, entry, /*suffix=*/true) ||
      inputs.getElementType() != entry.getElementType())
    return emitOpError("expects the inputs without their first dimension, "
                       "but got ")
           << entry << " from " << inputs;
  return success();
}

//===--------------------------------------------------------------------===//
// Views
//===--------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  auto product = [](RankedTensorType type) {
    uint64_t n = 1;
    for (uint64_t dim : type.getShape())
      n = llvm::SaturatingMultiply(n, ShapedType::isDynamic(dim) ? 1 : dim);
    return n;
  };
  SmallVector<StringRef> namesIn, namesOut;
  for (int64_t i = 0; i < in.getRank(); ++i)
    if (in.isDynamicDim(i))
      namesIn.push_back(dimName(in, i));
  for (int64_t i = 0; i < out.getRank(); ++i)
    if (out.isDynamicDim(i))
      namesOut.push_back(dimName(out, i));
  if (product(in) != product(out) || namesIn != namesOut ||
      in.getElementType() != out.getElementType())
    return emitOpError("expects as many elements as the input, but got ")
           << in << " and " << out;
  return success();
}

static LogicalResult verifyParts(Operation *op, RankedTensorType whole,
                                 TypeRange parts) {
  int64_t sum = 0;
  for (Type type : parts) {
    auto part = cast<RankedTensorType>(type);
    if (part.getRank() < 1 || !sameRows(whole, part, 1, 1) ||
        part.getElementType() != whole.getElementType() ||
        __builtin_add_overflow(sum, part.getShape().back(), &sum))
      return op->emitOpError("expects parts of ")
             << whole << " along the last dimension, but got " << part;
  }
  if (whole.getRank() < 1 || sum != whole.getShape().back())
    return op->emitOpError("expects the parts' last dimensions to sum to ")
           << whole.getShape().back() << ", but got " << sum;
  return success();
}

LogicalResult SplitOp::verify() {
  return verifyParts(*this, tensorType(getInput()), getParts().getTypes());
}

LogicalResult ConcatOp::verify() {
  return verifyParts(*this, tensorType(getResult()), getParts().getTypes());
}

/// Whether `part` is [at, at + its size) of dimension `dim` of `whole`.
static LogicalResult verifyRange(Operation *op, RankedTensorType whole,
                                 RankedTensorType part, int64_t dim,
                                 int64_t at) {
  bool ok = whole.getRank() == part.getRank() && dim >= 0 &&
            dim < whole.getRank() && !whole.isDynamicDim(dim) &&
            !part.isDynamicDim(dim) &&
            whole.getElementType() == part.getElementType();
  for (int64_t d = 0; ok && d < whole.getRank(); ++d)
    ok = d == dim ? at >= 0 && part.getDimSize(d) <= whole.getDimSize(d) &&
                        at <= whole.getDimSize(d) - part.getDimSize(d)
                  : sameDim(part, d, whole, d);
  if (ok)
    return success();
  return op->emitOpError("expects a range of dimension ")
         << dim << " of " << whole << ", but got " << part << " at " << at;
}

LogicalResult WindowOp::verify() {
  return verifyRange(*this, tensorType(getInput()), tensorType(getResult()),
                     getDim(), getAt());
}

LogicalResult StackOp::verify() {
  int64_t at = 0;
  for (Value part : getParts()) {
    if (failed(verifyRange(*this, tensorType(getResult()), tensorType(part),
                           getDim(), at)))
      return failure();
    at += tensorType(part).getDimSize(getDim());
  }
  auto whole = tensorType(getResult());
  if (getParts().empty() || at != whole.getDimSize(getDim()))
    return emitOpError("expects parts that fill ")
           << whole << ", but got " << at;
  return success();
}

static LogicalResult verifyRows(Operation *op, RankedTensorType more,
                                RankedTensorType fewer) {
  bool ok = more.getRank() == fewer.getRank() && more.getRank() > 0 &&
            more.getElementType() == fewer.getElementType();
  for (int64_t i = 1; ok && i < more.getRank(); ++i)
    ok = sameDim(more, i, fewer, i);
  if (ok && !more.isDynamicDim(0) && !fewer.isDynamicDim(0))
    ok = fewer.getDimSize(0) <= more.getDimSize(0);
  if (!ok)
    return op->emitOpError("expects tensors that differ in the first dimension "
                           "only, the longer one being ")
           << more << ", but got " << fewer;
  return success();
}

LogicalResult TakeOp::verify() {
  return verifyRows(*this, tensorType(getInput()), tensorType(getResult()));
}

//===--------------------------------------------------------------------===//
// Products and reductions
//===--------------------------------------------------------------------===//

LogicalResult verifyProduct(Operation *op, StringRef spec, Value lhs, Value rhs,
                            Value result, bool adds) {
  ProductSpec letters(spec);
  StringRef dims[3] = {letters.lhs, letters.rhs, letters.result};
  RankedTensorType types[3] = {tensorType(lhs), tensorType(rhs),
                               tensorType(result)};
  Type element = types[0].getElementType(), sum = types[2].getElementType();
  if (types[1].getElementType() != element ||
      (sum != element && !(isNarrow(element) && sum.isF32())))
    return op->emitOpError("expects equal element types, or two of 16 bits and "
                           "a float32 result, but got ")
           << types[0] << ", " << types[1] << " and " << types[2];
  std::map<char, std::pair<int, int>> first; // letter -> (tensor, dimension)
  std::map<char, int> uses;
  for (int t = 0; t < 3; ++t) {
    if (static_cast<int64_t>(dims[t].size()) != types[t].getRank())
      return op->emitOpError("expects one letter per dimension, but got '")
             << dims[t] << "' for " << types[t];
    for (auto [i, letter] : llvm::enumerate(dims[t])) {
      if (!llvm::isLower(letter) || dims[t].count(letter) != 1)
        return op->emitOpError("expects distinct lower-case letters, but got '")
               << dims[t] << "'";
      auto [it, isNew] = first.try_emplace(letter, t, i);
      RankedTensorType other = types[it->second.first];
      int64_t j = it->second.second;
      bool within = adds && t == 2 && !types[t].isDynamicDim(i) &&
                    !other.isDynamicDim(j) &&
                    types[t].getDimSize(i) >= other.getDimSize(j);
      if (!isNew && !within && !sameDim(types[t], i, other, j))
        return op->emitOpError("expects dimension '")
               << letter << "' to be one size, but got " << types[t] << " and "
               << types[it->second.first];
      ++uses[letter];
    }
  }
  for (auto [letter, count] : uses)
    if (count < 2)
      return op->emitOpError("expects every letter twice, but got '")
             << letter << "' once in \"" << spec << "\"";
  return success();
}

LogicalResult DotOp::verify() {
  return verifyProduct(*this, getSpec(), getLhs(), getRhs(), getResult(),
                       /*adds=*/false);
}

LogicalResult DotAddOp::verify() {
  return verifyProduct(*this, getSpec(), getLhs(), getRhs(), getResult(),
                       /*adds=*/true);
}

LogicalResult SumOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (in.getRank() == 0 || in.getRank() <= out.getRank() ||
      !isPart(in, out, !getTrailing()))
    return emitOpError("expects a result of the input's ")
           << (getTrailing() ? "first" : "last") << " dimensions, but got "
           << out << " from " << in;
  return success();
}

LogicalResult ReduceOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  Type element = in.getElementType();
  const bool isBits = getKind() == "and" || getKind() == "or";
  if (!isBits && getKind() != "max" && getKind() != "min" && getKind() != "mul")
    return emitOpError("expects kind 'max', 'min', 'mul', 'and' or 'or', but "
                       "got '")
           << getKind() << "'";
  if (isBits ? isa<FloatType>(element) : element.isInteger(1))
    return emitOpError("expects ")
           << (isBits ? "integers or truth values" : "numbers") << " for kind '"
           << getKind() << "', but got " << in;
  if (in.getRank() <= out.getRank() || !isPart(in, out, /*suffix=*/false) ||
      element != out.getElementType())
    return emitOpError("expects a result of the input's first dimensions, but "
                       "got ")
           << out << " from " << in;
  return verifySign(*this, getIsUnsigned(), element);
}

LogicalResult ReduceGradOp::verify() {
  auto in = tensorType(getInput()), grad = tensorType(getGrad());
  if (getKind() != "max" && getKind() != "min" && getKind() != "mul")
    return emitOpError("expects kind 'max', 'min' or 'mul', but got '")
           << getKind() << "'";
  if (in.getRank() <= grad.getRank() || !isPart(in, grad, /*suffix=*/false) ||
      in.getElementType() != grad.getElementType())
    return emitOpError("expects a gradient of the input's first dimensions, "
                       "but got ")
           << grad << " for " << in;
  return success();
}

LogicalResult ArgReduceOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (getKind() != "max" && getKind() != "min")
    return emitOpError("expects kind 'max' or 'min', but got '")
           << getKind() << "'";
  if (in.getRank() != out.getRank() + 1 || !isPart(in, out, /*suffix=*/false) ||
      in.getShape().back() == 0)
    return emitOpError("expects a result of the input's dimensions but the "
                       "last, which is not empty, but got ")
           << out << " from " << in;
  return verifySign(*this, getIsUnsigned(), in.getElementType());
}

//===--------------------------------------------------------------------===//
// Collectives
//===--------------------------------------------------------------------===//

LogicalResult AllGatherOp::verify() {
  return verifyShard(*this, getResult(), getInput());
}
LogicalResult ReduceScatterOp::verify() {
  return verifyShard(*this, getInput(), getResult());
}
LogicalResult LocalShardOp::verify() {
  return verifyShard(*this, getInput(), getResult());
}
LogicalResult AllReduceOp::verify() {
  if (getInput().getType() != getResult().getType())
    return emitOpError("expects the result to have the input's type, but got ")
           << getInput().getType() << " and " << getResult().getType();
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &table) {
  auto kernel =
      table.lookupNearestSymbolFrom<func::FuncOp>(*this, getKernelAttr());
  if (!kernel || !kernel->hasAttr(kKernelAttr))
    return emitOpError("expects a kernel function named ") << getKernelAttr();
  auto type =
      FunctionType::get(getContext(), getOperandTypes(), getResultTypes());
  if (kernel.getFunctionType() != type)
    return emitOpError("expects the kernel's type ")
           << kernel.getFunctionType() << ", but got " << type;
  return success();
}

} // namespace ds
