//===- GpuScatter.cpp - Rows combined into a table ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The warps of a block have the same columns.  Each looks at all rows, 32 at a
// time, and combines those whose place is its own, from the first one on: so
// that each place sees its rows in order, and different places do not wait for
// each other.  Where rows read what was made of others there is one warp only,
// or several that have columns of their own.
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

/// Combines one row's element of column `c` into the table.
void GpuEmitter::scatterRow(Value number, Value c) {
  Scatter op(lowered);
  Memory table = outputMemory(0);
  Type type = table.type.getElementType();
  ArrayRef<int64_t> rows = plan.shape.rows();
  row = split(number, rows);
  Value base = evaluate(op.base, row);
  onlyIf(evaluate(op.isInside, row), [&] {
    Index at = row;
    at.append(split(c, ArrayRef(plan.shape.shape).drop_front(rows.size())));
    Value value = evaluate(op.values, at);
    Value place = element(table.pointer, type, add(base, c));
    if (op.kind != "set")
      value = combine(op.kind, load(place, type), value);
    store(value, place);
  });
}

void GpuEmitter::scatterInOrder() {
  Value c = add(multiply(block, shape.threads), thread);
  onlyIf(isLess(c, constant(plan.shape.items())), [&] {
    scf::ForOp made;
    loop(constant(0), constant(HostTensor::count(plan.shape.rows())), 1, {},
         [&](scf::ForOp each, ValueRange) {
           made = each;
           rowBlock = each.getBody();
           rowMemo.clear();
           scatterRow(each.getInductionVar(), c);
           return Values();
         });
    unroll(made, 0);
  });
}

void GpuEmitter::emitScatter() {
  if (shape.group == 1)
    return scatterInOrder();
  Scatter op(lowered);
  const int64_t rows = HostTensor::count(plan.shape.rows());
  const auto columns = static_cast<int64_t>(plan.shape.items());
  Value warp = quotient(thread, kWarp);
  lane = remainder(thread, kWarp);
  Value c = add(multiply(block, kWarp), lane);
  Value isColumn = isLess(c, constant(columns));
  Value all = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(-1));
  Value none = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
  Value one = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(1));
  scf::ForOp made;
  loop(
      constant(0), constant(rows), kWarp, {}, [&](scf::ForOp each, ValueRange) {
        made = each;
        Block *outer = std::exchange(rowBlock, each.getBody());
        rowMemo.clear();
        // Each thread looks at a row.
        Value number = add(each.getInductionVar(), lane);
        Value isRow = isLess(number, constant(rows));
        number = arith::MinUIOp::create(b, loc, number, constant(rows - 1));
        row = split(number, plan.shape.rows());
        Value place = quotient(evaluate(op.base, row), columns);
        Value isMine =
            arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                  remainder(place, shape.group), warp);
        isMine = arith::AndIOp::create(b, loc, isMine, isRow);
        isMine =
            arith::AndIOp::create(b, loc, isMine, evaluate(op.isInside, row));
        Value found = intrinsic(i32, "vote.ballot.sync", {all, isMine});
        // The warp combines what it found.
        scf::WhileOp::create(
            b, loc, TypeRange(i32), ValueRange(found),
            [&](OpBuilder &inner, Location, ValueRange left) {
              Value isLeft = arith::CmpIOp::create(
                  inner, loc, arith::CmpIPredicate::ne, left[0], none);
              scf::ConditionOp::create(inner, loc, isLeft, left);
            },
            [&](OpBuilder &inner, Location, ValueRange left) {
              OpBuilder::InsertionGuard guard(b);
              b.setInsertionPointToEnd(inner.getInsertionBlock());
              Value next = math::CountTrailingZerosOp::create(b, loc, left[0]);
              next = arith::ExtUIOp::create(b, loc, i64, next);
              rowBlock = inner.getInsertionBlock();
              rowMemo.clear();
              onlyIf(isColumn,
                     [&] { scatterRow(add(each.getInductionVar(), next), c); });
              Value less = arith::SubIOp::create(b, loc, left[0], one);
              less = arith::AndIOp::create(b, loc, left[0], less);
              scf::YieldOp::create(b, loc, less);
            });
        rowBlock = outer;
        rowMemo.clear();
        return Values();
      });
  unroll(made, 0);
}
