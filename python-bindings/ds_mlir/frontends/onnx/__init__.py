# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lowerings of ONNX ops, a file per topic; importing this package fills the table."""

from . import activations, elementwise, layers, products, reductions, views  # noqa: F401
from .scope import LOWERINGS, Scope

__all__ = ["LOWERINGS", "Scope"]
