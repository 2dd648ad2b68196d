# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX ops that read or write at places that data decides, and those of order and running sums.

Indices count from the end where they are negative. Nothing refuses one out of range: a read is clamped, a write is
dropped.
"""

from __future__ import annotations

import numpy as np

from ..constants import distinct
from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .scope import Scope, axis_of, element_of_array, lowers

# ===--- Reading ------------------------------------------------------------------------------------------------=== #


def from_front(b: Scope, index: Value, size: int) -> Value:
    """Indices of `size` places counted from the front, as i32."""
    index, known = b.convert(index, "i32"), b.known(index)
    if known is not None and (known.size == 0 or int(known.min()) >= 0):
        return index
    return b.select(b.compare("LT", index, b.like(0, index)), b.add(index, b.like(size, index)), index)


def take(b: Scope, x: Value, index: Value, dim: int) -> Value:
    """x[.., index, ..]; where positions count up, as those of a table of positions do, a slice."""
    found = _as_slice(b, x, index, dim)
    return b.take(x, from_front(b, index, x.shape[dim]), dim) if found is None else found


def _as_slice(b: Scope, x: Value, index: Value, dim: int) -> Value | None:
    known = b.known(index)
    if known is None or known.size == 0:
        return None
    line, along = distinct(np.where(known < 0, known + x.shape[dim], known))
    line = line.reshape(-1)
    first, last = int(line[0]), int(line[-1])
    if len(along) > 1 or first < 0 or last >= x.shape[dim] or not np.array_equal(line, np.arange(first, last + 1)):
        return None
    part = b.slice_dim(x, dim, first, last + 1)
    shape = (*x.shape[:dim], *index.shape, *x.shape[dim + 1 :])
    places = [d if d < dim else d - 1 + index.rank for d in range(x.rank)]
    if along:
        places[dim] = dim + along[0]
    else:
        part = b.reshape(part, [size for d, size in enumerate(part.shape) if d != dim])
        places.pop(dim)
    return b.broadcast(part, shape, places)


@lowers("Gather")
def gather(b: Scope, x: Value, index: Value, *, axis=0) -> Value:
    return take(b, x, index, axis_of(axis, x.rank))


def _starts(b: Scope, index: Value, dim: int) -> Value:
    """Each element's whole place, in a last dimension that is added: its own position, but what it says along `dim`."""
    places = []
    for d in range(index.rank):
        place = index if d == dim else b.iota(index.type, d)
        places.append(b.reshape(place, (*index.shape, 1)))
    return b.concatenate(places, index.rank)


@lowers("GatherElements")
def gather_elements(b: Scope, x: Value, index: Value, *, axis=0) -> Value:
    axis = axis_of(axis, x.rank)
    index = from_front(b, index, x.shape[axis])
    others = [d for d in range(x.rank) if d != axis]
    if all(x.shape[d] == index.shape[d] for d in others):  # batches, as jnp.take_along_axis writes it
        starts = b.reshape(index, (*index.shape, 1))
        return b.gather(x, starts, [], [axis], [axis], [1] * x.rank, (others, others))
    every = list(range(x.rank))
    return b.gather(x, _starts(b, index, axis), [], every, every, [1] * x.rank)


def _rows_from_front(b: Scope, index: Value, sizes: list[int]) -> Value:
    """`from_front` of places whose last dimension has one number for each of `sizes`."""
    index, known = b.convert(index, "i32"), b.known(index)
    if known is not None and (known.size == 0 or int(known.min()) >= 0):
        return index
    sizes = b.broadcast(b.dense(np.array(sizes, np.int32), "i32"), index.shape, [index.rank - 1])
    return b.select(b.compare("LT", index, b.like(0, index)), b.add(index, sizes), index)


@lowers("GatherND")
def gather_nd(b: Scope, x: Value, index: Value, *, batch_dims=0) -> Value:
    count = index.shape[-1]
    batch, read = list(range(batch_dims)), list(range(batch_dims, batch_dims + count))
    index = _rows_from_front(b, index, [x.shape[d] for d in read])
    sizes = [1 if d < batch_dims + count else size for d, size in enumerate(x.shape)]
    rank = index.rank - 1 + x.rank - len(batch) - count
    return b.gather(x, index, list(range(index.rank - 1, rank)), read, read, sizes, (batch, batch))


# ===--- Writing ------------------------------------------------------------------------------------------------=== #

REDUCTIONS = {"none": None, "add": "add", "mul": "multiply", "max": "maximum", "min": "minimum"}


def _reduction(name: str) -> str | None:
    if name not in REDUCTIONS:
        raise FrontendError(f"there is no reduction '{name}'; {', '.join(REDUCTIONS)} exist")
    return REDUCTIONS[name]


@lowers("ScatterElements", "Scatter")
def scatter_elements(b: Scope, x: Value, index: Value, updates: Value, *, axis=0, reduction="none") -> Value:
    axis, every = axis_of(axis, x.rank), list(range(x.rank))
    index = from_front(b, index, x.shape[axis])
    return b.scatter(_reduction(reduction), x, _starts(b, index, axis), updates, [], every, every)


@lowers("ScatterND")
def scatter_nd(b: Scope, x: Value, index: Value, updates: Value, *, reduction="none") -> Value:
    written = list(range(index.shape[-1]))
    index = _rows_from_front(b, index, [x.shape[d] for d in written])
    windows = list(range(index.rank - 1, updates.rank))
    return b.scatter(_reduction(reduction), x, index, updates, windows, written, written)


@lowers("TensorScatter")
def tensor_scatter(b: Scope, past: Value, update: Value, where=None, *, axis=-2, mode="linear") -> Value:
    """Writes `update` along `axis`, from a place on that each sample of the batch has of its own."""
    axis = axis_of(axis, past.rank)
    positions = b.iota(update.type.with_element("i32"), axis)
    if where is not None:
        positions = b.add(positions, b.broadcast(b.convert(where, "i32"), positions.shape, [0]))
    if mode == "circular":
        positions = b.binary("remainder", positions, b.like(past.shape[axis], positions))
    every = list(range(past.rank))
    return b.scatter(None, past, _starts(b, positions, axis), update, [], every, every)


@lowers("OneHot")
def one_hot(b: Scope, index: Value, depth: Value, values: Value, *, axis=-1) -> Value:
    count = b.number(depth, "depth")
    axis = axis_of(axis, index.rank + 1)
    shape = (*index.shape[:axis], count, *index.shape[axis:])
    others = [d for d in range(len(shape)) if d != axis]
    index = b.broadcast(from_front(b, b.to_element(index, "i32"), count), shape, others)
    here = b.compare("EQ", b.iota(index.type, axis), index)
    off, on = (b.reshape(b.slice_dim(values, 0, place, place + 1), ()) for place in (0, 1))
    type = TensorType(shape, values.type.element)
    return b.select(here, b.to_type(on, type), b.to_type(off, type))


# ===--- Order and running sums ---------------------------------------------------------------------------------=== #


@lowers("TopK")
def top_k(b: Scope, x: Value, k: Value, *, axis=-1, largest=1, sorted=1) -> list[Value]:
    axis, count = axis_of(axis, x.rank), b.number(k, "k")
    found = b.sort(x, b.iota(x.type.with_element("i32"), axis), axis, bool(largest), stable=True)
    return [b.slice_dim(part, axis, 0, count) for part in found]


def _running(b: Scope, op: str, start: int, x: Value, axis: Value, exclusive: int, reverse: int) -> Value:
    """Windows that end at each element, as JAX writes running sums; in reverse, that begin there."""
    axis = axis_of(b.number(axis, "axis"), x.rank)
    size, first = x.shape[axis], b.scalar(start, x.type.element)
    if exclusive:
        low, high = [0] * x.rank, [0] * x.rank
        low[axis], high[axis] = (-1, 1) if reverse else (1, -1)
        x = b.pad(x, first, low, high)
    window, edges = [1] * x.rank, [(0, 0)] * x.rank
    window[axis], edges[axis] = size, (0, size - 1) if reverse else (size - 1, 0)
    return b.reduce_window(op, x, first, window, [1] * x.rank, edges)


@lowers("CumSum")
def cum_sum(b: Scope, x: Value, axis: Value, *, exclusive=0, reverse=0) -> Value:
    return _running(b, "add", 0, x, axis, exclusive, reverse)


@lowers("CumProd")
def cum_prod(b: Scope, x: Value, axis: Value, *, exclusive=0, reverse=0) -> Value:
    return _running(b, "multiply", 1, x, axis, exclusive, reverse)


@lowers("ReverseSequence")
def reverse_sequence(b: Scope, x: Value, lengths: Value, *, batch_axis=1, time_axis=0) -> Value:
    """The first `lengths` elements of each sample backwards, the rest as they are."""
    positions = b.iota(x.type.with_element("i32"), time_axis)
    lengths = b.broadcast(b.convert(lengths, "i32"), x.shape, [batch_axis])
    mirrored = b.sub(b.sub(lengths, b.like(1, lengths)), positions)
    index = b.select(b.compare("LT", positions, lengths), mirrored, positions)
    return gather_elements(b, x, index, axis=time_axis)


@lowers("Compress")
def compress(b: Scope, x: Value, condition: Value, *, axis=None) -> Value:
    chosen = b.known(condition)
    if chosen is None:
        raise FrontendError(
            "the size of its result depends on data; use Where, or multiply by a mask, instead of picking elements"
        )
    if axis is None:
        x, axis = b.reshape(x, (x.type.size,)), 0
    places = np.flatnonzero(chosen).astype(np.int32)
    return b.take(x, b.dense(places, element_of_array(places)), axis_of(axis, x.rank))
