//===- DSRows.cpp - Ops on a block of rows ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// RowBlockOpInterface.  A product is cut by its letters: rows that the result
// has are rows of it, rows that are summed add up to it.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// Products
//===--------------------------------------------------------------------===//

FailureOr<RowRoles> DotOp::getRowRoles(Value rows, int64_t rank) {
  ProductSpec letters = getLetters();
  StringRef cut = (rows == getResult() ? letters.result
                   : rows == getLhs()  ? letters.lhs
                                       : letters.rhs)
                      .take_front(rank);
  RowRoles roles;
  roles.rank = rank;
  bool ok = true;
  auto role = [&](StringRef dims, RowRole without) {
    if (dims.starts_with(cut))
      return RowRole::Rows;
    ok &= dims.find_first_of(cut) == StringRef::npos;
    return without;
  };
  roles.operands = {role(letters.lhs, RowRole::Whole),
                    role(letters.rhs, RowRole::Whole)};
  roles.results = {role(letters.result, RowRole::Sum)};
  if (!ok)
    return failure();
  return roles;
}

SmallVector<Value> DotOp::buildRowBlock(OpBuilder &b, const RowRoles &roles,
                                        ValueRange operands,
                                        ArrayRef<Value> sums) {
  ProductSpec letters = getLetters();
  // The first of the row letters stands for all.
  auto cut = [&](StringRef dims, RowRole role) {
    return role == RowRole::Rows
               ? (dims.take_front() + dims.drop_front(roles.rank)).str()
               : dims.str();
  };
  std::string spec = cut(letters.lhs, roles.operands[0]) + "," +
                     cut(letters.rhs, roles.operands[1]) + "->" +
                     cut(letters.result, roles.results[0]);
  RankedTensorType type = tensorType(getResult());
  if (roles.results[0] == RowRole::Rows) {
    bool left = roles.operands[0] == RowRole::Rows;
    SmallVector<int64_t> shape{
        tensorType(operands[left ? 0 : 1]).getDimSize(0)};
    llvm::append_range(shape, type.getShape().drop_front(roles.rank));
    type = RankedTensorType::get(shape, type.getElementType());
  } else { // rounded when all blocks are there
    type = RankedTensorType::get(type.getShape(),
                                 wideElement(type.getElementType()));
  }
  if (!sums.empty() && sums[0])
    return {DotAddOp::create(b, getLoc(), type, sums[0], spec, operands[0],
                             operands[1])};
  return {DotOp::create(b, getLoc(), type, spec, operands[0], operands[1])};
}

//===--------------------------------------------------------------------===//
// Cross entropy
//===--------------------------------------------------------------------===//

FailureOr<RowRoles> CrossEntropyOp::getRowRoles(Value, int64_t rank) {
  if (rank != tensorType(getTargets()).getRank())
    return failure();
  return RowRoles{{RowRole::Rows, RowRole::Rows}, {RowRole::Mean}, rank};
}

SmallVector<Value> CrossEntropyOp::buildRowBlock(OpBuilder &b, const RowRoles &,
                                                 ValueRange operands,
                                                 ArrayRef<Value>) {
  auto type = RankedTensorType::get(
      tensorType(operands[1]).getShape(),
      wideElement(tensorType(operands[0]).getElementType()));
  return {CrossEntropyRowsOp::create(b, getLoc(), type, operands[0],
                                     operands[1], getIgnoreAttr(),
                                     getClassesAttr())};
}

Value CrossEntropyOp::finishRows(OpBuilder &b, Value stacked) {
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  Value sum = tensorType(stacked).getRank() == 0 // a single row
                  ? CastOp::create(b, getLoc(), f64, stacked).getResult()
                  : SumOp::create(b, getLoc(), f64, stacked, /*trailing=*/true,
                                  /*squares=*/false)
                        .getResult();
  double rows = static_cast<double>(tensorType(stacked).getNumElements());
  Value mean = DivOp::create(b, getLoc(), f64, sum,
                             ConstantOp::create(b, getLoc(), f64, rows));
  return CastOp::create(b, getLoc(), getLoss().getType(), mean);
}

int64_t CrossEntropyGradOp::getAllRows() {
  return getRows().value_or(tensorType(getTargets()).getNumElements());
}

FailureOr<RowRoles> CrossEntropyGradOp::getRowRoles(Value, int64_t rank) {
  if (rank != tensorType(getTargets()).getRank())
    return failure();
  return RowRoles{
      {RowRole::Rows, RowRole::Rows, RowRole::Whole}, {RowRole::Rows}, rank};
}

SmallVector<Value> CrossEntropyGradOp::buildRowBlock(OpBuilder &b,
                                                     const RowRoles &,
                                                     ValueRange operands,
                                                     ArrayRef<Value>) {
  return {CrossEntropyGradOp::create(
      b, getLoc(), operands[0].getType(), operands[0], operands[1], operands[2],
      b.getI64IntegerAttr(getAllRows()), getIgnoreAttr(), getClassesAttr())};
}

} // namespace ds
