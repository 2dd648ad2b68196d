//===- NarrowFloats.cpp - Conversions of 16-bit numbers -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bfloat16 is the upper half of a float32: integer code, the same on every
// machine.  AVX512-BF16's own instruction would take denormal numbers for
// zero.  Of float16, LLVM knows F16C's conversions from and to float32, which
// every machine with AVX2 has; those from float64 would be calls.
//===--------------------------------------------------------------------===//

#include "MathCode.h"
#include "NativeCode.h"

#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace {

/// Integer code at one place.
struct Words {
  OpBuilder &b;
  Location loc;

  Value number(unsigned bits, uint64_t value) {
    return arith::ConstantOp::create(
        b, loc, b.getIntegerAttr(b.getIntegerType(bits), APInt(bits, value)));
  }
  Value of(Value x) {
    Type bits = b.getIntegerType(x.getType().getIntOrFloatBitWidth());
    return arith::BitcastOp::create(b, loc, bits, x);
  }
  Value floatOf(Type type, Value bits) {
    return arith::BitcastOp::create(b, loc, type, bits);
  }
  template <typename Op> Value with(Value x, uint64_t y) {
    return Op::create(b, loc, x,
                      number(x.getType().getIntOrFloatBitWidth(), y));
  }
};

/// The upper half, the nearest one, the even one of two.  The sum carries into
/// the exponent, from the largest number into infinity.
Value toBFloat(Words w, Value x) {
  OpBuilder &b = w.b;
  Value bits = w.of(x);
  Value isOdd = w.with<arith::AndIOp>(w.with<arith::ShRUIOp>(bits, 16), 1);
  Value nearest = arith::AddIOp::create(
      b, w.loc, w.with<arith::AddIOp>(bits, 0x7fff), isOdd);
  // A NaN keeps its upper bits, and one more so that it stays one.
  Value quiet = w.with<arith::OrIOp>(bits, 0x400000);
  Value isNaN =
      arith::CmpFOp::create(b, w.loc, arith::CmpFPredicate::UNO, x, x);
  Value word = arith::SelectOp::create(b, w.loc, isNaN, quiet, nearest);
  word = w.with<arith::ShRUIOp>(word, 16);
  Value half = arith::TruncIOp::create(b, w.loc, b.getI16Type(), word);
  return w.floatOf(b.getBF16Type(), half);
}

Value fromBFloat(Words w, Value x) {
  Value word = arith::ExtUIOp::create(w.b, w.loc, w.b.getI32Type(), w.of(x));
  return w.floatOf(w.b.getF32Type(), w.with<arith::ShLIOp>(word, 16));
}

/// A float64 as the float32 towards zero, whose last bit is set unless that is
/// exact: rounded once more, it becomes what the float64 would.
Value toOdd(Words w, Value x) {
  OpBuilder &b = w.b;
  Value nearest = arith::TruncFOp::create(b, w.loc, b.getF32Type(), x);
  Value back = arith::ExtFOp::create(b, w.loc, b.getF64Type(), nearest);
  Value ones = w.number(64, ~uint64_t{0} >> 1);
  auto magnitude = [&](Value y) -> Value {
    return arith::AndIOp::create(b, w.loc, w.of(y), ones);
  };
  Value isBeyond = arith::CmpIOp::create(b, w.loc, arith::CmpIPredicate::ugt,
                                         magnitude(back), magnitude(x));
  Value isExact =
      arith::CmpFOp::create(b, w.loc, arith::CmpFPredicate::UEQ, back, x);
  Value bits = w.of(nearest);
  bits = arith::SelectOp::create(b, w.loc, isBeyond,
                                 w.with<arith::SubIOp>(bits, 1), bits);
  Value odd = w.with<arith::OrIOp>(bits, 1);
  bits = arith::SelectOp::create(b, w.loc, isExact, w.of(nearest), odd);
  return w.floatOf(b.getF32Type(), bits);
}

struct NarrowPattern : OpRewritePattern<arith::TruncFOp> {
  NarrowPattern(MLIRContext *context, bool isNative)
      : OpRewritePattern(context), isNative(isNative) {}

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &b) const override {
    Value x = op.getIn();
    Words words{b, op.getLoc()};
    if (x.getType().isF64() && op.getType().getIntOrFloatBitWidth() == 16) {
      b.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), toOdd(words, x));
      return success();
    }
    if (!op.getType().isBF16() || isNative)
      return failure();
    b.replaceOp(op, toBFloat(words, x));
    return success();
  }

  bool isNative;
};

struct WidenPattern : OpRewritePattern<arith::ExtFOp> {
  WidenPattern(MLIRContext *context, bool isNative)
      : OpRewritePattern(context), isNative(isNative) {}

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &b) const override {
    Value x = op.getIn();
    if (op.getType().isF64() && x.getType().getIntOrFloatBitWidth() == 16) {
      Value word = arith::ExtFOp::create(b, op.getLoc(), b.getF32Type(), x);
      b.replaceOpWithNewOp<arith::ExtFOp>(op, op.getType(), word);
      return success();
    }
    if (!x.getType().isBF16() || isNative)
      return failure();
    b.replaceOp(op, fromBFloat({b, op.getLoc()}, x));
    return success();
  }

  bool isNative;
};

} // namespace

void ds::expandNarrowFloats(Operation *module, bool isNative) {
  RewritePatternSet patterns(module->getContext());
  patterns.add<NarrowPattern, WidenPattern>(module->getContext(), isNative);
  (void)applyPatternsGreedily(module, std::move(patterns));
}
