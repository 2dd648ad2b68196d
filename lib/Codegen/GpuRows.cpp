//===- GpuRows.cpp - Rows shared by the threads of a warp or block ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Thread t of a row's n threads has the vectors t, t + n, ..  Partial results
// are combined across the warp by butterflies, across warps by one more of
// what each warp has left in shared memory: in an order that depends on shapes
// alone, and with the same bits in every thread.
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;

void GpuEmitter::emitRows() {
  const int64_t rows = HostTensor::count(plan.shape.rows());
  Value number = block;
  lane = thread;
  if (shape.items > 1) {
    Value inBlock = quotient(thread, shape.group);
    number = add(multiply(block, shape.items), inBlock);
    lane = remainder(thread, shape.group);
  }
  mask = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(-1));
  if (shape.group < kWarp) {
    // The row's threads among those of the warp.
    auto integer = [&](int32_t value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
    };
    Value first = arith::TruncIOp::create(b, loc, i32, thread);
    first = arith::AndIOp::create(
        b, loc, first, integer(static_cast<int32_t>(kWarp - shape.group)));
    Value ones = integer((int32_t(1) << shape.group) - 1);
    mask = arith::ShLIOp::create(b, loc, ones, first);
  }
  placeKept();
  auto emitRow = [&] {
    row = split(number, plan.shape.rows());
    for (const Phase &phase : plan.phases) {
      emitPhase(phase);
      const bool hasMet = shape.group > kWarp && !phase.reductions.empty();
      if (&phase != &plan.phases.back() && !hasMet)
        syncRow();
    }
  };
  if (rows % shape.items == 0)
    emitRow();
  else
    onlyIf(isLess(number, constant(rows)), emitRow);
}

/// Storage of values kept between phases, where they are not in registers: a
/// result's, or shared memory, if that has the room.  Others are computed
/// again, and so are random words.
void GpuEmitter::placeKept() {
  if (shape.isUnrolled)
    return;
  int64_t reserved = 0; // for reductions: a place for each warp
  for (const Phase &phase : plan.phases)
    for (GenericOp op : phase.reductions)
      reserved += op.getNumResults() * shape.threads / kWarp * 8;
  for (auto [value, result] : plan.kept) {
    if (isRandomWords(value))
      continue;
    if (result >= 0) {
      keptMemory[value] = outputMemory(result);
      continue;
    }
    RankedTensorType type = tensorType(value);
    Memory place{Value(), type, plan.shape.rowRank};
    const int64_t size =
        HostTensor::count(type.getShape().drop_front(place.skip));
    const int64_t width = (type.getElementTypeBitWidth() + 7) / 8;
    const int64_t room = llvm::alignTo(size * width, 16);
    if (sharedBytes + room * shape.items > kSharedBytes - reserved)
      continue;
    Value storage = shared(type.getElementType(), room / width * shape.items);
    Value mine = multiply(quotient(thread, shape.group), room / width);
    place.pointer = shape.items == 1
                        ? storage
                        : element(storage, type.getElementType(), mine);
    alignments[place.pointer] = 16;
    keptMemory[value] = place;
  }
}

//===--------------------------------------------------------------------===//
// Phases
//===--------------------------------------------------------------------===//

void GpuEmitter::emitPhase(const Phase &phase) {
  innerLoop = nullptr;
  Values sums;
  for (GenericOp op : phase.reductions)
    sums.push_back(initial(op, 0));
  if (phase.inner.empty()) {
    Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                          lane, constant(0));
    onlyIf(isFirst, [&] { emitStores(phase, row); });
  } else if (shape.isUnrolled) {
    sums = emitUnits(phase, sums);
  } else if (phase.causal) {
    sums = emitCausal(phase, sums);
  } else {
    const int64_t vector = vectorOf(phase, shape.vector);
    Value end = constant(unitsOf(phase, vector));
    for (int64_t part = 0; part < partsOf(phase); ++part)
      sums = emitLoop(phase, part, sums, lane, end);
  }
  innerLoop = nullptr;
  sums = combineRow(phase, sums);
  for (auto [op, sum] : llvm::zip(phase.reductions, sums))
    scalars[op->getResult(0)] = sum;
  for (unsigned result : phase.stores)
    memory.try_emplace(returned[result], outputMemory(result));
  for (Value kept : phase.kept)
    if (keptMemory.contains(kept))
      memory[kept] = keptMemory[kept];
}

/// The points of one vector: a unit's place among all loops of a part.
GpuEmitter::Points GpuEmitter::pointsOf(const Phase &phase, Value unit,
                                        int64_t part) {
  SmallVector<SmallVector<int64_t>> nest = nestOf(phase);
  const int64_t vector = vectorOf(phase, shape.vector);
  const int64_t length = HostTensor::count(nest.back()) / partsOf(phase);
  const int64_t units = length / vector;
  SmallVector<Index> outer; // from the innermost out
  Value at = unit, rest = unit;
  if (nest.size() > 1) {
    at = remainder(unit, units);
    rest = quotient(unit, units);
  }
  for (size_t d = nest.size() - 1; d-- > 0;) {
    const int64_t size = HostTensor::count(nest[d]);
    outer.push_back(split(d ? remainder(rest, size) : rest, nest[d]));
    rest = d ? quotient(rest, size) : rest;
  }
  Index front = row;
  for (const Index &positions : llvm::reverse(outer))
    front.append(positions.begin(), positions.end());
  at = multiply(at, vector);
  if (part)
    at = add(at, constant(part * length));
  return neighbours(front, at, nest.back(), vector);
}

/// Each of a thread's vectors by itself.  Their points are the same ones in
/// all phases with the same loops, and so are the values at them.
Values GpuEmitter::emitUnits(const Phase &phase, Values sums) {
  const int64_t vector = vectorOf(phase, shape.vector);
  const int64_t each = unitsOf(phase, vector) / shape.group;
  for (int64_t part = 0; part < partsOf(phase); ++part)
    for (int64_t i = 0; i < each; ++i) {
      std::vector<int64_t> key{part, partsOf(phase), vector, i};
      for (auto &group : nestOf(phase)) {
        key.push_back(-1);
        key.insert(key.end(), group.begin(), group.end());
      }
      Points &points = unrolled[key];
      if (points.empty()) {
        Value &unit = units[i];
        if (!unit)
          unit = i ? add(lane, constant(i * shape.group)) : lane;
        points = pointsOf(phase, unit, part);
      }
      sums = emitPoints(phase, points, sums);
    }
  return sums;
}

/// The vectors [lower, upper) of a part, one for each thread at a time.
Values GpuEmitter::emitLoop(const Phase &phase, int64_t part, Values sums,
                            Value lower, Value upper) {
  innerLoop = nullptr;
  scf::ForOp made;
  sums = loop(lower, upper, shape.group, sums,
              [&](scf::ForOp op, ValueRange carried) {
                made = op;
                innerLoop = op;
                loopMemo.clear();
                Points points = pointsOf(phase, op.getInductionVar(), part);
                return emitPoints(phase, points, Values(carried));
              });
  unroll(made, vectorOf(phase, shape.vector));
  return sums;
}

/// All positions that the row sees, and then the others only for results and
/// what is not causal.
Values GpuEmitter::emitCausal(const Phase &phase, Values sums) {
  const int64_t vector = vectorOf(phase, shape.vector);
  Value end = constant(unitsOf(phase, vector));
  // The last row sees all of its positions.
  ArrayRef<int64_t> sizes = plan.shape.shape;
  Value last = add(row.back(), constant(sizes.back() - sizes[row.size() - 1]));
  Value seen = add(quotient(last, vector), constant(1));
  seen = arith::MinUIOp::create(b, loc, seen, end);
  sums = emitLoop(phase, 0, sums, lane, seen);
  auto isCausal = [](Operation *op) { return op->hasAttr("ds.causal"); };
  Phase rest = phase;
  llvm::erase_if(rest.reductions, isCausal);
  llvm::erase_if(rest.kept,
                 [&](Value v) { return isCausal(v.getDefiningOp()); });
  if (rest.reductions.empty() && rest.stores.empty() && rest.kept.empty())
    return sums;
  Values going;
  for (auto [op, sum] : llvm::zip(phase.reductions, sums))
    if (!isCausal(op))
      going.push_back(sum);
  isUnseen = true;
  going = emitLoop(rest, 0, going, add(seen, lane), end);
  isUnseen = false;
  auto next = going.begin();
  for (auto [op, sum] : llvm::zip(phase.reductions, sums))
    if (!isCausal(op))
      sum = *next++;
  return sums;
}

Values GpuEmitter::emitPoints(const Phase &phase, ArrayRef<Index> points,
                              Values sums) {
  for (auto [op, sum] : llvm::zip(phase.reductions, sums))
    for (const Index &at : points)
      sum = inlineBody(op, at, sum)[0];
  emitStores(phase, points);
  return sums;
}

//===--------------------------------------------------------------------===//
// Across threads
//===--------------------------------------------------------------------===//

/// Orders the memory accesses of a row's threads.
void GpuEmitter::syncRow() {
  if (shape.group > kWarp)
    syncBlock();
  else if (shape.group > 1)
    intrinsic(Type(), "bar.warp.sync", mask);
}

/// The value of the thread whose number differs by one bit.
Value GpuEmitter::shuffled(Value value, int64_t distance) {
  Type type = value.getType();
  const unsigned bits = type.getIntOrFloatBitWidth();
  Type word = b.getIntegerType(bits);
  auto integer = [&](int64_t number) -> Value {
    return arith::ConstantOp::create(
        b, loc, b.getI32IntegerAttr(static_cast<int32_t>(number)));
  };
  auto exchange = [&](Value x) {
    return intrinsic(i32, "shfl.sync.bfly.i32",
                     {mask, x, integer(distance), integer(kWarp - 1)});
  };
  Value x = type == word
                ? value
                : arith::BitcastOp::create(b, loc, word, value).getResult();
  if (bits == 64) {
    Value half = constant(32);
    Value low = exchange(arith::TruncIOp::create(b, loc, i32, x));
    Value high = exchange(arith::TruncIOp::create(
        b, loc, i32, arith::ShRUIOp::create(b, loc, x, half)));
    low = arith::ExtUIOp::create(b, loc, i64, low);
    high = arith::ExtUIOp::create(b, loc, i64, high);
    high = arith::ShLIOp::create(b, loc, high, half);
    x = arith::OrIOp::create(b, loc, low, high);
  } else if (bits == 32) {
    x = exchange(x);
  } else {
    x = exchange(arith::ExtUIOp::create(b, loc, i32, x));
    x = arith::TruncIOp::create(b, loc, word, x);
  }
  return type == word ? x : arith::BitcastOp::create(b, loc, type, x);
}

/// What `threads` neighbours have together, in each of them.
Value GpuEmitter::acrossWarp(GenericOp op, Value value, int64_t threads) {
  for (int64_t distance = threads / 2; distance > 0; distance /= 2)
    value = combinePartials(b, op, value, shuffled(value, distance));
  return value;
}

Values GpuEmitter::combineRow(const Phase &phase, Values sums) {
  for (auto [op, sum] : llvm::zip(phase.reductions, sums))
    sum = acrossWarp(op, sum, std::min(shape.group, kWarp));
  if (shape.group <= kWarp || sums.empty())
    return sums;
  // Each reduction of a kernel has its own places: none is written twice.
  const int64_t warps = shape.group / kWarp;
  SmallVector<Value> places;
  for (Value sum : sums)
    places.push_back(shared(sum.getType(), warps));
  Value inWarp = remainder(thread, kWarp), warp = quotient(thread, kWarp);
  Value isFirst = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                        inWarp, constant(0));
  onlyIf(isFirst, [&] {
    for (auto [sum, place] : llvm::zip(sums, places))
      store(sum, element(place, sum.getType(), warp));
  });
  syncBlock();
  for (auto [op, sum, place] : llvm::zip(phase.reductions, sums, places)) {
    Value from = remainder(inWarp, warps);
    sum = load(element(place, sum.getType(), from), sum.getType());
    sum = acrossWarp(op, sum, warps);
  }
  return sums;
}
