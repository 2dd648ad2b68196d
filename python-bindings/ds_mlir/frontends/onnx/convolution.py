# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's convolutions, pooling and resizing; images are (batch, channels, ...)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import onnx

from .. import layers
from ..constants import write_dense
from ..model import FrontendError
from ..stablehlo import Value
from ..stablehlo_structured import Windows
from .folding import fold
from .scope import Scope, lowers, refuse_large

# ===--- Windows ------------------------------------------------------------------------------------------------=== #


class Frame:
    """Windows over spatial dimensions, by the attributes that convolutions and pools share."""

    def __init__(self, sizes, kernel, strides=None, pads=None, dilations=None, auto_pad="NOTSET", ceil_mode=0) -> None:
        rank = len(sizes)
        self.kernel = list(kernel)
        self.strides, self.dilations = strides or [1] * rank, dilations or [1] * rank
        self.spans = [(size - 1) * step + 1 for size, step in zip(self.kernel, self.dilations, strict=True)]
        if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
            self.padding = [self._same(auto_pad, *place) for place in zip(sizes, self.spans, self.strides, strict=True)]
        elif auto_pad in ("NOTSET", "VALID"):
            pads = pads if pads and auto_pad == "NOTSET" else [0] * 2 * rank
            self.padding = list(zip(pads[:rank], pads[rank:], strict=True))
        else:
            raise FrontendError(f"there is no auto_pad '{auto_pad}'; NOTSET, VALID, SAME_UPPER and SAME_LOWER exist")
        self.counts, self.excess = [], []
        for size, (low, high), span, step in zip(sizes, self.padding, self.spans, self.strides, strict=True):
            free = low + size + high - span
            count = max(0, (-(-free // step) if ceil_mode else free // step) + 1)
            if ceil_mode and (count - 1) * step >= size + low:
                count -= 1  # a window that would begin in the padding
            self.counts.append(count)
            self.excess.append(max(0, (count - 1) * step - free))

    @staticmethod
    def _same(auto_pad: str, size: int, span: int, step: int) -> tuple[int, int]:
        total = max(0, (-(-size // step) - 1) * step + span - size)
        small, large = total // 2, total - total // 2
        return (small, large) if auto_pad == "SAME_UPPER" else (large, small)

    def over(self, b: Scope, op: str, x: Value, start: float) -> Value:
        """The reduction of each window; the last ones may reach over the padding."""
        outer = x.rank - len(self.kernel)
        ones = [1] * outer
        edges = [(low, high + more) for (low, high), more in zip(self.padding, self.excess, strict=True)]
        first = b.scalar(start, x.type.element)
        return b.reduce_window(
            op,
            x,
            first,
            ones + self.kernel,
            ones + list(self.strides),
            [(0, 0)] * outer + edges,
            ones + list(self.dilations),
        )


# ===--- Convolutions -------------------------------------------------------------------------------------------=== #


def _layout(spatial: int) -> str:
    names = ", ".join(str(d) for d in range(spatial))
    return f"[b, f, {names}]x[o, i, {names}]->[b, f, {names}]"


@lowers("Conv")
def convolution(
    b: Scope,
    x: Value,
    weight: Value,
    bias=None,
    *,
    auto_pad="NOTSET",
    dilations=None,
    group=1,
    kernel_shape=None,
    pads=None,
    strides=None,
) -> Value:
    frame = Frame(x.shape[2:], weight.shape[2:], strides, pads, dilations, auto_pad)
    still = not any(map(any, frame.padding)) and set(frame.dilations) <= {1}
    if group == 1 and still and list(frame.strides) == frame.kernel:
        return layers.patches(b, x, weight, bias, frame.counts)
    windows = Windows(frame.strides, frame.padding, [1] * len(frame.kernel), frame.dilations)
    shape = (x.shape[0], weight.shape[0], *frame.counts)
    result = b.convolution(x, weight, windows, group, _layout(len(frame.kernel)), shape)
    return result if bias is None else b.add(result, b.broadcast(bias, result.shape, [1]))


@lowers("ConvTranspose")
def transposed_convolution(
    b: Scope,
    x: Value,
    weight: Value,
    bias=None,
    *,
    auto_pad="NOTSET",
    dilations=None,
    group=1,
    kernel_shape=None,
    output_padding=None,
    output_shape=None,
    pads=None,
    strides=None,
) -> Value:
    """The gradient of a convolution: the input spread by the stride under the reversed kernel."""
    rank = x.rank - 2
    strides, dilations = strides or [1] * rank, dilations or [1] * rank
    extra = output_padding or [0] * rank
    spans = [(size - 1) * step for size, step in zip(weight.shape[2:], dilations, strict=True)]
    whole = [(s - 1) * step + span + 1 + e for s, step, span, e in zip(x.shape[2:], strides, spans, extra, strict=True)]
    if auto_pad.startswith("SAME") and not output_shape:
        output_shape = [size * step for size, step in zip(x.shape[2:], strides, strict=True)]
    if output_shape:
        totals = [max(0, full - size) for full, size in zip(whole, output_shape[-rank:], strict=True)]
        low = [total - total // 2 if auto_pad == "SAME_LOWER" else total // 2 for total in totals]
        short = [max(0, size - full) for full, size in zip(whole, output_shape[-rank:], strict=True)]
        extra = [e + s for e, s in zip(extra, short, strict=True)]
        high = [total - part for total, part in zip(totals, low, strict=True)]
    else:
        pads = pads or [0] * 2 * rank
        low, high = pads[:rank], pads[rank:]
    edges = [(s - a, s - z + e) for s, a, z, e in zip(spans, low, high, extra, strict=True)]
    sizes = [
        full - a - z + s for full, a, z, s in zip(whole, low, high, _short(whole, output_shape, rank), strict=True)
    ]
    kernel = _transposed_kernel(b, weight, group)
    shape = (x.shape[0], kernel.shape[0], *sizes)
    windows = Windows([1] * rank, edges, strides, dilations)
    result = b.convolution(x, kernel, windows, group, _layout(rank), shape)
    return result if bias is None else b.add(result, b.broadcast(bias, result.shape, [1]))


def _short(whole: Sequence[int], wanted: Sequence[int] | None, rank: int) -> list[int]:
    return [max(0, size - full) for full, size in zip(whole, wanted[-rank:], strict=True)] if wanted else [0] * rank


def _transposed_kernel(b: Scope, weight: Value, groups: int) -> Value:
    """(in, out / groups, ...) as (out, in / groups, ...), reversed in space."""
    inputs, outputs, *sizes = weight.shape
    spatial = list(range(2, weight.rank))
    weight = b.reverse(weight, spatial)
    split = b.reshape(weight, (groups, inputs // groups, outputs, *sizes))
    swapped = b.transpose(split, [0, 2, 1, *(d + 1 for d in spatial)])
    return b.reshape(swapped, (groups * outputs, inputs // groups, *sizes))


# ===--- Pooling ------------------------------------------------------------------------------------------------=== #


@lowers("MaxPool")
def max_pool(
    b: Scope,
    x: Value,
    *,
    kernel_shape,
    auto_pad="NOTSET",
    ceil_mode=0,
    dilations=None,
    pads=None,
    storage_order=0,
    strides=None,
) -> list[Value]:
    frame = Frame(x.shape[2:], kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
    return [frame.over(b, "maximum", x, layers.lowest(x.type))]


@lowers("AveragePool")
def average_pool(
    b: Scope,
    x: Value,
    *,
    kernel_shape,
    auto_pad="NOTSET",
    ceil_mode=0,
    count_include_pad=0,
    dilations=None,
    pads=None,
    strides=None,
) -> Value:
    frame = Frame(x.shape[2:], kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
    total = frame.over(b, "add", x, 0)
    return b.div(total, b.broadcast(_counts(b, x, frame, count_include_pad), total.shape, range(2, x.rank)))


def _counts(b: Scope, x: Value, frame: Frame, with_padding: int) -> Value:
    """How many elements each window has, which no input decides."""
    refuse_large(math.prod(max(count, size) for count, size in zip(frame.counts, x.shape[2:], strict=True)))
    counts = np.ones(())
    for size, (low, high), span, step, dilation, count in zip(
        x.shape[2:], frame.padding, frame.spans, frame.strides, frame.dilations, frame.counts, strict=True
    ):
        first, end = (-low, size + high) if with_padding else (0, size)
        places = [range(s * step - low, s * step - low + span, dilation) for s in range(count)]
        inside = np.array([sum(first <= place < end for place in window) for window in places])
        counts = np.multiply.outer(counts, inside)
    dtype = {"f64": np.float64, "f16": np.float16}.get(x.type.element, np.float32)
    return write_dense(b, counts.astype(dtype), x.type.element)


@lowers("LpPool")
def lp_pool(
    b: Scope, x: Value, *, kernel_shape, auto_pad="NOTSET", ceil_mode=0, dilations=None, p=2, pads=None, strides=None
) -> Value:
    frame = Frame(x.shape[2:], kernel_shape, strides, pads, dilations, auto_pad, ceil_mode)
    power = b.like(p, x)
    total = frame.over(b, "add", b.binary("power", b.unary("abs", x), power), 0)
    return b.binary("power", total, b.like(1 / p, total))


@lowers("GlobalAveragePool")
def global_average_pool(b: Scope, x: Value) -> Value:
    return b.reshape(layers.mean_over(b, x, list(range(2, x.rank))), (*x.shape[:2], *[1] * (x.rank - 2)))


@lowers("GlobalMaxPool")
def global_max_pool(b: Scope, x: Value) -> Value:
    largest = layers.reduce(b, "maximum", x, list(range(2, x.rank)))
    return b.reshape(largest, (*x.shape[:2], *[1] * (x.rank - 2)))


@lowers("LRN")
def local_response_norm(b: Scope, x: Value, *, size, alpha=1e-4, beta=0.75, bias=1.0) -> Value:
    """Divided by a power of the squares' sum over the neighbouring channels."""
    window, edges = [1] * x.rank, [(0, 0)] * x.rank
    window[1], edges[1] = size, ((size - 1) // 2, size - 1 - (size - 1) // 2)
    squares = b.reduce_window("add", b.mul(x, x), b.scalar(0, x.type.element), window, [1] * x.rank, edges)
    scaled = b.add(b.mul(squares, b.like(alpha / size, x)), b.like(bias, x))
    return b.div(x, b.binary("power", scaled, b.like(beta, x)))


# ===--- Resizing -----------------------------------------------------------------------------------------------=== #


@lowers("Resize", "Upsample")
def resize(b: Scope, x: Value, roi=None, scales=None, sizes=None, *, axes=None, mode="nearest", **options) -> Value:
    """A product along each axis with the weights that ONNX's own evaluator gives the unit vectors.

    Repeating each element, as an upsampling path does, is a broadcast.
    """
    axes = [axis + x.rank if axis < 0 else axis for axis in axes] if axes else list(range(x.rank))
    scales, sizes = b.known(scales), b.numbers(sizes, "sizes")
    if (scales is None or not scales.size) and not sizes:
        raise FrontendError("its scales or sizes depend on data, but shapes must be known at import")
    if options.get("coordinate_transformation_mode") == "tf_crop_and_resize":
        raise FrontendError("coordinate_transformation_mode='tf_crop_and_resize' cannot be imported; resize without it")
    if sizes and options.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        sizes = _with_aspect(x, axes, sizes, options["keep_aspect_ratio_policy"])
    for place, axis in enumerate(axes):
        size = sizes[place] if sizes else math.floor(x.shape[axis] * float(scales[place]))
        scale = None if sizes else float(scales[place])
        if size != x.shape[axis] or scale not in (None, 1.0):
            x = _resized(b, x, axis, size, scale, mode, options)
    return x


def _with_aspect(x: Value, axes: Sequence[int], sizes: Sequence[int], policy: str) -> list[int]:
    choose = min if policy == "not_larger" else max
    scale = choose(size / x.shape[axis] for axis, size in zip(axes, sizes, strict=True))
    return [int(x.shape[axis] * scale + 0.5) for axis in axes]


def _resized(b: Scope, x: Value, axis: int, size: int, scale: float | None, mode: str, options: dict) -> Value:
    refuse_large(x.shape[axis] * size)
    weights = _weights(b, x.shape[axis], size, scale, mode, options)
    factor = size // x.shape[axis]
    if size % x.shape[axis] == 0 and np.array_equal(weights, np.repeat(np.eye(x.shape[axis]), factor, 1)):
        shape = [*x.shape[: axis + 1], factor, *x.shape[axis + 1 :]]
        wide = b.broadcast(x, shape, [d for d in range(x.rank + 1) if d != axis + 1])
        return b.reshape(wide, [size if d == axis else s for d, s in enumerate(x.shape)])
    dtype = np.float64 if x.type.element == "f64" else np.float32
    table = b.convert(b.dense(weights.astype(dtype), "f64" if dtype is np.float64 else "f32"), x.type.element)
    moved = b.dot_general(x, table, ([axis], [0]))
    rest = list(range(axis)) + [x.rank - 1] + list(range(axis, x.rank - 1))
    return b.transpose(moved, rest)


def _weights(b: Scope, old: int, new: int, scale: float | None, mode: str, options: dict) -> np.ndarray:
    """Column j has what each of the old elements is in element j of the new ones."""
    kept = {name: value for name, value in options.items() if not name.startswith("keep_aspect")}
    node = onnx.helper.make_node("Resize", ["x", "", "scales", "sizes"], ["y"], mode=mode, **kept)
    scales = np.array([1.0, scale], np.float32) if scale is not None else None
    sizes = np.array([old, new], np.int64) if scale is None else None
    if scales is not None:
        del node.input[3]
    else:
        node.input[2] = ""
    inputs = [np.eye(old), None, scales, sizes][: len(node.input)]
    return fold(node, inputs, max(b.opset, 18))[0]
