# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A builder whose operands are converted as frameworks do it: types by rule, shapes by broadcasting from the right."""

from __future__ import annotations

from .model import FrontendError
from .stablehlo import TensorType, Value
from .stablehlo_structured import StructuredBuilder

INTEGER_BOUNDS = {"i32": (-(2**31), 2**31 - 1), "i8": (-128, 127), "ui8": (0, 255), "ui32": (0, 2**32 - 1)}


class OperandBuilder(StructuredBuilder):
    def to_type(self, x: Value | bool | float, type: TensorType) -> Value:
        """`x` converted to the elements of `type` and broadcast to its shape, as an operand in PyTorch and ONNX is."""
        if not isinstance(x, Value):
            return self.splat(self.checked(x, type.element), type)
        x = self.to_element(x, type.element)
        return self.broadcast(x, type.shape, range(type.rank - x.rank, type.rank))

    def to_element(self, x: Value, element: str) -> Value:
        """A float becomes an integer by truncation, and true when it is not zero."""
        if element == "i1" and x.type.element != "i1":
            return self.compare("NE", x, self.splat(0, x.type))
        return self.convert(x, element)

    def checked(self, value: bool | float, element: str) -> bool | int | float:
        """A constant of the user, if it has a place in an element."""
        low, high = INTEGER_BOUNDS.get(element, (None, None))
        if low is not None and not low <= value <= high:
            raise FrontendError(f"the constant {value} does not fit into {element}; integers are 32 bits wide here")
        return value
