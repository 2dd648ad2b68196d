//===- MathCode.h - Functions of numbers as code ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What polynomials are written with: code of one floating-point type, without
// branches and without fast-math, so that every NaN and infinity is seen.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_MATHCODE_H
#define DS_LIB_CODEGEN_MATHCODE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

namespace ds {

class MathCode;

/// A number in the code; + - * / build more of it.
struct Num {
  MathCode *code;
  mlir::Value value;
};
Num operator+(Num x, Num y);
Num operator-(Num x, Num y);
Num operator*(Num x, Num y);
Num operator/(Num x, Num y);
Num operator-(Num x);
Num operator+(Num x, double y);
Num operator-(Num x, double y);
Num operator*(Num x, double y);

/// Code at one place, in float32 or float64.
class MathCode {
public:
  using Compare = mlir::arith::CmpFPredicate;

  MathCode(mlir::OpBuilder &b, mlir::Location loc, mlir::FloatType type)
      : b(b), loc(loc), type(type), isWide(type.isF64()) {}

  Num number(double value);
  Num pick(double narrow, double wide) {
    return number(isWide ? wide : narrow);
  }
  Num fma(Num x, Num y, Num z);
  Num abs(Num x);
  Num floor(Num x);
  Num roundEven(Num x);
  Num withSignOf(Num x, Num sign);
  mlir::Value is(Compare predicate, Num x, Num y);
  mlir::Value is(Compare predicate, Num x, double y);
  mlir::Value both(mlir::Value a, mlir::Value b);
  mlir::Value either(mlir::Value a, mlir::Value b);
  Num select(mlir::Value condition, Num yes, Num no);
  Num select(mlir::Value condition, double yes, Num no);
  /// x, but not beyond the limits; NaN passes both.
  Num clamp(Num x, double low, double high);
  /// From the highest power down.
  Num polynomial(Num x, llvm::ArrayRef<double> coefficients);

  /// The number's bits and back; integers of the same width.
  mlir::Value bits(Num x);
  Num fromBits(mlir::Value bits);
  mlir::Value integer(int64_t value);
  mlir::Value isNegative(Num x); ///< By the sign's bit.

  Num exp(Num x);
  Num expm1(Num x);
  Num log(Num x);
  Num log1p(Num x);
  Num tanh(Num x);
  Num erf(Num x);
  Num sin(Num x);
  Num cos(Num x);
  Num tan(Num x);
  Num atan2(Num y, Num x);
  Num cbrt(Num x);
  Num pow(Num x, Num y);
  Num rem(Num x, Num y);

  mlir::OpBuilder &b;
  mlir::Location loc;
  mlir::FloatType type;
  bool isWide;

private:
  /// e^x = 2 half (1 + rest); `half` is a power of two or 0.
  struct Power {
    Num half, rest;
  };
  Power power(Num x);
  /// Sine and cosine of x less a multiple of pi/2, and that.
  struct Turn {
    Num sine, cosine;
    mlir::Value quarters;
  };
  Turn turn(Num x);
  Num sineOf(const Turn &turn, mlir::Value quarters);
  int64_t mantissaBits() const { return isWide ? 52 : 23; }
  int64_t bias() const { return isWide ? 1023 : 127; }
  /// Numbers from here on have their integer part in the last bits.
  double magic() const;
};

} // namespace ds

#endif // DS_LIB_CODEGEN_MATHCODE_H
