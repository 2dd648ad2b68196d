# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Front ends: models of other frameworks as StableHLO modules. Each framework is imported when it is first needed."""

from .model import Argument, FrontendError, ImportedModel

__all__ = ["Argument", "FrontendError", "ImportedModel", "from_jax", "from_onnx", "from_torch"]


def from_torch(module, example_inputs=(), *, loss=None) -> ImportedModel:
    """Imports a PyTorch module or exported program; see `frontends.torch_export.from_torch`."""
    from . import torch_export

    return torch_export.from_torch(module, example_inputs, loss=loss)


def from_jax(function, params, *example_inputs, has_aux=False, state=None) -> ImportedModel:
    """Imports a JAX function of parameters and inputs; see `frontends.jax_export.from_jax`."""
    from . import jax_export

    return jax_export.from_jax(function, params, *example_inputs, has_aux=has_aux, state=state)


def from_onnx(model, inputs=None, loss=None, *, dims=None, trainable=None, constants=None) -> ImportedModel:
    """Imports an ONNX model; see `frontends.onnx_import.from_onnx`."""
    from . import onnx_import

    return onnx_import.from_onnx(model, inputs, loss, dims=dims, trainable=trainable, constants=constants)
