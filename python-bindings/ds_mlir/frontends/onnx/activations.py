# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's activation functions."""

from __future__ import annotations

import math

from ..model import FrontendError
from ..stablehlo import Value
from .scope import Scope, lowers


@lowers("Relu")
def relu(b: Scope, x: Value) -> Value:
    return b.binary("maximum", x, b.like(0, x))


@lowers("LeakyRelu")
def leaky_relu(b: Scope, x: Value, *, alpha=0.01) -> Value:
    return b.select(b.compare("GT", x, b.like(0, x)), x, b.mul(x, b.like(alpha, x)))


@lowers("PRelu")
def p_relu(b: Scope, x: Value, slope: Value) -> Value:
    return b.select(b.compare("GT", x, b.like(0, x)), x, b.mul(x, b.to_type(slope, x.type)))


@lowers("ThresholdedRelu")
def thresholded_relu(b: Scope, x: Value, *, alpha=1.0) -> Value:
    return b.select(b.compare("GT", x, b.like(alpha, x)), x, b.like(0, x))


def exponential_unit(b: Scope, x: Value, alpha: float, scale: float, divisor: float = 1.0) -> Value:
    """scale x where x is positive, else scale alpha (exp(x / divisor) - 1); nothing overflows."""
    zero = b.like(0, x)
    below = b.binary("minimum", x, zero)
    below = b.unary("exponential_minus_one", below if divisor == 1 else b.div(below, b.like(divisor, x)))
    above = x if scale == 1 else b.mul(x, b.like(scale, x))
    return b.select(b.compare("GT", x, zero), above, b.mul(below, b.like(alpha * scale, x)))


@lowers("Elu")
def elu(b: Scope, x: Value, *, alpha=1.0) -> Value:
    return exponential_unit(b, x, alpha, 1.0)


@lowers("Selu")
def selu(b: Scope, x: Value, *, alpha=1.67326319217681884765625, gamma=1.05070102214813232421875) -> Value:
    return exponential_unit(b, x, alpha, gamma)


@lowers("Celu")
def celu(b: Scope, x: Value, *, alpha=1.0) -> Value:
    return exponential_unit(b, x, alpha, 1.0, alpha)


@lowers("Softplus")
def softplus(b: Scope, x: Value) -> Value:
    """max(x, 0) + log(1 + exp(-|x|)), which no number makes overflow."""
    powers = b.unary("exponential", b.unary("negate", b.unary("abs", x)))
    return b.add(b.binary("maximum", x, b.like(0, x)), b.unary("log_plus_one", powers))


@lowers("Softsign")
def softsign(b: Scope, x: Value) -> Value:
    return b.div(x, b.add(b.like(1, x), b.unary("abs", x)))


@lowers("Mish")
def mish(b: Scope, x: Value) -> Value:
    return b.mul(x, b.unary("tanh", softplus(b, x)))


@lowers("Swish")
def swish(b: Scope, x: Value, *, alpha=1.0) -> Value:
    return b.mul(x, b.unary("logistic", x if alpha == 1 else b.mul(x, b.like(alpha, x))))


@lowers("HardSigmoid")
def hard_sigmoid(b: Scope, x: Value, *, alpha=0.2, beta=0.5) -> Value:
    line = b.add(b.mul(x, b.like(alpha, x)), b.like(beta, x))
    return b.binary("minimum", b.binary("maximum", line, b.like(0, x)), b.like(1, x))


@lowers("HardSwish")
def hard_swish(b: Scope, x: Value) -> Value:
    return b.mul(x, hard_sigmoid(b, x, alpha=1 / 6))


@lowers("Shrink")
def shrink(b: Scope, x: Value, *, bias=0.0, lambd=0.5) -> Value:
    work = x if x.type.is_float else b.convert(x, "f32")
    offset, edge = b.like(bias, work), b.like(lambd, work)
    above = b.select(b.compare("GT", work, edge), b.sub(work, offset), b.like(0, work))
    below = b.compare("LT", work, b.unary("negate", edge))
    return b.convert(b.select(below, b.add(work, offset), above), x.type.element)


@lowers("Gelu")
def gelu(b: Scope, x: Value, *, approximate="none") -> Value:
    if approximate not in ("none", "tanh"):
        raise FrontendError(f"gelu has no approximation '{approximate}'; none and tanh exist")
    half, one = b.like(0.5, x), b.like(1, x)
    if approximate == "none":
        inner = b.unary("chlo.erf", b.mul(x, b.like(math.sqrt(0.5), x)))
    else:
        cubic = b.mul(b.mul(b.mul(x, x), x), b.like(0.044715, x))
        inner = b.unary("tanh", b.mul(b.add(x, cubic), b.like(math.sqrt(2 / math.pi), x)))
    return b.mul(b.mul(x, half), b.add(inner, one))
