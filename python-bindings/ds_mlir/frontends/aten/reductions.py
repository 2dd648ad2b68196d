# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen ops that reduce dimensions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..layers import along, centered, highest, lowest, mean_over, reduce, sum_over  # noqa: F401
from ..stablehlo import Value
from .scope import Scope, lowers, wrap, wrap_all

Dimensions = int | Sequence[int] | None


@lowers("aten.sum.dim_IntList", "aten.sum.default")
def sum(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False, dtype=None) -> Value:
    return sum_over(b, b.to_element(x, b.result.element), wrap_all(dim, x.rank), keepdim)


@lowers("aten.mean.dim", "aten.mean.default")
def mean(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False, dtype=None) -> Value:
    x = b.to_element(x, b.result.element)
    return b.reshape(mean_over(b, x, wrap_all(dim, x.rank)), b.result.shape)


@lowers("aten.amax.default", "aten.max.default")
def amax(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False) -> Value:
    return reduce(b, "maximum", x, wrap_all(dim, x.rank), keepdim)


@lowers("aten.amin.default", "aten.min.default")
def amin(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False) -> Value:
    return reduce(b, "minimum", x, wrap_all(dim, x.rank), keepdim)


@lowers("aten.any.default", "aten.any.dim", "aten.any.dims")
def any(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False) -> Value:
    return reduce(b, "or", b.to_element(x, "i1"), wrap_all(dim, x.rank), keepdim)


@lowers("aten.all.default", "aten.all.dim", "aten.all.dims")
def all(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False) -> Value:
    return reduce(b, "and", b.to_element(x, "i1"), wrap_all(dim, x.rank), keepdim)


@lowers("aten.prod.default", "aten.prod.dim_int")
def prod(b: Scope, x: Value, dim: Dimensions = None, keepdim: bool = False, dtype=None) -> Value:
    return reduce(b, "multiply", b.to_element(x, b.result.element), wrap_all(dim, x.rank), keepdim)


def variance(b: Scope, x: Value, dimensions: Sequence[int], correction: float | None) -> tuple[Value, Value]:
    """Variance and mean, without the dimensions."""
    mean, deviation = centered(b, x, dimensions)
    total = sum_over(b, b.mul(deviation, deviation), dimensions)
    count = math.prod(x.shape[d] for d in dimensions) - (1 if correction is None else correction)
    return b.div(total, b.splat(count, total.type)), mean


@lowers("aten.var.correction", "aten.var.dim", "aten.var.default")
def var(b: Scope, x: Value, dim: Dimensions = None, unbiased: bool = True, keepdim: bool = False, **options) -> Value:
    correction = options.get("correction", 1 if unbiased else 0)
    return b.reshape(variance(b, x, wrap_all(dim, x.rank), correction)[0], b.result.shape)


@lowers("aten.var_mean.correction")
def var_mean(b: Scope, x: Value, dim: Dimensions = None, correction=None, keepdim: bool = False) -> list[Value]:
    parts = variance(b, x, wrap_all(dim, x.rank), correction)
    return [b.reshape(part, type.shape) for part, type in zip(parts, b.results, strict=True)]


@lowers("aten.std.correction")
def std(b: Scope, x: Value, dim: Dimensions = None, correction=None, keepdim: bool = False) -> Value:
    return b.reshape(b.unary("sqrt", variance(b, x, wrap_all(dim, x.rank), correction)[0]), b.result.shape)


@lowers("aten.linalg_vector_norm.default")
def vector_norm(b: Scope, x: Value, ord: float = 2, dim: Dimensions = None, keepdim: bool = False, dtype=None) -> Value:
    x = b.to_element(x, b.result.element)
    dimensions, sizes = wrap_all(dim, x.rank), b.unary("abs", x)
    if ord in (math.inf, -math.inf):
        return reduce(b, "maximum" if ord > 0 else "minimum", sizes, dimensions, keepdim)
    if ord == 0:
        return sum_over(b, b.convert(b.compare("NE", x, b.splat(0, x.type)), x.type.element), dimensions, keepdim)
    if ord == 1:
        return sum_over(b, sizes, dimensions, keepdim)
    if ord == 2:
        return b.unary("sqrt", sum_over(b, b.mul(x, x), dimensions, keepdim))
    total = sum_over(b, b.binary("power", sizes, b.splat(ord, x.type)), dimensions, keepdim)
    return b.binary("power", total, b.splat(1 / ord, total.type))


# ===--- Positions and running sums -----------------------------------------------------------------------------=== #


def _arg_reduce(b: Scope, x: Value, dimension: int, direction: str) -> tuple[Value, Value]:
    """The extreme of each row and where it is first, without the dimension; NaN is more extreme than all."""
    positions = b.iota(x.type.with_element("i32"), dimension)
    start = lowest(x.type) if direction == "GT" else highest(x.type)
    return b.reduce_first(x, positions, b.scalar(start, x.type.element), b.scalar(0, "i32"), dimension, direction)


def _positions(b: Scope, x: Value, dim: int | None, direction: str) -> Value:
    if dim is None:
        x, dim = b.reshape(x, [x.type.size]), 0
    x = b.reshape(x, x.shape or (1,))
    return b.reshape(_arg_reduce(b, x, wrap(dim, x.rank), direction)[1], b.result.shape)


@lowers("aten.argmax.default")
def argmax(b: Scope, x: Value, dim: int | None = None, keepdim: bool = False) -> Value:
    return _positions(b, x, dim, "GT")


@lowers("aten.argmin.default")
def argmin(b: Scope, x: Value, dim: int | None = None, keepdim: bool = False) -> Value:
    return _positions(b, x, dim, "LT")


@lowers("aten.max.dim")
def max_dim(b: Scope, x: Value, dim: int, keepdim: bool = False) -> list[Value]:
    parts = _arg_reduce(b, x, wrap(dim, x.rank), "GT")
    return [b.reshape(part, type.shape) for part, type in zip(parts, b.results, strict=True)]


@lowers("aten.min.dim")
def min_dim(b: Scope, x: Value, dim: int, keepdim: bool = False) -> list[Value]:
    parts = _arg_reduce(b, x, wrap(dim, x.rank), "LT")
    return [b.reshape(part, type.shape) for part, type in zip(parts, b.results, strict=True)]


def _running(b: Scope, op: str, x: Value, dim: int, start: float) -> Value:
    """Windows that end at each element, as JAX writes running sums."""
    if x.rank == 0:
        return x
    dim = wrap(dim, x.rank)
    window, low = [1] * x.rank, [0] * x.rank
    window[dim], low[dim] = x.shape[dim], x.shape[dim] - 1
    edges = [(before, 0) for before in low]
    return b.reduce_window(op, x, b.scalar(start, x.type.element), window, [1] * x.rank, edges)


@lowers("aten.cumsum.default")
def cumsum(b: Scope, x: Value, dim: int, dtype=None) -> Value:
    return _running(b, "add", b.to_element(x, b.result.element), dim, 0)


@lowers("aten.cumprod.default")
def cumprod(b: Scope, x: Value, dim: int, dtype=None) -> Value:
    return _running(b, "multiply", b.to_element(x, b.result.element), dim, 1)


@lowers("aten.logcumsumexp.default")
def logcumsumexp(b: Scope, x: Value, dim: int) -> Value:
    return _running(b, "log_add_exp", x, dim, -math.inf)
