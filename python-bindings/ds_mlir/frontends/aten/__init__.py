# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lowerings of core ATen, a file per topic; importing this package fills the table."""

from . import convolution, elementwise, indexing, layers, products, recurrent, reductions, views  # noqa: F401
from .scope import LOWERINGS, Scope, type_of

__all__ = ["LOWERINGS", "Scope", "type_of"]
