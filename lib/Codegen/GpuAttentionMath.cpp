//===- GpuAttentionMath.cpp - What attention computes of tiles ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "GpuAttention.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Products
//===--------------------------------------------------------------------===//

AttentionEmitter::Matrix AttentionEmitter::zeros(int64_t columns) {
  Value zero = c.real(0);
  return Matrix(rowTiles(),
                SmallVector<Four>(columns / 8, Four{zero, zero, zero, zero}));
}

AttentionEmitter::Matrix AttentionEmitter::ownRows(const Rows &rows) {
  Matrix result(rowTiles());
  Value column = c.widened(c.multiply(pairOfLane, c.number(2)));
  for (int64_t r = 0; r < rowTiles(); ++r) {
    Value upper = c.at(rowOf(rows, ownPosition(r, 0)), column),
          lower = c.at(rowOf(rows, ownPosition(r, 1)), column);
    for (int64_t k = 0; k < kernel.d / 16; ++k)
      result[r].push_back({c.load(c.i32, upper, 32 * k, 4),
                           c.load(c.i32, lower, 32 * k, 4),
                           c.load(c.i32, upper, 32 * k + 16, 4),
                           c.load(c.i32, lower, 32 * k + 16, 4)});
  }
  return result;
}

Value AttentionEmitter::ownPosition(int64_t r, int64_t half) {
  Value position = c.add(ownRow, c.number(16 * r + 8 * half));
  return hasPartialBlock() ? inside(position) : position;
}

AttentionEmitter::Matrix AttentionEmitter::timesRows(const Matrix &own,
                                                     Value stage) {
  Matrix sums = zeros(role->tile);
  for (int64_t k = 0; k < kernel.d / 16; ++k)
    for (int64_t n = 0; n < role->tile / 16; ++n) {
      Four right =
          c.loadMatrices(c.at(stage, alongRow), 16 * n * pitch + 32 * k, false);
      for (int64_t r = 0; r < rowTiles(); ++r) {
        Four &even = sums[r][2 * n], &odd = sums[r][2 * n + 1];
        even = c.multiplyAdd(own[r][k], right[0], right[1], even);
        odd = c.multiplyAdd(own[r][k], right[2], right[3], odd);
      }
    }
  return sums;
}

void AttentionEmitter::addProduct(Matrix &sums, const Matrix &weights,
                                  Value stage) {
  for (int64_t k = 0; k < role->tile / 16; ++k) {
    SmallVector<Four> left;
    for (const SmallVector<Four> &row : weights) {
      const Four &even = row[2 * k], &odd = row[2 * k + 1];
      left.push_back({c.packed(even[0], even[1]), c.packed(even[2], even[3]),
                      c.packed(odd[0], odd[1]), c.packed(odd[2], odd[3])});
    }
    for (int64_t n = 0; n < kernel.d / 16; ++n) {
      Four right = c.loadMatrices(c.at(stage, downColumn),
                                  16 * k * pitch + 32 * n, true);
      for (int64_t r = 0; r < rowTiles(); ++r) {
        Four &even = sums[r][2 * n], &odd = sums[r][2 * n + 1];
        even = c.multiplyAdd(left[r], right[0], right[1], even);
        odd = c.multiplyAdd(left[r], right[2], right[3], odd);
      }
    }
  }
}

//===--------------------------------------------------------------------===//
// Masks
//===--------------------------------------------------------------------===//

void AttentionEmitter::hide(Matrix &scores, Value begin) {
  if (!kernel.causal && !isRagged())
    return;
  using Predicate = arith::CmpIPredicate;
  auto compare = [&](Predicate predicate, Value x, Value y) -> Value {
    return arith::CmpIOp::create(b, c.loc, predicate, x, y);
  };
  auto either = [&](Value x, Value y) -> Value {
    return !x ? y : !y ? x : arith::OrIOp::create(b, c.loc, x, y);
  };
  const bool queries = role->ownsQueries;
  Value end = c.add(begin, c.number(role->tile)), isPartly;
  if (kernel.causal)
    isPartly = queries
                   ? c.isLess(ownWarp, end)
                   : c.isLess(begin, c.add(ownWarp, c.number(rowsOfWarp())));
  if (isRagged())
    isPartly = either(isPartly, c.isLess(c.number(kernel.seq), end));
  Values all;
  append(all, scores);
  Values hidden = c.changeIf(isPartly, all, [&] {
    Value position = c.add(begin, pairOfLane), none = c.real(-INFINITY);
    Value distance = arith::SubIOp::create(b, c.loc, position, ownRow);
    Matrix changed = scores;
    change(changed, [&](int64_t r, int64_t half, int64_t column, Value x) {
      Value isHidden;
      if (kernel.causal)
        isHidden = compare(queries ? Predicate::sgt : Predicate::slt, distance,
                           c.number(16 * r + 8 * half - column));
      if (isRagged())
        isHidden = either(isHidden, compare(Predicate::sge, position,
                                            c.number(kernel.seq - column)));
      return c.choose(isHidden, none, x);
    });
    Values result;
    append(result, changed);
    return result;
  });
  ValueRange range(hidden);
  scores = take(range, scores);
}

//===--------------------------------------------------------------------===//
// Forward
//===--------------------------------------------------------------------===//

void AttentionEmitter::emitForward() {
  const Matrix query = ownRows(rowsOf(kernel.operands[0], head, 2));
  const Matrix empty = zeros(kernel.d);
  const int64_t rows = 2 * rowTiles();
  Values values;
  append(values, empty);
  values.append(rows, c.real(-INFINITY)); // largest scores
  values.append(rows, c.real(0));         // sums of this lane
  Values ends =
      forEachTile(values, [&](Value stage, Value begin, ValueRange carried) {
        Matrix sums = take(carried, empty);
        Values largest(carried.take_front(rows)),
            totals(carried.drop_front(rows));
        Matrix weights = timesRows(query, stage);
        hide(weights, begin);
        weigh(weights, largest, totals, sums);
        addProduct(sums, weights, c.at(stage, tileBytes()));
        Values next;
        append(next, sums);
        next.append(largest);
        next.append(totals);
        return next;
      });
  ValueRange range(ends);
  Matrix sums = take(range, empty);
  finishForward(sums, range.take_front(rows), range.drop_front(rows));
}

void AttentionEmitter::weigh(Matrix &scores, Values &largest, Values &totals,
                             Matrix &sums) {
  const double factor = kernel.scale * kLog2E;
  auto larger = [&](Value x, Value y) { return c.larger(x, y); };
  Values most(largest), shift, scaling;
  change(scores, [&](int64_t r, int64_t half, int64_t, Value x) {
    Value &row = most[2 * r + half];
    row = c.larger(row, x);
    return x;
  });
  for (auto [before, now] : llvm::zip_equal(largest, most)) {
    now = acrossRow(now, larger);
    shift.push_back(c.times(now, c.real(factor)));
    scaling.push_back(
        c.power(c.minus(c.times(before, c.real(factor)), shift.back())));
  }
  largest = most;
  for (auto [total, by] : llvm::zip_equal(totals, scaling))
    total = c.times(total, by);
  change(scores, [&](int64_t r, int64_t half, int64_t, Value x) {
    const int64_t row = 2 * r + half;
    Value weight = c.power(c.minus(c.times(x, c.real(factor)), shift[row]));
    totals[row] = c.plus(totals[row], weight);
    return weight;
  });
  change(sums, [&](int64_t r, int64_t half, int64_t, Value x) {
    return c.times(x, scaling[2 * r + half]);
  });
}

void AttentionEmitter::finishForward(Matrix &sums, ValueRange largest,
                                     ValueRange totals) {
  auto plus = [&](Value x, Value y) { return c.plus(x, y); };
  Values inverse, logarithm;
  for (auto [most, total] : llvm::zip_equal(largest, totals)) {
    Value all = acrossRow(total, plus);
    inverse.push_back(arith::DivFOp::create(b, c.loc, c.real(1), all));
    logarithm.push_back(c.plus(c.times(most, c.real(kernel.scale)),
                               math::LogOp::create(b, c.loc, all)));
  }
  change(sums, [&](int64_t r, int64_t half, int64_t, Value x) {
    return c.times(x, inverse[2 * r + half]);
  });
  storeRows(sums, kernel.results[0]);
  if (kernel.results[1].argument < 0)
    return;
  const Rows rows = rowsOf(kernel.results[1], head, 4);
  c.onlyIf(c.isLess(pairOfLane, c.number(1)), [&] {
    forEachOwnRow([&](int64_t r, int64_t half, Value position) {
      c.store(logarithm[2 * r + half], rowOf(rows, position), 0, 4);
    });
  });
}

void AttentionEmitter::forEachOwnRow(
    llvm::function_ref<void(int64_t, int64_t, Value)> code) {
  for (int64_t r = 0; r < rowTiles(); ++r)
    for (int64_t half : {0, 1}) {
      Value position = c.add(ownRow, c.number(16 * r + 8 * half));
      if (!hasPartialBlock())
        code(r, half, position);
      else
        c.onlyIf(c.isLess(position, c.number(kernel.seq)),
                 [&] { code(r, half, position); });
    }
}

void AttentionEmitter::storeRows(const Matrix &sums, const HeadsPlace &place) {
  if (place.argument < 0)
    return;
  const Rows rows = rowsOf(place, head, 2);
  Value column = c.widened(c.multiply(pairOfLane, c.number(2)));
  forEachOwnRow([&](int64_t r, int64_t half, Value position) {
    Value to = c.at(rowOf(rows, position), column);
    for (auto [n, four] : llvm::enumerate(sums[r]))
      c.store(c.packed(four[2 * half], four[2 * half + 1]), to, 16 * int64_t(n),
              4);
  });
}

//===--------------------------------------------------------------------===//
// Gradients
//===--------------------------------------------------------------------===//

void AttentionEmitter::emitGradients() {
  const bool queries = role->ownsQueries, byScores = role->byScores >= 0,
             byWeights = role->byWeights >= 0;
  const Matrix first =
      ownRows(rowsOf(kernel.operands[queries ? 0 : 1], head, 2));
  Matrix second;
  if (byScores)
    second = ownRows(rowsOf(kernel.operands[queries ? 3 : 2], head, 2));
  Values logarithms, deltas;
  if (queries)
    loadOwnStatistics(logarithms, deltas);
  const Matrix empty = zeros(kernel.d);
  Values values;
  for (bool isThere : {byScores, byWeights})
    if (isThere)
      append(values, empty);
  Values ends =
      forEachTile(values, [&](Value stage, Value begin, ValueRange carried) {
        Matrix toScores, toWeights;
        if (byScores)
          toScores = take(carried, empty);
        if (byWeights)
          toWeights = take(carried, empty);
        Value other = c.at(stage, tileBytes());
        Matrix weights = timesRows(first, stage);
        hide(weights, begin);
        if (!queries)
          loadStatistics(stage, logarithms, deltas);
        auto which = [&](int64_t r, int64_t half, int64_t column) {
          return queries ? 2 * r + half : column / 8 * 2 + column % 2;
        };
        const double factor = kernel.scale * kLog2E;
        change(weights, [&](int64_t r, int64_t half, int64_t column, Value x) {
          return c.power(c.minus(c.times(x, c.real(factor)),
                                 logarithms[which(r, half, column)]));
        });
        if (byWeights)
          addProduct(toWeights, weights, other);
        Values next;
        if (byScores) {
          Matrix scores = timesRows(second, other);
          change(scores, [&](int64_t r, int64_t half, int64_t column, Value x) {
            Value weight = weights[r][column / 8][2 * half + column % 2];
            return c.times(weight, c.minus(x, deltas[which(r, half, column)]));
          });
          addProduct(toScores, scores, stage);
          append(next, toScores);
        }
        append(next, toWeights);
        return next;
      });
  storeGradients(ends);
}

void AttentionEmitter::storeGradients(ValueRange values) {
  const Matrix empty = zeros(kernel.d);
  if (role->byScores >= 0) {
    Matrix sums = take(values, empty);
    change(sums, [&](int64_t, int64_t, int64_t, Value x) {
      return c.times(x, c.real(kernel.scale));
    });
    storeRows(sums, kernel.results[role->byScores]);
  }
  if (role->byWeights >= 0)
    storeRows(take(values, empty), kernel.results[role->byWeights]);
}

void AttentionEmitter::loadOwnStatistics(Values &logarithms, Values &deltas) {
  const Rows rows = rowsOf(kernel.operands[4], head, 4),
             others = rowsOf(kernel.operands[5], head, 4);
  for (int64_t r = 0; r < rowTiles(); ++r)
    for (int64_t half : {0, 1}) {
      Value position = ownPosition(r, half);
      logarithms.push_back(asPower(c.load(c.f32, rowOf(rows, position), 0, 4)));
      deltas.push_back(c.load(c.f32, rowOf(others, position), 0, 4));
    }
}

void AttentionEmitter::loadStatistics(Value stage, Values &logarithms,
                                      Values &deltas) {
  logarithms.clear();
  deltas.clear();
  Value first = c.at(c.at(stage, 2 * tileBytes()),
                     c.widened(c.multiply(pairOfLane, c.number(4))));
  for (int64_t n = 0; n < role->tile / 8; ++n)
    for (int64_t k : {0, 1}) {
      const int64_t offset = 4 * (8 * n + k);
      logarithms.push_back(asPower(c.load(c.f32, first, offset, k ? 4 : 8)));
      if (role->byScores >= 0)
        deltas.push_back(
            c.load(c.f32, first, offset + 4 * role->tile, k ? 4 : 8));
    }
}
