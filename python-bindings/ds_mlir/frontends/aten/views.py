# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen ops that make tensors and that move elements to places known beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from ..stablehlo import Value
from .scope import Scope, lowers, wrap

# ===--- New tensors --------------------------------------------------------------------------------------------=== #


@lowers("aten.full.default", "aten.full_like.default")
def full(b: Scope, _, value: float, **__) -> Value:
    return b.splat(b.checked(value, b.result.element), b.result)


@lowers("aten.new_full.default")
def new_full(b: Scope, _, __, value: float, **___) -> Value:
    return b.splat(b.checked(value, b.result.element), b.result)


@lowers("aten.scalar_tensor.default")
def scalar_tensor(b: Scope, value: float, **_) -> Value:
    return b.splat(b.checked(value, b.result.element), b.result)


@lowers("aten.zeros.default", "aten.zeros_like.default", "aten.new_zeros.default")
@lowers("aten.empty.memory_format", "aten.empty_like.default", "aten.new_empty.default", "aten.empty_permuted.default")
def zeros(b: Scope, *_, **__) -> Value:
    return b.splat(0, b.result)


@lowers("aten.ones.default", "aten.ones_like.default", "aten.new_ones.default")
def ones(b: Scope, *_, **__) -> Value:
    return b.splat(1, b.result)


@lowers("aten.arange.start_step")
def arange(b: Scope, start: float, end: float, step: float = 1, **_) -> Value:
    positions = b.iota(b.result, 0)
    if step != 1:
        positions = b.mul(positions, b.splat(step, b.result))
    return positions if start == 0 else b.add(positions, b.splat(start, b.result))


@lowers("aten.eye.default", "aten.eye.m")
def eye(b: Scope, *_, **__) -> Value:
    rows, columns = (b.iota(b.result.with_element("i32"), dimension) for dimension in (0, 1))
    return b.convert(b.compare("EQ", rows, columns), b.result.element)


# ===--- Shapes -------------------------------------------------------------------------------------------------=== #


@lowers("aten.view.default", "aten.reshape.default", "aten._unsafe_view.default", "aten.unsqueeze.default")
@lowers("aten.squeeze.default", "aten.squeeze.dim", "aten.squeeze.dims", "aten.flatten.using_ints")
@lowers("aten.unflatten.int")
def reshape(b: Scope, x: Value, *_, **__) -> Value:
    return b.reshape(x, b.result.shape)


@lowers("aten.permute.default")
def permute(b: Scope, x: Value, dims: Sequence[int]) -> Value:
    return b.transpose(x, [wrap(dim, x.rank) for dim in dims])


@lowers("aten.transpose.int")
def transpose(b: Scope, x: Value, dim0: int, dim1: int) -> Value:
    if x.rank == 0:
        return x
    order = list(range(x.rank))
    dim0, dim1 = wrap(dim0, x.rank), wrap(dim1, x.rank)
    order[dim0], order[dim1] = order[dim1], order[dim0]
    return b.transpose(x, order)


@lowers("aten.t.default", "aten.numpy_T.default")
def t(b: Scope, x: Value) -> Value:
    return b.transpose(x, list(reversed(range(x.rank))))


@lowers("aten.expand.default")
def expand(b: Scope, x: Value, *_, **__) -> Value:
    return b.to_type(x, b.result)


@lowers("aten.copy.default")
def copy(b: Scope, _, source: Value, *__, **___) -> Value:
    return b.to_type(source, b.result)


@lowers("aten.repeat.default")
def repeat(b: Scope, x: Value, repeats: Sequence[int]) -> Value:
    """Each dimension becomes (repeats, size): first a broadcast, then a reshape."""
    x = b.reshape(x, (1,) * (len(repeats) - x.rank) + x.shape)
    pairs = [size for pair in zip(repeats, x.shape, strict=True) for size in pair]
    return b.reshape(b.broadcast(x, pairs, range(1, 2 * x.rank, 2)), b.result.shape)


# ===--- Parts --------------------------------------------------------------------------------------------------=== #


def bounds(start: int | None, end: int | None, size: int) -> tuple[int, int]:
    """Python's bounds of a slice, as numbers from 0 to `size`."""
    start, end, _ = slice(start, end).indices(size)
    return start, max(start, end)


@lowers("aten.slice.Tensor")
def slice_tensor(b: Scope, x: Value, dim: int = 0, start=None, end=None, step: int = 1) -> Value:
    dim = wrap(dim, x.rank)
    return b.slice_dim(x, dim, *bounds(start, end, x.shape[dim]), step)


@lowers("aten.narrow.default")
def narrow(b: Scope, x: Value, dim: int, start: int, length: int) -> Value:
    return b.slice_dim(x, wrap(dim, x.rank), start, start + length)


@lowers("aten.select.int")
def select(b: Scope, x: Value, dim: int, index: int) -> Value:
    dim = wrap(dim, x.rank)
    index = wrap(index, x.shape[dim])
    return b.reshape(b.slice_dim(x, dim, index, index + 1), b.result.shape)


@lowers("aten.split.Tensor", "aten.split_with_sizes.default", "aten.chunk.default")
def split(b: Scope, x: Value, _, dim: int = 0) -> list[Value]:
    dim, start, parts = wrap(dim, x.rank), 0, []
    for part in b.results:
        parts.append(b.slice_dim(x, dim, start, start + part.shape[dim]))
        start += part.shape[dim]
    return parts


@lowers("aten.unbind.int")
def unbind(b: Scope, x: Value, dim: int = 0) -> list[Value]:
    return [select(b, x, dim, index) for index in range(len(b.results))]


@lowers("aten.slice_scatter.default")
def slice_scatter(b: Scope, x: Value, part: Value, dim: int = 0, start=None, end=None, step: int = 1) -> Value:
    """`part` spread over a tensor of x's shape where a mask is true, `x` elsewhere."""
    dim = wrap(dim, x.rank)
    size = x.shape[dim]
    start, end = bounds(start, end, size)
    low, high, interior = [0] * x.rank, [0] * x.rank, [0] * x.rank
    low[dim], interior[dim] = start, step - 1
    high[dim] = size - start - ((part.shape[dim] - 1) * step + 1) if part.shape[dim] else size
    spread = b.pad(b.to_element(part, x.type.element), b.scalar(0, x.type.element), low, high, interior)
    if part.shape == x.shape:
        return spread
    mask = b.pad(b.splat(True, part.type.with_element("i1")), b.scalar(False, "i1"), low, high, interior)
    return b.select(mask, spread, x)


@lowers("aten.select_scatter.default")
def select_scatter(b: Scope, x: Value, part: Value, dim: int, index: int) -> Value:
    dim = wrap(dim, x.rank)
    index = wrap(index, x.shape[dim])
    shape = [1 if d == dim else size for d, size in enumerate(x.shape)]
    return slice_scatter(b, x, b.reshape(part, shape), dim, index, index + 1)


@lowers("aten.diagonal.default", "aten.diagonal_copy.default")
def diagonal(b: Scope, x: Value, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Value:
    """The two dimensions flattened, cut to begin at the diagonal, and every (columns + 1)-th element of that."""
    dim1, dim2 = wrap(dim1, x.rank), wrap(dim2, x.rank)
    others = [d for d in range(x.rank) if d not in (dim1, dim2)]
    x = b.transpose(x, others + [dim1, dim2])
    rows, columns = x.shape[-2:]
    length = b.result.shape[-1]
    flat = b.reshape(x, (*x.shape[:-2], rows * columns))
    start = offset if offset >= 0 else -offset * columns
    stop = start + (length - 1) * (columns + 1) + 1 if length else start
    return b.slice_dim(flat, flat.rank - 1, start, stop, columns + 1)


# ===--- Whole tensors ------------------------------------------------------------------------------------------=== #


@lowers("aten.cat.default")
def cat(b: Scope, tensors: Sequence[Value], dim: int = 0) -> Value:
    """Leaves out tensors of shape (0,), as PyTorch does, and converts to the common type."""
    tensors = [b.to_element(x, b.result.element) for x in tensors if x.shape != (0,) or b.result.rank == 1]
    return b.concatenate(tensors, wrap(dim, b.result.rank))


@lowers("aten.stack.default")
def stack(b: Scope, tensors: Sequence[Value], dim: int = 0) -> Value:
    dim = wrap(dim, b.result.rank)
    shape = [1 if d == dim else size for d, size in enumerate(b.result.shape)]
    return b.concatenate([b.reshape(b.to_element(x, b.result.element), shape) for x in tensors], dim)


@lowers("aten.flip.default")
def flip(b: Scope, x: Value, dims: Sequence[int]) -> Value:
    return b.reverse(x, sorted(wrap(dim, x.rank) for dim in dims)) if dims else x


@lowers("aten.roll.default")
def roll(b: Scope, x: Value, shifts: Sequence[int] | int, dims: Sequence[int] | int = ()) -> Value:
    shape = x.shape
    shifts, dims = ([v] if isinstance(v, int) else list(v) for v in (shifts, dims))
    if not dims:
        x, dims = b.reshape(x, [x.type.size]), [0]
    for shift, dim in zip(shifts, (wrap(d, x.rank) for d in dims), strict=True):
        size = x.shape[dim]
        cut = (size - shift) % size if size else 0
        if cut:
            x = b.concatenate([b.slice_dim(x, dim, cut, size), b.slice_dim(x, dim, 0, cut)], dim)
    return b.reshape(x, shape)


@lowers("aten.constant_pad_nd.default")
def constant_pad(b: Scope, x: Value, pad: Sequence[int], value: float = 0) -> Value:
    """`pad` has (low, high) of the last dimension, then of the one before, and so on."""
    low, high = [0] * x.rank, [0] * x.rank
    for place in range(len(pad) // 2):
        low[-1 - place], high[-1 - place] = pad[2 * place], pad[2 * place + 1]
    return b.pad(x, b.scalar(b.checked(value, x.type.element), x.type.element), low, high)


def _triangle(b: Scope, x: Value, diagonal: int, direction: str) -> Value:
    """Keeps elements whose (column - row) is on one side of the diagonal."""
    positions = x.type.with_element("i32")
    rows, columns = (b.iota(positions, x.rank - place) for place in (2, 1))
    kept = b.compare(direction, b.add(rows, b.splat(diagonal, positions)) if diagonal else rows, columns)
    return b.select(kept, x, b.splat(0, x.type))


@lowers("aten.tril.default")
def tril(b: Scope, x: Value, diagonal: int = 0) -> Value:
    return _triangle(b, x, diagonal, "GE")


@lowers("aten.triu.default")
def triu(b: Scope, x: Value, diagonal: int = 0) -> Value:
    return _triangle(b, x, diagonal, "LE")
