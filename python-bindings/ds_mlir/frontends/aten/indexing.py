# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen ops that read or write at places that data decides: gather, scatter, index, sort, top-k.

PyTorch's kernels refuse an index out of range; here nothing does: a read is clamped, a write is dropped. Negative
indices count from the end where PyTorch says so, which is `index` and `index_put` alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ..constants import distinct
from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .scope import Scope, lowers, wrap

# ===--- One dimension ------------------------------------------------------------------------------------------=== #


def steps_of(b: Scope, index: Value) -> tuple[int, int, int | None] | None:
    """For an index known at import that counts up by one: its first and last number, and along which of its dimensions.

    No dimension where it is the same everywhere; None where it is not known, or has no such order.
    """
    known = b.constant_of(index)
    if known is None or known.numel() == 0:
        return None
    line, dimensions = distinct(known.numpy())
    if len(dimensions) > 1:
        return None
    first, length = int(line.reshape(-1)[0]), line.size
    if first < 0 or not np.array_equal(line.reshape(-1), first + np.arange(length)):
        return None
    return first, first + length - 1, dimensions[0] if dimensions else None


def take(b: Scope, x: Value, index: Value, dim: int) -> Value:
    """x[.., index, ..]; where positions count up, as those of a table of positions do, a slice."""
    steps = steps_of(b, index)
    if steps is None or steps[1] >= x.shape[dim]:
        return b.take(x, index, dim)
    first, last, along = steps
    part = b.slice_dim(x, dim, first, last + 1)
    shape = (*x.shape[:dim], *index.shape, *x.shape[dim + 1 :])
    places = [d if d < dim else d - 1 + index.rank for d in range(x.rank)]
    if along is None:
        part = b.reshape(part, [size for d, size in enumerate(part.shape) if d != dim])
        places.pop(dim)
    else:
        places[dim] = dim + along
    return b.broadcast(part, shape, places)


@lowers("aten.index_select.default")
def index_select(b: Scope, x: Value, dim: int, index: Value) -> Value:
    return take(b, x, index if index.rank else b.reshape(index, (1,)), wrap(dim, x.rank))


def _starts(b: Scope, index: Value, dim: int) -> Value:
    """Each element's whole place, in a last dimension that is added: its own position, but what it says along `dim`."""
    places = []
    for d in range(index.rank):
        place = index if d == dim else b.iota(index.type, d)
        places.append(b.reshape(place, (*index.shape, 1)))
    return b.concatenate(places, index.rank)


@lowers("aten.gather.default")
def gather(b: Scope, x: Value, dim: int, index: Value, sparse_grad: bool = False) -> Value:
    if x.rank == 0:
        return x
    dim = wrap(dim, x.rank)
    others = [d for d in range(x.rank) if d != dim]
    if all(x.shape[d] == index.shape[d] for d in others):  # batches, as jnp.take_along_axis writes it
        starts = b.reshape(index, (*index.shape, 1))
        return b.gather(x, starts, [], [dim], [dim], [1] * x.rank, (others, others))
    every = list(range(x.rank))
    return b.gather(x, _starts(b, index, dim), [], every, every, [1] * x.rank)


def _scatter(b: Scope, op: str | None, x: Value, dim: int, index: Value, updates: Value) -> Value:
    """Puts updates, in the shape of `index`, along `dim`."""
    dim = wrap(dim, x.rank)
    updates = b.slice(updates, [0] * updates.rank, index.shape, [1] * updates.rank)
    updates = b.to_element(updates, x.type.element)
    every = list(range(x.rank))
    return b.scatter(op, x, _starts(b, index, dim), updates, [], every, every)


@lowers("aten.scatter.src")
def scatter_src(b: Scope, x: Value, dim: int, index: Value, src: Value) -> Value:
    return _scatter(b, None, x, dim, index, src)


@lowers("aten.scatter.value")
def scatter_value(b: Scope, x: Value, dim: int, index: Value, value: float) -> Value:
    return _scatter(b, None, x, dim, index, b.splat(value, x.type.with_shape(index.shape)))


@lowers("aten.scatter_add.default")
def scatter_add(b: Scope, x: Value, dim: int, index: Value, src: Value) -> Value:
    return _scatter(b, "add", x, dim, index, src)


@lowers("aten.scatter_reduce.two")
def scatter_reduce(
    b: Scope, x: Value, dim: int, index: Value, src: Value, reduce: str, include_self: bool = True
) -> Value:
    ops = {"sum": "add", "prod": "multiply", "amax": "maximum", "amin": "minimum"}
    if reduce not in ops or not include_self:
        raise FrontendError(
            f"scatter_reduce with reduce='{reduce}', include_self={include_self} cannot be imported; "
            f"{', '.join(ops)} with include_self=True can"
        )
    return _scatter(b, ops[reduce], x, dim, index, src)


@lowers("aten.index_add.default")
def index_add(b: Scope, x: Value, dim: int, index: Value, source: Value, alpha: float = 1) -> Value:
    dim = wrap(dim, x.rank)
    source = source if alpha == 1 else b.mul(source, b.splat(alpha, source.type))
    window = [d for d in range(x.rank) if d != dim]
    return b.scatter("add", x, b.reshape(index, (index.type.size, 1)), source, window, [dim], [dim])


# ===--- index and index_put ------------------------------------------------------------------------------------=== #


class _Places:
    """Where `index` reads: the indexed dimensions, and their starts with a last dimension of one number for each."""

    def __init__(self, b: Scope, x: Value, indices: Sequence[Value | None]) -> None:
        found = [(d, index) for d, index in enumerate(indices) if index is not None]
        self.dimensions = [d for d, _ in found]
        self.shape = tuple(torch.broadcast_shapes(*(index.shape for _, index in found)))
        # PyTorch puts the indices' dimensions first where the indexed ones are not neighbours.
        together = self.dimensions == list(range(self.dimensions[0], self.dimensions[-1] + 1))
        self.first = self.dimensions[0] if together else 0
        type = TensorType(self.shape, "i32")
        parts = [_from_front(b, b.to_type(index, type), x.shape[d]) for d, index in found]
        self.starts = b.concatenate([b.reshape(part, (*self.shape, 1)) for part in parts], len(self.shape))

    def windows(self, rank: int) -> list[int]:
        """Dimensions of the result that are not those of the indices."""
        return [d for d in range(rank) if not self.first <= d < self.first + len(self.shape)]


def _from_front(b: Scope, index: Value, size: int) -> Value:
    known = b.constant_of(index)
    if known is not None and (known.numel() == 0 or int(known.min()) >= 0):
        return index
    below = b.compare("LT", index, b.splat(0, index.type))
    return b.select(below, b.add(index, b.splat(size, index.type)), index)


def _as_broadcast(b: Scope, x: Value, indices: Sequence[Value | None]) -> Value | None:
    """x[i, j], where each index counts up along a dimension of its own: how transformers spread a mask."""
    shape, sources = b.result.shape, {}
    for d in range(x.rank):
        index = indices[d] if d < len(indices) else None
        steps = None if index is None else steps_of(b, index)
        if steps is None or steps[2] is None or steps[1] >= x.shape[d]:
            return None
        target = steps[2] + len(shape) - index.rank
        if target in sources:
            return None
        sources[target] = (d, steps[0], steps[1] + 1)
    targets = sorted(sources)
    for d, first, end in sources.values():
        x = b.slice_dim(x, d, first, end)
    return b.broadcast(b.transpose(x, [sources[target][0] for target in targets]), shape, targets)


@lowers("aten.index.Tensor", "aten._unsafe_index.Tensor")
def index(b: Scope, x: Value, indices: Sequence[Value | None]) -> Value:
    spread = _as_broadcast(b, x, indices)
    if spread is not None:
        return spread
    places = _Places(b, x, indices)
    sizes = [1 if d in places.dimensions else size for d, size in enumerate(x.shape)]
    offsets = places.windows(b.result.rank)
    return b.gather(x, places.starts, offsets, places.dimensions, places.dimensions, sizes)


@lowers("aten.index_put.default", "aten._unsafe_index_put.default")
def index_put(b: Scope, x: Value, indices: Sequence[Value | None], values: Value, accumulate: bool = False) -> Value:
    if any(index is not None and index.type.element == "i1" for index in indices):
        return _put_under_mask(b, x, indices, values, accumulate)
    places = _Places(b, x, indices)
    kept = [size for d, size in enumerate(x.shape) if d not in places.dimensions]
    shape = (*kept[: places.first], *places.shape, *kept[places.first :])
    windows = places.windows(len(shape))
    updates = b.to_type(values, x.type.with_shape(shape))
    op = "add" if accumulate else None
    return b.scatter(op, x, places.starts, updates, windows, places.dimensions, places.dimensions)


def _put_under_mask(b: Scope, x: Value, indices: Sequence[Value | None], values: Value, accumulate: bool) -> Value:
    """x[mask] = value: a choice."""
    if len(indices) > 1 or accumulate or values.type.size != 1:
        raise FrontendError(
            "a mask beside other indices, or with more values than one, cannot be imported; use torch.where"
        )
    mask = b.broadcast(indices[0], x.shape, range(indices[0].rank))
    return b.select(mask, b.to_type(b.reshape(values, ()), x.type), x)


@lowers("aten.tril_indices.default")
def tril_indices(b: Scope, rows: int, columns: int, offset: int = 0, **_) -> Value:
    return b.dense(torch.tril_indices(rows, columns, offset, dtype=torch.int32).numpy(), "i32")


@lowers("aten.triu_indices.default")
def triu_indices(b: Scope, rows: int, columns: int, offset: int = 0, **_) -> Value:
    return b.dense(torch.triu_indices(rows, columns, offset, dtype=torch.int32).numpy(), "i32")


# ===--- Order --------------------------------------------------------------------------------------------------=== #


@lowers("aten.sort.default", "aten.sort.stable")
def sort(b: Scope, x: Value, *args, stable: bool = True, dim: int = -1, descending: bool = False) -> list[Value]:
    if args:
        dim, descending = (*args, descending)[:2]
    if x.rank == 0:
        return [x, b.scalar(0, "i32")]
    dim = wrap(dim, x.rank)
    return list(b.sort(x, b.iota(x.type.with_element("i32"), dim), dim, descending, stable=True))


@lowers("aten.topk.default")
def topk(b: Scope, x: Value, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> list[Value]:
    dim = wrap(dim, x.rank)
    values, positions = b.sort(x, b.iota(x.type.with_element("i32"), dim), dim, largest, stable=True)
    return [b.slice_dim(value, dim, 0, k) for value in (values, positions)]
