# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen's pooling; images are (batch, channels, ...)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..stablehlo import Value
from . import reductions
from .convolution import per_dimension
from .scope import Scope, lowers


def _pool(b: Scope, op: str, x: Value, start: float, kernel, stride, padding, dilation, shape) -> Value:
    """Windows over the last dimensions; the right edge is padded, or cut, until the result has `shape`."""
    rank = len(kernel)
    outer = x.rank - rank
    edges = [(0, 0)] * outer
    for d in range(rank):
        needed = (shape[outer + d] - 1) * stride[d] + (kernel[d] - 1) * dilation[d] + 1
        edges.append((padding[d], needed - x.shape[outer + d] - padding[d]))
    ones = [1] * outer
    start_value = b.scalar(start, x.type.element)
    return b.reduce_window(op, x, start_value, ones + kernel, ones + stride, edges, ones + dilation)


@lowers("aten.max_pool2d_with_indices.default", "aten.max_pool3d_with_indices.default", "aten.max_pool2d.default")
def max_pool(b: Scope, x: Value, kernel, stride=(), padding=0, dilation=1, ceil_mode: bool = False):
    rank = 3 if b.result.rank > 4 else 2
    kernel = per_dimension(kernel, rank, 1)
    stride = per_dimension(stride, rank, 0) if stride else kernel
    padding, dilation = per_dimension(padding, rank, 0), per_dimension(dilation, rank, 1)
    pooled = _pool(b, "maximum", x, reductions.lowest(x.type), kernel, stride, padding, dilation, b.result.shape)
    return pooled if len(b.results) == 1 else [pooled, None]


@lowers("aten.avg_pool1d.default", "aten.avg_pool2d.default", "aten.avg_pool3d.default")
def avg_pool(
    b: Scope,
    x: Value,
    kernel,
    stride=(),
    padding=0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
):
    rank = 1 if len(b.result.shape) == 3 and isinstance(kernel, (list, tuple)) and len(kernel) == 1 else len(kernel)
    kernel, padding = per_dimension(kernel, rank, 1), per_dimension(padding, rank, 0)
    stride = per_dimension(stride, rank, 0) if stride else kernel
    window = (kernel, stride, padding, [1] * rank, b.result.shape)
    total = _pool(b, "add", x, 0, *window)
    if divisor_override:
        return b.div(total, b.splat(divisor_override, total.type))
    if any(padding) or ceil_mode:
        counted = b.splat(1, x.type)
        if count_include_pad:  # what is beyond the padding is not counted
            edges = [0] * (x.rank - rank) + padding
            counted, padding = b.pad(counted, b.scalar(1, x.type.element), edges, edges), [0] * rank
        return b.div(total, _pool(b, "add", counted, 0, kernel, stride, padding, [1] * rank, b.result.shape))
    return b.div(total, b.splat(math.prod(kernel), total.type))


@lowers(
    "aten._adaptive_avg_pool2d.default",
    "aten._adaptive_avg_pool3d.default",
    "aten.adaptive_avg_pool2d.default",
    "aten.adaptive_avg_pool3d.default",
    "aten.adaptive_avg_pool1d.default",
)
def adaptive_avg_pool(b: Scope, x: Value, size: Sequence[int]) -> Value:
    rank = len(size)
    lengths = x.shape[-rank:]
    if list(size) == [1] * rank:
        return b.reshape(reductions.mean_over(b, x, list(range(x.rank - rank, x.rank))), b.result.shape)
    if not any(length % count for length, count in zip(lengths, size, strict=True)):
        steps = [length // count for length, count in zip(lengths, size, strict=True)]
        return avg_pool(b, x, steps, steps)
    for d, count in enumerate(size, x.rank - rank):  # windows of several lengths, as a product
        x = b.dot_general(x, b.dense(_shares(x.shape[d], count), x.type.element), ([d], [1]))
        x = b.transpose(x, [*range(d), x.rank - 1, *range(d, x.rank - 1)])
    return x


def _shares(length: int, count: int) -> np.ndarray:
    """How much of each element every window has; windows begin and end at the nearest elements that cover theirs."""
    shares = np.zeros((count, length))
    for i in range(count):
        begin, end = i * length // count, -(-(i + 1) * length // count)
        shares[i, begin:end] = 1 / (end - begin)
    return shares
