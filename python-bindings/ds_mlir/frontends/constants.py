# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that no input decides, written as what they are.

Masks and positions are made by long chains of ops, of which only the result matters: a causal mask is a comparison of
two iotas. A value with such a pattern is written by it, whatever its size.
"""

from __future__ import annotations

import operator

import numpy as np

from .operands import OperandBuilder
from .stablehlo import FLOATS, TensorType, Value


def distinct(array: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """The array without dimensions along which it does not change, and which dimensions are left."""
    kept = []
    for dimension in reversed(range(array.ndim)):
        first = array.take([0], dimension) if array.shape[dimension] else array
        if array.shape[dimension] and bool((array == first).all()):
            array = first.squeeze(dimension)
        else:
            kept.insert(0, dimension)
    return array, kept


def write_pattern(b: OperandBuilder, array: np.ndarray, element: str) -> Value | None:
    """`array` as a splat, an iota or a triangle of two values, broadcast; None where it is none of these."""
    type = TensorType(array.shape, element)
    if array.size == 0:
        return b.splat(0, type)
    small, dimensions = distinct(array)
    if small.size == 1:
        return b.splat(b.checked(small.reshape(-1)[0].item(), element), type)
    small_type = TensorType(small.shape, element)
    written = None
    if small.ndim == 1 and not type.is_float:
        written = _write_steps(b, small, small_type)
    if small.ndim == 2:
        written = _write_triangle(b, small, small_type)
    return None if written is None else b.broadcast(written, type.shape, dimensions)


def write_dense(b: OperandBuilder, array: np.ndarray, element: str) -> Value:
    """`array` by its pattern, or element by element."""
    written = write_pattern(b, array, element)
    return b.dense(narrowed(b, array, element), element) if written is None else written


def narrowed(b: OperandBuilder, array: np.ndarray, element: str) -> np.ndarray:
    """Elements in the module's type, if every integer has a place there."""
    held = {"i32": np.int32, "ui32": np.uint32, "i8": np.int8, "ui8": np.uint8, "f32": np.float32}.get(element)
    if held is None or array.dtype == held:
        return array
    if array.size and element not in FLOATS:
        for bound in (array.min(), array.max()):
            b.checked(int(bound), element)
    return array.astype(held)


def _write_steps(b: OperandBuilder, line: np.ndarray, type: TensorType) -> Value | None:
    if type.element == "i1":
        return None
    start, step = int(line[0]), int(line[1]) - int(line[0])
    if not np.array_equal(line.astype(np.int64), start + step * np.arange(len(line))):
        return None
    for value in (start, int(line[-1])):
        b.checked(value, type.element)
    positions = b.iota(type, 0)
    if step != 1:
        positions = b.mul(positions, b.splat(step, type))
    return positions if start == 0 else b.add(positions, b.splat(start, type))


def _write_triangle(b: OperandBuilder, table: np.ndarray, type: TensorType) -> Value | None:
    """One value on and below some diagonal and another above it, or the other way round."""
    if type.element != "i1":
        lower, upper = table[-1, 0], table[0, -1]
        inside = table == lower
        if lower == upper or not bool((inside | (table == upper)).all()):
            return None
        mask = _write_triangle(b, inside, type.with_element("i1"))
        if mask is None:
            return None
        return b.select(mask, *(b.splat(b.checked(v.item(), type.element), type) for v in (lower, upper)))
    rows, columns = table.shape
    offsets = np.arange(columns)[None, :] - np.arange(rows)[:, None]
    for direction, strict, compare, edge in (("GE", "GT", operator.le, max), ("LE", "LT", operator.ge, min)):
        diagonal = int(edge(offsets[table]))
        if not np.array_equal(table, compare(offsets, diagonal)):
            continue
        positions = type.with_element("i32")
        row, column = b.iota(positions, 0), b.iota(positions, 1)
        if diagonal == (-1 if strict == "GT" else 1):
            return b.compare(strict, row, column)
        return b.compare(direction, b.add(row, b.splat(diagonal, positions)) if diagonal else row, column)
    return None
