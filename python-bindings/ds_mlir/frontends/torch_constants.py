# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Values that no input decides: computed by PyTorch once, and written as what they are.

Masks and positions are made by long chains of ops, of which only the result matters: a causal mask is a comparison of
two iotas. Others keep the ops that make them.
"""

from __future__ import annotations

import numpy as np
import torch

from . import constants
from .aten.scope import Scope, type_of
from .stablehlo import Value


def write_pattern(b: Scope, tensor: torch.Tensor) -> Value | None:
    """`tensor` as `constants.write_pattern` does; None where it has no pattern, or is a table of floats."""
    array = _wide(tensor)
    if tensor.is_floating_point() and constants.distinct(array)[0].size > 1:
        return None  # the ops that fill such a mask have the comparison already
    return constants.write_pattern(b, array, type_of(tensor).element)


def write_dense(b: Scope, tensor: torch.Tensor) -> Value:
    """`tensor` by its pattern, or element by element."""
    return constants.write_dense(b, _wide(tensor), type_of(tensor).element)


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    """A tensor's elements in the module's type: integers of 64 and 16 bits are int32."""
    return _wide(tensor.to(torch.int32) if tensor.dtype in (torch.int64, torch.int16) else tensor)


def _wide(tensor: torch.Tensor) -> np.ndarray:
    """A tensor's elements in its own type."""
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.bfloat16:
        import ml_dtypes

        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()
