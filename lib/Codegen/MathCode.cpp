//===- MathCode.cpp - Functions of numbers as code ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Coefficients are those of Taylor series and of Chebyshev interpolation.
//===--------------------------------------------------------------------===//

#include "MathCode.h"

#include "mlir/Dialect/Math/IR/Math.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Building blocks
//===--------------------------------------------------------------------===//

template <typename Op> static Num make(Num x, Num y) {
  return {x.code, Op::create(x.code->b, x.code->loc, x.value, y.value)};
}
Num ds::operator+(Num x, Num y) { return make<arith::AddFOp>(x, y); }
Num ds::operator-(Num x, Num y) { return make<arith::SubFOp>(x, y); }
Num ds::operator*(Num x, Num y) { return make<arith::MulFOp>(x, y); }
Num ds::operator/(Num x, Num y) { return make<arith::DivFOp>(x, y); }
Num ds::operator-(Num x) {
  return {x.code, arith::NegFOp::create(x.code->b, x.code->loc, x.value)};
}
Num ds::operator+(Num x, double y) { return x + x.code->number(y); }
Num ds::operator-(Num x, double y) { return x - x.code->number(y); }
Num ds::operator*(Num x, double y) { return x * x.code->number(y); }

Num MathCode::number(double value) {
  return {this, arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value))};
}
Num MathCode::fma(Num x, Num y, Num z) {
  return {this, math::FmaOp::create(b, loc, x.value, y.value, z.value)};
}
Num MathCode::abs(Num x) {
  return {this, math::AbsFOp::create(b, loc, x.value)};
}
Num MathCode::floor(Num x) {
  return {this, math::FloorOp::create(b, loc, x.value)};
}
Num MathCode::roundEven(Num x) {
  return {this, math::RoundEvenOp::create(b, loc, x.value)};
}
Num MathCode::withSignOf(Num x, Num sign) {
  return {this, math::CopySignOp::create(b, loc, x.value, sign.value)};
}
Value MathCode::is(Compare predicate, Num x, Num y) {
  return arith::CmpFOp::create(b, loc, predicate, x.value, y.value);
}
Value MathCode::is(Compare predicate, Num x, double y) {
  return is(predicate, x, number(y));
}
Value MathCode::both(Value x, Value y) {
  return arith::AndIOp::create(b, loc, x, y);
}
Value MathCode::either(Value x, Value y) {
  return arith::OrIOp::create(b, loc, x, y);
}
Num MathCode::select(Value condition, Num yes, Num no) {
  return {this,
          arith::SelectOp::create(b, loc, condition, yes.value, no.value)};
}
Num MathCode::select(Value condition, double yes, Num no) {
  return select(condition, number(yes), no);
}
Num MathCode::clamp(Num x, double low, double high) {
  x = select(is(Compare::OGT, x, high), high, x);
  return select(is(Compare::OLT, x, low), low, x);
}
Num MathCode::polynomial(Num x, ArrayRef<double> coefficients) {
  Num sum = number(coefficients.front());
  for (double c : coefficients.drop_front())
    sum = fma(sum, x, number(c));
  return sum;
}
Value MathCode::bits(Num x) {
  return arith::BitcastOp::create(b, loc, b.getIntegerType(type.getWidth()),
                                  x.value);
}
Num MathCode::fromBits(Value bits) {
  return {this, arith::BitcastOp::create(b, loc, type, bits)};
}
Value MathCode::integer(int64_t value) {
  Type integers = b.getIntegerType(type.getWidth());
  return arith::ConstantOp::create(b, loc, b.getIntegerAttr(integers, value));
}
Value MathCode::isNegative(Num x) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, bits(x),
                               integer(0));
}
double MathCode::magic() const {
  return std::ldexp(1.5, static_cast<int>(mantissaBits()));
}

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

//===--------------------------------------------------------------------===//
// Exponentials
//===--------------------------------------------------------------------===//

/// x = n ln 2 + r, |r| <= ln(2)/2.
MathCode::Power MathCode::power(Num x) {
  x = isWide ? clamp(x, -708.4, 710.0) : clamp(x, -87.3365, 89.0);
  // The sum's last bits are n + bias - 1: no conversions needed.
  Num offset = number(magic() + static_cast<double>(bias() - 1));
  Num shifted = fma(x, number(1.4426950408889634), offset);
  Num n = shifted - offset;
  Num r = fma(n, pick(-0.693359375, -6.93147180369123816490e-01), x);
  r = fma(n, pick(2.12194440e-4, -1.90821492927058770002e-10), r);
  SmallVector<double> inverses; // of factorials, from the highest down
  double factorial = 1;
  for (int i = 2; i <= (isWide ? 14 : 8); ++i)
    inverses.insert(inverses.begin(), 1 / (factorial *= i));
  Num rest = fma(r * r, polynomial(r, inverses), r);
  Value field =
      arith::ShLIOp::create(b, loc, bits(shifted), integer(mantissaBits()));
  return {fromBits(field), rest};
}

Num MathCode::exp(Num x) {
  Power e = power(x);
  return fma(e.half, e.rest, e.half) * 2;
}

Num MathCode::expm1(Num x) {
  Power e = power(x);
  return fma(e.half, e.rest, e.half - 0.5) * 2;
}

/// Of -2|x|, so that nothing overflows or cancels.
Num MathCode::tanh(Num x) {
  Num t = expm1(abs(x) * -2);
  return withSignOf(-t / (t + 2), x);
}

/// x = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)); s = f / (2 + f).  In
/// float64 alone: that of float32 is MLIR's.
Num MathCode::log(Num x) {
  Value isTiny = is(Compare::OLT, x, std::numeric_limits<double>::min());
  Num normal = select(isTiny, x * 0x1p54, x);
  Value rootHalf = integer(0x3fe6a09e667f3bcd);
  Value k = arith::SubIOp::create(b, loc, bits(normal), rootHalf);
  k = arith::ShRSIOp::create(b, loc, k, integer(52));
  Value field = arith::ShLIOp::create(b, loc, k, integer(52));
  Num f = fromBits(arith::SubIOp::create(b, loc, bits(normal), field)) - 1.0;
  Value shifted = arith::AddIOp::create(b, loc, k, bits(number(magic())));
  Num power = fromBits(shifted) - magic();
  power = select(isTiny, power - 54.0, power);
  Num s = f / (f + 2.0), z = s * s;
  SmallVector<double> series;
  for (int i = 23; i >= 3; i -= 2)
    series.push_back(2.0 / i);
  Num r = z * polynomial(z, series), half = f * f * 0.5;
  Num low = fma(s, half + r, power * 1.90821492927058770002e-10);
  Num result = power * 6.93147180369123816490e-01 - ((half - low) - f);
  result = select(is(Compare::OEQ, x, kInfinity), kInfinity, result);
  result = select(is(Compare::OEQ, x, 0), -kInfinity, result);
  return select(is(Compare::ULT, x, 0),
                std::numeric_limits<double>::quiet_NaN(), result);
}

/// log(u), u = 1 + x, and what rounding took from u.
Num MathCode::log1p(Num x) {
  Num u = x + 1.0, result = log(u);
  Num lost = (x - (u - 1.0)) / u;
  Value isFinite = both(is(Compare::OGT, u, 0), is(Compare::OLT, u, kInfinity));
  return select(isFinite, result + lost, result);
}

//===--------------------------------------------------------------------===//
// Powers
//===--------------------------------------------------------------------===//

/// Newton's step doubles what logarithms know.
Num MathCode::cbrt(Num x) {
  Num a = abs(x), y = exp(log(a) * (1.0 / 3.0));
  y = y - (y - a / (y * y)) * (1.0 / 3.0);
  Value isRegular =
      both(is(Compare::OGT, a, 0), is(Compare::OLT, a, kInfinity));
  return select(isRegular, withSignOf(y, x), x);
}

/// As C says it of signs, zeros and infinities.
Num MathCode::pow(Num x, Num y) {
  Num a = abs(x), result = exp(y * log(a));
  // 1^y, but for NaN: infinity times the logarithm is none.
  Value isOne = both(is(Compare::OEQ, a, 1), is(Compare::OEQ, y, y));
  result = select(isOne, 1, result);
  Value isWhole = is(Compare::OEQ, roundEven(y), y);
  Num half = y * 0.5;
  Value isOdd = both(isWhole, is(Compare::UNE, roundEven(half), half));
  result = select(both(isNegative(x), isOdd), -result, result);
  Value isReal = either(
      isWhole, either(is(Compare::OGE, x, 0), is(Compare::OEQ, a, kInfinity)));
  result =
      select(isReal, result, number(std::numeric_limits<double>::quiet_NaN()));
  return select(either(is(Compare::OEQ, x, 1), is(Compare::OEQ, y, 0)), 1,
                result);
}

/// Three steps of the division by hand; exact while x / y is below 2^80.
Num MathCode::rem(Num x, Num y) {
  Num a = abs(x), d = abs(y), r = a;
  for (int step = 0; step < 3; ++step)
    r = fma(-floor(r / d), d, r);
  r = select(is(Compare::OLT, r, 0), r + d, r);
  r = select(is(Compare::OGE, r, d), r - d, r);
  Value isWhole =
      both(is(Compare::OEQ, d, kInfinity), is(Compare::OLT, a, kInfinity));
  return select(isWhole, x, withSignOf(r, x));
}

//===--------------------------------------------------------------------===//
// Angles
//===--------------------------------------------------------------------===//

/// Accurate up to 2^30 or so; further out a number between -1 and 1.
MathCode::Turn MathCode::turn(Num x) {
  Num shifted = fma(x, number(0.6366197723675814), number(magic()));
  Num n = shifted - magic();
  Num r = fma(n, number(-1.5707963267948966), x);
  r = fma(n, number(-6.123233995736766e-17), r);
  r = fma(n, number(1.497384905065873e-33), r);
  r = clamp(r, -0.79, 0.79);
  SmallVector<double> sines, cosines;
  double factorial = 1;
  for (int i = 2; i <= 18; ++i) {
    factorial *= i;
    SmallVector<double> &series = i % 2 ? sines : cosines;
    series.insert(series.begin(), (i / 2 % 2 ? -1 : 1) / factorial);
  }
  Num z = r * r;
  Num sine = fma(r * z, polynomial(z, sines), r);
  Num cosine = fma(z, polynomial(z, cosines), number(1));
  return {sine, cosine, bits(shifted)};
}

Num MathCode::sineOf(const Turn &turn, Value quarters) {
  auto bit = [&](int64_t mask) {
    return arith::AndIOp::create(b, loc, quarters, integer(mask));
  };
  Value isOdd = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, bit(1),
                                      integer(0));
  Num value = select(isOdd, turn.cosine, turn.sine);
  Value sign = arith::ShLIOp::create(b, loc, bit(2), integer(62));
  return fromBits(arith::XOrIOp::create(b, loc, bits(value), sign));
}

Num MathCode::sin(Num x) {
  Turn t = turn(x);
  return sineOf(t, t.quarters);
}

Num MathCode::cos(Num x) {
  Turn t = turn(x);
  return sineOf(t, arith::AddIOp::create(b, loc, t.quarters, integer(1)));
}

Num MathCode::tan(Num x) {
  Turn t = turn(x);
  Value next = arith::AddIOp::create(b, loc, t.quarters, integer(1));
  return sineOf(t, t.quarters) / sineOf(t, next);
}

/// (atan(a) / a - 1) / a^2 by a^2, a <= tan(pi/8).
static constexpr double kArcTangent[] = {
    -1.39182292909437021e-02, 3.06357041128828035e-02,
    -4.10443626575098461e-02, 4.71939503002631253e-02,
    -5.25804155429758363e-02, 5.88192525319284065e-02,
    -6.66664202005516487e-02, 7.69230673600017345e-02,
    -9.09090906700999041e-02, 1.11111111107547289e-01,
    -1.42857142857115177e-01, 1.99999999999999928e-01,
    -3.33333333333333315e-01};

Num MathCode::atan2(Num y, Num x) {
  Num ax = abs(x), ay = abs(y);
  Value isSteep = is(Compare::OGT, ay, ax);
  Num large = select(isSteep, ay, ax), small = select(isSteep, ax, ay);
  Num ratio = small / large;
  ratio = select(is(Compare::OEQ, large, 0), 0, ratio);
  ratio = select(is(Compare::OEQ, small, kInfinity), 1, ratio);
  Value isLarge = is(Compare::OGT, ratio, 0.41421356237309503);
  Num a = select(isLarge, (ratio - 1.0) / (ratio + 1.0), ratio), z = a * a;
  Num angle = fma(a * z, polynomial(z, kArcTangent), a);
  angle = select(isLarge, angle + M_PI_4, angle);
  angle = select(isSteep, number(M_PI_2) - angle, angle);
  angle = select(isNegative(x), number(M_PI) - angle, angle);
  return select(is(Compare::UNO, x, y), x + y, withSignOf(angle, y));
}

//===--------------------------------------------------------------------===//
// The error function
//===--------------------------------------------------------------------===//

/// erf(x) / x by x^2, |x| <= 1.
static constexpr double kNear[] = {
    2.80671281956112640e-13, -6.19673642878769967e-12,
    9.32372351815302713e-11, -1.22777344867955241e-09,
    1.48060271461287516e-08, -1.63657686488320709e-07,
    1.64621107820186358e-06, -1.49256502369675009e-05,
    1.20553329788794834e-04, -8.54832702340300099e-04,
    5.22397762544167359e-03, -2.68661706451312175e-02,
    1.12837916709551261e-01, -3.76126389031837538e-01,
    1.12837916709551256e+00};
static constexpr double kNearNarrow[] = {
    7.875875063e-05, -8.016864287e-04, 5.189087423e-03, -2.685421201e-02,
    1.128359472e-01, -3.761262667e-01, 1.128379166e+00};

/// log(1 - erf(x)) by (x - 3.5) / 2.5, 1 <= x <= 6.
static constexpr double kFar[] = {
    1.74575281695570056e-08,  -3.69078600605160013e-08,
    -3.45368278544928272e-08, 1.22850307281314511e-07,
    -8.37975569400899301e-08, 2.43763529161738450e-07,
    -9.57944664495551323e-07, 2.04515921414794657e-06,
    -3.39624157790451782e-06, 4.49117909342300715e-06,
    -1.48733547016504867e-06, -1.84457876168501513e-05,
    9.09032937113907327e-05,  -3.07826638951535321e-04,
    8.93576229284531666e-04,  -2.37399621623401308e-03,
    5.95370450573682632e-03,  -1.43845484191425215e-02,
    3.41284110786172629e-02,  -8.16509097143913593e-02,
    -6.04220659213892564e+00, -1.81652489709130158e+01,
    -1.41124374021481742e+01};
/// log(1 - erf(x)) by x, 1 <= x <= 4.
static constexpr double kFarNarrow[] = {
    1.637151415e-06,  -4.605804269e-05, 5.968056257e-04,
    -4.759596293e-03, 2.642113601e-02,  -1.100800829e-01,
    -6.318260516e-01, -1.130233435e+00, 3.201380497e-04};

Num MathCode::erf(Num x) {
  Num a = abs(x);
  Num near =
      x * polynomial(x * x, isWide ? ArrayRef(kNear) : ArrayRef(kNearNarrow));
  Num t = clamp(a, 0, isWide ? 6 : 4);
  t = isWide ? t * 0.4 - 1.4 : t;
  Num tail = polynomial(t, isWide ? ArrayRef(kFar) : ArrayRef(kFarNarrow));
  Num far = withSignOf(-expm1(tail), x);
  return select(is(Compare::OGT, a, 1), far, near);
}
