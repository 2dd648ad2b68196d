# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that no input decides: computed by PyTorch once, and written as what they are.

Masks and positions are made by long chains of ops, of which only the result matters: a causal mask is a comparison of
two iotas. A value with such a pattern is written by it, whatever its size; others keep the ops that make them.
"""

from __future__ import annotations

import numpy as np
import torch

from .aten.scope import Scope, distinct, type_of
from .stablehlo import TensorType, Value


def write_pattern(b: Scope, tensor: torch.Tensor) -> Value | None:
    """`tensor` as a splat, an iota or a comparison of iotas, broadcast; None where it is none of these."""
    type = type_of(tensor)
    small, dimensions = distinct(tensor)
    if small.numel() == 1:
        value = small.reshape(()).item()
        return b.splat(b.checked(value, type.element), type)
    if type.is_float or small.dim() > 2:
        return None
    small_type = TensorType(tuple(small.shape), type.element)
    written = _write_steps(b, small, small_type) if small.dim() == 1 else _write_triangle(b, small, small_type)
    return None if written is None else b.broadcast(written, type.shape, dimensions)


def write_dense(b: Scope, tensor: torch.Tensor) -> Value:
    """`tensor` element by element, where it has no pattern."""
    written = write_pattern(b, tensor)
    if written is not None:
        return written
    if tensor.dtype in (torch.int64, torch.int16):
        for bound in (tensor.min(), tensor.max()):
            b.checked(int(bound), "i32")
    return b.dense(to_numpy(tensor), type_of(tensor).element)


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """A tensor's elements in the module's type: integers of 64 and 16 bits are int32."""
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype in (torch.int64, torch.int16):
        tensor = tensor.to(torch.int32)
    if tensor.dtype == torch.bfloat16:
        import ml_dtypes

        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


def _write_steps(b: Scope, line: torch.Tensor, type: TensorType) -> Value | None:
    if type.element == "i1":
        return None
    start, step = int(line[0]), int(line[1]) - int(line[0])
    if not torch.equal(line.to(torch.int64), start + step * torch.arange(len(line))):
        return None
    for value in (start, int(line[-1])):
        b.checked(value, type.element)
    positions = b.iota(type, 0)
    if step != 1:
        positions = b.mul(positions, b.splat(step, type))
    return positions if start == 0 else b.add(positions, b.splat(start, type))


def _write_triangle(b: Scope, table: torch.Tensor, type: TensorType) -> Value | None:
    """Elements on and below some diagonal are true, or those on and above one."""
    if type.element != "i1":
        return None
    rows, columns = table.shape
    offsets = torch.arange(columns)[None, :] - torch.arange(rows)[:, None]
    for direction, strict, compare, edge in (("GE", "GT", torch.le, torch.max), ("LE", "LT", torch.ge, torch.min)):
        diagonal = int(edge(offsets[table]))
        if not torch.equal(table, compare(offsets, diagonal)):
            continue
        positions = type.with_element("i32")
        row, column = b.iota(positions, 0), b.iota(positions, 1)
        if diagonal == (-1 if strict == "GT" else 1):
            return b.compare(strict, row, column)
        return b.compare(direction, b.add(row, b.splat(diagonal, positions)) if diagonal else row, column)
    return None
