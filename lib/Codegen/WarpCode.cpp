//===- WarpCode.cpp - Code of a thread whose warp multiplies ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "WarpCode.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace ds;

WarpCode::WarpCode(OpBuilder &b, Location loc, Type element)
    : b(b), loc(loc), element(element), i32(b.getI32Type()),
      i64(b.getI64Type()), f32(b.getF32Type()),
      pair(VectorType::get({2}, element)) {}

//===--------------------------------------------------------------------===//
// Arithmetic
//===--------------------------------------------------------------------===//

Value WarpCode::number(int64_t value) {
  return arith::ConstantIntOp::create(b, loc, i32, value);
}
Value WarpCode::wide(int64_t value) {
  return arith::ConstantIntOp::create(b, loc, i64, value);
}
Value WarpCode::real(double value) {
  return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(float(value)));
}
Value WarpCode::widened(Value x) {
  return arith::ExtUIOp::create(b, loc, i64, x);
}
Value WarpCode::add(Value x, Value y) {
  return arith::AddIOp::create(b, loc, x, y);
}
Value WarpCode::multiply(Value x, Value y) {
  return arith::MulIOp::create(b, loc, x, y);
}
Value WarpCode::quotient(Value x, int64_t y) { return quotient(x, number(y)); }
Value WarpCode::remainder(Value x, int64_t y) {
  return arith::RemUIOp::create(b, loc, x, number(y));
}
Value WarpCode::quotient(Value x, Value y) {
  return arith::DivUIOp::create(b, loc, x, y);
}
Value WarpCode::isLess(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x, y);
}
Value WarpCode::least(Value x, Value y) {
  return arith::MinUIOp::create(b, loc, x, y);
}
Value WarpCode::choose(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, loc, condition, x, y);
}
Value WarpCode::plus(Value x, Value y) {
  return arith::AddFOp::create(b, loc, x, y);
}
Value WarpCode::minus(Value x, Value y) {
  return arith::SubFOp::create(b, loc, x, y);
}
Value WarpCode::times(Value x, Value y) {
  return arith::MulFOp::create(b, loc, x, y);
}
Value WarpCode::larger(Value x, Value y) {
  return arith::MaxNumFOp::create(b, loc, x, y);
}
Value WarpCode::power(Value x) {
  return intrinsic(f32, "ex2.approx.ftz.f32", x);
}

//===--------------------------------------------------------------------===//
// Threads
//===--------------------------------------------------------------------===//

Value WarpCode::intrinsic(Type type, StringRef name, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(
             b, loc, type, b.getStringAttr("llvm.nvvm." + name), operands)
      .getResult(0);
}

void WarpCode::intrinsic(StringRef name, ValueRange operands) {
  LLVM::CallIntrinsicOp::create(b, loc, b.getStringAttr("llvm.nvvm." + name),
                                operands);
}

Value WarpCode::special(StringRef name) {
  return intrinsic(i32, ("read.ptx.sreg." + name + ".x").str(), ValueRange());
}

void WarpCode::syncBlock() {
  intrinsic("barrier.cta.sync.aligned.all", number(0));
}

Value WarpCode::fromLane(Value real, int distance) {
  Value bits = LLVM::BitcastOp::create(b, loc, i32, real);
  bits = intrinsic(i32, "shfl.sync.bfly.i32",
                   {number(-1), bits, number(distance), number(31)});
  return LLVM::BitcastOp::create(b, loc, f32, bits);
}

//===--------------------------------------------------------------------===//
// Memory
//===--------------------------------------------------------------------===//

Value WarpCode::at(Value pointer, Value offset) {
  return LLVM::GEPOp::create(b, loc, pointer.getType(), b.getI8Type(), pointer,
                             ArrayRef<LLVM::GEPArg>{offset});
}

Value WarpCode::at(Value pointer, int64_t offset) {
  return offset == 0 ? pointer : at(pointer, wide(offset));
}

Value WarpCode::load(Type type, Value pointer, int64_t offset,
                     int64_t alignment) {
  return LLVM::LoadOp::create(b, loc, type, at(pointer, offset),
                              unsigned(alignment));
}

void WarpCode::store(Value value, Value pointer, int64_t offset,
                     int64_t alignment) {
  LLVM::StoreOp::create(b, loc, value, at(pointer, offset),
                        unsigned(alignment));
}

void WarpCode::copyLater(Value to, Value from, int64_t bytes, Value isThere) {
  // Only whole lines can bypass the first cache.
  std::string name = (bytes == 16 ? "cp.async.cg.shared.global."
                                  : "cp.async.ca.shared.global.") +
                     std::to_string(bytes);
  if (!isThere)
    return intrinsic(name, {to, from});
  intrinsic(name + ".s", {to, from, choose(isThere, number(bytes), number(0))});
}

void WarpCode::closeGroup() { intrinsic("cp.async.commit.group", {}); }
void WarpCode::awaitGroups() { intrinsic("cp.async.wait.group", number(0)); }

//===--------------------------------------------------------------------===//
// Control
//===--------------------------------------------------------------------===//

void WarpCode::onlyIf(Value condition, Code code) {
  auto branch = scf::IfOp::create(b, loc, condition, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  code();
}

WarpCode::Values WarpCode::changeIf(Value condition, ValueRange values,
                                    llvm::function_ref<Values()> code) {
  auto branch = scf::IfOp::create(b, loc, values.getTypes(), condition,
                                  /*withElse=*/true);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Values changed = code();
  scf::YieldOp::create(b, loc, changed);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, values);
  return Values(branch.getResults());
}

WarpCode::Values
WarpCode::loop(Value end, ValueRange values,
               llvm::function_ref<Values(Value, ValueRange)> code) {
  auto op = scf::ForOp::create(b, loc, number(0), end, number(1), values);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(op.getBody());
  Values next = code(op.getInductionVar(), op.getRegionIterArgs());
  // Without values the builder has made the terminator.
  if (!values.empty())
    scf::YieldOp::create(b, loc, next);
  return Values(op.getResults());
}

//===--------------------------------------------------------------------===//
// Matrices
//===--------------------------------------------------------------------===//

WarpCode::Four WarpCode::loadMatrices(Value pointer, int64_t offset,
                                      bool transposed) {
  auto type =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {i32, i32, i32, i32});
  Value all =
      intrinsic(type,
                transposed ? "ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3"
                           : "ldmatrix.sync.aligned.m8n8.x4.b16.p3",
                at(pointer, offset));
  Four result;
  for (int64_t i = 0; i < 4; ++i)
    result[i] = LLVM::ExtractValueOp::create(b, loc, all, i);
  return result;
}

WarpCode::Four WarpCode::multiplyAdd(const Four &left, Value right0,
                                     Value right1, const Four &sum) {
  Values operands(left.begin(), left.end());
  operands.append({right0, right1});
  // As the intrinsics want them: f16 by its type, bf16 as bits.
  if (element.isF16())
    for (Value &operand : operands)
      operand = LLVM::BitcastOp::create(b, loc, pair, operand);
  operands.append(sum.begin(), sum.end());
  auto type =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  Value all = intrinsic(type,
                        element.isF16() ? "mma.m16n8k16.row.col.f32.f32"
                                        : "mma.m16n8k16.row.col.bf16",
                        operands);
  Four result;
  for (int64_t i = 0; i < 4; ++i)
    result[i] = LLVM::ExtractValueOp::create(b, loc, all, i);
  return result;
}

Value WarpCode::packed(Value low, Value high) {
  auto floats = VectorType::get({2}, f32);
  Value both = LLVM::UndefOp::create(b, loc, floats);
  both = LLVM::InsertElementOp::create(b, loc, both, low, number(0));
  both = LLVM::InsertElementOp::create(b, loc, both, high, number(1));
  both = LLVM::FPTruncOp::create(b, loc, pair, both);
  return LLVM::BitcastOp::create(b, loc, i32, both);
}
