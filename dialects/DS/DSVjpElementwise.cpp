//===- DSVjpElementwise.cpp - Gradients of elementwise ops --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where a function has no derivative (|x| at 0, two equal maxima) the gradient
// is that of JAX, but for constants: x and not 0 is what relu(x) = max(x, 0)
// is about, and torch gives it nothing at 0.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

/// Code at one place; results have the left operand's type.
struct Code {
  OpBuilder &b;
  Location loc;

  template <typename Op> Value unary(Value x) {
    return Op::create(b, loc, x.getType(), x);
  }
  template <typename Op> Value binary(Value x, Value y) {
    return Op::create(b, loc, x.getType(), x, y);
  }
  Value add(Value x, Value y) { return binary<AddOp>(x, y); }
  Value sub(Value x, Value y) { return binary<SubOp>(x, y); }
  Value mul(Value x, Value y) { return binary<MulOp>(x, y); }
  Value div(Value x, Value y) { return binary<DivOp>(x, y); }
  Value neg(Value x) { return unary<NegOp>(x); }
  Value square(Value x) { return mul(x, x); }
  Value add(Value x, double y) { return add(x, number(x, y)); }
  Value mul(Value x, double y) { return mul(x, number(x, y)); }

  /// A scalar of the type of `like`'s elements.
  Value number(Value like, double value) {
    auto type = RankedTensorType::get({}, tensorType(like).getElementType());
    return ConstantOp::create(b, loc, type, value);
  }
  /// A tensor like `like`.
  Value full(Value like, double value) {
    return ConstantOp::create(b, loc, tensorType(like), value);
  }
  Value compare(StringRef relation, Value x, Value y) {
    Type element = tensorType(x).getElementType();
    if (tensorType(y).getElementType() != element) // another scalar
      y = CastOp::create(b, loc, RankedTensorType::get({}, element), y);
    auto type = tensorType(x).clone(b.getI1Type());
    return CompareOp::create(b, loc, type, relation, x, y);
  }
  Value select(Value condition, Value yes, Value no) {
    return SelectOp::create(b, loc, yes.getType(), condition, yes, no);
  }
  /// The gradient of an operand that was broadcast over leading dimensions.
  Value sumTo(Value grad, Type type) {
    auto from = tensorType(grad), to = cast<RankedTensorType>(type);
    if (from == to)
      return grad;
    if (from.getRank() == to.getRank())
      return CastOp::create(b, loc, type, grad);
    return SumOp::create(b, loc, type, grad, /*trailing=*/false,
                         /*squares=*/false);
  }
};

/// Whether every element is one number that is known.
std::optional<double> numberOf(Value value) {
  Operation *def = value.getDefiningOp();
  while (isa_and_nonnull<BroadcastOp, ReshapeOp, BarrierOp, CastOp>(def))
    def = def->getOperand(0).getDefiningOp();
  auto constant = dyn_cast_or_null<ConstantOp>(def);
  return constant ? constant.getSplat() : std::nullopt;
}

/// Of the greater or smaller of two: whole to it, half at a tie.
void choose(Code code, Operation *op, StringRef better, StringRef worse,
            Value grad, MutableArrayRef<Value> out) {
  Value x = op->getOperand(0), y = op->getOperand(1);
  Value nothing = code.full(x, 0.0), tie;
  auto share = [&](StringRef relation, Value other) {
    Value no = nothing;
    if (!numberOf(other)) {
      if (!tie)
        tie =
            code.select(code.compare("eq", x, y), code.mul(grad, 0.5), nothing);
      no = tie;
    }
    return code.select(code.compare(relation, x, y), grad, no);
  };
  out[0] = share(better, y);
  if (!numberOf(y))
    out[1] = code.sumTo(share(worse, x), y.getType());
}

} // namespace

/// Defines `OP::buildVjp` with the result's gradient `g`.
#define DS_GRADIENT(OP, ...)                                                   \
  void OP::buildVjp(OpBuilder &builder, ValueRange grads,                      \
                    MutableArrayRef<Value> out) {                              \
    Code c{builder, getLoc()};                                                 \
    Value g = grads[0];                                                        \
    (void)c, (void)g;                                                          \
    __VA_ARGS__                                                                \
  }
#define DS_UNARY_GRADIENT(OP, GRADIENT)                                        \
  DS_GRADIENT(OP, Value x = getInput(); Value y = getResult(); (void)x;        \
              (void)y; out[0] = GRADIENT;)

//===--------------------------------------------------------------------===//
// Two operands
//===--------------------------------------------------------------------===//

DS_GRADIENT(AddOp, out[0] = g; out[1] = c.sumTo(g, getRhs().getType());)
DS_GRADIENT(SubOp, out[0] = g; out[1] = c.neg(c.sumTo(g, getRhs().getType()));)
DS_GRADIENT(MulOp, out[0] = c.mul(g, getRhs());
            out[1] = c.sumTo(c.mul(g, getLhs()), getRhs().getType());)
DS_GRADIENT(DivOp, out[0] = c.div(g, getRhs());
            Value y = c.mul(out[0], getResult());
            out[1] = c.neg(c.sumTo(y, getRhs().getType()));)
DS_GRADIENT(MaxOp, choose(c, *this, "gt", "lt", g, out);)
DS_GRADIENT(MinOp, choose(c, *this, "lt", "gt", g, out);)

DS_GRADIENT(RemOp, out[0] = g; // (x - z) / y is an integer, but for rounding
            Value times = c.div(c.sub(getLhs(), getResult()), getRhs());
            Value y = c.mul(g, c.unary<RoundOp>(times));
            out[1] = c.neg(c.sumTo(y, getRhs().getType()));)

DS_GRADIENT(Atan2Op, Value y = getLhs(); Value x = getRhs();
            Value squares = c.add(c.square(y), c.square(x));
            out[0] = c.div(c.mul(g, x), squares);
            Value other = c.div(c.mul(g, y), squares);
            out[1] = c.neg(c.sumTo(other, x.getType()));)

/// y x^(y-1) is 0 for y = 0, whatever x is; z log(x) is 0 for x = 0.
void PowOp::buildVjp(OpBuilder &builder, ValueRange grads,
                     MutableArrayRef<Value> out) {
  Code c{builder, getLoc()};
  Value g = grads[0], x = getLhs(), y = getRhs();
  if (std::optional<double> number = numberOf(y)) {
    double less = *number == 0 ? 1 : *number - 1;
    Value slope = c.binary<PowOp>(x, c.number(x, less));
    out[0] = c.mul(g, c.mul(slope, *number));
    return;
  }
  Value isZero = c.compare("eq", y, c.number(y, 0.0));
  Value less = c.select(isZero, c.full(y, 1.0), c.add(y, -1.0));
  out[0] = c.mul(g, c.mul(c.binary<PowOp>(x, less), y));
  Value base =
      c.select(c.compare("eq", x, c.number(x, 0.0)), c.full(x, 1.0), x);
  Value other = c.mul(g, c.mul(getResult(), c.unary<LogOp>(base)));
  out[1] = c.sumTo(other, y.getType());
}

//===--------------------------------------------------------------------===//
// One operand
//===--------------------------------------------------------------------===//

DS_UNARY_GRADIENT(NegOp, c.neg(g))
DS_UNARY_GRADIENT(AbsOp, c.mul(g, c.unary<SignOp>(x)))
DS_UNARY_GRADIENT(ExpOp, c.mul(g, y))
DS_UNARY_GRADIENT(Expm1Op, c.add(g, c.mul(g, y)))
DS_UNARY_GRADIENT(LogOp, c.div(g, x))
DS_UNARY_GRADIENT(Log1pOp, c.div(g, c.add(x, 1.0)))
DS_UNARY_GRADIENT(TanhOp, c.sub(g, c.mul(g, c.square(y))))
DS_UNARY_GRADIENT(SigmoidOp, c.mul(g, c.sub(y, c.square(y))))
DS_UNARY_GRADIENT(SqrtOp, c.div(c.mul(g, 0.5), y))
DS_UNARY_GRADIENT(RsqrtOp, c.mul(c.mul(g, -0.5), c.mul(c.square(y), y)))
DS_UNARY_GRADIENT(CbrtOp, c.div(c.mul(g, 1.0 / 3.0), c.square(y)))
DS_UNARY_GRADIENT(SinOp, c.mul(g, c.unary<CosOp>(x)))
DS_UNARY_GRADIENT(CosOp, c.neg(c.mul(g, c.unary<SinOp>(x))))
DS_UNARY_GRADIENT(TanOp, c.add(g, c.mul(g, c.square(y))))
DS_UNARY_GRADIENT(ErfOp, c.mul(c.mul(g, 2.0 / std::sqrt(M_PI)),
                               c.unary<ExpOp>(c.neg(c.square(x)))))
DS_UNARY_GRADIENT(ErfInvOp, c.mul(c.mul(g, std::sqrt(M_PI) / 2),
                                  c.unary<ExpOp>(c.square(y))))
DS_UNARY_GRADIENT(GeluOp, c.binary<GeluGradOp>(x, g))
DS_UNARY_GRADIENT(GeluErfOp, c.binary<GeluErfGradOp>(x, g))
DS_UNARY_GRADIENT(SiluOp, c.binary<SiluGradOp>(x, g))

// Steps: no gradient is zero.
DS_GRADIENT(SignOp)
DS_GRADIENT(FloorOp)
DS_GRADIENT(CeilOp)
DS_GRADIENT(RoundOp)
DS_GRADIENT(RoundAwayOp)

//===--------------------------------------------------------------------===//
// Other element types
//===--------------------------------------------------------------------===//

void CastOp::buildVjp(OpBuilder &builder, ValueRange grads,
                      MutableArrayRef<Value> out) {
  Type type = getInput().getType();
  if (isa<FloatType>(getElementTypeOrSelf(type)))
    out[0] = CastOp::create(builder, getLoc(), type, grads[0]);
}

void SelectOp::buildVjp(OpBuilder &builder, ValueRange grads,
                        MutableArrayRef<Value> out) {
  Code c{builder, getLoc()};
  Value nothing = c.full(grads[0], 0.0);
  out[1] = c.select(getCondition(), grads[0], nothing);
  out[2] = c.select(getCondition(), nothing, grads[0]);
}

} // namespace ds
