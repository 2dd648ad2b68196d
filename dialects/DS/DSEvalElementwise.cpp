//===- DSEvalElementwise.cpp - What elementwise ops compute -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One formula each, float64 throughout; integers wrap around.  A right operand
// that is repeated over leading dimensions is read at `i % its size`.
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSProducts.h"

#include <bit>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Integers
//===--------------------------------------------------------------------===//

uint64_t ds::bits(double value) {
  constexpr double end = 9223372036854775808.0; // 2^63
  if (std::isnan(value))
    return 0;
  if (value >= end)
    return std::numeric_limits<int64_t>::max();
  return static_cast<uint64_t>(static_cast<int64_t>(std::max(value, -end)));
}

static unsigned widthOf(Type type) { return type.getIntOrFloatBitWidth(); }

double ds::toInteger(Type type, uint64_t bits) {
  const unsigned unused = 64 - widthOf(type);
  if (unused == 63)
    return static_cast<double>(bits & 1);
  return static_cast<double>(static_cast<int64_t>(bits << unused) >> unused);
}

double ds::unsignedValue(Type type, double value) {
  const unsigned unused = 64 - widthOf(type);
  return static_cast<double>(bits(value) << unused >> unused);
}

double ds::saturate(Type type, bool isUnsigned, double value) {
  if (std::isnan(value))
    return 0;
  const int width = static_cast<int>(widthOf(type));
  const double end = std::ldexp(1.0, isUnsigned ? width : width - 1);
  value = std::trunc(value);
  if (!isUnsigned) // of 64 bits, 2^63 stands for the number below it
    return std::clamp(value, -end, end - 1);
  return toInteger(type, value < end
                             ? static_cast<uint64_t>(std::max(value, 0.0))
                             : ~uint64_t{0});
}

double ds::neutralElement(StringRef kind, Type type, bool isUnsigned) {
  if (kind == "mul" || kind == "or")
    return kind == "mul";
  if (kind == "and")
    return toInteger(type, ~uint64_t{0});
  const bool isMax = kind == "max";
  if (isa<FloatType>(type))
    return isMax ? -INFINITY : INFINITY;
  return saturate(type, isUnsigned, isMax ? -INFINITY : INFINITY);
}

namespace {
using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

/// Giles' approximation, then Newton's steps: near 1 the complements'
/// difference is exact.
double erfInv(double x) {
  if (!(std::abs(x) < 1))
    return std::abs(x) == 1 ? x * INFINITY : NAN;
  const double rest = 1 - std::abs(x);
  const double w = -std::log(rest * (2 - rest));
  const double s = w < 5 ? w - 2.5 : std::sqrt(w) - 3;
  // Two terms are enough to start from.
  double y = w < 5 ? (1.50140941 + s * 0.246640727) * std::abs(x)
                   : (2.83297682 + s * 1.00167406) * std::abs(x);
  for (int step = 0; step < 6; ++step) {
    const double error = std::erfc(y) - rest;
    const double slope = 2 / std::sqrt(M_PI) * std::exp(-y * y);
    const double newton = error / slope;
    y += newton / (1 - newton * y); // Halley's: of the third order
  }
  return std::copysign(y, x);
}

/// results[0][i] = function(operands[0][i]).
template <typename Function>
void mapUnary(Operands operands, Results results, Function function) {
  for (int64_t i = 0, e = results[0].size(); i < e; ++i)
    results[0].data[i] = function(operands[0]->data[i]);
}

/// results[0][i] = function(operands[0][i], operands[1][i]), the right operand
/// broadcast over leading dimensions.
template <typename Function>
void mapBinary(Operands operands, Results results, Function function) {
  const HostTensor &rhs = *operands[1];
  for (int64_t i = 0, e = results[0].size(); i < e; ++i)
    results[0].data[i] =
        function(operands[0]->data[i], rhs.data[i % rhs.size()]);
}

Type elementOf(Operation *op) {
  return getElementTypeOrSelf(op->getOperand(0));
}

/// One function of numbers and another one of the bits of integers.
template <typename Floats, typename Ints>
void mapNumbers(Operation *op, Operands operands, Results results,
                Floats floats, Ints ints) {
  Type type = elementOf(op);
  if (isa<FloatType>(type))
    return mapBinary(operands, results, floats);
  mapBinary(operands, results, [&](double a, double b) {
    return toInteger(type, ints(bits(a), bits(b)));
  });
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

/// The share of a standard normal below x.
double normalBelow(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

uint64_t wrappedPower(uint64_t base, int64_t exponent) {
  if (exponent < 0) { // of 1, -1 and everything else
    const bool isOdd = exponent & 1;
    return base == 1 ? 1 : base == ~uint64_t{0} ? (isOdd ? base : 1) : 0;
  }
  uint64_t power = 1;
  for (; exponent; exponent >>= 1, base *= base)
    power *= exponent & 1 ? base : 1;
  return power;
}

/// The quotient or remainder of integers, as `divide` or XLA says it of those
/// that have none.
uint64_t quotient(uint64_t a, uint64_t b, Type type, bool isUnsigned,
                  bool remainder) {
  const unsigned unused = 64 - widthOf(type);
  if (b << unused == 0)
    return remainder ? a : ~uint64_t{0};
  if (isUnsigned) {
    a = a << unused >> unused;
    b = b << unused >> unused;
    return remainder ? a % b : a / b;
  }
  if (b == ~uint64_t{0}) // the smallest number has no opposite
    return remainder ? 0 : -a;
  const auto x = static_cast<int64_t>(a), y = static_cast<int64_t>(b);
  return static_cast<uint64_t>(remainder ? x % y : x / y);
}
} // namespace

//===--------------------------------------------------------------------===//
// Two operands
//===--------------------------------------------------------------------===//

#define DS_EVALUATE(OP, FLOATS, INTS)                                          \
  void OP::evaluate(Operands operands, Results results) {                      \
    mapNumbers(                                                                \
        *this, operands, results,                                              \
        [](double a, double b) -> double { return FLOATS; },                   \
        [](uint64_t a, uint64_t b) -> uint64_t { return INTS; });              \
  }
DS_EVALUATE(AddOp, a + b, a + b)
DS_EVALUATE(SubOp, a - b, a - b)
DS_EVALUATE(MulOp, a *b, a *b)
DS_EVALUATE(PowOp, std::pow(a, b), wrappedPower(a, static_cast<int64_t>(b)))
DS_EVALUATE(Atan2Op, std::atan2(a, b), 0 * a * b)
DS_EVALUATE(AndOp, 0 * a * b, a &b)
DS_EVALUATE(OrOp, 0 * a * b, a | b)
DS_EVALUATE(XorOp, 0 * a * b, a ^ b)
#undef DS_EVALUATE

void DivOp::evaluate(Operands operands, Results results) {
  mapNumbers(
      *this, operands, results, [](double a, double b) { return a / b; },
      [&](uint64_t a, uint64_t b) {
        return quotient(a, b, elementOf(*this), getIsUnsigned(), false);
      });
}

void RemOp::evaluate(Operands operands, Results results) {
  mapNumbers(
      *this, operands, results,
      [](double a, double b) { return std::fmod(a, b); },
      [&](uint64_t a, uint64_t b) {
        return quotient(a, b, elementOf(*this), getIsUnsigned(), true);
      });
}

void MaxOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapBinary(operands, results, [&](double a, double b) {
    return std::isnan(a) || ordered(type, getIsUnsigned(), a) >
                                ordered(type, getIsUnsigned(), b)
               ? a
               : b;
  });
}

void MinOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapBinary(operands, results, [&](double a, double b) {
    return std::isnan(a) || ordered(type, getIsUnsigned(), a) <
                                ordered(type, getIsUnsigned(), b)
               ? a
               : b;
  });
}

void ShiftLeftOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapBinary(operands, results, [&](double a, double b) {
    double by = unsignedValue(type, b);
    return by < widthOf(type)
               ? toInteger(type, bits(a) << static_cast<unsigned>(by))
               : 0;
  });
}

void ShiftRightOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapBinary(operands, results, [&](double a, double b) {
    double by = unsignedValue(type, b);
    unsigned places = static_cast<unsigned>(std::min(by, 64.0));
    if (!getIsUnsigned())
      return toInteger(type,
                       static_cast<int64_t>(bits(a)) >> std::min(places, 63u));
    const unsigned unused = 64 - widthOf(type);
    return places < widthOf(type)
               ? toInteger(type, bits(a) << unused >> unused >> places)
               : 0;
  });
}

//===--------------------------------------------------------------------===//
// One operand
//===--------------------------------------------------------------------===//

#define DS_EVALUATE(OP, FORMULA)                                               \
  void OP::evaluate(Operands operands, Results results) {                      \
    mapUnary(operands, results, [](double x) -> double { return FORMULA; });   \
  }
DS_EVALUATE(SignOp, x > 0 ? 1 : x < 0 ? -1 : x)
DS_EVALUATE(ExpOp, std::exp(x))
DS_EVALUATE(Expm1Op, std::expm1(x))
DS_EVALUATE(LogOp, std::log(x))
DS_EVALUATE(Log1pOp, std::log1p(x))
DS_EVALUATE(TanhOp, std::tanh(x))
DS_EVALUATE(SigmoidOp, sigmoid(x))
DS_EVALUATE(SqrtOp, std::sqrt(x))
DS_EVALUATE(RsqrtOp, 1.0 / std::sqrt(x))
DS_EVALUATE(CbrtOp, std::cbrt(x))
DS_EVALUATE(SinOp, std::sin(x))
DS_EVALUATE(CosOp, std::cos(x))
DS_EVALUATE(TanOp, std::tan(x))
DS_EVALUATE(ErfOp, std::erf(x))
DS_EVALUATE(ErfInvOp, erfInv(x))
DS_EVALUATE(FloorOp, std::floor(x))
DS_EVALUATE(CeilOp, std::ceil(x))
DS_EVALUATE(RoundOp, std::nearbyint(x))
DS_EVALUATE(RoundAwayOp, std::round(x))
DS_EVALUATE(GeluOp, gelu(x))
DS_EVALUATE(GeluErfOp, x *normalBelow(x))
DS_EVALUATE(SiluOp, x *sigmoid(x))
DS_EVALUATE(IsFiniteOp, std::isfinite(x))
#undef DS_EVALUATE

/// Of integers: the smallest one wraps around to itself.
void NegOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapUnary(operands, results, [&](double x) {
    return isa<FloatType>(type) ? -x : toInteger(type, -bits(x));
  });
}

void AbsOp::evaluate(Operands operands, Results results) {
  Type type = elementOf(*this);
  mapUnary(operands, results, [&](double x) {
    return isa<FloatType>(type) || x >= 0 ? std::abs(x)
                                          : toInteger(type, -bits(x));
  });
}

void NotOp::evaluate(Operands operands, Results results) {
  mapUnary(operands, results,
           [&](double x) { return toInteger(elementOf(*this), ~bits(x)); });
}

void PopcountOp::evaluate(Operands operands, Results results) {
  const unsigned unused = 64 - widthOf(elementOf(*this));
  mapUnary(operands, results,
           [&](double x) { return std::popcount(bits(x) << unused); });
}

void CountLeadingZerosOp::evaluate(Operands operands, Results results) {
  const int width = static_cast<int>(widthOf(elementOf(*this)));
  mapUnary(operands, results, [&](double x) {
    return std::min(std::countl_zero(bits(x) << (64 - width)), width);
  });
}

void GeluGradOp::evaluate(Operands operands, Results results) {
  mapBinary(operands, results,
            [](double x, double grad) { return grad * geluSlope(x); });
}

void GeluErfGradOp::evaluate(Operands operands, Results results) {
  mapBinary(operands, results, [](double x, double grad) {
    double density = std::exp(-0.5 * x * x) / std::sqrt(2.0 * M_PI);
    return grad * (normalBelow(x) + x * density);
  });
}

void SiluGradOp::evaluate(Operands operands, Results results) {
  mapBinary(operands, results, [](double x, double grad) {
    double s = sigmoid(x);
    return grad * (s + x * s * (1.0 - s));
  });
}

//===--------------------------------------------------------------------===//
// Other element types
//===--------------------------------------------------------------------===//

void CastOp::evaluate(Operands operands, Results results) {
  Type from = elementOf(*this), to = getElementTypeOrSelf(getResult());
  mapUnary(operands, results, [&](double x) -> double {
    if (to.isInteger(1))
      return x != 0;
    if (isa<FloatType>(from))
      return isa<FloatType>(to) ? x : saturate(to, getIsUnsigned(), x);
    double value = ordered(from, getIsUnsigned(), x);
    return isa<FloatType>(to) ? value : toInteger(to, bits(value));
  });
}

void BitcastOp::evaluate(Operands operands, Results results) {
  Type from = elementOf(*this), to = getElementTypeOrSelf(getResult());
  mapUnary(operands, results, [&](double x) -> double {
    APInt word(64, bits(x));
    if (auto type = dyn_cast<FloatType>(from)) {
      APFloat value(x);
      bool exact;
      value.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                    &exact);
      word = value.bitcastToAPInt();
    }
    if (auto type = dyn_cast<FloatType>(to)) {
      APFloat value(type.getFloatSemantics(), word.trunc(type.getWidth()));
      return value.convertToDouble();
    }
    return toInteger(to, word.getZExtValue());
  });
}

void CompareOp::evaluate(Operands operands, Results results) {
  StringRef relation = getRelation();
  Type type = elementOf(*this);
  mapBinary(operands, results, [&](double a, double b) -> double {
    a = ordered(type, getIsUnsigned(), a);
    b = ordered(type, getIsUnsigned(), b);
    return relation == "eq"   ? a == b
           : relation == "ne" ? a != b
           : relation == "lt" ? a < b
           : relation == "le" ? a <= b
           : relation == "gt" ? a > b
                              : a >= b;
  });
}

void SelectOp::evaluate(Operands operands, Results results) {
  const HostTensor &condition = *operands[0];
  for (int64_t i = 0, e = results[0].size(); i < e; ++i)
    results[0].data[i] =
        operands[condition.data[i % condition.size()] != 0 ? 1 : 2]->data[i];
}
