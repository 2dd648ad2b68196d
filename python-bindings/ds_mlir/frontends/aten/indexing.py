# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen ops that read or write at places that data decides: gather, scatter, index, sort, top-k.

PyTorch's kernels refuse an index out of range; here nothing does: a read is clamped, a write is dropped. Negative
indices count from the end where PyTorch says so, which is `index` and `index_put` alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .scope import Scope, lowers, wrap

# ===--- One dimension ------------------------------------------------------------------------------------------=== #


@lowers("aten.index_select.default")
def index_select(b: Scope, x: Value, dim: int, index: Value) -> Value:
    return b.take(x, b.to_element(b.reshape(index, (index.type.size,)), "i32"), wrap(dim, x.rank))


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
        for _, index in found:
            if index.type.element in ("i1", "ui8"):
                raise FrontendError(
                    "indexing with a mask gives a shape that depends on data; use torch.where, or multiply by the mask"
                )
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


@lowers("aten.index.Tensor", "aten._unsafe_index.Tensor")
def index(b: Scope, x: Value, indices: Sequence[Value | None]) -> Value:
    places = _Places(b, x, indices)
    sizes = [1 if d in places.dimensions else size for d, size in enumerate(x.shape)]
    offsets = places.windows(b.result.rank)
    return b.gather(x, places.starts, offsets, places.dimensions, places.dimensions, sizes)


@lowers("aten.index_put.default", "aten._unsafe_index_put.default")
def index_put(b: Scope, x: Value, indices: Sequence[Value | None], values: Value, accumulate: bool = False) -> Value:
    places = _Places(b, x, indices)
    kept = [size for d, size in enumerate(x.shape) if d not in places.dimensions]
    shape = (*kept[: places.first], *places.shape, *kept[places.first :])
    windows = places.windows(len(shape))
    updates = b.to_type(values, x.type.with_shape(shape))
    op = "add" if accumulate else None
    return b.scatter(op, x, places.starts, updates, windows, places.dimensions, places.dimensions)


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


@lowers("aten.nonzero.default", "aten.masked_select.default", "aten._unique2.default", "aten.unique_dim.default")
@lowers("aten.bincount.default", "aten.nonzero_static.default")
def data_dependent(b: Scope, *_, **__) -> Value:
    raise FrontendError("its result's shape depends on data; use torch.where, or multiply by a mask")
