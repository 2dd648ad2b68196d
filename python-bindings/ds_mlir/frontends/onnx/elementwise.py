# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX ops that treat each element alone: arithmetic, comparison, logic, choice, types."""

from __future__ import annotations

import functools
import math

import numpy as np

from ..model import FrontendError
from ..stablehlo import Value
from .scope import Scope, lowers

# ===--- One operand --------------------------------------------------------------------------------------------=== #

UNARY = {
    "Abs": "abs",
    "BitwiseNot": "not",
    "Ceil": "ceil",
    "Cos": "cosine",
    "Erf": "chlo.erf",
    "Exp": "exponential",
    "Floor": "floor",
    "Log": "log",
    "Neg": "negate",
    "Not": "not",
    "Round": "round_nearest_even",
    "Sigmoid": "logistic",
    "Sign": "sign",
    "Sin": "sine",
    "Sqrt": "sqrt",
    "Tan": "tan",
    "Tanh": "tanh",
}


def _register_unary(name: str, op: str) -> None:
    @lowers(name)
    def lower(b: Scope, x: Value) -> Value:
        if name == "Abs" and x.type.element in ("ui8", "ui32"):
            return x
        return b.unary(op, x)


for _name, _op in UNARY.items():
    _register_unary(_name, _op)


@lowers("Identity")
def identity(b: Scope, x: Value) -> Value:
    return x


@lowers("Reciprocal")
def reciprocal(b: Scope, x: Value) -> Value:
    return b.div(b.like(1, x), x)


@lowers("Sinh")
def sinh(b: Scope, x: Value) -> Value:
    """(u + u / (u + 1)) / 2 with u = exp(x) - 1, which loses nothing near zero."""
    u = b.unary("exponential_minus_one", x)
    return b.mul(b.add(u, b.div(u, b.add(u, b.like(1, x)))), b.like(0.5, x))


@lowers("Cosh")
def cosh(b: Scope, x: Value) -> Value:
    powers = b.add(b.unary("exponential", x), b.unary("exponential", b.unary("negate", x)))
    return b.mul(powers, b.like(0.5, x))


@lowers("Atan")
def atan(b: Scope, x: Value) -> Value:
    return b.binary("atan2", x, b.like(1, x))


@lowers("Asin")
def asin(b: Scope, x: Value) -> Value:
    return b.binary("atan2", x, _cathetus(b, x))


@lowers("Acos")
def acos(b: Scope, x: Value) -> Value:
    return b.binary("atan2", _cathetus(b, x), x)


def _cathetus(b: Scope, x: Value) -> Value:
    """sqrt(1 - x^2), exact near one."""
    one = b.like(1, x)
    return b.unary("sqrt", b.mul(b.sub(one, x), b.add(one, x)))


@lowers("Asinh")
def asinh(b: Scope, x: Value) -> Value:
    """sign(x) log(1 + a + a^2 / (1 + sqrt(a^2 + 1))) with a = |x|."""
    a, one = b.unary("abs", x), b.like(1, x)
    square = b.mul(a, a)
    rest = b.div(square, b.add(one, b.unary("sqrt", b.add(square, one))))
    return b.mul(b.unary("sign", x), b.unary("log_plus_one", b.add(a, rest)))


@lowers("Acosh")
def acosh(b: Scope, x: Value) -> Value:
    """log(1 + d + sqrt(d) sqrt(d + 2)) with d = x - 1."""
    d = b.sub(x, b.like(1, x))
    root = b.mul(b.unary("sqrt", d), b.unary("sqrt", b.add(d, b.like(2, x))))
    return b.unary("log_plus_one", b.add(d, root))


@lowers("Atanh")
def atanh(b: Scope, x: Value) -> Value:
    difference = b.sub(b.unary("log_plus_one", x), b.unary("log_plus_one", b.unary("negate", x)))
    return b.mul(difference, b.like(0.5, x))


@lowers("IsNaN")
def is_nan(b: Scope, x: Value) -> Value:
    return b.compare("NE", x, x)


@lowers("IsInf")
def is_inf(b: Scope, x: Value, *, detect_negative=1, detect_positive=1) -> Value:
    if detect_negative and detect_positive:
        return b.compare("EQ", b.unary("abs", x), b.like(math.inf, x))
    if not detect_negative and not detect_positive:
        return b.splat(False, x.type.with_element("i1"))
    return b.compare("EQ", x, b.like(math.inf if detect_positive else -math.inf, x))


# ===--- Two operands -------------------------------------------------------------------------------------------=== #

BINARY = {
    "And": "and",
    "BitwiseAnd": "and",
    "BitwiseOr": "or",
    "BitwiseXor": "xor",
    "Div": "divide",
    "Mul": "multiply",
    "Or": "or",
    "Sub": "subtract",
    "Xor": "xor",
}


def _register_binary(name: str, op: str) -> None:
    @lowers(name)
    def lower(b: Scope, x: Value, y: Value) -> Value:
        return b.binary(op, *b.together(x, y))


for _name, _op in BINARY.items():
    _register_binary(_name, _op)


@lowers("Add")
def add(b: Scope, x: Value, y: Value) -> Value:
    """A mask that is zero everywhere is left out."""
    for kept, other in ((x, y), (y, x)):
        known = b.known(other)
        if known is not None and not known.any() and np.broadcast_shapes(x.shape, y.shape) == kept.shape:
            return kept
    return b.add(*b.together(x, y))


def _register_comparison(name: str, direction: str) -> None:
    @lowers(name)
    def lower(b: Scope, x: Value, y: Value) -> Value:
        return b.compare(direction, *b.together(x, y))


for _name, _direction in (("Equal", "EQ"), ("Less", "LT"), ("LessOrEqual", "LE"), ("Greater", "GT")):
    _register_comparison(_name, _direction)
_register_comparison("GreaterOrEqual", "GE")


def _register_variadic(name: str, op: str) -> None:
    @lowers(name)
    def lower(b: Scope, *operands: Value) -> Value:
        return functools.reduce(lambda x, y: b.binary(op, x, y), b.together(*operands))


for _name, _op in (("Max", "maximum"), ("Min", "minimum"), ("Sum", "add")):
    _register_variadic(_name, _op)


@lowers("Mean")
def mean(b: Scope, *operands: Value) -> Value:
    total = functools.reduce(b.add, b.together(*operands))
    return b.div(total, b.like(len(operands), total))


@lowers("Mod")
def mod(b: Scope, x: Value, y: Value, *, fmod=0) -> Value:
    """With the sign of `y`, as Python has it; with fmod with that of `x`, as StableHLO and C have it."""
    x, y = b.together(x, y)
    rest = b.binary("remainder", x, y)
    if fmod or x.type.element in ("ui8", "ui32"):
        return rest
    zero = b.like(0, x)
    other_sign = b.compare("NE", b.compare("LT", rest, zero), b.compare("LT", y, zero))
    wrong = b.binary("and", b.compare("NE", rest, zero), other_sign)
    return b.select(wrong, b.add(rest, y), rest)


@lowers("Pow")
def power(b: Scope, x: Value, y: Value) -> Value:
    """The result has the type of `x`; small whole exponents are products."""
    known = b.known(y)
    if known is not None and known.size == 1 and y.rank <= x.rank and float(known.reshape(-1)[0]) in (0.5, 1, 2, 3):
        exponent = float(known.reshape(-1)[0])
        if exponent == 0.5 and x.type.is_float:
            return b.unary("sqrt", x)
        if exponent != 0.5:
            return functools.reduce(b.mul, [x] * int(exponent))
    element = x.type.element
    work = element if x.type.is_float else y.type.element if y.type.is_float else "f64"
    if not x.type.is_float and not y.type.is_float:
        work = element
    result = b.binary("power", *b.together(b.to_element(x, work), b.to_element(y, work)))
    return b.to_element(result, element)


@lowers("BitShift")
def bit_shift(b: Scope, x: Value, y: Value, *, direction: str) -> Value:
    op = "shift_left" if direction == "LEFT" else "shift_right_logical"
    return b.binary(op, *b.together(x, y))


# ===--- Choice -------------------------------------------------------------------------------------------------=== #


@lowers("Where")
def where(b: Scope, condition: Value, x: Value, y: Value) -> Value:
    if _is_softmax_without_nan(b, condition, x, y):
        return y
    x, y = b.together(x, y)
    shape = np.broadcast_shapes(condition.shape, x.shape)
    condition = b.to_type(condition, condition.type.with_shape(shape))
    return b.select(condition, *(b.to_type(v, v.type.with_shape(shape)) for v in (x, y)))


def _is_softmax_without_nan(b: Scope, condition: Value, x: Value, y: Value) -> bool:
    """Where(IsNaN(y), 0, y) of a softmax y of rows that no mask can empty: how PyTorch writes attention."""
    zero = b.known(x)
    if b.made_by.get(condition.name) != ("IsNaN", [y]) or zero is None or zero.any():
        return False
    op, operands = b.made_by.get(y.name, ("", []))
    return op == "Softmax" and _has_finite_rows(b, operands[0])


def _has_finite_rows(b: Scope, scores: Value) -> bool:
    op, operands = b.made_by.get(scores.name, ("", []))
    if op != "Add":
        return op in ("MatMul", "Mul", "Div")
    for mask, other in (operands, operands[::-1]):
        known = b.known(mask)
        if known is not None and known.ndim and bool(np.isfinite(known).any(-1).all()):
            return _has_finite_rows(b, other)
    return False


@lowers("Clip")
def clip(b: Scope, x: Value, low: Value | None = None, high: Value | None = None) -> Value:
    if low is not None:
        x = b.binary("maximum", x, b.to_type(low, x.type))
    return x if high is None else b.binary("minimum", x, b.to_type(high, x.type))


# ===--- Dropout ------------------------------------------------------------------------------------------------=== #


@lowers("Dropout")
def dropout(b: Scope, x: Value, ratio: Value | None = None, training: Value | None = None, *, seed=0) -> list[Value]:
    """The identity where nothing is dropped."""
    mode, share = b.known(training), b.known(ratio)
    drops = training is not None and (mode is None or bool(mode.all()))
    if drops and not (share is not None and float(share) == 0.0):
        raise FrontendError(
            "dropout in training mode cannot be imported yet; export the model after eval(), which is trained all the "
            "same, or with ratio 0"
        )
    return [x, b.splat(True, x.type.with_element("i1"))]
