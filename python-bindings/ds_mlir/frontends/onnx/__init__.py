# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lowerings of ONNX ops, a file per topic; importing this package fills the table."""

from . import activations, attention, convolution, elementwise, indexing  # noqa: F401
from . import layers, products, recurrent, reductions, types, views  # noqa: F401
from .scope import LOWERINGS, Scope

__all__ = ["LOWERINGS", "Scope"]
