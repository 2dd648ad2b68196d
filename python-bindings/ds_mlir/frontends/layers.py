# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The layers of all front ends: reductions, normalization, softmax, losses, as the raising passes know them best."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .operands import INTEGER_BOUNDS, OperandBuilder
from .stablehlo import TensorType, Value

# ===--- Reductions ---------------------------------------------------------------------------------------------=== #


def lowest(type: TensorType) -> bool | int | float:
    """What is not above anything."""
    return -math.inf if type.is_float else False if type.element == "i1" else INTEGER_BOUNDS[type.element][0]


def highest(type: TensorType) -> bool | int | float:
    return math.inf if type.is_float else True if type.element == "i1" else INTEGER_BOUNDS[type.element][1]


def reduce(b: OperandBuilder, op: str, x: Value, dimensions: Sequence[int], keep: bool = False) -> Value:
    """A reduction that starts at the neutral element of `op`; `keep` leaves sizes of one."""
    starts = {
        "add": lambda: 0,
        "multiply": lambda: 1,
        "maximum": lambda: lowest(x.type),
        "minimum": lambda: highest(x.type),
        "and": lambda: True,
        "or": lambda: False,
    }
    result = b.reduce(op, x, b.scalar(starts[op](), x.type.element), dimensions)
    return b.reshape(result, [1 if d in dimensions else size for d, size in enumerate(x.shape)]) if keep else result


def sum_over(b: OperandBuilder, x: Value, dimensions: Sequence[int], keep: bool = False) -> Value:
    return reduce(b, "add", x, dimensions, keep)


def along(b: OperandBuilder, reduced: Value, like: Value, dimensions: Sequence[int]) -> Value:
    """A reduction's result, without the reduced dimensions, beside each element of `like`."""
    return b.broadcast(reduced, like.shape, [d for d in range(like.rank) if d not in dimensions])


def mean_over(b: OperandBuilder, x: Value, dimensions: Sequence[int]) -> Value:
    """The mean, without the dimensions."""
    total = sum_over(b, x, dimensions)
    return b.div(total, b.splat(math.prod(x.shape[d] for d in dimensions), total.type))


def centered(b: OperandBuilder, x: Value, dimensions: Sequence[int]) -> tuple[Value, Value]:
    """The mean, without the dimensions, and `x` minus it."""
    mean = mean_over(b, x, dimensions)
    return mean, b.sub(x, along(b, mean, x, dimensions))


# ===--- Normalization ------------------------------------------------------------------------------------------=== #


def normalized(b: OperandBuilder, x: Value, dimensions: Sequence[int], eps: float) -> tuple[Value, Value, Value]:
    """(x - mean) / sqrt(variance + eps), and the mean and 1 / sqrt(variance + eps) without the dimensions."""
    mean, deviation = centered(b, x, dimensions)
    square_mean = mean_over(b, b.mul(deviation, deviation), dimensions)
    scale = b.unary("rsqrt", b.add(square_mean, b.splat(eps, square_mean.type)))
    return b.mul(deviation, along(b, scale, x, dimensions)), mean, scale


def affine(b: OperandBuilder, x: Value, weight: Value | None, bias: Value | None, dimensions: Sequence[int]) -> Value:
    """x * weight + bias, where these have the given dimensions of `x`."""
    if weight is not None:
        x = b.mul(x, b.broadcast(weight, x.shape, dimensions))
    return x if bias is None else b.add(x, b.broadcast(bias, x.shape, dimensions))


# ===--- Softmax and losses -------------------------------------------------------------------------------------=== #


def exponentials(b: OperandBuilder, x: Value, dimension: int) -> tuple[Value, Value, Value]:
    """x minus its rows' maximum, the exponentials of that, and their sums without the dimension."""
    largest = reduce(b, "maximum", x, [dimension])
    shifted = b.sub(x, along(b, largest, x, [dimension]))
    powers = b.unary("exponential", shifted)
    return shifted, powers, sum_over(b, powers, [dimension])


def softmax(b: OperandBuilder, x: Value, dimension: int) -> Value:
    _, powers, total = exponentials(b, x, dimension)
    return b.div(powers, along(b, total, x, [dimension]))


def log_softmax(b: OperandBuilder, x: Value, dimension: int) -> Value:
    shifted, _, total = exponentials(b, x, dimension)
    return b.sub(shifted, along(b, b.unary("log", total), x, [dimension]))


MEAN, SUM = 1, 2  # at::Reduction


def reduced(b: OperandBuilder, losses: Value, reduction: int, weight: Value | None = None) -> Value:
    """The losses themselves, their sum, or their mean: the sum over that of the weights, or over their number."""
    if reduction not in (MEAN, SUM):
        return losses
    total = sum_over(b, losses, list(range(losses.rank)))
    if reduction == SUM:
        return total
    if weight is None:
        return b.div(total, b.splat(losses.type.size, total.type))
    return b.div(total, sum_over(b, weight, list(range(weight.rank))))


def picked(b: OperandBuilder, x: Value, classes: Value) -> Value:
    """x[.., classes[..], ..] of dimension 1, without it: the one element of each row that a comparison selects."""
    shape = (x.shape[0], 1, *x.shape[2:])
    here = b.compare(
        "EQ", b.iota(x.type.with_element("i32"), 1), b.to_type(b.reshape(classes, shape), x.type.with_element("i32"))
    )
    return sum_over(b, b.select(here, x, b.splat(0, x.type)), [1])


def nll_loss(
    b: OperandBuilder, logs: Value, target: Value, weight: Value | None, reduction: int, ignore_index: int
) -> tuple[Value, Value]:
    """Minus the logarithm of each target's probability, 0 where it is to be ignored, and the sum of the weights."""
    rank = logs.rank
    if rank == 1:
        logs, target = b.reshape(logs, (1, *logs.shape)), b.reshape(target, (1,))
    counted = b.compare("NE", target, b.splat(ignore_index, target.type))
    classes = b.select(counted, target, b.splat(0, target.type))
    zero = b.splat(0, logs.type.with_shape(target.shape))
    weights = b.splat(1, zero.type)
    if weight is not None:
        weights = picked(b, b.broadcast(weight, logs.shape, [1]), classes)
    losses = b.unary("negate", picked(b, logs, classes))
    losses = b.select(counted, losses if weight is None else b.mul(losses, weights), zero)
    weights = b.select(counted, weights, zero)
    result = reduced(b, losses, reduction, weights)
    return b.reshape(result, ()) if rank == 1 else result, weights


# ===--- Attention ----------------------------------------------------------------------------------------------=== #


def repeated_heads(b: OperandBuilder, x: Value, heads: int) -> Value:
    """Each head of keys or values as often as heads of the query use it."""
    *batch, own, rows, width = x.shape
    if own == heads:
        return x
    wide = (*batch, own, heads // own, rows, width)
    return b.reshape(
        b.broadcast(x, wide, [d for d in range(len(wide)) if d != len(batch) + 1]), (*batch, heads, rows, width)
    )


# ===--- Convolutions -------------------------------------------------------------------------------------------=== #


def patches(b: OperandBuilder, x: Value, weight: Value, bias: Value | None, counts: Sequence[int]) -> Value:
    """A convolution whose windows lie side by side, as a vision transformer begins: a product with each patch."""
    kept = [count * size for count, size in zip(counts, weight.shape[2:], strict=True)]
    x = b.slice(x, [0] * x.rank, [*x.shape[:2], *kept], [1] * x.rank)
    split = [size for pair in zip(counts, weight.shape[2:], strict=True) for size in pair]
    x = b.reshape(x, (*x.shape[:2], *split))
    x = b.transpose(x, [0, *range(2, x.rank, 2), 1, *range(3, x.rank, 2)])
    width = weight.type.size // weight.shape[0]
    x = b.reshape(x, (x.shape[0], *counts, width))
    result = b.dot_general(x, b.reshape(weight, (weight.shape[0], width)), ([x.rank - 1], [1]))
    result = result if bias is None else b.add(result, b.broadcast(bias, result.shape, [result.rank - 1]))
    return b.transpose(result, [0, result.rank - 1, *range(1, result.rank - 1)])
