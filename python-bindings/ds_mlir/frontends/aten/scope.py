# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a lowering of an ATen op works with: the builder, the op's result types, conversions as PyTorch makes them.

A lowering is a function `f(b, *args, **kwargs)` under `@lowers("aten.add.Tensor", ...)`. `b` is a `Scope`; the
arguments are the op's, where tensors are `Value`s and everything else is Python's. It returns the result's Value, or a
list of them, in the types that `b.results` says; the caller checks that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from ..model import FrontendError
from ..operands import OperandBuilder
from ..stablehlo import TensorType, Value

# int64 is what PyTorch indexes with; no tensor here has 2^31 rows, and i32 is half the memory.
ELEMENTS = {
    torch.float32: "f32",
    torch.float64: "f64",
    torch.bfloat16: "bf16",
    torch.float16: "f16",
    torch.int64: "i32",
    torch.int32: "i32",
    torch.int16: "i32",
    torch.int8: "i8",
    torch.uint8: "ui8",
    torch.bool: "i1",
}
KINDS = {"i1": 0, "ui8": 1, "i8": 1, "i32": 1}  # bool < integers < floats

LOWERINGS: dict[str, Callable] = {}


def lowers(*names: str):
    """Registers a function as the lowering of ATen ops."""

    def register(function: Callable) -> Callable:
        for name in names:
            assert name not in LOWERINGS, f"{name} has two lowerings"
            LOWERINGS[name] = function
        return function

    return register


def element_of(dtype: torch.dtype) -> str:
    if dtype not in ELEMENTS:
        raise FrontendError(f"tensors of {dtype} cannot be imported; cast to torch.float32 or an integer type")
    return ELEMENTS[dtype]


def type_of(tensor: torch.Tensor) -> TensorType:
    """The type in the module of a tensor, which may be a fake one."""
    for size in tensor.shape:
        if not isinstance(size, int):
            raise FrontendError(
                f"a tensor has the size {size}, which depends on data; "
                "use torch.where or multiply by a mask instead of picking elements"
            )
    return TensorType(tuple(tensor.shape), element_of(tensor.dtype))


def wrap(dimension: int, rank: int) -> int:
    """A dimension counted from the front."""
    return dimension + max(rank, 1) if dimension < 0 else dimension


def wrap_all(dimensions: int | Sequence[int] | None, rank: int) -> list[int]:
    """Dimensions counted from the front; none, or an empty list, is all of them."""
    if isinstance(dimensions, int):
        dimensions = [dimensions]
    if not dimensions:
        return list(range(rank))
    return sorted(wrap(dimension, rank) for dimension in dimensions if rank)


class Scope(OperandBuilder):
    """A builder while one ATen op is lowered."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[TensorType] = []  # types of the op's results
        # What is known of a value at import: what it always is, and what it is before the first step.
        self.constant_of: Callable[[Value], torch.Tensor | None] = lambda value: None
        self.initial_of: Callable[[Value], torch.Tensor | None] = lambda value: None
        self.is_used_once: Callable[[Value], bool] = lambda value: False

    @property
    def result(self) -> TensorType:
        return self.results[0]

    def to_result(self, *operands: Value | bool | float) -> list[Value]:
        """Operands in the type and shape of the op's result."""
        return [self.to_type(operand, self.result) for operand in operands]

    def common(self, *operands: Value | bool | float) -> str:
        """The element type in which PyTorch compares operands."""
        found = "i1"
        for operand in sorted(operands, key=_rank_of_operand):
            element = operand.type.element if isinstance(operand, Value) else _element_of_scalar(operand, found)
            found = _wider(found, element)
        return found

    def broadcast_shape(self, *operands: Value | bool | float) -> tuple[int, ...]:
        shapes = [operand.shape for operand in operands if isinstance(operand, Value)]
        return tuple(torch.broadcast_shapes(*shapes))

    def together(self, *operands: Value | bool | float) -> list[Value]:
        """Operands in their common type and shape."""
        type = TensorType(self.broadcast_shape(*operands), self.common(*operands))
        return [self.to_type(operand, type) for operand in operands]


def _kind(element: str) -> int:
    return KINDS.get(element, 2)


def _rank_of_operand(operand: Value | bool | float) -> int:
    """Tensors decide before tensors without dimensions, and those before Python's numbers."""
    return 2 if not isinstance(operand, Value) else 1 if operand.rank == 0 else 0


def _element_of_scalar(value: bool | float, found: str) -> str:
    kind = 0 if isinstance(value, bool) else 1 if isinstance(value, int) else 2
    return found if kind <= _kind(found) else ("i1", "i32", "f32")[kind]


def _wider(a: str, b: str) -> str:
    if _kind(a) != _kind(b):
        return a if _kind(a) > _kind(b) else b
    order = ["i1", "i8", "ui8", "i32", "bf16", "f16", "f32", "f64"]
    return max(a, b, key=order.index)
