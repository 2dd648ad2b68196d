//===- Sort.cpp - Orders of rows ----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Keys are compared as integers without sign, in which NaN has its place like
// any number, and equal keys by their positions: an order of which there is
// one only, so that what is in the destination is all the memory it takes.  If
// few positions are kept they are a heap, largest first, while a row is read.
//===--------------------------------------------------------------------===//
#include "exec/Sort.h"

#include "backends/cpu/Threads.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace ds::rt {
namespace {

/// Keys of one type: `Word` has their bits, `kExponent` those of infinity, or
/// is 0 for integers.
template <typename Word, Word kExponent> struct Keys {
  static constexpr Word kSign = Word(Word(1) << (8 * sizeof(Word) - 1));

  explicit Keys(const SortOp &op)
      : turned(op.descending ? Word(~Word(0)) : Word(0)),
        isUnsigned(op.isUnsigned), total(op.total) {}

  /// A number that is smaller for a key that comes earlier.
  Word at(const std::byte *row, int64_t i) const {
    Word word;
    std::memcpy(&word, row + size_t(i) * sizeof(Word), sizeof(Word));
    return Word(rank(word) ^ turned);
  }

private:
  Word rank(Word word) const {
    if (kExponent == 0)
      return isUnsigned ? word : Word(word ^ kSign);
    if (!total) {
      const Word size = Word(word & ~kSign);
      if (size == 0)
        word = 0;
      else if (size > kExponent)
        word = Word(kExponent + 1); // all NaN are one
    }
    return Word(word ^ (word & kSign ? Word(~Word(0)) : kSign));
  }

  Word turned;
  bool isUnsigned, total;
};

template <typename Keys>
void sortRow(const Keys &keys, const std::byte *row, int64_t length,
             int32_t *order, int64_t kept) {
  auto isBefore = [&](int32_t i, int32_t j) {
    const auto x = keys.at(row, i), y = keys.at(row, j);
    return x != y ? x < y : i < j;
  };
  std::iota(order, order + kept, 0);
  if (kept < length) {
    std::make_heap(order, order + kept, isBefore);
    for (int64_t i = kept; i < length; ++i) {
      if (!isBefore(int32_t(i), order[0]))
        continue;
      std::pop_heap(order, order + kept, isBefore);
      order[kept - 1] = int32_t(i);
      std::push_heap(order, order + kept, isBefore);
    }
  }
  std::sort(order, order + kept, isBefore);
}

template <typename Word, Word kExponent> void sortRows(const SortOp &op) {
  constexpr uint64_t kGrain = 4096; // elements
  const Keys<Word, kExponent> keys(op);
  const uint64_t grain = std::max<uint64_t>(1, kGrain / op.length);
  parallelRanges(op.rows, grain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t row = begin; row < end; ++row)
      sortRow(keys, op.src + row * op.length * sizeof(Word), int64_t(op.length),
              op.dst + row * op.kept, int64_t(op.kept));
  });
}

} // namespace

void runSort(const SortOp &op) {
  switch (op.dtype) {
  case plan::DType::f32:
    return sortRows<uint32_t, 0x7F800000u>(op);
  case plan::DType::f64:
    return sortRows<uint64_t, 0x7FF0000000000000u>(op);
  case plan::DType::bf16:
    return sortRows<uint16_t, 0x7F80u>(op);
  case plan::DType::f16:
    return sortRows<uint16_t, 0x7C00u>(op);
  case plan::DType::i32:
    return sortRows<uint32_t, 0>(op);
  default:
    return sortRows<uint64_t, 0>(op); // i64: the verifier has seen it
  }
}

} // namespace ds::rt
