# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX ops that move elements or change shapes, and those that only ask for a shape."""

from __future__ import annotations

import math

import numpy as np

from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .scope import Scope, axis_of, element_of, lowers, written_out

# ===--- Shapes -------------------------------------------------------------------------------------------------=== #


@lowers("Reshape")
def reshape(b: Scope, x: Value, shape: Value, *, allowzero=0) -> Value:
    sizes = b.numbers(shape, "shape")
    if not allowzero:
        sizes = [x.shape[d] if size == 0 and d < x.rank else size for d, size in enumerate(sizes)]
    return b.reshape(x, _completed(sizes, x))


def _completed(sizes: list[int], x: Value) -> list[int]:
    """Sizes with the one that is -1 computed."""
    known = math.prod(size for size in sizes if size != -1)
    if sizes.count(-1) == 1 and known and x.type.size % known == 0:
        sizes = [x.type.size // known if size == -1 else size for size in sizes]
    if any(size < 0 for size in sizes) or math.prod(sizes) != x.type.size:
        raise FrontendError(f"{list(x.shape)} cannot be reshaped to {sizes}")
    return sizes


@lowers("Flatten")
def flatten(b: Scope, x: Value, *, axis=1) -> Value:
    axis = axis if axis >= 0 else axis + x.rank
    return b.reshape(x, (math.prod(x.shape[:axis]), math.prod(x.shape[axis:])))


@lowers("Squeeze")
def squeeze(b: Scope, x: Value, axes=None) -> Value:
    found = b.axes(axes, x.rank)
    if found is None:
        found = [d for d, size in enumerate(x.shape) if size == 1]
    return b.reshape(x, [size for d, size in enumerate(x.shape) if d not in found])


@lowers("Unsqueeze")
def unsqueeze(b: Scope, x: Value, axes) -> Value:
    numbers = b.numbers(axes, "axes")
    rank = x.rank + len(numbers)
    added = {axis_of(axis, rank) for axis in numbers}
    sizes = iter(x.shape)
    return b.reshape(x, [1 if d in added else next(sizes) for d in range(rank)])


@lowers("Transpose")
def transpose(b: Scope, x: Value, *, perm=None) -> Value:
    perm = list(range(x.rank))[::-1] if perm is None else perm
    if sorted(perm) != list(range(x.rank)):
        raise FrontendError(f"perm is {perm}, but the input has {x.rank} dimensions")
    return b.transpose(x, perm)


@lowers("Expand")
def expand(b: Scope, x: Value, shape: Value) -> Value:
    wanted = np.broadcast_shapes(x.shape, tuple(b.numbers(shape, "shape")))
    return b.to_type(x, x.type.with_shape(wanted))


@lowers("Tile")
def tile(b: Scope, x: Value, repeats: Value) -> Value:
    counts = b.numbers(repeats, "repeats")
    wide = [size for pair in zip(counts, x.shape, strict=True) for size in pair]
    spread = b.broadcast(x, wide, range(1, 2 * x.rank, 2))
    return b.reshape(spread, [count * size for count, size in zip(counts, x.shape, strict=True)])


@lowers("SpaceToDepth")
def space_to_depth(b: Scope, x: Value, *, blocksize: int) -> Value:
    n, c, h, w = x.shape
    s = blocksize
    parts = b.transpose(b.reshape(x, (n, c, h // s, s, w // s, s)), [0, 3, 5, 1, 2, 4])
    return b.reshape(parts, (n, c * s * s, h // s, w // s))


@lowers("DepthToSpace")
def depth_to_space(b: Scope, x: Value, *, blocksize: int, mode="DCR") -> Value:
    n, c, h, w = x.shape
    s = blocksize
    if mode == "DCR":
        parts = b.transpose(b.reshape(x, (n, s, s, c // (s * s), h, w)), [0, 3, 4, 1, 5, 2])
    else:
        parts = b.transpose(b.reshape(x, (n, c // (s * s), s, s, h, w)), [0, 1, 4, 2, 5, 3])
    return b.reshape(parts, (n, c // (s * s), h * s, w * s))


# ===--- Parts --------------------------------------------------------------------------------------------------=== #


@lowers("Slice")
def slice_op(b: Scope, x: Value, starts: Value, ends: Value, axes=None, steps=None) -> Value:
    starts, ends = b.numbers(starts, "starts"), b.numbers(ends, "ends")
    axes = b.numbers(axes, "axes") or list(range(len(starts)))
    steps = b.numbers(steps, "steps") or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        axis = axis_of(axis, x.rank)
        x = _sliced(b, x, axis, start, end, step)
    return x


def _sliced(b: Scope, x: Value, axis: int, start: int, end: int, step: int) -> Value:
    """As Python's slices; a negative step reads backwards."""
    if step == 0:
        raise FrontendError("a step is 0")
    places = range(*slice(start, end if end > -(2**31) else None, step).indices(x.shape[axis]))
    if not places:
        return b.slice_dim(x, axis, 0, 0)
    if step > 0:
        return b.slice_dim(x, axis, places[0], places[-1] + 1, step)
    return b.reverse(b.slice_dim(x, axis, places[-1], places[0] + 1, -step), [axis])


@lowers("Concat")
def concat(b: Scope, *parts: Value, axis: int) -> Value:
    return b.concatenate(parts, axis_of(axis, parts[0].rank))


@lowers("Split")
def split(b: Scope, x: Value, split=None, *, axis=0, num_outputs=None) -> list[Value]:
    axis = axis_of(axis, x.rank)
    sizes = b.numbers(split, "split")
    if sizes is None:
        count = written_out(num_outputs or b.outputs, "parts")
        each = -(-x.shape[axis] // count)
        sizes = [max(0, min(each, x.shape[axis] - each * place)) for place in range(count)]
    if sum(sizes) != x.shape[axis] or min(sizes) < 0:
        raise FrontendError(f"the parts {sizes} do not make the {x.shape[axis]} elements of axis {axis}")
    ends = np.cumsum(sizes).tolist()
    return [b.slice_dim(x, axis, end - size, end) for size, end in zip(sizes, ends, strict=True)]


@lowers("Pad")
def pad(b: Scope, x: Value, pads, value: Value | None = None, axes=None, *, mode="constant") -> Value:
    numbers = b.numbers(pads, "pads")
    axes = [axis_of(axis, x.rank) for axis in b.numbers(axes, "axes") or range(x.rank)]
    if len(numbers) != 2 * len(axes):
        raise FrontendError(f"there are {len(numbers)} pads for {len(axes)} axes")
    low, high = [0] * x.rank, [0] * x.rank
    for place, axis in enumerate(axes):
        low[axis], high[axis] = numbers[place], numbers[len(axes) + place]
    if mode == "constant":
        return _padded_by(b, x, value, low, high)
    for axis in axes:
        x = _padded_by_own(b, x, axis, low[axis], high[axis], mode)
    return x


def _padded_by(b: Scope, x: Value, value: Value | None, low: list[int], high: list[int]) -> Value:
    """Padding by a number; one that is computed is chosen where a mask is padded."""
    zero = b.scalar(0, x.type.element)
    known = np.zeros(()) if value is None else b.known(value)
    if known is not None:
        return b.pad(x, b.scalar(known.reshape(-1)[0].item(), x.type.element), low, high)
    padded = b.pad(x, zero, low, high)
    inside = b.pad(b.splat(True, x.type.with_element("i1")), b.scalar(False, "i1"), low, high)
    return b.select(inside, padded, b.to_type(b.reshape(value, ()), padded.type))


def _padded_by_own(b: Scope, x: Value, axis: int, low: int, high: int, mode: str) -> Value:
    """Padding by elements of `x`: mirrored without the edge, the edge itself, or from the other side."""
    if mode not in ("reflect", "edge", "wrap"):
        raise FrontendError(f"pad has no mode '{mode}'; constant, reflect, edge and wrap exist")
    size = x.shape[axis]
    if low < 0 or high < 0:
        x = b.slice_dim(x, axis, max(-low, 0), size - max(-high, 0))
        low, high, size = max(low, 0), max(high, 0), x.shape[axis]
    if mode == "wrap" and max(low, high) <= size:
        parts = [b.slice_dim(x, axis, size - low, size), x, b.slice_dim(x, axis, 0, high)]
    elif mode == "edge":
        shape = list(x.shape)
        parts = [x]
        for place, count in ((0, low), (size - 1, high)):
            shape[axis] = count
            edge = b.broadcast(b.slice_dim(x, axis, place, place + 1), shape, range(x.rank))
            parts.insert(0 if place == 0 and len(parts) == 1 else len(parts), edge)
    elif mode == "reflect" and max(low, high) < size:
        before = b.reverse(b.slice_dim(x, axis, 1, 1 + low), [axis])
        parts = [before, x, b.reverse(b.slice_dim(x, axis, size - 1 - high, size - 1), [axis])]
    else:
        raise FrontendError(f"pads of {low} and {high} exceed the {size} elements of axis {axis} in mode {mode}")
    return b.concatenate([part for part in parts if part.shape[axis]], axis)


@lowers("Trilu")
def trilu(b: Scope, x: Value, k: Value | None = None, *, upper=1) -> Value:
    diagonal = b.number(k, "k", 0)
    positions = TensorType(x.shape[-2:], "i32")
    rows, columns = b.iota(positions, 0), b.iota(positions, 1)
    shifted = b.add(rows, b.splat(diagonal, positions)) if diagonal else rows
    kept = b.compare("LE" if upper else "GE", shifted, columns)
    return b.select(b.to_type(kept, x.type.with_element("i1")), x, b.like(0, x))


@lowers("EyeLike")
def eye_like(b: Scope, x: Value, *, dtype=None, k=0) -> Value:
    positions = x.type.with_element("i32")
    rows = b.add(b.iota(positions, 0), b.splat(k, positions))
    return b.convert(
        b.compare("EQ", rows, b.iota(positions, 1)), x.type.element if dtype is None else element_of(dtype)
    )
