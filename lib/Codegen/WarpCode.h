//===- WarpCode.h - Code of a thread whose warp multiplies --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products of 16 x 16 and 16 x 8 matrices, whose elements the 32 threads of a
// warp share: mma.m16n8k16 of the PTX ISA, from sm_80 on.  With g = lane / 4
// and t = lane % 4 a thread has of a left operand (16 x 16) elements 2t and 2t
// + 1 of rows g and g + 8, and 8 columns further again; of a right operand (16
// x 8) rows 2t, 2t + 1, 2t + 8 and 2t + 9 of column g; of a sum (16 x 8)
// elements 2t and 2t + 1 of rows g and g + 8.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_WARPCODE_H
#define DS_LIB_CODEGEN_WARPCODE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace ds {

class WarpCode {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;
  /// What a thread has of a left operand, or of four matrices of 8 x 8: two
  /// 16-bit numbers each.  Of a sum: float32.
  using Four = std::array<Value, 4>;
  using Code = llvm::function_ref<void()>;

  /// `element`: of operands, bf16 or f16.
  WarpCode(mlir::OpBuilder &b, mlir::Location loc, mlir::Type element);

  // Numbers: i32 unless said otherwise.
  Value number(int64_t value);
  Value wide(int64_t value);
  Value real(double value);
  Value widened(Value x);
  Value add(Value x, Value y);
  Value multiply(Value x, Value y);
  Value quotient(Value x, int64_t y);
  Value remainder(Value x, int64_t y);
  Value quotient(Value x, Value y);
  Value isLess(Value x, Value y);
  Value least(Value x, Value y);
  Value choose(Value condition, Value x, Value y);

  // float32
  Value plus(Value x, Value y);
  Value minus(Value x, Value y);
  Value times(Value x, Value y);
  Value larger(Value x, Value y);
  /// 2^x, to 2^-22.
  Value power(Value x);

  /// llvm.nvvm.<name>.
  Value intrinsic(mlir::Type type, llvm::StringRef name,
                  mlir::ValueRange operands);
  void intrinsic(llvm::StringRef name, mlir::ValueRange operands);
  /// Number of this thread or block: tid, ctaid.
  Value special(llvm::StringRef name);
  void syncBlock();
  /// What the thread `distance` lanes away, by exclusive or, has.
  Value fromLane(Value real, int distance);

  // Memory; offsets in bytes.
  Value at(Value pointer, Value offset);
  Value at(Value pointer, int64_t offset);
  Value load(mlir::Type type, Value pointer, int64_t offset, int64_t alignment);
  void store(Value value, Value pointer, int64_t offset, int64_t alignment);
  /// Starts a copy of `bytes` (4, 8 or 16) to shared memory; zeros where
  /// `isThere` is given and false.
  void copyLater(Value to, Value from, int64_t bytes, Value isThere);
  void closeGroup();
  void awaitGroups();

  // Control
  void onlyIf(Value condition, Code code);
  /// `code` returns what `values` become where the condition holds.
  Values changeIf(Value condition, mlir::ValueRange values,
                  llvm::function_ref<Values()> code);
  /// for (i = 0; i < end; ++i) values = code(i, values)
  Values loop(Value end, mlir::ValueRange values,
              llvm::function_ref<Values(Value, mlir::ValueRange)> code);

  // Matrices
  /// Four 8 x 8 matrices of shared memory; lane 8 i + j says where row j of the
  /// i-th one is.
  Four loadMatrices(Value pointer, int64_t offset, bool transposed);
  Four multiplyAdd(const Four &left, Value right0, Value right1,
                   const Four &sum);
  /// Two float32, rounded, the first one in the lower half.
  Value packed(Value low, Value high);

  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::Type element, i32, i64, f32,
      pair; ///< `pair`: a vector of two elements.
};

} // namespace ds

#endif // DS_LIB_CODEGEN_WARPCODE_H
