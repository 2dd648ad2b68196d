//===- GpuMath.cpp - What a GPU has instructions for --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions are the polynomials that CPUs have, too: nothing of a toolkit is
// needed to compile them, and results are the same to the last bits.  Only
// what kernels of 16-bit numbers have most of uses the GPU's own units:
//
// exp(x) = 2^n * 2^a, a = x / ln 2 - n, |a| <= 1/2, and 2^a is ex2.approx,
// which is good to 2^-22.  The division by ln 2 is done in two parts, so that a
// large x loses nothing.  Where x is beyond the limits of n, or is no number, a
// is as well, and 2^a is infinity, zero or NaN.  In kernels of 16-bit numbers
// it is ex2.approx(x / ln 2): the quotient's rounding is at most 2^-17 of the
// result, at its limits, where what was read or is written has 2^-11.
//
// x / y with the flag `afn` is div.full, good to 2 units in the last place for
// all numbers; div.approx would take large divisors for infinite ones.
//===--------------------------------------------------------------------===//

#include "GpuCode.h"
#include "MathCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace ds;

static Value callIntrinsic(OpBuilder &b, Location loc, StringRef name,
                           ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(b, loc, operands[0].getType(),
                                       b.getStringAttr(name), operands)
      .getResult(0);
}

namespace {

constexpr llvm::StringLiteral kPower = "llvm.nvvm.ex2.approx.ftz";

struct ExponentialPattern : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &b) const override {
    if (!op.getType().isF32())
      return failure();
    MathCode code(b, op.getLoc(), cast<FloatType>(op.getType()));
    Num x{&code, op.getOperand()};
    if (op->getParentOfType<LLVM::LLVMFuncOp>()->hasAttr(kNarrowAttr)) {
      Num power = x * code.number(1.44269504);
      b.replaceOp(op, callIntrinsic(b, op.getLoc(), kPower, power.value));
      return success();
    }
    // The sum's last bits are n + 127: no conversions needed.
    Num magic = code.number(12582912.0 + 127.0);
    Num shifted = code.fma(x, code.number(1.44269504), magic);
    // These drop a NaN, which is still in x.
    auto limit = [&](auto which, Num bound) -> Num {
      return {&code, decltype(which)::create(b, op.getLoc(), shifted.value,
                                             bound.value)};
    };
    shifted = limit(arith::MinNumFOp(), magic + 127.0);
    shifted = limit(arith::MaxNumFOp(), magic - 126.0);
    Num n = shifted - magic;
    Num a = code.fma(x, code.number(1.44269502162933349609375), -n);
    a = code.fma(x, code.number(1.92596299112661746887e-8), a);
    Num power{&code, callIntrinsic(b, op.getLoc(), kPower, a.value)};
    Value field = arith::ShLIOp::create(b, op.getLoc(), code.bits(shifted),
                                        code.integer(23));
    b.replaceOp(op, (power * code.fromBits(field)).value);
    return success();
  }
};

struct DivisionPattern : OpRewritePattern<arith::DivFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &b) const override {
    const bool mayDiffer =
        bitEnumContainsAll(op.getFastmath(), arith::FastMathFlags::afn);
    // Of 1 it is the reciprocal, which has no such limit.
    if (!op.getType().isF32() || !mayDiffer ||
        matchPattern(op.getLhs(), m_OneFloat()))
      return failure();
    b.replaceOp(op, callIntrinsic(b, op.getLoc(), "llvm.nvvm.div.full",
                                  op->getOperands()));
    return success();
  }
};

template <typename Pattern> void rewrite(Operation *module) {
  RewritePatternSet patterns(module->getContext());
  patterns.add<Pattern>(module->getContext());
  (void)applyPatternsGreedily(module, std::move(patterns));
}

} // namespace

void ds::expandGpuExponentials(Operation *module) {
  rewrite<ExponentialPattern>(module);
  module->walk(
      [](LLVM::LLVMFuncOp function) { function->removeAttr(kNarrowAttr); });
}

void ds::expandGpuDivisions(Operation *module) {
  rewrite<DivisionPattern>(module);
}
