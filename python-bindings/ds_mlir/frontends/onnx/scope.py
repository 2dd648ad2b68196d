# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a lowering of an ONNX op works with: the builder, what is known of operands, and conversions.

A lowering is a function `f(b, *inputs, **attributes)` under `@lowers("Add", ...)`. `b` is a `Scope`; inputs are
`Value`s in ONNX's order, None where one is left out; attributes are Python's numbers, strings, lists and numpy arrays
under their names in ONNX. It returns the first result's Value, or a list of results, None for one that is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
from onnx import TensorProto

from ..model import FrontendError
from ..operands import OperandBuilder
from ..stablehlo import TensorType, Value

# int64 is what ONNX indexes with; no tensor here has 2^31 rows, and i32 is half the memory.
ELEMENTS = {
    TensorProto.FLOAT: "f32",
    TensorProto.DOUBLE: "f64",
    TensorProto.BFLOAT16: "bf16",
    TensorProto.FLOAT16: "f16",
    TensorProto.INT64: "i32",
    TensorProto.INT32: "i32",
    TensorProto.INT16: "i32",
    TensorProto.UINT16: "i32",
    TensorProto.UINT32: "ui32",
    TensorProto.UINT64: "ui32",
    TensorProto.INT8: "i8",
    TensorProto.UINT8: "ui8",
    TensorProto.BOOL: "i1",
}
# Held in a wider type: `types.py` rounds to them.
NARROW = {
    TensorProto.INT4: "i8",
    TensorProto.INT2: "i8",
    TensorProto.UINT4: "ui8",
    TensorProto.UINT2: "ui8",
    TensorProto.FLOAT8E4M3FN: "f32",
    TensorProto.FLOAT8E4M3FNUZ: "f32",
    TensorProto.FLOAT8E5M2: "f32",
    TensorProto.FLOAT8E5M2FNUZ: "f32",
    TensorProto.FLOAT4E2M1: "f32",
}
ELEMENTS |= NARROW

LARGEST = 1 << 26  # elements of a constant; what is larger belongs among the parameters
MOST_STEPS = 4096  # of what is written out step by step

LOWERINGS: dict[str, Callable] = {}


def lowers(*names: str):
    """Registers a function as the lowering of ONNX ops."""

    def register(function: Callable) -> Callable:
        for name in names:
            assert name not in LOWERINGS, f"{name} has two lowerings"
            LOWERINGS[name] = function
        return function

    return register


def element_of(type: int) -> str:
    """The element type in the module of one of ONNX's."""
    if type not in ELEMENTS:
        names = {number: name for name, number in TensorProto.DataType.items()}
        name = names.get(type, str(type)).lower()
        raise FrontendError(f"tensors of {name} cannot be imported; cast to float or to integers before exporting")
    return ELEMENTS[type]


def element_of_array(array: np.ndarray) -> str:
    try:
        return element_of(onnx.helper.np_dtype_to_tensor_dtype(array.dtype))
    except (KeyError, ValueError):
        raise FrontendError(f"tensors of {array.dtype} cannot be imported; cast to float or to integers") from None


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front."""
    if not -rank <= axis < max(rank, 1):
        raise FrontendError(f"axis {axis} is not one of {rank} dimensions")
    return axis + rank if axis < 0 else axis


def written_out(count: int, what: str) -> int:
    """`count`, if it is not too large for a module that has a copy of the ops for each."""
    if count > MOST_STEPS:
        raise FrontendError(f"it has {count} {what}, each of which is written out; at most {MOST_STEPS} can be")
    return count


def refuse_large(size: float) -> None:
    if size > LARGEST:
        raise FrontendError(f"it makes a constant of {size:.3g} elements, but at most {LARGEST} can be in a module")


class Scope(OperandBuilder):
    """A builder while one ONNX op is lowered."""

    def __init__(self) -> None:
        super().__init__()
        self.opset = 0  # of the model
        self.outputs = 1  # how many outputs the node has
        self.narrow: dict[str, int] = {}  # name of a Value -> ONNX's type, if it is held in a wider one
        self.made_by: dict[str, tuple[str, list[Value]]] = {}  # name of a Value -> op and operands
        self.array_of: dict[str, np.ndarray] = {}  # name of a Value -> what it always is

    def known(self, x: Value | None) -> np.ndarray | None:
        """What `x` is if no input decides it."""
        return None if x is None else self.array_of.get(x.name)

    def numbers(self, x: Value | Sequence[int] | int | None, what: str) -> list[int] | None:
        """Integers that decide a shape: an attribute, or an input that must be known. None where there is none."""
        if x is None or isinstance(x, (list, tuple)):
            return None if x is None else [int(number) for number in x]
        if isinstance(x, int):
            return [x]
        array = self.known(x)
        if array is None:
            raise FrontendError(
                f"its input '{what}' depends on data, but shapes must be known at import; make it a constant, or name "
                "the graph's input that it comes from in constants="
            )
        return [int(number) for number in array.reshape(-1)]

    def number(self, x: Value | int | None, what: str, default: int | None = None) -> int | None:
        found = self.numbers(x, what)
        return default if not found else found[0]

    def axes(self, x: Value | Sequence[int] | None, rank: int) -> list[int] | None:
        """Axes counted from the front, in order."""
        found = self.numbers(x, "axes")
        return None if found is None else sorted({axis_of(axis, rank) for axis in found})

    def together(self, *operands: Value) -> list[Value]:
        """Operands of one element type, broadcast to one shape."""
        elements = {operand.type.element for operand in operands}
        if len(elements) != 1:
            raise FrontendError(f"its inputs have the types {', '.join(sorted(elements))}, but must have one")
        try:
            shape = np.broadcast_shapes(*(operand.shape for operand in operands))
        except ValueError:
            shapes = " and ".join(str(list(operand.shape)) for operand in operands)
            raise FrontendError(f"its inputs have the shapes {shapes}, which do not broadcast") from None
        return [self.to_type(operand, TensorType(tuple(shape), operand.type.element)) for operand in operands]

    def like(self, number: float, x: Value) -> Value:
        """A number beside each element of `x`."""
        return self.splat(number, x.type)
