//===- DSKernelsElementwise.cpp - Elementwise ops as loops --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// KernelOpInterface of DSOpsElementwise.td: a formula each.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Building blocks
//===--------------------------------------------------------------------===//

static arith::FastMathFlagsAttr flags(Formula &f) {
  return arith::FastMathFlagsAttr::get(
      f.builder.getContext(),
      arith::FastMathFlags::nsz | arith::FastMathFlags::arcp |
          arith::FastMathFlags::contract | arith::FastMathFlags::afn);
}

static bool isFloat(Scalar x) { return isa<FloatType>(x.value.getType()); }

/// A function of floating-point numbers.
template <typename Op> static Scalar call(Scalar x) {
  Formula &f = *x.formula;
  return {&f, Op::create(f.builder, f.loc, x.value, flags(f))};
}
template <typename Op> static Scalar call(Scalar x, Scalar y) {
  Formula &f = *x.formula;
  return {&f, Op::create(f.builder, f.loc, x.value, y.value, flags(f))};
}
/// A function of integers.
template <typename Op> static Scalar integer(Scalar x) {
  return {x.formula, Op::create(x.formula->builder, x.formula->loc, x.value)};
}
template <typename Op> static Scalar integer(Scalar x, Scalar y) {
  return {x.formula,
          Op::create(x.formula->builder, x.formula->loc, x.value, y.value)};
}

static Value compare(StringRef relation, Scalar x, Scalar y,
                     bool isUnsigned = false) {
  Formula &f = *x.formula;
  static constexpr StringLiteral known[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static constexpr F floats[] = {F::OEQ, F::UNE, F::OLT,
                                 F::OLE, F::OGT, F::OGE};
  static constexpr I ints[] = {I::eq, I::ne, I::slt, I::sle, I::sgt, I::sge};
  static constexpr I naturals[] = {I::eq,  I::ne,  I::ult,
                                   I::ule, I::ugt, I::uge};
  const auto i = llvm::find(known, relation) - std::begin(known);
  if (isFloat(x))
    return arith::CmpFOp::create(f.builder, f.loc, floats[i], x.value, y.value);
  isUnsigned |= x.value.getType().isInteger(1);
  return arith::CmpIOp::create(
      f.builder, f.loc, isUnsigned ? naturals[i] : ints[i], x.value, y.value);
}

static Value isZero(Scalar x) {
  return compare("eq", x, x.formula->constant(0));
}

static unsigned widthOf(Scalar x) {
  return x.value.getType().getIntOrFloatBitWidth();
}

//===--------------------------------------------------------------------===//
// Formulas
//===--------------------------------------------------------------------===//

/// The argument of tanh in GELU, doubled: tanh-GELU is x * sigmoid(2u).
static Scalar geluArgument(Scalar x) {
  constexpr double kTwoRootTwoOverPi = 1.5957691216057308;
  return x * (kTwoRootTwoOverPi + kTwoRootTwoOverPi * 0.044715 * (x * x));
}

static Scalar geluGrad(Formula &f, Scalar x, Scalar grad) {
  constexpr double kTwoRootTwoOverPi = 1.5957691216057308;
  Scalar s = f.sigmoid(geluArgument(x));
  Scalar slope = kTwoRootTwoOverPi + kTwoRootTwoOverPi * 3 * 0.044715 * (x * x);
  return grad * (s + x * slope * (s * (1.0 - s)));
}

/// The share of a standard normal below x.
static Scalar normalBelow(Scalar x) {
  constexpr double kRootHalf = 0.7071067811865476;
  return 0.5 + 0.5 * call<math::ErfOp>(kRootHalf * x);
}

/// Horner's rule, the highest power first.
static Scalar polynomial(Scalar x, ArrayRef<double> coefficients) {
  Scalar sum = x.formula->constant(coefficients.front());
  for (double c : coefficients.drop_front())
    sum = c + sum * x;
  return sum;
}

/// Giles' approximation ("Approximating the erfinv function"), which StableHLO
/// takes, too: the same float32 numbers.
static Scalar erfInv(Formula &f, Scalar x) {
  static constexpr double kNear[] = {
      2.81022636e-08,  3.43273939e-07, -3.5233877e-06,
      -4.39150654e-06, 0.00021858087,  -0.00125372503,
      -0.00417768164,  0.246640727,    1.50140941};
  static constexpr double kFar[] = {
      -0.000200214257, 0.000100950558, 0.00134934322,
      -0.00367342844,  0.00573950773,  -0.0076224613,
      0.00943887047,   1.00167406,     2.83297682};
  Scalar w = -call<math::Log1pOp>(-(x * x));
  Value isNear = compare("lt", w, f.constant(5));
  Scalar near = polynomial(w - f.constant(2.5), kNear);
  Scalar far = polynomial(f.sqrt(w) - f.constant(3), kFar);
  Scalar y = x * f.select(isNear, near, far);
  if (f.type.isF64()) // to its precision
    for (int step = 0; step < 2; ++step) {
      constexpr double kHalfRootPi = 0.886226925452758;
      Scalar error = call<math::ErfOp>(y) - x;
      y = y - kHalfRootPi * error * f.exp(y * y);
    }
  Value isEnd = compare("eq", x * x, f.constant(1));
  return f.select(isEnd, x * f.constant(INFINITY), y);
}

/// Its density is 0 far out, whatever x is there.
static Scalar geluErfGrad(Formula &f, Scalar x, Scalar grad) {
  constexpr double kDensity = 0.3989422804014327; // 1 / sqrt(2 pi)
  Scalar density = kDensity * f.exp(-0.5 * (x * x));
  return grad * (normalBelow(x) + x * density);
}

static Scalar siluGrad(Formula &f, Scalar x, Scalar grad) {
  Scalar s = f.sigmoid(x);
  return grad * (s + x * (s * (1.0 - s)));
}

static Scalar magnitude(Scalar x) {
  return isFloat(x) ? call<math::AbsFOp>(x) : integer<math::AbsIOp>(x);
}

static Scalar sign(Formula &f, Scalar x) {
  Scalar zero = f.constant(0);
  Scalar negative = f.select(compare("lt", x, zero), f.constant(-1), x);
  return f.select(compare("gt", x, zero), f.constant(1), negative);
}

/// Machines divide neither by zero nor the smallest number by -1.
static Scalar quotient(Formula &f, bool isUnsigned, bool remainder) {
  Scalar x = f.in(0), y = f.in(1);
  if (isFloat(x))
    return remainder ? call<arith::RemFOp>(x, y) : x / y;
  Scalar zero = f.constant(0), one = f.constant(1), ones = f.constant(-1);
  Scalar divisor = f.select(isZero(y), one, y);
  Scalar undefined = remainder ? x : ones;
  if (isUnsigned)
    return f.select(isZero(y), undefined,
                    remainder ? integer<arith::RemUIOp>(x, divisor)
                              : integer<arith::DivUIOp>(x, divisor));
  Value isMinusOne = compare("eq", y, ones);
  divisor = f.select(isMinusOne, one, divisor);
  Scalar result = remainder ? integer<arith::RemSIOp>(x, divisor)
                            : integer<arith::DivSIOp>(x, divisor);
  result = f.select(isMinusOne, remainder ? zero : zero - x, result);
  return f.select(isZero(y), undefined, result);
}

/// Of integers by squaring, bit after bit of the exponent.
static Scalar power(Formula &f) {
  Scalar x = f.in(0), y = f.in(1);
  if (isFloat(x))
    return call<math::PowFOp>(x, y);
  Scalar zero = f.constant(0), one = f.constant(1), minus = f.constant(-1);
  Scalar result = one, square = x;
  auto bit = [&](unsigned i) {
    Scalar mask{&f, arith::ConstantOp::create(
                        f.builder, f.loc,
                        f.builder.getIntegerAttr(
                            f.type, APInt::getOneBitSet(widthOf(x), i)))};
    return compare("ne", integer<arith::AndIOp>(y, mask), zero);
  };
  for (unsigned i = 0; i + 1 < widthOf(x); ++i) {
    result = f.select(bit(i), result * square, result);
    square = square * square;
  }
  Scalar ofMinus = f.select(bit(0), minus, one);
  Scalar inverse = f.select(compare("eq", x, minus), ofMinus, zero);
  inverse = f.select(compare("eq", x, one), one, inverse);
  return f.select(compare("lt", y, zero), inverse, result);
}

template <typename Op> static Scalar shift(Formula &f, Scalar beyond) {
  Scalar x = f.in(0), by = f.in(1), width = f.constant(widthOf(x));
  Value isWithin = compare("lt", by, width, /*isUnsigned=*/true);
  by = f.select(isWithin, by, f.constant(0));
  return f.select(isWithin, integer<Op>(x, by), beyond);
}

static Scalar shiftRight(Formula &f, bool isUnsigned) {
  if (isUnsigned)
    return shift<arith::ShRUIOp>(f, f.constant(0));
  Value isNegative = compare("lt", f.in(0), f.constant(0));
  return shift<arith::ShRSIOp>(
      f, f.select(isNegative, f.constant(-1), f.constant(0)));
}

static Scalar truth(Formula &f, Value value) { return {&f, value}; }

static Scalar isFinite(Formula &f) {
  Scalar x = call<math::AbsFOp>(f.arg(0));
  Scalar infinity{
      &f, arith::ConstantOp::create(
              f.builder, f.loc,
              f.builder.getFloatAttr(x.value.getType(),
                                     std::numeric_limits<double>::infinity()))};
  return truth(f, compare("lt", x, infinity));
}

//===--------------------------------------------------------------------===//
// Ops
//===--------------------------------------------------------------------===//

DS_POINTWISE(AddOp, f.in(0) + f.in(1))
DS_POINTWISE(SubOp, f.in(0) - f.in(1))
DS_POINTWISE(MulOp, f.in(0) * f.in(1))
DS_POINTWISE(DivOp, quotient(f, getIsUnsigned(), /*remainder=*/false))
DS_POINTWISE(RemOp, quotient(f, getIsUnsigned(), /*remainder=*/true))
DS_POINTWISE(MaxOp, f.extremum(f.in(0), f.in(1), true, getIsUnsigned()))
DS_POINTWISE(MinOp, f.extremum(f.in(0), f.in(1), false, getIsUnsigned()))
DS_POINTWISE(PowOp, power(f))
DS_POINTWISE(Atan2Op, call<math::Atan2Op>(f.in(0), f.in(1)))
DS_POINTWISE(AndOp, integer<arith::AndIOp>(f.in(0), f.in(1)))
DS_POINTWISE(OrOp, integer<arith::OrIOp>(f.in(0), f.in(1)))
DS_POINTWISE(XorOp, integer<arith::XOrIOp>(f.in(0), f.in(1)))
DS_POINTWISE(ShiftLeftOp, shift<arith::ShLIOp>(f, f.constant(0)))
DS_POINTWISE(ShiftRightOp, shiftRight(f, getIsUnsigned()))

DS_POINTWISE(NegOp, -f.in(0))
DS_POINTWISE(AbsOp, magnitude(f.in(0)))
DS_POINTWISE(SignOp, sign(f, f.in(0)))
DS_POINTWISE(ExpOp, f.exp(f.in(0)))
DS_POINTWISE(Expm1Op, call<math::ExpM1Op>(f.in(0)))
DS_POINTWISE(LogOp, f.log(f.in(0)))
DS_POINTWISE(Log1pOp, call<math::Log1pOp>(f.in(0)))
DS_POINTWISE(TanhOp, call<math::TanhOp>(f.in(0)))
DS_POINTWISE(SigmoidOp, f.sigmoid(f.in(0)))
DS_POINTWISE(SqrtOp, f.sqrt(f.in(0)))
DS_POINTWISE(RsqrtOp, 1.0 / f.sqrt(f.in(0)))
DS_POINTWISE(CbrtOp, call<math::CbrtOp>(f.in(0)))
DS_POINTWISE(SinOp, call<math::SinOp>(f.in(0)))
DS_POINTWISE(CosOp, call<math::CosOp>(f.in(0)))
DS_POINTWISE(TanOp, call<math::TanOp>(f.in(0)))
DS_POINTWISE(ErfOp, call<math::ErfOp>(f.in(0)))
DS_POINTWISE(ErfInvOp, erfInv(f, f.in(0)))
DS_POINTWISE(FloorOp, call<math::FloorOp>(f.in(0)))
DS_POINTWISE(CeilOp, call<math::CeilOp>(f.in(0)))
DS_POINTWISE(RoundOp, call<math::RoundEvenOp>(f.in(0)))
DS_POINTWISE(RoundAwayOp, call<math::RoundOp>(f.in(0)))
DS_POINTWISE(GeluOp, f.in(0) * f.sigmoid(geluArgument(f.in(0))))
DS_POINTWISE(GeluErfOp, f.in(0) * normalBelow(f.in(0)))
DS_POINTWISE(SiluOp, f.in(0) * f.sigmoid(f.in(0)))
DS_POINTWISE(GeluGradOp, geluGrad(f, f.in(0), f.in(1)))
DS_POINTWISE(GeluErfGradOp, geluErfGrad(f, f.in(0), f.in(1)))
DS_POINTWISE(SiluGradOp, siluGrad(f, f.in(0), f.in(1)))
DS_POINTWISE(NotOp, integer<arith::XOrIOp>(f.in(0), f.constant(-1)))
DS_POINTWISE(PopcountOp, integer<math::CtPopOp>(f.in(0)))
DS_POINTWISE(CountLeadingZerosOp, integer<math::CountLeadingZerosOp>(f.in(0)))

DS_POINTWISE(CastOp, {&f, f.convert(f.arg(0).value,
                                    tensorType(getResult()).getElementType(),
                                    getIsUnsigned())})
DS_POINTWISE(BitcastOp,
             {&f,
              arith::BitcastOp::create(f.builder, f.loc,
                                       tensorType(getResult()).getElementType(),
                                       f.args[0])})
DS_POINTWISE(IsFiniteOp, isFinite(f))
DS_POINTWISE(CompareOp, truth(f, compare(getRelation(), f.arg(0), f.arg(1),
                                         getIsUnsigned())))
DS_POINTWISE(SelectOp, f.select(f.args[0], f.in(1), f.in(2)))
