//===- EmitData.cpp - Views, copies and constants -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The part of the emitter that moves or names bytes: most of it costs nothing.
//===--------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>
#include <cstring>

using namespace mlir;

namespace ds {

LogicalResult Emitter::emitView(Operation &op) {
  Place from = storage.get(op.getOperand(0));
  RankedTensorType type = tensorType(op.getOperand(0));
  int64_t bytes = elementBytes(type.getElementType());
  if (auto split = dyn_cast<SplitOp>(op)) {
    for (Value part : split.getParts()) {
      storage.set(part, from);
      from.offset +=
          tensorType(part).getShape().back() * from.strides.back() * bytes;
    }
    return success();
  }
  if (auto window = dyn_cast<WindowOp>(op))
    from.offset += static_cast<int64_t>(window.getAt()) *
                   from.strides[window.getDim()] * bytes;
  if (auto views = dyn_cast<UnflattenOp>(op)) {
    for (auto [tensor, offset] :
         llvm::zip_equal(views.getTensors(), views.getOffsets()))
      storage.set(tensor, {from.buffer, from.offset + offset * bytes,
                           rowMajor(tensorType(tensor).getShape())});
    return success();
  }
  if (auto shard = dyn_cast<LocalShardOp>(op)) {
    if (from.offset != 0)
      return op.emitError("expects the shard of a whole buffer");
    int64_t shards =
        type.getDimSize(0) / tensorType(shard.getResult()).getDimSize(0);
    storage.set(shard.getResult(),
                {storage.shardWindow(from.buffer, shards), 0, {1}});
    return success();
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    auto strides = reshapeStrides(type.getShape(), from.strides,
                                  tensorType(reshape.getResult()).getShape());
    if (!strides)
      from = packed(op.getOperand(0));
    from.strides = strides
                       ? *strides
                       : rowMajor(tensorType(reshape.getResult()).getShape());
  }
  storage.set(op.getResult(0), from); // barrier, take, window: bytes of it
  return success();
}

/// concat, flatten, stack: operands that could not be made in place are
/// copied.
LogicalResult Emitter::emitGather(Operation &op) {
  Value result = op.getResult(0);
  if (!storage.has(result))
    storage.create(result, &op, /*strided=*/!isa<FlattenOp>(op));
  const Place whole = storage.get(result);
  int64_t bytes = elementBytes(tensorType(result).getElementType());
  int64_t end = 0; // of what is written
  for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
    RankedTensorType type = tensorType(operand);
    Place to = whole;
    if (auto flatten = dyn_cast<FlattenOp>(op)) {
      int64_t begin = flatten.getOffsets()[i];
      to.offset += begin * bytes;
      to.strides = rowMajor(type.getShape());
      if (begin > end)
        fill(&op, RankedTensorType::get({begin - end}, type.getElementType()),
             0, {whole.buffer, whole.offset + end * bytes, {1}});
      end = begin + type.getNumElements();
    } else if (isa<ConcatOp>(op)) {
      to.offset += end * bytes;
      end += type.getShape().back();
    } else {
      int64_t dim = cast<StackOp>(op).getDim();
      to.offset += end * whole.strides[dim] * bytes;
      end += type.getDimSize(dim);
    }
    copy(operand, to);
  }
  int64_t total = tensorType(result).getNumElements();
  if (isa<FlattenOp>(op) && end < total)
    fill(&op,
         RankedTensorType::get({total - end},
                               tensorType(result).getElementType()),
         0, {whole.buffer, whole.offset + end * bytes, {1}});
  return success();
}

void Emitter::copy(Value value, const Place &to) {
  const Place &from = storage.get(value);
  RankedTensorType type = tensorType(value);
  // Dimensions of size 1 lie anywhere.
  bool same = from.buffer == to.buffer && from.offset == to.offset;
  for (auto [a, b, size] :
       llvm::zip_equal(from.strides, to.strides, type.getShape()))
    same &= a == b || size == 1;
  if (same)
    return;
  copyElements(nameOf(value), type, from, to);
}

/// The dimensions of a copy, outermost first; neighbours that lie evenly on
/// both sides are one.
static SmallVector<plan::CopyDim> dimsOf(RankedTensorType type,
                                         const Place &from, const Place &to) {
  auto bytes = static_cast<uint64_t>(elementBytes(type.getElementType()));
  SmallVector<plan::CopyDim> dims;
  for (auto [size, src, dst] :
       llvm::zip_equal(type.getShape(), from.strides, to.strides))
    if (size != 1)
      dims.emplace_back(size, src * bytes, dst * bytes);
  llvm::stable_sort(dims, [](const auto &a, const auto &b) {
    return a.dst_stride() > b.dst_stride();
  });
  for (size_t i = 1; i < dims.size();) {
    const plan::CopyDim outer = dims[i - 1], inner = dims[i];
    if (outer.src_stride() == inner.src_stride() * inner.size() &&
        outer.dst_stride() == inner.dst_stride() * inner.size()) {
      dims[i] = plan::CopyDim(outer.size() * inner.size(), inner.src_stride(),
                              inner.dst_stride());
      dims.erase(dims.begin() + i - 1);
    } else {
      ++i;
    }
  }
  return dims;
}

void Emitter::copyElements(std::string name, RankedTensorType type,
                           const Place &from, const Place &to) {
  plan::CopyT copy;
  copy.src = refTo(from);
  copy.dst = refTo(to);
  copy.bytes = static_cast<uint64_t>(elementBytes(type.getElementType()));
  SmallVector<plan::CopyDim> dims = dimsOf(type, from, to);
  if (!dims.empty() && dims.back().src_stride() == copy.bytes &&
      dims.back().dst_stride() == copy.bytes) {
    copy.bytes *= dims.back().size();
    dims.pop_back();
  }
  copy.dims.assign(dims.begin(), dims.end());
  appendCopy(std::move(name), type.getElementType(), std::move(copy));
}

Place Emitter::packed(Value value) {
  const Place from = storage.get(value);
  if (isContiguous(from, tensorType(value)))
    return from;
  Place to = storage.allocate(value);
  copyElements(nameOf(value), tensorType(value), from, to);
  return to;
}

LogicalResult Emitter::emitMicroBatch(MicroBatchOp op) {
  const Place &inputs = storage.get(op.getInputs());
  RankedTensorType type = tensorType(op.getEntry());
  int64_t bytes = byteSize(type);
  APInt index;
  if (matchPattern(op.getIndex(), m_ConstantInt(&index))) {
    storage.set(op.getEntry(),
                {inputs.buffer, inputs.offset + index.getSExtValue() * bytes,
                 rowMajor(type.getShape())});
    return success();
  }
  Place place = storage.allocate(op.getEntry());
  storage.set(op.getEntry(), place);
  plan::CopyT copy;
  copy.src = refTo(inputs);
  copy.dst = refTo(place);
  copy.bytes = static_cast<uint64_t>(bytes);
  copy.index = refTo(storage.get(op.getIndex()));
  copy.indexed = true;
  copy.src_stride = static_cast<uint64_t>(bytes);
  append("micro_batch", std::move(copy));
  return success();
}

/// The loop's own counter; a number where the loop is gone.
void Emitter::emitIndex(IndexOp op) {
  APInt index;
  if (!matchPattern(op.getIndex(), m_ConstantInt(&index)))
    return storage.set(op.getResult(), storage.get(op.getIndex()));
  const Place place = storage.create(op.getResult(), op);
  fill(op, tensorType(op.getResult()),
       static_cast<double>(index.getSExtValue()), place);
}

void Emitter::emitTable(RotaryTableOp op) {
  RankedTensorType type = tensorType(op.getResult());
  auto key = std::tuple(op.getFunction().str(), op.getTheta().convertToDouble(),
                        op.getFrequenciesAttr().getAsOpaquePointer(),
                        type.getDimSize(0), type.getDimSize(1));
  auto [it, isNew] = tables.try_emplace(key, 0);
  if (isNew) {
    std::vector<float> values = op.getValues();
    it->second =
        addConstant("rotary." + op.getFunction().str(), type,
                    ArrayRef(reinterpret_cast<const char *>(values.data()),
                             values.size() * sizeof(float)));
  }
  storage.set(op.getResult(), {it->second, 0, rowMajor(type.getShape())});
}

int Emitter::addConstant(std::string name, RankedTensorType type,
                         ArrayRef<char> bytes) {
  int buffer =
      storage.addBuffer(std::move(name), type, plan::BufferClass::constant);
  storage.buffer(buffer).persistent = true;
  auto data = std::make_unique<plan::ConstantDataT>();
  data->buffer = static_cast<uint32_t>(buffer);
  data->offset = draft.constants.size();
  data->bytes = bytes.size();
  llvm::append_range(draft.constants, bytes);
  draft.constants.resize(llvm::alignTo(draft.constants.size(), 64));
  draft.plan.constants.push_back(std::move(data));
  return buffer;
}

/// The four bytes that, repeated, are a tensor of equal elements.
static std::optional<uint32_t> patternOf(RankedTensorType type, double value) {
  Type element = type.getElementType();
  if (byteSize(type) % 4 != 0)
    return std::nullopt;
  if (element.isF32())
    return llvm::bit_cast<uint32_t>(static_cast<float>(value));
  if (value == 0 && !std::signbit(value))
    return 0;
  const auto bits = static_cast<uint32_t>(static_cast<int64_t>(value));
  if (element.isInteger(32))
    return bits;
  if (elementBytes(element) == 1)
    return (bits & 255) * 0x01010101u;
  return std::nullopt;
}

bool Emitter::isSetByLoop(Value value) {
  auto op = value.getDefiningOp<ConstantOp>();
  RankedTensorType type = tensorType(value);
  if (!op || !op.getSplat() ||
      !(type.getRank() == 0 || patternOf(type, *op.getSplat())))
    return false;
  return llvm::all_of(op->getUses(), [](OpOperand &use) {
    auto scan = dyn_cast<ScanOp>(use.getOwner());
    return isa<scf::ForOp>(use.getOwner()) ||
           (scan && use.getOperandNumber() < scan.getCarry().size());
  });
}

/// A tensor's elements as they lie in memory: truth values are bytes.
static SmallVector<char> bytesOf(DenseElementsAttr dense) {
  SmallVector<char> bytes;
  if (dense.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return bytes;
  }
  const int64_t repeats = dense.isSplat() ? dense.getNumElements() : 1;
  for (int64_t i = 0; i < repeats; ++i)
    llvm::append_range(bytes, dense.getRawData());
  return bytes;
}

LogicalResult Emitter::emitConstant(ConstantOp op) {
  RankedTensorType type = tensorType(op.getResult());
  if (isSetByLoop(op.getResult()))
    return success();
  std::optional<double> splat = op.getSplat();
  if (splat && (type.getRank() == 0 || patternOf(type, *splat))) {
    const Place place = storage.create(op.getResult(), op);
    fill(op, type, *splat, place);
    return success();
  }
  if (op->use_empty())
    return success();
  auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
  if (!dense)
    return op.emitOpError("expects dense elements");
  int buffer = addConstant(nameOf(op.getOperation()), type, bytesOf(dense));
  storage.set(op.getResult(), {buffer, 0, rowMajor(type.getShape())});
  return success();
}

LogicalResult Emitter::emitSort(ArgSortOp op) {
  if (failed(refuseOnGpu(op)))
    return failure();
  RankedTensorType in = tensorType(op.getInput());
  const int64_t length = in.getShape().back(),
                kept = tensorType(op.getResult()).getShape().back();
  plan::SortT sort;
  sort.src = refTo(packed(op.getInput()));
  sort.dst = refTo(storage.create(op.getResult(), op));
  if (kept == 0 || in.getNumElements() == 0)
    return success(); // nothing to sort
  sort.dtype = dtypeOf(in.getElementType());
  sort.rows = static_cast<uint64_t>(in.getNumElements() / length);
  sort.length = static_cast<uint64_t>(length);
  sort.kept = static_cast<uint64_t>(kept);
  sort.descending = op.getDescending();
  sort.unsigned_keys = op.getIsUnsigned();
  sort.total = op.getTotal();
  append(nameOf(op.getOperation()), std::move(sort));
  return success();
}

/// One number as it lies in memory.
static SmallVector<char> bytesOf(Type element, double value) {
  SmallVector<char> bytes;
  auto append = [&](auto number) {
    const char *begin = reinterpret_cast<const char *>(&number);
    bytes.append(begin, begin + sizeof(number));
  };
  if (auto type = dyn_cast<FloatType>(element)) {
    llvm::APFloat number(value);
    bool ignored;
    number.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                   &ignored);
    append(number.bitcastToAPInt().getZExtValue());
  } else {
    append(static_cast<int64_t>(value));
  }
  bytes.truncate(elementBytes(element)); // little-endian
  return bytes;
}

/// On a GPU a fill of four bytes, or a copy of a constant of another size.
void Emitter::fillScalar(RankedTensorType type, double value,
                         const Place &place) {
  SmallVector<char> bytes = bytesOf(type.getElementType(), value);
  if (bytes.size() == 4) {
    plan::FillT fill;
    fill.dst = refTo(place);
    fill.bytes = 4;
    std::memcpy(&fill.pattern, bytes.data(), 4);
    return append("set", std::move(fill));
  }
  auto [it, isNew] = scalars.try_emplace(
      {dtypeOf(type.getElementType()), {bytes.begin(), bytes.end()}}, 0);
  if (isNew)
    it->second = addConstant("constant", type, bytes);
  copyElements("set", type, {it->second, 0, {}}, place);
}

void Emitter::fill(Operation *op, RankedTensorType type, double value,
                   const Place &place) {
  if (type.getRank() == 0) {
    if (isForGpu())
      return fillScalar(type, value, place);
    plan::ScalarT set;
    set.op = plan::ScalarOpcode::set;
    set.dtype = set.a_dtype = set.b_dtype = dtypeOf(type.getElementType());
    set.dst = refTo(place);
    set.a = refTo(place);
    set.b = refTo(place);
    set.immediate = value;
    if (type.getElementType().isInteger(8)) // a byte has no sign in the plan
      set.immediate = static_cast<uint8_t>(static_cast<int64_t>(value));
    append("set", std::move(set));
    return;
  }
  plan::FillT fill;
  fill.dst = refTo(place);
  fill.bytes = static_cast<uint64_t>(byteSize(type));
  fill.pattern = patternOf(type, value).value_or(0);
  append(nameOf(op) + ".fill", std::move(fill));
}

} // namespace ds
