//===- Random.cpp - Importing random bits -------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// rng_bit_generator written out in integer ops, bit by bit as XLA's CPU
// back end does it (whose default algorithm is Philox).  All is computed in
// 32-bit words, the lower one of two first: the state's 64-bit integers are
// split once and joined once.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {

//===--------------------------------------------------------------------===//
// Words
//===--------------------------------------------------------------------===//

Value Importer::splitWords(Value whole) {
  // Joined words come apart as they were.
  for (auto &entry : joined)
    if (entry.second == whole)
      return entry.first;
  RankedTensorType type = tensorType(whole);
  Type narrow = IntegerType::get(whole.getContext(), 32);
  Value shift = constant(RankedTensorType::get({}, type.getElementType()), 32);
  Value high =
      make("ds.shift_right", type, {whole, shift}, flag("is_unsigned"));
  SmallVector<int64_t> shape(type.getShape());
  shape.push_back(1);
  SmallVector<Value> halves;
  for (Value half : {whole, high})
    halves.push_back(reshape(make("ds.cast", type.clone(narrow), half), shape));
  shape.back() = 2;
  return make("ds.concat", RankedTensorType::get(shape, narrow), halves);
}

Value Importer::joinWords(Value words) {
  RankedTensorType type = tensorType(words);
  Type wide = IntegerType::get(words.getContext(), 64);
  ArrayRef<int64_t> shape = type.getShape().drop_back();
  SmallVector<int64_t> part(type.getShape()), at(type.getRank(), 0);
  part.back() = 1;
  const SmallVector<int64_t> steps(type.getRank(), 1);
  auto result = RankedTensorType::get(shape, wide);
  auto half = [&](int64_t number) {
    at.back() = number;
    Value word = reshape(slice(words, at, part, steps), shape);
    return make("ds.cast", result, word, flag("is_unsigned"));
  };
  Value shift = constant(RankedTensorType::get({}, wide), 32);
  Value high = make("ds.shift_left", result, {half(1), shift});
  Value whole = make("ds.or", result, {half(0), high});
  joined.push_back({words, whole});
  return whole;
}

namespace {

/// 32-bit words, all of one shape or scalars.
class Words {
public:
  Words(Importer &importer, MLIRContext *context)
      : importer(importer), element(IntegerType::get(context, 32)) {}

  RankedTensorType type(ArrayRef<int64_t> shape) {
    return RankedTensorType::get(shape, element);
  }
  Value constant(uint32_t value) {
    return importer.constant(type({}), static_cast<int32_t>(value));
  }
  Value binary(StringRef name, Value x, Value y) {
    if (tensorType(x).getRank() < tensorType(y).getRank())
      std::swap(x, y);
    return importer.make(name, x.getType(), {x, y});
  }
  Value add(Value x, Value y) { return binary("ds.add", x, y); }
  Value exclusiveOr(Value x, Value y) { return binary("ds.xor", x, y); }
  Value turn(Value x, int left) {
    Value high =
        importer.make("ds.shift_left", x.getType(), {x, constant(left)});
    Value low = right(x, 32 - left);
    return binary("ds.or", high, low);
  }
  Value right(Value x, int bits) {
    return importer.make("ds.shift_right", x.getType(), {x, constant(bits)},
                         importer.flag("is_unsigned"));
  }
  /// 1 where a sum with `y` went over.
  Value carry(Value sum, Value y) {
    auto truth = RankedTensorType::get(tensorType(sum).getShape(),
                                       IntegerType::get(sum.getContext(), 1));
    Value isLess = importer.make(
        "ds.compare", truth, {sum, y},
        {importer.named("relation", "lt"), importer.flag("is_unsigned")});
    return importer.make("ds.cast", sum.getType(), isLess);
  }
  /// The lower and the upper word of x times a constant, by halves of words.
  std::pair<Value, Value> multiply(Value x, uint32_t factor) {
    Value mask = constant(0xFFFF);
    Value low = binary("ds.and", x, mask), high = right(x, 16);
    auto times = [&](Value v, uint32_t c) {
      return binary("ds.mul", v, constant(c));
    };
    const uint32_t fl = factor & 0xFFFF, fh = factor >> 16;
    Value ll = times(low, fl), lh = times(low, fh), hl = times(high, fl);
    Value middle = add(add(right(ll, 16), binary("ds.and", lh, mask)),
                       binary("ds.and", hl, mask));
    Value upper = add(add(times(high, fh), right(lh, 16)),
                      add(right(hl, 16), right(middle, 16)));
    return {times(x, factor), upper};
  }
  /// Word `number` of a list of words.
  Value at(Value list, int64_t number) {
    return importer.reshape(importer.slice(list, number, 1, 1), {});
  }
  /// Lists as one, along a new last dimension.
  Value interleave(ArrayRef<Value> lists) {
    SmallVector<int64_t> shape(tensorType(lists[0]).getShape());
    shape.push_back(1);
    SmallVector<Value> columns;
    for (Value list : lists)
      columns.push_back(importer.reshape(list, shape));
    shape.back() = static_cast<int64_t>(lists.size());
    return importer.make("ds.concat", type(shape), columns);
  }
  /// 0, 1, ... in the order of the elements.
  Value count(ArrayRef<int64_t> shape) {
    const int64_t size = HostTensor::count(shape);
    if (size == 1)
      return importer.constant(type(shape), 0);
    return importer.reshape(importer.make("ds.iota", type({size}), {},
                                          importer.named("dim", int64_t{0})),
                            shape);
  }

  Importer &importer;
  Type element;
};

using List = SmallVector<Value>;

/// Adds `numbers` to a counter of words, the lowest one first.
List advance(Words &w, ArrayRef<Value> counter, Value numbers) {
  List result;
  Value carry = numbers;
  for (Value word : counter) {
    Value sum = w.add(carry, word);
    result.push_back(sum);
    carry = w.carry(sum, word);
  }
  return result;
}

/// Threefry-2x32 of 20 rounds.
List threefry(Words &w, List x, ArrayRef<Value> key) {
  static constexpr int rotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const Value keys[3] = {
      key[0], key[1],
      w.exclusiveOr(w.exclusiveOr(key[0], key[1]), w.constant(0x1BD11BDA))};
  x = {w.add(x[0], keys[0]), w.add(x[1], keys[1])};
  for (int group = 0; group < 5; ++group) {
    for (int rotation : rotations[group % 2]) {
      x[0] = w.add(x[0], x[1]);
      x[1] = w.exclusiveOr(w.turn(x[1], rotation), x[0]);
    }
    x[0] = w.add(x[0], keys[(group + 1) % 3]);
    x[1] = w.add(w.add(x[1], keys[(group + 2) % 3]),
                 w.constant(static_cast<uint32_t>(group + 1)));
  }
  return x;
}

/// Philox-4x32 of 10 rounds.
List philox(Words &w, List x, List key) {
  for (int round = 0; round < 10; ++round) {
    auto [low0, high0] = w.multiply(x[0], 0xD2511F53);
    auto [low1, high1] = w.multiply(x[2], 0xCD9E8D57);
    x = {w.exclusiveOr(w.exclusiveOr(high1, x[1]), key[0]), low1,
         w.exclusiveOr(w.exclusiveOr(high0, x[3]), key[1]), low0};
    key = {w.add(key[0], w.constant(0x9E3779B9)),
           w.add(key[1], w.constant(0xBB67AE85))};
  }
  return x;
}

/// The first elements of a list, in another shape.
Value firstOf(Words &w, Value list, ArrayRef<int64_t> shape) {
  const int64_t all = tensorType(list).getNumElements();
  Value flat = w.importer.reshape(list, all);
  return w.importer.reshape(
      w.importer.slice(flat, int64_t{0}, HostTensor::count(shape), int64_t{1}),
      shape);
}

/// Bits of `width` from a state of words: key, then counter.  The counter is
/// moved on by as many blocks as were taken.
Value philoxBits(Words &w, List &state, ArrayRef<int64_t> shape,
                 unsigned width) {
  const int64_t words = HostTensor::count(shape) * (width / 32);
  const int64_t blocks = llvm::divideCeil(words, 4);
  List counter(ArrayRef(state).drop_front(2));
  // Where the counter has 64 bits, its upper half is the key.
  List whole(counter);
  if (whole.size() == 2)
    whole.append(state.begin(), state.begin() + 2);
  List bits =
      philox(w, advance(w, whole, w.count(blocks)), {state[0], state[1]});
  List next = advance(w, counter, w.constant(static_cast<uint32_t>(blocks)));
  state.resize(2);
  state.append(next);
  SmallVector<int64_t> parts(shape);
  if (width == 64)
    parts.push_back(2);
  return firstOf(w, w.interleave(bits), parts);
}

/// Two words of each count: the halves of a dimension, or of 64 bits.
Value threefryBits(Words &w, List &state, ArrayRef<int64_t> shape,
                   unsigned width) {
  SmallVector<int64_t> half(shape);
  size_t split = 0;
  if (width == 32) {
    if (half.empty())
      half.push_back(1);
    const auto *even =
        llvm::find_if(half, [](int64_t n) { return n % 2 == 0; });
    split =
        (even != half.end() ? even : llvm::max_element(half)) - half.begin();
    half[split] = llvm::divideCeil(half[split], 2);
  }
  List counter(ArrayRef(state).drop_front(2));
  List bits =
      threefry(w, advance(w, counter, w.count(half)), {state[0], state[1]});
  List next = advance(
      w, counter, w.constant(static_cast<uint32_t>(HostTensor::count(half))));
  state.resize(2);
  state.append(next);
  Value pairs = w.interleave(bits);
  if (width == 64)
    return pairs;
  // Elements 2i and 2i + 1 of the dimension are those of one count.
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, static_cast<int64_t>(half.size())));
  order.insert(order.begin() + split + 1, static_cast<int64_t>(half.size()));
  SmallVector<int64_t> full(half);
  full[split] *= 2;
  Value all = w.importer.reshape(w.importer.transpose(pairs, order), full);
  if (shape.empty())
    return w.importer.reshape(
        w.importer.slice(all, int64_t{0}, int64_t{1}, int64_t{1}), shape);
  return w.importer.slice(all, SmallVector<int64_t>(shape.size(), 0), shape,
                          SmallVector<int64_t>(shape.size(), 1));
}

LogicalResult importBits(Importer &importer, stablehlo::RngBitsOp op) {
  auto stateType = cast<RankedTensorType>(op.getInitialState().getType());
  RankedTensorType type = convertType(op.getOutput().getType());
  const bool isThreefry =
      op.getRngAlgorithm() == stablehlo::RandomAlgorithm::THREE_FRY;
  const int64_t most = isThreefry ? 2 : 3;
  if (stateType.getRank() != 1 ||
      !stateType.getElementType().isUnsignedInteger(64) ||
      stateType.getDimSize(0) < 2 || stateType.getDimSize(0) > most)
    return op.emitOpError("expects a state of ")
           << (isThreefry ? "2" : "2 or 3") << " ui64 numbers, but got "
           << stateType;
  if (op.getOutputState().getType() != stateType)
    return op.emitOpError("expects the next state to have the state's type ")
           << stateType << ", but got " << op.getOutputState().getType();
  const unsigned width = type.getElementTypeBitWidth();
  if (!isa<IntegerType>(type.getElementType()) || (width != 32 && width != 64))
    return op.emitOpError("expects bits of 32- or 64-bit integers, but got ")
           << op.getOutput().getType() << "; take more bits and shift";
  if (type.getNumElements() == 0 || type.getNumElements() >= int64_t{1} << 31)
    return op.emitOpError("expects 1 to 2^31 - 1 numbers, but got ") << type;
  Words w(importer, op.getContext());
  Value words = importer.splitWords(importer.lookup(op.getInitialState()));
  Value flat = importer.reshape(words, tensorType(words).getNumElements());
  List state;
  for (int64_t i = 0; i < tensorType(flat).getNumElements(); ++i)
    state.push_back(w.at(flat, i));
  Value bits = isThreefry ? threefryBits(w, state, type.getShape(), width)
                          : philoxBits(w, state, type.getShape(), width);
  Value next =
      importer.reshape(w.interleave(state), tensorType(words).getShape());
  if (failed(importer.define(op.getOutputState(), importer.joinWords(next))))
    return failure();
  return importer.define(op.getOutput(),
                         width == 64 ? importer.joinWords(bits) : bits);
}

LogicalResult importRng(Importer &, stablehlo::RngOp op) {
  return op.emitOpError("gives other numbers in every run, which cannot be "
                        "imported; take them from a key with jax.random, or "
                        "from an argument");
}

} // namespace

void addRandom(Handlers &handlers) {
  add(handlers, importBits);
  add(handlers, importRng);
}

} // namespace ds::hlo
