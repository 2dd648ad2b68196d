# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX ops that reduce dimensions."""

from __future__ import annotations

from collections.abc import Callable

from .. import layers
from ..stablehlo import Value
from .scope import Scope, axis_of, lowers


def _register(name: str, function: Callable[[Scope, Value, list[int]], Value]) -> None:
    @lowers(name)
    def lower(b: Scope, x: Value, axes=None, *, keepdims=1, noop_with_empty_axes=0) -> Value:
        found = b.axes(axes, x.rank)
        if not found:
            if noop_with_empty_axes:
                return function(b, x, [])
            found = list(range(x.rank))
        result = function(b, x, found)
        shape = [1 if d in found else size for d, size in enumerate(x.shape)]
        return b.reshape(result, shape) if keepdims else result


def log_sum(b: Scope, x: Value, axes: list[int]) -> Value:
    return b.unary("log", layers.sum_over(b, x, axes))


def log_sum_exp(b: Scope, x: Value, axes: list[int]) -> Value:
    """The maximum plus the logarithm of the sum of exponentials that are at most one."""
    if not x.type.is_float:
        x = b.convert(x, "f64")
    largest = layers.reduce(b, "maximum", x, axes)
    finite = b.select(b.is_finite(largest), largest, b.like(0, largest))
    powers = b.unary("exponential", b.sub(x, layers.along(b, finite, x, axes)))
    return b.add(b.unary("log", layers.sum_over(b, powers, axes)), finite)


_register("ReduceSum", layers.sum_over)
_register("ReduceMean", layers.mean_over)
_register("ReduceMax", lambda b, x, axes: layers.reduce(b, "maximum", x, axes))
_register("ReduceMin", lambda b, x, axes: layers.reduce(b, "minimum", x, axes))
_register("ReduceProd", lambda b, x, axes: layers.reduce(b, "multiply", x, axes))
_register("ReduceL1", lambda b, x, axes: layers.sum_over(b, b.unary("abs", x), axes))
_register("ReduceL2", lambda b, x, axes: b.unary("sqrt", layers.sum_over(b, b.mul(x, x), axes)))
_register("ReduceSumSquare", lambda b, x, axes: layers.sum_over(b, b.mul(x, x), axes))
_register("ReduceLogSum", log_sum)
_register("ReduceLogSumExp", log_sum_exp)


# ===--- Positions ----------------------------------------------------------------------------------------------=== #


def _register_positions(name: str, direction: str) -> None:
    @lowers(name)
    def lower(b: Scope, x: Value, *, axis=0, keepdims=1, select_last_index=0) -> Value:
        axis = axis_of(axis, x.rank)
        places = first_place(b, x, axis, direction, bool(select_last_index))
        return b.reshape(places, [1 if d == axis else s for d, s in enumerate(x.shape)]) if keepdims else places


def first_place(b: Scope, x: Value, axis: int, direction: str, last: bool = False) -> Value:
    """Where the extreme of each row is, without the axis: the first of equals, or the last."""
    positions = b.iota(x.type.with_element("i32"), axis)
    if last:
        x = b.reverse(x, [axis])
    edge = layers.lowest(x.type) if direction == "GT" else layers.highest(x.type)
    start, zero = b.scalar(edge, x.type.element), b.scalar(0, "i32")
    found = b.reduce_first(x, positions, start, zero, axis, direction)[1]
    return b.sub(b.like(x.shape[axis] - 1, found), found) if last else found


_register_positions("ArgMax", "GT")
_register_positions("ArgMin", "LT")
