//===- DSDropout.cpp - Dropout with masks from counters -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DropoutMask is the definition, element by element; lowerToLinalg computes
// the same with one random word per element, which the code generator makes
// four at a time.
//===--------------------------------------------------------------------===//

#include "DSDropout.h"

#include "DSKernelBuilder.h"
#include "ds-rt/Philox.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA256.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

/// Element numbers have 34 bits: a word of the counter has four elements.
constexpr int64_t kMostElements = int64_t{1} << 34;

LogicalResult verifyProbability(function_ref<InFlightDiagnostic()> emitError,
                                double p) {
  if (p >= 0 && p < 1)
    return success();
  return emitError() << "expects a dropout probability of at least 0 and "
                        "below 1, but got "
                     << p;
}

/// The number of elements of a sample; nothing when it is not known.
std::optional<int64_t> sampleSize(ArrayRef<int64_t> shape) {
  int64_t elements = 1;
  for (int64_t size : shape)
    if (size < 0 || __builtin_mul_overflow(elements, size, &elements))
      return std::nullopt;
  return elements;
}

LogicalResult verifySample(Operation *op, Value input, int64_t rank,
                           ArrayRef<int64_t> sample) {
  RankedTensorType type = tensorType(input);
  if (type.getRank() < rank || !isa<FloatType>(type.getElementType()))
    return op->emitOpError("expects floating samples [samples, ...], but got ")
           << type;
  std::optional<int64_t> size = sampleSize(sample);
  if (size && *size > kMostElements)
    return op->emitOpError("expects at most 2^34 elements per sample, but got ")
           << *size;
  return success();
}

/// Steps between neighbours along each dimension of a row-major sample.
SmallVector<int64_t> stridesOf(ArrayRef<int64_t> sample) {
  SmallVector<int64_t> strides(sample.size(), 1);
  for (size_t d = sample.size(); d-- > 1;)
    strides[d - 1] = strides[d] * sample[d];
  return strides;
}

} // namespace

//===--------------------------------------------------------------------===//
// The mask
//===--------------------------------------------------------------------===//

LogicalResult DropoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                  StringAttr name, FloatAttr probability) {
  if (name.getValue().empty())
    return emitError() << "expects a dropout to have a name: its masks depend "
                          "on it";
  return verifyProbability(emitError, probability.getValueAsDouble());
}

std::array<uint32_t, 2> DropoutAttr::getKey() const {
  return streamKey(getName());
}

std::array<uint32_t, 2> streamKey(StringRef name) {
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(name));
  return {llvm::support::endian::read32le(digest.data()),
          llvm::support::endian::read32le(digest.data() + 4)};
}

DropoutMask::DropoutMask(DropoutAttr dropout,
                         ArrayRef<const HostTensor *> counter, int64_t samples)
    : DropoutMask(dropout ? dropout.getKey() : std::array<uint32_t, 2>{},
                  dropout ? dropout.getP() : 0, counter, samples) {}

DropoutMask::DropoutMask(std::array<uint32_t, 2> name, double p,
                         ArrayRef<const HostTensor *> counter, int64_t samples)
    : key(name), p(p) {
  if (counter.empty())
    return;
  auto word = [&](int i) {
    return static_cast<uint64_t>(static_cast<int64_t>(counter[i]->data[0]));
  };
  key[0] ^= static_cast<uint32_t>(word(0));
  key[1] ^= static_cast<uint32_t>(word(0) >> 32);
  step = word(1);
  first = word(2) * static_cast<uint64_t>(samples);
}

double DropoutMask::factor(int64_t n, int64_t element) const {
  if (p == 0)
    return 1;
  auto words = philox(
      {static_cast<uint32_t>(element / 4), static_cast<uint32_t>(first + n),
       static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)},
      key[0], key[1]);
  return words[element % 4] >= p * 0x1p32 ? 1 / (1 - p) : 0;
}

//===--------------------------------------------------------------------===//
// ds.dropout
//===--------------------------------------------------------------------===//

LogicalResult DropoutOp::verify() {
  if (!getCounter().empty() && getCounter().size() != 3)
    return emitOpError("expects seed, step and micro-batch behind 'at', but "
                       "got ")
           << getCounter().size() << " scalars";
  auto shape = tensorType(getInput()).getShape();
  return verifySample(*this, getInput(), /*rank=*/1,
                      shape.drop_front(std::min<size_t>(1, shape.size())));
}

OpFoldResult DropoutOp::fold(FoldAdaptor) {
  return getDropout().getP() == 0 ? getInput() : Value();
}

Value DropoutOp::withoutDropout() { return getInput(); }

void DropoutOp::evaluate(ArrayRef<const HostTensor *> operands,
                         MutableArrayRef<HostTensor> results) {
  const HostTensor &input = *operands[0];
  DropoutMask mask(getDropout(), operands.drop_front(), input.shape[0]);
  int64_t size = HostTensor::count(ArrayRef(input.shape).drop_front());
  for (int64_t i = 0, e = input.size(); i < e; ++i)
    results[0].data[i] = input.data[i] * mask.factor(i / size, i % size);
}

void DropoutOp::buildVjp(OpBuilder &b, ValueRange grads,
                         MutableArrayRef<Value> out) {
  out[0] = DropoutOp::create(b, getLoc(), grads[0].getType(), grads[0],
                             getCounter(), getDropout());
}

SmallVector<Value> DropoutOp::decompose(OpBuilder &b) {
  return {dropRows(b, getLoc(), getInput(), getDropout(), getCounter(),
                   tensorType(getInput()).getShape().drop_front(), 0)};
}

Value dropRows(OpBuilder &b, Location loc, Value input, DropoutAttr dropout,
               ValueRange counter, ArrayRef<int64_t> sample, int64_t first) {
  if (!dropout || dropout.getP() == 0)
    return input;
  std::array<uint32_t, 2> key = dropout.getKey();
  auto words =
      DenseElementsAttr::get(RankedTensorType::get({2}, b.getI32Type()),
                             ArrayRef<int32_t>{static_cast<int32_t>(key[0]),
                                               static_cast<int32_t>(key[1])});
  SmallVector<Value> at(counter);
  if (at.empty())
    at.assign(3, ConstantOp::create(
                     b, loc, RankedTensorType::get({}, b.getI64Type()), 0.0));
  // Rows lie inside of samples.
  RankedTensorType type = tensorType(input);
  SmallVector<int64_t> shape(sample);
  Value rows = input;
  if (type.getRank() == 1) {
    shape = {1};
    rows = ReshapeOp::create(
        b, loc,
        RankedTensorType::get({type.getDimSize(0), 1}, type.getElementType()),
        input);
  }
  Value result = DropoutRowsOp::create(
      b, loc, rows.getType(), rows, ConstantOp::create(b, loc, words), at[0],
      at[1], at[2], b.getDenseI64ArrayAttr(shape), b.getI64IntegerAttr(first),
      dropout.getProbability());
  return rows == input ? result : ReshapeOp::create(b, loc, type, result);
}

//===--------------------------------------------------------------------===//
// ds.dropout_rows
//===--------------------------------------------------------------------===//

LogicalResult DropoutRowsOp::verify() {
  ArrayRef<int64_t> sample = getSample();
  if (failed(verifyProbability([&] { return emitOpError(); },
                               getProbability().convertToDouble())) ||
      failed(verifySample(*this, getInput(), /*rank=*/2, sample)))
    return failure();
  ArrayRef<int64_t> part = tensorType(getInput()).getShape().drop_front();
  int64_t last = static_cast<int64_t>(getFirst());
  bool inside = part.size() == sample.size() && last >= 0;
  for (auto [size, whole, stride] :
       llvm::zip(part, sample, stridesOf(sample))) {
    inside &= size > 0 && size <= whole;
    last += (size - 1) * stride;
  }
  if (!inside || last >= sampleSize(sample).value_or(0))
    return emitOpError("expects a window of a sample of shape [")
           << sample << "], but got " << tensorType(getInput())
           << " from element " << getFirst();
  return success();
}

void DropoutRowsOp::evaluate(ArrayRef<const HostTensor *> operands,
                             MutableArrayRef<HostTensor> results) {
  const HostTensor &input = *operands[0], &key = *operands[1];
  DropoutMask mask({static_cast<uint32_t>(static_cast<int64_t>(key.data[0])),
                    static_cast<uint32_t>(static_cast<int64_t>(key.data[1]))},
                   getProbability().convertToDouble(), operands.drop_front(2),
                   input.shape[0]);
  ArrayRef<int64_t> part = ArrayRef(input.shape).drop_front();
  SmallVector<int64_t> strides = stridesOf(getSample());
  int64_t size = HostTensor::count(part);
  for (int64_t i = 0, e = input.size(); i < e; ++i) {
    int64_t element = getFirst(), rest = i % size;
    for (size_t d = part.size(); d-- > 0; rest /= part[d])
      element += rest % part[d] * strides[d];
    results[0].data[i] = input.data[i] * mask.factor(i / size, element);
  }
}

namespace {
/// Integer arithmetic in a body.
struct Places {
  Formula &f;
  Value number(int64_t value) {
    return arith::ConstantOp::create(f.builder, f.loc,
                                     f.builder.getI64IntegerAttr(value));
  }
  Value index(unsigned dim) {
    return arith::IndexCastOp::create(f.builder, f.loc, f.builder.getI64Type(),
                                      f.index(dim));
  }
  /// x * factor + y
  Value multiplyAdd(Value x, int64_t factor, Value y) {
    if (factor != 1)
      x = arith::MulIOp::create(f.builder, f.loc, x, number(factor));
    return arith::AddIOp::create(f.builder, f.loc, x, y);
  }
};

/// The word of the element at a body's place; its operands are seed, step and
/// micro-batch.
Scalar randomWord(Formula &f, DropoutRowsOp op, Value key) {
  Places places{f};
  int64_t samples = tensorType(op.getInput()).getDimSize(0);
  Value sample = places.multiplyAdd(f.args[2], samples, places.index(0));
  Value element = places.number(static_cast<int64_t>(op.getFirst()));
  for (auto [d, stride] : llvm::enumerate(stridesOf(op.getSample())))
    element = places.multiplyAdd(places.index(d + 1), stride, element);
  Value keys[2];
  for (int64_t i : {0, 1})
    keys[i] = f.extract(key, f.constantIndex(i)).value;
  return {&f, RandomWordOp::create(f.builder, f.loc, f.builder.getI32Type(),
                                   keys[0], keys[1], f.args[0], f.args[1],
                                   sample, element)};
}

/// Operand 0 after dropping; operand 1 is the word.
Scalar dropped(Formula &f, double p) {
  if (p == 0)
    return f.in(0);
  // word >= p 2^32, with no constant of 33 bits.
  auto below = static_cast<int64_t>(std::ceil(p * 0x1p32)) - 1;
  Value bound = arith::ConstantOp::create(
      f.builder, f.loc,
      f.builder.getI32IntegerAttr(static_cast<int32_t>(below)));
  Value kept = arith::CmpIOp::create(
      f.builder, f.loc, arith::CmpIPredicate::ugt, f.args[1], bound);
  return f.in(0) * f.select(kept, f.constant(1 / (1 - p)), f.constant(0.0));
}
} // namespace

DS_KERNEL_WALK(DropoutRowsOp, KernelKind::Row,
               tensorType(getResult()).getShape(),
               tensorType(getResult()).getRank() - 1)

LogicalResult DropoutRowsOp::lowerToLinalg(OpBuilder &builder,
                                           ValueRange operands,
                                           SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  auto wordType = RankedTensorType::get(type.getShape(), builder.getI32Type());
  Value words = pointwise(builder, getLoc(), wordType,
                          {operands[2], operands[3], operands[4]},
                          [&](Formula &f) -> Results {
                            return {randomWord(f, *this, operands[1])};
                          })[0];
  double p = getProbability().convertToDouble();
  results = pointwise(builder, getLoc(), type, {operands[0], words},
                      [&](Formula &f) -> Results { return {dropped(f, p)}; });
  return success();
}

} // namespace ds
