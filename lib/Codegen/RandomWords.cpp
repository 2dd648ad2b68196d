//===- RandomWords.cpp - Philox as code ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A counter gives the words of four elements, so a row's words are made in a
// loop over counters, in front of the loops that use them.  The state is held
// in 64-bit lanes whose upper halves may be anything: a multiplication of
// their lower halves is one vector instruction, and nothing is packed before
// the end.
//===--------------------------------------------------------------------===//

#include "FormulaEmitter.h"

#include "ds-rt/Philox.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace ds;
using linalg::GenericOp;

/// Counters per round of the inner loop: vectors stay whole.
static constexpr int64_t kCounters = 16;

int64_t ds::randomWordsRoom(int64_t elements) {
  // A row may begin at any of a counter's words.
  int64_t counters = llvm::divideCeil(elements + 3, 4);
  return 4 * llvm::alignTo(counters, kCounters);
}

namespace {
/// Arithmetic on 64-bit lanes, modulo 2^64.
struct Lanes {
  OpBuilder &b;
  Location loc;

  Value number(uint64_t value) {
    return arith::ConstantOp::create(
        b, loc, b.getI64IntegerAttr(static_cast<int64_t>(value)));
  }
  template <typename Op> Value apply(Value x, Value y) {
    return Op::create(b, loc, x, y);
  }
  Value low(Value x) { return apply<arith::AndIOp>(x, number(0xFFFFFFFF)); }
  Value high(Value x) { return apply<arith::ShRUIOp>(x, number(32)); }
  Value times(Value x, uint32_t factor) {
    return apply<arith::MulIOp>(low(x), number(factor));
  }
  Value mix(Value x, Value y, Value key) {
    return apply<arith::XOrIOp>(apply<arith::XOrIOp>(x, y), key);
  }
  /// Two words side by side.
  Value pair(Value first, Value second) {
    return apply<arith::OrIOp>(low(first),
                               apply<arith::ShLIOp>(second, number(32)));
  }
};
} // namespace

RandomStream::RandomStream(OpBuilder &b, Location loc, ValueRange operands) {
  Lanes lanes{b, loc};
  auto wide = [&](Value x) -> Value {
    return arith::ExtUIOp::create(b, loc, b.getI64Type(), x);
  };
  Value seed = operands[2];
  Value key[2] = {
      lanes.apply<arith::XOrIOp>(wide(operands[0]), seed),
      lanes.apply<arith::XOrIOp>(wide(operands[1]), lanes.high(seed))};
  for (int round = 0; round < kPhiloxRounds; ++round)
    for (int word : {0, 1}) {
      uint64_t weyl = word ? kPhiloxWeyl1 : kPhiloxWeyl0;
      keys.push_back(lanes.low(
          lanes.apply<arith::AddIOp>(key[word], lanes.number(weyl * round))));
    }
  step = operands[3];
  sample = operands[4];
  element = operands[5];
}

std::pair<Value, Value> RandomStream::words(OpBuilder &b, Location loc,
                                            Value counter) const {
  Lanes lanes{b, loc};
  Value c0 = counter, c1 = sample, c2 = step, c3 = lanes.high(step);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    Value p0 = lanes.times(c0, kPhiloxMul0), p1 = lanes.times(c2, kPhiloxMul1);
    c0 = lanes.mix(lanes.high(p1), c1, keys[2 * round]);
    c1 = p1;
    c2 = lanes.mix(lanes.high(p0), c3, keys[2 * round + 1]);
    c3 = p0;
  }
  return {lanes.pair(c0, c1), lanes.pair(c2, c3)};
}

/// Neighbours of one counter have the same code up to the last selections, so
/// that one of them computes it for all.
Value RandomStream::narrowWord(OpBuilder &b, Location loc) const {
  Lanes lanes{b, loc};
  Type i32 = b.getI32Type();
  auto low = [&](Value x) -> Value {
    return arith::TruncIOp::create(b, loc, i32, x);
  };
  auto times = [&](Value x, uint32_t factor) -> Value {
    Value wide = arith::ExtUIOp::create(b, loc, b.getI64Type(), x);
    return lanes.apply<arith::MulIOp>(wide, lanes.number(factor));
  };
  Value c[4] = {low(lanes.apply<arith::ShRUIOp>(element, lanes.number(2))),
                low(sample), low(step), low(lanes.high(step))};
  for (int round = 0; round < kPhiloxRounds; ++round) {
    Value p0 = times(c[0], kPhiloxMul0), p1 = times(c[2], kPhiloxMul1);
    c[0] = lanes.mix(low(lanes.high(p1)), c[1], low(keys[2 * round]));
    c[1] = low(p1);
    c[2] = lanes.mix(low(lanes.high(p0)), c[3], low(keys[2 * round + 1]));
    c[3] = low(p0);
  }
  auto select = [&](uint64_t bit, Value yes, Value no) -> Value {
    Value masked = lanes.apply<arith::AndIOp>(element, lanes.number(bit));
    Value isSet = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne,
                                        masked, lanes.number(0));
    return arith::SelectOp::create(b, loc, isSet, yes, no);
  };
  return select(2, select(1, c[3], c[2]), select(1, c[1], c[0]));
}

Value FormulaEmitter::randomWord(ValueRange operands) {
  if (rowStream) {
    *rowStream = RandomStream(b, loc, operands);
    return {};
  }
  RandomStream stream(b, loc, operands);
  if (isGpu)
    return stream.narrowWord(b, loc);
  Lanes lanes{b, loc};
  Value counter = lanes.apply<arith::ShRUIOp>(stream.element, lanes.number(2));
  auto [first, second] = stream.words(b, loc, counter);
  auto isSet = [&](uint64_t bit) -> Value {
    Value masked =
        lanes.apply<arith::AndIOp>(stream.element, lanes.number(bit));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, masked,
                                 lanes.number(0));
  };
  Value pair = arith::SelectOp::create(b, loc, isSet(2), second, first);
  Value word =
      arith::SelectOp::create(b, loc, isSet(1), lanes.high(pair), pair);
  return arith::TruncIOp::create(b, loc, b.getI32Type(), word);
}

Value FormulaEmitter::emitRandomWords(GenericOp op, ArrayRef<Value> row,
                                      Value buffer, Value end) {
  Values at(row);
  at.push_back(constant(0));
  std::optional<RandomStream> stream;
  rowStream = &stream;
  inlineBody(op, at, {});
  rowStream = nullptr;
  Lanes lanes{b, loc};
  Value skip = lanes.apply<arith::AndIOp>(stream->element, lanes.number(3));
  Value first = lanes.apply<arith::ShRUIOp>(stream->element, lanes.number(2));
  // Counters that [0, end) of the row takes part in.
  Value last =
      lanes.apply<arith::ShRUIOp>(add(end, constant(6)), lanes.number(2));
  loop(constant(0), last, kCounters, {}, [&](scf::ForOp outer, ValueRange) {
    scf::ForOp made;
    loop(constant(0), constant(kCounters), 1, {},
         [&](scf::ForOp inner, ValueRange) {
           made = inner;
           Value n = add(outer.getInductionVar(), inner.getInductionVar());
           auto [low, high] =
               stream->words(b, loc, lanes.apply<arith::AddIOp>(first, n));
           Value place = multiply(n, 2);
           store(low, element(buffer, i64, place));
           store(high, element(buffer, i64, add(place, constant(1))));
           return Values();
         });
    annotate(made, kCounters);
    return Values();
  });
  return element(buffer, b.getI32Type(), skip);
}
