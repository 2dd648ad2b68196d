//===- GpuColumns.cpp - Sums over rows ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A block has some columns.  Its threads take neighbouring columns and every
// n-th row; the first of each column adds up what the n have, in order.
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
  const int64_t others = shape.threads / shape.group;
  Value x = remainder(thread, shape.group), y = quotient(thread, shape.group);
  Value inBlock = multiply(x, shape.vector);
  Value first = add(multiply(block, width), inBlock);
  const int64_t count = HostTensor::count(rows.inner);
  // Threads behind the last column add up no rows, but meet at the barrier.
  Value isColumn = isLess(first, constant(count));
  Value end = constant(HostTensor::count(plan.shape.rows()));
  end = arith::SelectOp::create(b, loc, isColumn, end, constant(0));
  Values sums = addRows(rows, y, first, end);
  if (others > 1) {
    SmallVector<Value> places;
    for (auto [i, sum] : llvm::enumerate(sums)) {
      if (i % shape.vector == 0)
        places.push_back(shared(sum.getType(), others * width));
      Value at = add(add(multiply(y, width), inBlock),
                     constant(static_cast<int64_t>(i) % shape.vector));
      store(sum, element(places.back(), sum.getType(), at));
    }
    syncBlock();
    Value isFirst =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, y, constant(0));
    isColumn = arith::AndIOp::create(b, loc, isColumn, isFirst);
    onlyIf(isColumn, [&] {
      for (int64_t other = 1; other < others; ++other)
        for (auto [i, sum] : llvm::enumerate(sums)) {
          const auto k = static_cast<int64_t>(i) % shape.vector;
          Value at = add(inBlock, constant(other * width + k));
          Value place = element(places[i / shape.vector], sum.getType(), at);
          sum = combinePartials(b, rows.reductions[i / shape.vector], sum,
                                load(place, sum.getType()));
        }
      finishColumns(columns, neighbours({}, first, rows.inner, shape.vector),
                    rows.reductions, sums);
    });
    return;
  }
  onlyIf(isColumn, [&] {
    finishColumns(columns, neighbours({}, first, rows.inner, shape.vector),
                  rows.reductions, sums);
  });
}

/// Rows y, y + n, .. of some columns: for each reduction a sum per column.
Values GpuEmitter::addRows(const Phase &rows, Value y, Value first, Value end) {
  Values sums;
  for (GenericOp op : rows.reductions)
    for (int64_t k = 0; k < shape.vector; ++k)
      sums.push_back(initial(op, 0));
  sums = loop(y, end, shape.threads / shape.group, sums,
              [&](scf::ForOp op, ValueRange carried) {
                Block *outer = std::exchange(rowBlock, op.getBody());
                rowMemo.clear();
                Index at = split(op.getInductionVar(), plan.shape.rows());
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
