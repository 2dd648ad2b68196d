//===- ExpandMath.cpp - Functions as polynomials ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// exp(x) = 2^n * p(x - n ln 2), |x - n ln 2| <= ln(2)/2, p being the minimax
// polynomial of degree 6 for the relative error: within 1.5 ulp, no branches,
// NaN stays NaN.  Results below 2^-126 are zero.  p has a factor of two that
// 2^(n-1) lacks, so that n = 128 yields numbers up to the largest float and
// infinity beyond.  Other functions are in MathCode.cpp.
//===--------------------------------------------------------------------===//

#include "MathCode.h"
#include "NativeCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

/// Of p, from the highest power down.
static constexpr float kCoefficients[] = {1.3836793368e-3f,
                                          8.3748567848e-3f,
                                          4.1668228805e-2f,
                                          1.6666419804e-1f,
                                          4.9999991059e-1f,
                                          1.0f,
                                          1.0f};

namespace {
struct ExpandExp : OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &b) const override {
    if (!op.getType().isF32())
      return failure();
    Location loc = op.getLoc();
    auto constant = [&](float value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
    };
    auto integer = [&](int32_t value) -> Value {
      return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(value));
    };
    auto fma = [&](Value x, Value y, Value z) -> Value {
      return math::FmaOp::create(b, loc, x, y, z);
    };
    // A comparison with NaN is false: NaN passes both limits.
    auto clamp = [&](Value x, arith::CmpFPredicate beyond, float limit) {
      Value bound = constant(limit);
      Value outside = arith::CmpFOp::create(b, loc, beyond, x, bound);
      return arith::SelectOp::create(b, loc, outside, bound, x).getResult();
    };
    Value x = op.getOperand();
    x = clamp(x, arith::CmpFPredicate::OGT, 89.0f);
    x = clamp(x, arith::CmpFPredicate::OLT, -87.3365f);
    // The sum's last bits are round(x / ln 2) + 126: no conversions needed.
    Value magic = constant(12582912.0f + 126.0f);
    Value shifted = fma(x, constant(1.44269504f), magic);
    Value n = arith::SubFOp::create(b, loc, shifted, magic);
    Value r = fma(n, constant(-0.693359375f), x);
    r = fma(n, constant(2.12194440e-4f), r);
    Value p = constant(2 * kCoefficients[0]);
    for (float c : llvm::drop_begin(kCoefficients))
      p = fma(p, r, constant(2 * c));
    Value exponent = arith::BitcastOp::create(b, loc, b.getI32Type(), shifted);
    exponent = arith::ShLIOp::create(b, loc, exponent, integer(23));
    Value power = arith::BitcastOp::create(b, loc, b.getF32Type(), exponent);
    b.replaceOpWithNewOp<arith::MulFOp>(op, p, power);
    return success();
  }
};
} // namespace

namespace {
/// A function of one or two numbers, in float32 where it is needed often and
/// in float64 otherwise.
template <typename Op, auto Function, bool HasNarrow = false>
struct Expand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;

  LogicalResult matchAndRewrite(Op op, PatternRewriter &b) const override {
    auto type = dyn_cast<FloatType>(op.getType());
    if (!type || !(type.isF32() || type.isF64()))
      return failure();
    ds::MathCode code(b, op.getLoc(),
                      HasNarrow ? type : cast<FloatType>(b.getF64Type()));
    auto wide = [&](Value x) -> ds::Num {
      if (x.getType() != code.type)
        x = arith::ExtFOp::create(b, op.getLoc(), code.type, x);
      return {&code, x};
    };
    Value result;
    if constexpr (Op::template hasTrait<OpTrait::OneOperand>())
      result = (code.*Function)(wide(op->getOperand(0))).value;
    else
      result =
          (code.*Function)(wide(op->getOperand(0)), wide(op->getOperand(1)))
              .value;
    if (result.getType() != type)
      result = arith::TruncFOp::create(b, op.getLoc(), type, result);
    b.replaceOp(op, result);
    return success();
  }
};
} // namespace

void ds::expandMath(Operation *module) {
  MLIRContext *context = module->getContext();
  RewritePatternSet patterns(context);
  patterns.add<ExpandExp>(context, /*benefit=*/10);
  populateMathPolynomialApproximationPatterns(
      patterns, [](StringRef name) { return name == "math.log"; });
  patterns.add<Expand<math::ExpOp, &MathCode::exp, true>,
               Expand<math::ExpM1Op, &MathCode::expm1, true>,
               Expand<math::TanhOp, &MathCode::tanh, true>,
               Expand<math::ErfOp, &MathCode::erf, true>,
               Expand<math::LogOp, &MathCode::log>,
               Expand<math::Log1pOp, &MathCode::log1p>,
               Expand<math::SinOp, &MathCode::sin>,
               Expand<math::CosOp, &MathCode::cos>,
               Expand<math::TanOp, &MathCode::tan>,
               Expand<math::Atan2Op, &MathCode::atan2>,
               Expand<math::CbrtOp, &MathCode::cbrt>,
               Expand<math::PowFOp, &MathCode::pow>,
               Expand<arith::RemFOp, &MathCode::rem>>(context, /*benefit=*/0);
  (void)applyPatternsGreedily(module, std::move(patterns));
}
