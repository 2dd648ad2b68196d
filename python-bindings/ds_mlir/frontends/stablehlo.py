# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes StableHLO text, op by op, in the form in which JAX prints it.

A `Builder` holds one function that has no control flow. Each method appends one op, computes its result type and
returns the result as a `Value`; operands must have the types that StableHLO asks for, and nothing is converted
silently. What a caller gets wrong is an assertion: the compiler's verifier is the judge of a module, not this file.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

FLOATS = ("bf16", "f16", "f32", "f64")
BITS = {"bf16": 16, "f16": 16, "f32": 32, "f64": 64, "i1": 1}
BITS |= {"i8": 8, "ui8": 8, "i16": 16, "i32": 32, "ui32": 32, "i64": 64}

STOP_GRADIENT = "ds.stop_gradient"
DROPOUT = "ds.dropout"
_NAMES = re.compile(r"%\w+")


@dataclass(frozen=True)
class TensorType:
    """A tensor's shape and its elements' type as MLIR spells it: "f32", "i32", "i1"."""

    shape: tuple[int, ...]
    element: str

    def __str__(self) -> str:
        return f"tensor<{''.join(f'{size}x' for size in self.shape)}{self.element}>"

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def is_float(self) -> bool:
        return self.element in FLOATS

    def with_shape(self, shape: Sequence[int]) -> TensorType:
        return replace(self, shape=tuple(shape))

    def with_element(self, element: str) -> TensorType:
        return replace(self, element=element)


@dataclass(frozen=True)
class Value:
    """A result of an op or an argument of the function."""

    name: str
    type: TensorType

    @property
    def shape(self) -> tuple[int, ...]:
        return self.type.shape

    @property
    def rank(self) -> int:
        return self.type.rank


def quoted(text: str) -> str:
    """`text` as a string literal of MLIR."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\0A", "\t": "\\09"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def integers(values: Sequence[int]) -> str:
    return "[" + ", ".join(str(value) for value in values) + "]"


def float_literal(value: float, element: str) -> str:
    """A literal that reads back as the nearest `element` to `value`."""
    if not math.isfinite(value):
        return _bits_of_special(value, element)
    if element != "f64":
        value = float(np.float32(value))
        if not math.isfinite(value):
            return _bits_of_special(value, element)
    mantissa, _, exponent = repr(float(value)).partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + (f"e{exponent}" if exponent else "")


def _bits_of_special(value: float, element: str) -> str:
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    if element == "f64":
        bits = struct.unpack("<Q", struct.pack("<d", value))[0]
    elif element == "bf16":
        bits >>= 16
    elif element == "f16":
        bits = struct.unpack("<H", struct.pack("<e", value))[0]
    return f"0x{bits:0{BITS[element] // 4}X}"


def literal(value: bool | float, element: str) -> str:
    if element in FLOATS:
        return float_literal(float(value), element)
    if element == "i1":
        return "true" if value else "false"
    return str(int(value))


class Builder:
    """A function under construction."""

    def __init__(self) -> None:
        self.ops: list[tuple[str, str]] = []  # (name of the results, the line that makes them)
        self.location = ""  # " loc(...)" of the ops that are appended, or nothing
        self._names = 0
        self.dropouts = 0  # calls of dropout
        self._constants: dict[tuple[str, TensorType], Value] = {}

    # ===--- Any op ---------------------------------------------------------------------------------------------=== #

    def append(self, text: str, result: TensorType) -> Value:
        """Appends an op with one result; `text` is all that stands right of the equals sign."""
        value = self.new_value(result)
        self.ops.append((value.name, f"{value.name} = {text}{self.location}"))
        return value

    def append_many(self, text: str, results: Sequence[TensorType]) -> list[Value]:
        """Appends an op with several results."""
        name = self.new_value(results[0]).name
        self.ops.append((name, f"{name}:{len(results)} = {text}{self.location}"))
        return [Value(f"{name}#{number}", type) for number, type in enumerate(results)]

    def lines_for(self, *results: Value) -> list[str]:
        """The lines of the ops that the results need, in order."""
        used, lines = {_op_of(result.name) for result in results}, []
        for name, line in reversed(self.ops):
            if name in used:
                lines.append(line)
                used.update(_op_of(operand) for operand in _NAMES.findall(line.partition(" = ")[2]))
        return lines[::-1]

    def new_value(self, type: TensorType) -> Value:
        self._names += 1
        return Value(f"%{self._names - 1}", type)

    # ===--- Constants ------------------------------------------------------------------------------------------=== #

    def scalar(self, value: bool | float, element: str) -> Value:
        return self._constant(literal(value, element), TensorType((), element))

    def splat(self, value: bool | float, type: TensorType) -> Value:
        """A tensor whose elements are all `value`."""
        return self.broadcast(self.scalar(value, type.element), type.shape, ())

    def dense(self, array: np.ndarray, element: str) -> Value:
        """A tensor of the elements of `array`, which has the type of numpy for `element`."""
        type = TensorType(array.shape, element)
        if array.size <= 16:
            return self._constant(_nested(array.tolist(), element), type)
        if element == "i1":  # how many bits one takes in hexadecimal text depends on MLIR's version
            return self.convert(self.dense(array.astype(np.int8), "i8"), "i1")
        return self._constant(f'"0x{array.tobytes().hex().upper()}"', type)

    def _constant(self, text: str, type: TensorType) -> Value:
        key = (text, type)
        if key not in self._constants:
            self._constants[key] = self.append(f"stablehlo.constant dense<{text}> : {type}", type)
        return self._constants[key]

    def iota(self, type: TensorType, dimension: int) -> Value:
        return self.append(f"stablehlo.iota dim = {dimension} : {type}", type)

    # ===--- Elementwise ----------------------------------------------------------------------------------------=== #

    def unary(self, op: str, x: Value) -> Value:
        if op.startswith("chlo."):
            return self.append(f"{op} {x.name} : {x.type} -> {x.type}", x.type)
        return self.append(f"stablehlo.{op} {x.name} : {x.type}", x.type)

    def is_finite(self, x: Value) -> Value:
        result = x.type.with_element("i1")
        return self.append(f"stablehlo.is_finite {x.name} : ({x.type}) -> {result}", result)

    def binary(self, op: str, x: Value, y: Value) -> Value:
        assert x.type == y.type, f"{op} of {x.type} and {y.type}"
        return self.append(f"stablehlo.{op} {x.name}, {y.name} : {x.type}", x.type)

    def add(self, x: Value, y: Value) -> Value:
        return self.binary("add", x, y)

    def sub(self, x: Value, y: Value) -> Value:
        return self.binary("subtract", x, y)

    def mul(self, x: Value, y: Value) -> Value:
        return self.binary("multiply", x, y)

    def div(self, x: Value, y: Value) -> Value:
        return self.binary("divide", x, y)

    def compare(self, direction: str, x: Value, y: Value) -> Value:
        """`direction` is EQ, NE, LT, LE, GT or GE."""
        assert x.type == y.type, f"compare of {x.type} and {y.type}"
        kind = "FLOAT" if x.type.is_float else "UNSIGNED" if x.type.element in ("i1", "ui8", "ui32") else "SIGNED"
        result = x.type.with_element("i1")
        text = f"stablehlo.compare {direction}, {x.name}, {y.name}, {kind} : ({x.type}, {y.type}) -> {result}"
        return self.append(text, result)

    def select(self, condition: Value, x: Value, y: Value) -> Value:
        assert x.type == y.type and condition.type.element == "i1"
        text = f"stablehlo.select {condition.name}, {x.name}, {y.name} : {condition.type}, {x.type}"
        return self.append(text, x.type)

    def clamp(self, low: Value, x: Value, high: Value) -> Value:
        text = f"stablehlo.clamp {low.name}, {x.name}, {high.name} : ({low.type}, {x.type}, {high.type}) -> {x.type}"
        return self.append(text, x.type)

    def convert(self, x: Value, element: str) -> Value:
        if x.type.element == element:
            return x
        result = x.type.with_element(element)
        return self.append(f"stablehlo.convert {x.name} : ({x.type}) -> {result}", result)

    def stop_gradient(self, x: Value) -> Value:
        """`x`, through which no gradient flows; a call by name, since StableHLO has no op for it."""
        return self.append(f"stablehlo.custom_call @{STOP_GRADIENT}({x.name}) : ({x.type}) -> {x.type}", x.type)

    def dropout(self, x: Value, rate: float) -> Value:
        """Elements of `x` set to zero at random, and the others scaled up; each call has a mask of its own."""
        self.dropouts += 1
        name = f"dropout.{self.dropouts - 1}"
        attributes = f'ds.name = "{name}", ds.rate = {float(rate)!r} : f64'
        return self.append(
            f"stablehlo.custom_call @{DROPOUT}({x.name}) {{{attributes}}} : ({x.type}) -> {x.type}", x.type
        )

    # ===--- Moving elements ------------------------------------------------------------------------------------=== #

    def reshape(self, x: Value, shape: Sequence[int]) -> Value:
        if x.shape == tuple(shape):
            return x
        result = x.type.with_shape(shape)
        assert result.size == x.type.size, f"reshape of {x.type} to {result}"
        return self.append(f"stablehlo.reshape {x.name} : ({x.type}) -> {result}", result)

    def broadcast(self, x: Value, shape: Sequence[int], dimensions: Sequence[int]) -> Value:
        """Dimension i of `x` becomes dimension `dimensions[i]` of the result, where it has the same size or had 1."""
        if x.shape == tuple(shape) and tuple(dimensions) == tuple(range(len(shape))):
            return x
        result = x.type.with_shape(shape)
        text = f"stablehlo.broadcast_in_dim {x.name}, dims = {integers(dimensions)} : ({x.type}) -> {result}"
        return self.append(text, result)

    def transpose(self, x: Value, permutation: Sequence[int]) -> Value:
        if list(permutation) == list(range(x.rank)):
            return x
        result = x.type.with_shape([x.shape[source] for source in permutation])
        return self.append(
            f"stablehlo.transpose {x.name}, dims = {integers(permutation)} : ({x.type}) -> {result}", result
        )

    def reverse(self, x: Value, dimensions: Sequence[int]) -> Value:
        return self.append(f"stablehlo.reverse {x.name}, dims = {integers(dimensions)} : {x.type}", x.type)

    def slice(self, x: Value, starts: Sequence[int], limits: Sequence[int], strides: Sequence[int]) -> Value:
        """Elements starts[d], starts[d] + strides[d], ... below limits[d] of each dimension d."""
        bounds = list(zip(starts, limits, strides, strict=True))
        result = x.type.with_shape([max(0, -(-(limit - start) // stride)) for start, limit, stride in bounds])
        if result == x.type:
            return x
        ranges = ", ".join(
            f"{start}:{limit}" + (f":{stride}" if stride != 1 else "") for start, limit, stride in bounds
        )
        return self.append(f"stablehlo.slice {x.name} [{ranges}] : ({x.type}) -> {result}", result)

    def slice_dim(self, x: Value, dimension: int, start: int, limit: int, stride: int = 1) -> Value:
        """A slice of one dimension."""
        starts, limits, strides = [0] * x.rank, list(x.shape), [1] * x.rank
        starts[dimension], limits[dimension], strides[dimension] = start, limit, stride
        return self.slice(x, starts, limits, strides)

    def concatenate(self, values: Sequence[Value], dimension: int) -> Value:
        if len(values) == 1:
            return values[0]
        shape = list(values[0].shape)
        shape[dimension] = sum(value.shape[dimension] for value in values)
        result = values[0].type.with_shape(shape)
        names = ", ".join(value.name for value in values)
        types = ", ".join(str(value.type) for value in values)
        return self.append(f"stablehlo.concatenate {names}, dim = {dimension} : ({types}) -> {result}", result)

    def pad(
        self, x: Value, value: Value, low: Sequence[int], high: Sequence[int], interior: Sequence[int] = ()
    ) -> Value:
        """Puts `value` around and between the elements; negative `low` and `high` cut."""
        interior = tuple(interior) or (0,) * x.rank
        if not any((*low, *high, *interior)):
            return x
        edges = zip(low, x.shape, high, interior, strict=True)
        result = x.type.with_shape([a + size + b + max(0, size - 1) * between for a, size, b, between in edges])
        text = (
            f"stablehlo.pad {x.name}, {value.name}, low = {integers(low)}, high = {integers(high)}, "
            f"interior = {integers(interior)} : ({x.type}, {value.type}) -> {result}"
        )
        return self.append(text, result)

    # ===--- Reductions -----------------------------------------------------------------------------------------=== #

    def reduce(self, op: str, x: Value, initial: Value, dimensions: Sequence[int]) -> Value:
        """`op` is add, multiply, maximum, minimum, and, or; the dimensions disappear."""
        if not dimensions:
            return x
        result = x.type.with_shape([size for d, size in enumerate(x.shape) if d not in dimensions])
        text = (
            f"stablehlo.reduce({x.name} init: {initial.name}) applies stablehlo.{op} across dimensions = "
            f"{integers(sorted(dimensions))} : ({x.type}, {initial.type}) -> {result}"
        )
        return self.append(text, result)

    # ===--- Products -------------------------------------------------------------------------------------------=== #

    def dot_general(
        self,
        x: Value,
        y: Value,
        contracting: tuple[Sequence[int], Sequence[int]],
        batching: tuple[Sequence[int], Sequence[int]] = ((), ()),
    ) -> Value:
        """Result dimensions are the batch, then what is left of `x`, then what is left of `y`."""
        free_x = [size for d, size in enumerate(x.shape) if d not in (*contracting[0], *batching[0])]
        free_y = [size for d, size in enumerate(y.shape) if d not in (*contracting[1], *batching[1])]
        result = x.type.with_shape([x.shape[d] for d in batching[0]] + free_x + free_y)
        batch = f"batching_dims = {integers(batching[0])} x {integers(batching[1])}, " if batching[0] else ""
        text = (
            f"stablehlo.dot_general {x.name}, {y.name}, {batch}contracting_dims = {integers(contracting[0])} x "
            f"{integers(contracting[1])} : ({x.type}, {y.type}) -> {result}"
        )
        return self.append(text, result)


def _op_of(name: str) -> str:
    return name.partition("#")[0]


def _nested(values, element: str) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(_nested(value, element) for value in values) + "]"
    return literal(values, element)
