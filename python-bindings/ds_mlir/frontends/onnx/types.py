# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's conversions. Types narrower than a byte, and floats of a byte, are held in wider ones."""

from __future__ import annotations

import math
from dataclasses import dataclass

from onnx import TensorProto

from ..stablehlo import Value
from .scope import Scope, element_of, lowers

INTEGERS = {TensorProto.INT4: 4, TensorProto.INT2: 2, TensorProto.UINT4: 4, TensorProto.UINT2: 2}  # bits
SIGNED = (TensorProto.INT4, TensorProto.INT2)


@dataclass(frozen=True)
class Narrow:
    """A floating type: bits of its mantissa, exponents of its normal numbers, its largest, and what is beyond."""

    mantissa: int
    least: int
    greatest: int
    largest: float
    beyond: float


FLOATS = {
    TensorProto.FLOAT8E4M3FN: Narrow(3, -6, 8, 448.0, math.nan),
    TensorProto.FLOAT8E4M3FNUZ: Narrow(3, -7, 7, 240.0, math.nan),
    TensorProto.FLOAT8E5M2: Narrow(2, -14, 15, 57344.0, math.inf),
    TensorProto.FLOAT8E5M2FNUZ: Narrow(2, -15, 15, 57344.0, math.nan),
    TensorProto.FLOAT4E2M1: Narrow(1, 0, 2, 6.0, 6.0),
}


def rounded(b: Scope, x: Value, type: Narrow, saturate: int) -> Value:
    """The nearest number of the type, of two the even one: a multiple of the step that its exponent has."""
    size = b.unary("abs", x)
    step = b.like(2.0 ** (type.least - type.mantissa), x)
    for exponent in range(type.least + 1, type.greatest + 1):
        above = b.compare("GE", size, b.like(2.0**exponent, x))
        step = b.select(above, b.like(2.0 ** (exponent - type.mantissa), x), step)
    near = b.mul(b.unary("round_nearest_even", b.div(size, step)), step)
    edge = type.largest if saturate else type.beyond
    near = b.select(b.compare("GT", near, b.like(type.largest, x)), b.like(edge, x), near)
    return b.select(b.compare("LT", x, b.like(0, x)), b.unary("negate", near), near)


def wrapped(b: Scope, x: Value, bits: int, signed: bool) -> Value:
    """The lowest bits, as a number with or without a sign."""
    wide = b.convert(x, "i32")
    low = b.binary("and", wide, b.like(2**bits - 1, wide))
    if signed:
        over = b.compare("GE", low, b.like(2 ** (bits - 1), low))
        low = b.select(over, b.sub(low, b.like(2**bits, low)), low)
    return b.convert(low, "i8" if signed else "ui8")


def convert(b: Scope, x: Value, type: int, saturate: int) -> Value:
    element = element_of(type)
    if type in FLOATS and x.type.element != "i1":
        made = rounded(b, b.convert(x, "f32"), FLOATS[type], saturate)
    elif type in INTEGERS and x.type.element != "i1":
        made = wrapped(b, b.to_element(x, "i32"), INTEGERS[type], type in SIGNED)
    else:
        return b.to_element(x, element)
    b.narrow[made.name] = type
    return made


@lowers("Cast")
def cast(b: Scope, x: Value, *, to: int, saturate=1, round_mode="up") -> Value:
    return convert(b, x, to, saturate)


@lowers("CastLike")
def cast_like(b: Scope, x: Value, like: Value, *, saturate=1, round_mode="up") -> Value:
    narrow = b.narrow.get(like.name)
    return b.to_element(x, like.type.element) if narrow is None else convert(b, x, narrow, saturate)
