# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen ops that treat each element alone: arithmetic, comparison, choice, activation functions."""

from __future__ import annotations

import math

from ..model import FrontendError
from ..stablehlo import Value
from .scope import Scope, lowers

# ===--- One operand --------------------------------------------------------------------------------------------=== #

UNARY = {
    "abs": "abs",
    "ceil": "ceil",
    "cos": "cosine",
    "erf": "chlo.erf",
    "erfc": "chlo.erfc",
    "exp": "exponential",
    "expm1": "exponential_minus_one",
    "floor": "floor",
    "log": "log",
    "log1p": "log_plus_one",
    "neg": "negate",
    "round": "round_nearest_even",
    "rsqrt": "rsqrt",
    "sigmoid": "logistic",
    "sign": "sign",
    "sin": "sine",
    "sqrt": "sqrt",
    "tan": "tan",
    "tanh": "tanh",
}
INTEGERS_TOO = ("abs", "ceil", "floor", "round")  # the first has a meaning, the others none


def _register_unary(name: str, op: str) -> None:
    @lowers(f"aten.{name}.default")
    def lower(b: Scope, x: Value) -> Value:
        x = b.to_type(x, b.result)
        if name in INTEGERS_TOO[1:] and not x.type.is_float:
            return x
        return b.unary(op, x)


for _name, _op in UNARY.items():
    _register_unary(_name, _op)


@lowers("aten.clone.default", "aten.alias.default", "aten.detach.default", "aten.lift_fresh_copy.default")
@lowers("aten.contiguous.default", "aten._to_copy.default", "aten.to.dtype", "prims.convert_element_type.default")
def convert(b: Scope, x: Value, *_, **__) -> Value:
    return b.to_element(x, b.result.element)


@lowers("aten.reciprocal.default")
def reciprocal(b: Scope, x: Value) -> Value:
    return b.div(b.splat(1, b.result), *b.to_result(x))


@lowers("aten.trunc.default")
def trunc(b: Scope, x: Value) -> Value:
    if not x.type.is_float:
        return x
    return b.binary("multiply", b.unary("sign", x), b.unary("floor", b.unary("abs", x)))


@lowers("aten.sinh.default")
def sinh(b: Scope, x: Value) -> Value:
    """(u + u / (u + 1)) / 2 with u = exp(x) - 1, which loses nothing near zero."""
    u = b.unary("exponential_minus_one", x)
    return b.mul(b.add(u, b.div(u, b.add(u, b.splat(1, x.type)))), b.splat(0.5, x.type))


@lowers("aten.cosh.default")
def cosh(b: Scope, x: Value) -> Value:
    powers = b.add(b.unary("exponential", x), b.unary("exponential", b.unary("negate", x)))
    return b.mul(powers, b.splat(0.5, x.type))


@lowers("aten.atan.default")
def atan(b: Scope, x: Value) -> Value:
    return b.binary("atan2", x, b.splat(1, x.type))


@lowers("aten.asin.default")
def asin(b: Scope, x: Value) -> Value:
    return b.binary("atan2", x, _cathetus(b, x))


@lowers("aten.acos.default")
def acos(b: Scope, x: Value) -> Value:
    return b.binary("atan2", _cathetus(b, x), x)


def _cathetus(b: Scope, x: Value) -> Value:
    """sqrt(1 - x^2), exact near one."""
    one = b.splat(1, x.type)
    return b.unary("sqrt", b.mul(b.sub(one, x), b.add(one, x)))


@lowers("aten.log2.default")
def log2(b: Scope, x: Value) -> Value:
    return b.mul(b.unary("log", *b.to_result(x)), b.splat(1 / math.log(2), b.result))


@lowers("aten.log10.default")
def log10(b: Scope, x: Value) -> Value:
    return b.mul(b.unary("log", *b.to_result(x)), b.splat(1 / math.log(10), b.result))


@lowers("aten.square.default")
def square(b: Scope, x: Value) -> Value:
    return b.mul(x, x)


@lowers("aten.isnan.default")
def isnan(b: Scope, x: Value) -> Value:
    return b.compare("NE", x, x)


@lowers("aten.isinf.default")
def isinf(b: Scope, x: Value) -> Value:
    return b.compare("EQ", b.unary("abs", x), b.splat(math.inf, x.type))


@lowers("aten.isfinite.default")
def isfinite(b: Scope, x: Value) -> Value:
    return b.is_finite(x)


@lowers("aten.logical_not.default")
def logical_not(b: Scope, x: Value) -> Value:
    return b.unary("not", b.to_element(x, "i1"))


@lowers("aten.bitwise_not.default")
def bitwise_not(b: Scope, x: Value) -> Value:
    return b.unary("not", x)


# ===--- Two operands -------------------------------------------------------------------------------------------=== #


@lowers("aten.add.Tensor", "aten.add.Scalar")
def add(b: Scope, x: Value, y: Value | float, alpha: float = 1) -> Value:
    x, y = b.to_result(x, y)
    if b.result.element == "i1":
        return b.binary("or", x, y)
    return b.add(x, y if alpha == 1 else b.mul(y, b.splat(alpha, b.result)))


@lowers("aten.sub.Tensor", "aten.sub.Scalar")
def sub(b: Scope, x: Value, y: Value | float, alpha: float = 1) -> Value:
    x, y = b.to_result(x, y)
    return b.sub(x, y if alpha == 1 else b.mul(y, b.splat(alpha, b.result)))


@lowers("aten.rsub.Tensor", "aten.rsub.Scalar")
def rsub(b: Scope, x: Value, y: Value | float, alpha: float = 1) -> Value:
    return sub(b, y, x, alpha)


@lowers("aten.mul.Tensor", "aten.mul.Scalar")
def mul(b: Scope, x: Value, y: Value | float) -> Value:
    return b.binary("and" if b.result.element == "i1" else "multiply", *b.to_result(x, y))


@lowers("aten.div.Tensor", "aten.div.Scalar")
def div(b: Scope, x: Value, y: Value | float) -> Value:
    return b.div(*b.to_result(x, y))


@lowers("aten.div.Tensor_mode", "aten.div.Scalar_mode")
def div_mode(b: Scope, x: Value, y: Value | float, rounding_mode: str | None = None) -> Value:
    if rounding_mode == "floor":
        return floor_divide(b, x, y)
    quotient = div(b, x, y)
    return trunc(b, quotient) if rounding_mode == "trunc" else quotient


@lowers("aten.floor_divide.default")
def floor_divide(b: Scope, x: Value, y: Value | float) -> Value:
    x, y = b.to_result(x, y)
    quotient = b.div(x, y)
    if b.result.is_float:
        return b.unary("floor", quotient)
    zero = b.splat(0, b.result)
    uneven = b.compare("NE", b.binary("remainder", x, y), zero)
    opposite = b.compare("LT", b.mul(b.unary("sign", x), b.unary("sign", y)), zero)
    return b.select(b.binary("and", uneven, opposite), b.sub(quotient, b.splat(1, b.result)), quotient)


@lowers("aten.fmod.Tensor", "aten.fmod.Scalar")
def fmod(b: Scope, x: Value, y: Value | float) -> Value:
    return b.binary("remainder", *b.to_result(x, y))


@lowers("aten.remainder.Tensor", "aten.remainder.Scalar")
def remainder(b: Scope, x: Value, y: Value | float) -> Value:
    """Has the sign of `y`; StableHLO's has that of `x`."""
    x, y = b.to_result(x, y)
    rest, zero = b.binary("remainder", x, y), b.splat(0, b.result)
    wrong = b.binary("and", b.compare("NE", rest, zero), b.compare("NE", _negative(b, rest), _negative(b, y)))
    return b.select(wrong, b.add(rest, y), rest)


def _negative(b: Scope, x: Value) -> Value:
    return b.compare("LT", x, b.splat(0, x.type))


@lowers("aten.pow.Tensor_Scalar", "aten.pow.Tensor_Tensor", "aten.pow.Scalar")
def pow(b: Scope, x: Value | float, y: Value | float) -> Value:
    if isinstance(y, (int, float)) and y in (0.5, 1, 2, 3):
        (x,) = b.to_result(x)
        powers = {0.5: lambda: b.unary("sqrt", x), 1: lambda: x, 2: lambda: b.mul(x, x)}
        return powers.get(y, lambda: b.mul(b.mul(x, x), x))()
    return b.binary("power", *b.to_result(x, y))


@lowers("aten.maximum.default")
def maximum(b: Scope, x: Value, y: Value) -> Value:
    return b.binary("maximum", *b.to_result(x, y))


@lowers("aten.minimum.default")
def minimum(b: Scope, x: Value, y: Value) -> Value:
    return b.binary("minimum", *b.to_result(x, y))


@lowers("aten.atan2.default")
def atan2(b: Scope, y: Value, x: Value) -> Value:
    return b.binary("atan2", *b.to_result(y, x))


def _combined(b: Scope, op: str, x: Value, y: Value) -> Value:
    """`and` or `or` of operands in the result's type; a mask that is true, or false, everywhere is left out."""
    for kept, other in ((x, y), (y, x)):
        known = b.constant_of(other) if b.result.element == "i1" else None
        if known is not None and bool(known.all() if op == "and" else not known.any()):
            return b.to_type(b.to_element(kept, "i1"), b.result)
    return b.binary(op, *(b.to_type(b.to_element(v, b.result.element), b.result) for v in (x, y)))


def _register_logic(op: str) -> None:
    @lowers(f"aten.logical_{op}.default", f"aten.bitwise_{op}.Tensor")
    def combined(b: Scope, x: Value, y: Value) -> Value:
        return b.binary(op, *b.to_result(x, y)) if op == "xor" else _combined(b, op, x, y)

    @lowers(f"aten.bitwise_{op}.Scalar")
    def with_number(b: Scope, x: Value, y: int) -> Value:
        return b.binary(op, *b.to_result(x, y))


for _op in ("and", "or", "xor"):
    _register_logic(_op)


@lowers("aten.__lshift__.Scalar", "aten.__lshift__.Tensor", "aten.bitwise_left_shift.Tensor")
@lowers("aten.bitwise_left_shift.Tensor_Scalar")
def left_shift(b: Scope, x: Value, y: Value | int) -> Value:
    return b.binary("shift_left", *b.to_result(x, y))


@lowers("aten.__rshift__.Scalar", "aten.__rshift__.Tensor", "aten.bitwise_right_shift.Tensor")
@lowers("aten.bitwise_right_shift.Tensor_Scalar")
def right_shift(b: Scope, x: Value, y: Value | int) -> Value:
    return b.binary("shift_right_arithmetic", *b.to_result(x, y))


def _register_comparison(name: str) -> None:
    @lowers(f"aten.{name}.Tensor", f"aten.{name}.Scalar")
    def compare(b: Scope, x: Value, y: Value | float) -> Value:
        return b.compare(name.upper(), *b.together(x, y))


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    _register_comparison(_name)

# ===--- Choice -------------------------------------------------------------------------------------------------=== #


@lowers("aten.where.self", "aten.where.ScalarOther", "aten.where.ScalarSelf", "aten.where.Scalar")
def where(b: Scope, condition: Value, x: Value | float, y: Value | float) -> Value:
    condition = b.to_type(condition, b.result.with_element("i1"))
    return b.select(condition, *b.to_result(x, y))


@lowers("aten.masked_fill.Scalar", "aten.masked_fill.Tensor")
def masked_fill(b: Scope, x: Value, mask: Value, value: Value | float) -> Value:
    return where(b, mask, value, x)


@lowers("aten.clamp.default", "aten.clamp.Tensor", "aten.clamp_min.default", "aten.hardtanh.default")
def clamp(b: Scope, x: Value, low: Value | float | None = None, high: Value | float | None = None, **bounds) -> Value:
    low, high = bounds.get("min", bounds.get("min_val", low)), bounds.get("max", bounds.get("max_val", high))
    (x,) = b.to_result(x)
    if low is not None:
        x = b.binary("maximum", x, *b.to_result(low))
    return x if high is None else b.binary("minimum", x, *b.to_result(high))


@lowers("aten.clamp_max.default")
def clamp_max(b: Scope, x: Value, high: float) -> Value:
    return clamp(b, x, None, high)


# ===--- Activation functions -----------------------------------------------------------------------------------=== #


@lowers("aten.relu.default")
def relu(b: Scope, x: Value) -> Value:
    return b.binary("maximum", x, b.splat(0, x.type))


@lowers("aten.leaky_relu.default")
def leaky_relu(b: Scope, x: Value, negative_slope: float = 0.01) -> Value:
    positive = b.compare("GT", x, b.splat(0, x.type))
    return b.select(positive, x, b.mul(x, b.splat(negative_slope, x.type)))


@lowers("aten.elu.default")
def elu(b: Scope, x: Value, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Value:
    zero = b.splat(0, x.type)
    below = b.unary("exponential_minus_one", b.mul(b.binary("minimum", x, zero), b.splat(input_scale, x.type)))
    positive = b.compare("GT", x, zero)
    return b.select(positive, b.mul(x, b.splat(scale, x.type)), b.mul(below, b.splat(alpha * scale, x.type)))


@lowers("aten.silu.default")
def silu(b: Scope, x: Value) -> Value:
    return b.mul(x, b.unary("logistic", x))


@lowers("aten.gelu.default")
def gelu(b: Scope, x: Value, approximate: str = "none") -> Value:
    if approximate not in ("none", "tanh"):
        raise FrontendError(f"gelu has no approximation '{approximate}'; 'none' and 'tanh' exist")
    half, one = b.splat(0.5, x.type), b.splat(1, x.type)
    if approximate == "none":
        inner = b.unary("chlo.erf", b.mul(x, b.splat(math.sqrt(0.5), x.type)))
    else:
        cubic = b.mul(b.mul(b.mul(x, x), x), b.splat(0.044715, x.type))
        inner = b.unary("tanh", b.mul(b.add(x, cubic), b.splat(math.sqrt(2 / math.pi), x.type)))
    return b.mul(b.mul(x, half), b.add(inner, one))
