# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The lowerings of core ATen, a file per topic; importing this package fills the table."""

from . import (  # noqa: F401
    convolution,
    elementwise,
    indexing,
    layers,
    pooling,
    products,
    recurrent,
    reductions,
    views,
)
from .scope import LOWERINGS, Scope, type_of

__all__ = ["LOWERINGS", "Scope", "type_of"]
