//===- GpuColumns.cpp - Sums over rows ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block has some columns.  Its threads take neighbouring columns and every
// n-th row; what the n have meets in shared memory.
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;

void GpuEmitter::emitColumns() {
  const Phase &rows = plan.phases[0], &columns = plan.phases[1];
  const int64_t width = shape.group * shape.vector;
  Value x = remainder(thread, shape.group), y = quotient(thread, shape.group);
  Value inBlock = multiply(x, shape.vector);
  Value first = add(multiply(block, width), inBlock);
  const int64_t count = HostTensor::count(rows.inner);
  // Threads behind the last column add up no rows, but meet at the barrier.
  Value isMine = isLess(first, constant(count));
  Value end = constant(HostTensor::count(plan.shape.rows()));
  end = arith::SelectOp::create(b, loc, isMine, end, constant(0));
  Values sums = addRows(rows, y, first, end);
  if (shape.threads > shape.group) {
    sums = acrossBlock(rows, y, inBlock, sums);
    Value isFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, y, constant(0));
    isMine = arith::AndIOp::create(b, loc, isMine, isFirst);
  }
  onlyIf(isMine, [&] {
    finishColumns(columns, neighbours({}, first, rows.inner, shape.vector),
                  rows.reductions, sums);
  });
}

/// What the threads of a column have together, in the first one: the second
/// half's sums are added to the first half's, until there is one.
Values GpuEmitter::acrossBlock(const Phase &rows, Value y, Value inBlock,
                               Values sums) {
  const int64_t width = shape.group * shape.vector;
  const int64_t others = shape.threads / shape.group;
  SmallVector<Value> tables;
  for (size_t i = 0; i < sums.size(); i += shape.vector)
    tables.push_back(shared(sums[i].getType(), others * width));
  auto placeOf = [&](size_t i, int64_t further) {
    Value at = add(multiply(y, width), inBlock);
    const auto k = static_cast<int64_t>(i) % shape.vector;
    at = add(at, constant(further * width + k));
    return element(tables[i / shape.vector], sums[i].getType(), at);
  };
  auto each = [&](llvm::function_ref<void(size_t)> code) {
    for (size_t i = 0; i < sums.size(); ++i)
      code(i);
  };
  each([&](size_t i) { store(sums[i], placeOf(i, 0)); });
  for (int64_t half = others / 2; half > 0; half /= 2) {
    syncBlock();
    onlyIf(isLess(y, constant(half)), [&] {
      each([&](size_t i) {
        Type type = sums[i].getType();
        Value mine = load(placeOf(i, 0), type);
        Value other = load(placeOf(i, half), type);
        store(
            combinePartials(b, rows.reductions[i / shape.vector], mine, other),
            placeOf(i, 0));
      });
    });
  }
  Values whole;
  each([&](size_t i) {
    whole.push_back(load(placeOf(i, 0), sums[i].getType()));
  });
  return whole;
}

/// Rows y, y + n, .. of some columns: for each reduction a sum per column.
Values GpuEmitter::addRows(const Phase &rows, Value y, Value first, Value end) {
  Values sums;
  for (GenericOp op : rows.reductions)
    for (int64_t k = 0; k < shape.vector; ++k)
      sums.push_back(initial(op, 0));
  scf::ForOp made;
  sums = loop(y, end, shape.threads / shape.group, sums,
              [&](scf::ForOp each, ValueRange carried) {
                made = each;
                Block *outer = std::exchange(rowBlock, each.getBody());
                rowMemo.clear();
                Index at = split(each.getInductionVar(), plan.shape.rows());
                Points points = neighbours(at, first, rows.inner, shape.vector);
                Values next;
                for (GenericOp op : rows.reductions)
                  for (const Index &point : points)
                    next.push_back(
                        inlineBody(op, point, Value(carried[next.size()]))[0]);
                emitStores(rows, points);
                rowBlock = outer;
                return next;
              });
  rowMemo.clear();
  vectors.clear();
  // Four rows of 16 bytes on their way hide a memory's latency.
  unroll(made, std::min<int64_t>(shape.vector, 4));
  return sums;
}

/// Computes and writes what follows from the sums of some columns.
void GpuEmitter::finishColumns(const Phase &columns, ArrayRef<Index> points,
                               ArrayRef<GenericOp> reductions, Values sums) {
  SmallVector<Write> writes;
  for (auto [k, point] : llvm::enumerate(points)) {
    for (size_t i = 0; i < reductions.size(); ++i)
      scalars[reductions[i]->getResult(0)] = sums[i * points.size() + k];
    for (auto [i, result] : llvm::enumerate(columns.stores)) {
      Write one = computed(returned[result], outputMemory(result), point);
      if (k == 0) {
        writes.push_back(one);
        continue;
      }
      writes[i].at.push_back(one.at[0]);
      writes[i].values.push_back(one.values[0]);
    }
  }
  for (const Write &each : writes)
    write(each);
}
