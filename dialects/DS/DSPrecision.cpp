//===- DSPrecision.cpp - Loss scaling and rounding ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// evaluate() follows the rules as they are told, decompose() computes the same
// without a branch: products with 0 and 1 choose, since all is finite.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"
#include "ds-rt/Philox.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <bit>
#include <cmath>
#include <numeric>

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// Loss scale
//===--------------------------------------------------------------------===//

LogicalResult
LossScaleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                      FloatAttr initial, int64_t window, int64_t hysteresis,
                      bool, FloatAttr smallest) {
  auto isPositive = [](FloatAttr attr) {
    double value = attr.getValueAsDouble();
    return std::isfinite(value) && value > 0;
  };
  for (FloatAttr scale : {initial, smallest})
    if (!isPositive(scale))
      return emitError() << "expects positive loss scales, but got "
                         << scale.getValueAsDouble();
  if (window < 0 || hysteresis < 1)
    return emitError() << "expects a window of at least 0 and a hysteresis of "
                          "at least 1, but got "
                       << window << " and " << hysteresis;
  return success();
}

LogicalResult NextLossScaleOp::verify() {
  if (getRule().isDynamic())
    return success();
  return emitOpError("expects a window of at least 1, for a static scale has "
                     "no next one");
}

void NextLossScaleOp::evaluate(ArrayRef<const HostTensor *> operands,
                               MutableArrayRef<HostTensor> results) {
  double scale = operands[0]->data[0], patience = operands[1]->data[0];
  double good = operands[2]->data[0], exhausted = 0;
  LossScaleAttr rule = getRule();
  const double smallest = rule.getSmallest().getValueAsDouble();
  const auto whole = static_cast<double>(rule.getHysteresis());
  if (operands[3]->data[0] != 0) {
    if (patience == 1) {
      exhausted = scale == smallest;
      scale = std::max(scale / 2, smallest);
    } else {
      patience -= 1;
    }
    good = 0;
  } else {
    const bool doubles = good == static_cast<double>(rule.getWindow());
    if (doubles) {
      scale *= 2;
      good = 0;
    }
    if (doubles || rule.getConsecutive())
      patience = whole;
    good += 1;
  }
  const double values[] = {scale, patience, good, exhausted};
  for (auto [result, value] : llvm::zip_equal(results, values))
    result.data[0] = value;
}

namespace {
/// Float64 scalars at one place.
struct Numbers {
  OpBuilder &b;
  Location loc;
  RankedTensorType f64 = RankedTensorType::get({}, b.getF64Type());

  Value number(double value) { return ConstantOp::create(b, loc, f64, value); }
  template <typename Op> Value apply(Value x, Value y) {
    return Op::create(b, loc, f64, x, y);
  }
  Value add(Value x, Value y) { return apply<AddOp>(x, y); }
  Value sub(Value x, Value y) { return apply<SubOp>(x, y); }
  Value mul(Value x, Value y) { return apply<MulOp>(x, y); }
  Value add(Value x, double y) { return add(x, number(y)); }
  Value mul(Value x, double y) { return mul(x, number(y)); }
  Value max(Value x, double y) { return apply<MaxOp>(x, number(y)); }
  /// 1 - x
  Value no(Value x) { return sub(number(1), x); }
  /// `yes` where the condition is 1, `no` where it is 0.
  Value select(Value condition, Value yes, Value otherwise) {
    return add(mul(condition, yes), mul(no(condition), otherwise));
  }
  /// 1 where x >= y, of integers no further apart than 1 above y; else 0.
  Value reaches(Value x, double y) { return max(add(x, 1 - y), 0); }
  /// 1 where two numbers are the same, else 0.
  Value same(Value x, double y) {
    Value apart = sub(apply<MaxOp>(x, number(y)), apply<MinOp>(x, number(y)));
    // Any distance between float64 numbers of use is more than 2^-1000.
    return no(apply<MinOp>(mul(apart, 0x1p1000), number(1)));
  }
};
} // namespace

SmallVector<Value> NextLossScaleOp::decompose(OpBuilder &b) {
  Numbers n{b, getLoc()};
  LossScaleAttr rule = getRule();
  const double smallest = rule.getSmallest().getValueAsDouble();
  const auto whole = static_cast<double>(rule.getHysteresis());
  Value overflow = getOverflow(), fine = n.no(overflow);
  // Patience is at least 1.
  Value out = n.max(n.sub(n.number(2), getPatience()), 0);
  Value halves = n.mul(overflow, out);
  Value doubles =
      n.mul(fine, n.reaches(getGood(), static_cast<double>(rule.getWindow())));
  Value lower = n.max(n.mul(getScale(), 0.5), smallest);
  Value next = n.select(halves, lower, n.mul(getScale(), n.add(doubles, 1)));
  Value restores = rule.getConsecutive() ? fine : doubles;
  Value spent = n.sub(getPatience(), n.sub(overflow, halves));
  Value patience = n.select(restores, n.number(whole), spent);
  Value good = n.mul(fine, n.add(n.mul(n.no(doubles), getGood()), 1));
  Value exhausted = n.mul(halves, n.same(getScale(), smallest));
  return {next, patience, good, exhausted};
}

//===--------------------------------------------------------------------===//
// Stochastic rounding
//===--------------------------------------------------------------------===//

static LogicalResult verifyRounding(Operation *op, int64_t rank) {
  auto in = tensorType(op->getOperand(0)), out = tensorType(op->getResult(0));
  if (in.getRank() != rank || in.getShape() != out.getShape())
    return op->emitOpError("expects an input of rank ")
           << rank << " and a result of its shape, but got " << in << " and "
           << out;
  return success();
}

LogicalResult StochasticRoundOp::verify() { return verifyRounding(*this, 1); }
LogicalResult StochasticRoundRowsOp::verify() {
  return verifyRounding(*this, 2);
}

/// x by a random word: what is behind a bfloat16 carries into it when the
/// word's lower half takes it there.
static double roundedBy(double x, uint32_t word) {
  const auto single = static_cast<float>(x);
  if (!std::isfinite(single))
    return single;
  const uint32_t bits = std::bit_cast<uint32_t>(single) + (word & 0xFFFF);
  return std::bit_cast<float>(bits & 0xFFFF0000);
}

static void evaluateRounding(ArrayRef<const HostTensor *> operands,
                             HostTensor &result) {
  auto integer = [&](int i, int64_t k) {
    return static_cast<uint64_t>(static_cast<int64_t>(operands[i]->data[k]));
  };
  const uint64_t seed = integer(2, 0), step = integer(3, 0);
  const auto key0 = static_cast<uint32_t>(integer(1, 0) ^ seed);
  const auto key1 = static_cast<uint32_t>(integer(1, 1) ^ (seed >> 32));
  for (int64_t i = 0, e = result.size(); i < e; ++i) {
    const uint64_t element = integer(4, 0) + static_cast<uint64_t>(i);
    auto words =
        philox({static_cast<uint32_t>(element / 4), 0,
                static_cast<uint32_t>(step), static_cast<uint32_t>(step >> 32)},
               key0, key1);
    result.data[i] = roundedBy(operands[0]->data[i], words[element % 4]);
  }
}

void StochasticRoundOp::evaluate(ArrayRef<const HostTensor *> operands,
                                 MutableArrayRef<HostTensor> results) {
  evaluateRounding(operands, results[0]);
}
void StochasticRoundRowsOp::evaluate(ArrayRef<const HostTensor *> operands,
                                     MutableArrayRef<HostTensor> results) {
  evaluateRounding(operands, results[0]);
}

SmallVector<Value> StochasticRoundOp::decompose(OpBuilder &b) {
  // Rows that a core's cache holds, with their words.
  constexpr int64_t kRow = 1024;
  const int64_t size = tensorType(getInput()).getDimSize(0);
  const int64_t row = std::gcd(size, kRow);
  auto rows = [&](Type element) {
    return RankedTensorType::get({size / row, row}, element);
  };
  Value input =
      ReshapeOp::create(b, getLoc(), rows(b.getF32Type()), getInput());
  Value rounded =
      StochasticRoundRowsOp::create(b, getLoc(), rows(b.getBF16Type()), input,
                                    getKey(), getSeed(), getStep(), getFirst());
  return {ReshapeOp::create(b, getLoc(), getResult().getType(), rounded)};
}

DS_KERNEL_WALK(StochasticRoundRowsOp, KernelKind::Row,
               tensorType(getInput()).getShape(), 1)

/// The word of the element at a body's place; operands are seed, step and the
/// number of the first element.
static Scalar randomWord(Formula &f, int64_t row, Value key) {
  OpBuilder &b = f.builder;
  auto index = [&](unsigned dim) -> Value {
    return arith::IndexCastOp::create(b, f.loc, b.getI64Type(), f.index(dim));
  };
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, f.loc, b.getI64IntegerAttr(value));
  };
  Value element = arith::MulIOp::create(b, f.loc, index(0), number(row));
  element = arith::AddIOp::create(b, f.loc, element, index(1));
  element = arith::AddIOp::create(b, f.loc, element, f.args[2]);
  Value keys[2];
  for (int64_t i : {0, 1})
    keys[i] = f.extract(key, f.constantIndex(i)).value;
  return {&f, RandomWordOp::create(b, f.loc, b.getI32Type(), keys[0], keys[1],
                                   f.args[0], f.args[1], number(0), element)};
}

/// Operand 0 rounded by operand 1.
static Scalar rounded(Formula &f) {
  OpBuilder &b = f.builder;
  auto number = [&](int32_t value) -> Value {
    return arith::ConstantOp::create(b, f.loc, b.getI32IntegerAttr(value));
  };
  Value x = f.args[0];
  Value bits = arith::BitcastOp::create(b, f.loc, b.getI32Type(), x);
  Value below = arith::AndIOp::create(b, f.loc, f.args[1], number(0xFFFF));
  Value sum = arith::AddIOp::create(b, f.loc, bits, below);
  sum = arith::AndIOp::create(b, f.loc, sum, number(~0xFFFF));
  Value narrow = arith::BitcastOp::create(b, f.loc, b.getF32Type(), sum);
  // Of infinities and NaN all bits of the exponent are set.
  Value exponent = arith::AndIOp::create(b, f.loc, bits, number(0x7F800000));
  Value isFinite = arith::CmpIOp::create(b, f.loc, arith::CmpIPredicate::ne,
                                         exponent, number(0x7F800000));
  return f.select(isFinite, {&f, narrow}, {&f, x});
}

LogicalResult
StochasticRoundRowsOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                     SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getInput());
  auto wordType = RankedTensorType::get(type.getShape(), builder.getI32Type());
  Value words = pointwise(
      builder, getLoc(), wordType, {operands[2], operands[3], operands[4]},
      [&](Formula &f) -> Results {
        return {randomWord(f, type.getDimSize(1), operands[1])};
      })[0];
  results = pointwise(builder, getLoc(), tensorType(getResult()),
                      {operands[0], words},
                      [&](Formula &f) -> Results { return {rounded(f)}; });
  return success();
}

} // namespace ds
