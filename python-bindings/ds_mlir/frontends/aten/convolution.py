# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen's convolutions and upsampling; images are (batch, channels, ...)."""

from __future__ import annotations

from collections.abc import Sequence

from .. import layers
from ..model import FrontendError
from ..stablehlo import Value
from ..stablehlo_structured import Windows
from .scope import Scope, lowers


def per_dimension(values: int | Sequence[int] | None, count: int, default: int) -> list[int]:
    """One number for each spatial dimension; a single one counts for all."""
    if values is None or (not isinstance(values, int) and not values):
        return [default] * count
    listed = [values] if isinstance(values, int) else list(values)
    return listed * count if len(listed) == 1 else listed


@lowers("aten.convolution.default")
def convolution(b: Scope, x: Value, weight: Value, bias, stride, padding, dilation, transposed, output_padding, groups):
    spatial = x.rank - 2
    stride, dilation = (per_dimension(v, spatial, 1) for v in (stride, dilation))
    padding, output_padding = (per_dimension(v, spatial, 0) for v in (padding, output_padding))
    side_by_side = stride == list(weight.shape[2:]) and not any(padding) and set(dilation) == {1}
    if groups == 1 and not transposed and side_by_side:
        return layers.patches(b, x, weight, bias, b.result.shape[2:])
    names = ", ".join(str(d) for d in range(spatial))
    if not transposed:
        windows = Windows(stride, [(p, p) for p in padding], [1] * spatial, dilation)
        layout = f"[b, f, {names}]x[o, i, {names}]->[b, f, {names}]"
    else:
        # The gradient of a convolution, which is how it comes out: the input spread by the stride, kernels reversed.
        spans = [d * (size - 1) for d, size in zip(dilation, weight.shape[2:], strict=True)]
        edges = [(s - p, s - p + extra) for s, p, extra in zip(spans, padding, output_padding, strict=True)]
        windows = Windows([1] * spatial, edges, stride, dilation, reverse=True)
        if groups > 1:
            weight = _transposed_kernel(b, weight, groups)
        kernel = f"o, i, {names}" if groups > 1 else f"i, o, {names}"
        layout = f"[b, f, {names}]x[{kernel}]->[b, f, {names}]"
    result = b.convolution(x, weight, windows, groups, layout, b.result.shape)
    return result if bias is None else b.add(result, b.broadcast(bias, result.shape, [1]))


def _transposed_kernel(b: Scope, weight: Value, groups: int) -> Value:
    """(in, out / groups, ...) as (out, in / groups, ...)."""
    inputs, outputs, *sizes = weight.shape
    spatial = list(range(2, weight.rank))
    split = b.reshape(weight, (groups, inputs // groups, outputs, *sizes))
    swapped = b.transpose(split, [0, 2, 1, *(d + 1 for d in spatial)])
    return b.reshape(swapped, (groups * outputs, inputs // groups, *sizes))


# ===--- Upsampling ---------------------------------------------------------------------------------------------=== #


@lowers("aten.upsample_nearest2d.default", "aten.upsample_nearest1d.default", "aten.upsample_nearest2d.vec")
def upsample_nearest(b: Scope, x: Value, *_, **__) -> Value:
    """Each element repeated, for whole factors."""
    shape, dims = list(x.shape[:2]), [0, 1]
    for size, wanted in zip(x.shape[2:], b.result.shape[2:], strict=True):
        if wanted % size:
            raise FrontendError(f"upsampling {size} elements to {wanted} cannot be imported; the factor must be whole")
        dims.append(len(shape))
        shape += [size, wanted // size]
    return b.reshape(b.broadcast(x, shape, dims), b.result.shape)
