# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs StableHLO text by XLA, which is no part of ds-mlir: what a front end wrote is checked without our compiler."""

import re

import jax
import numpy as np
from jax._src.interpreters import mlir
from jax._src.lib import xla_client
from jax._src.lib.mlir import ir


def run(model, **inputs):
    """The loss of an imported model for arrays by name; parameters and buffers have their first values."""
    return run_all(model, **inputs)[0]


def run_all(model, **inputs):
    """All results: the loss and the new values of states."""
    arrays = {**model.values, **inputs}
    return run_text(model.text, [np.asarray(arrays[a.name]).astype(a.dtype).reshape(a.shape) for a in model.arguments])


def without_calls(text):
    """The text with what XLA does not know as what it computes: the gradient alone is concerned."""
    return re.sub(r"custom_call @ds\.stop_gradient\((%\w+)\) : \((\S+)\) -> \S+", r"optimization_barrier \1 : \2", text)


def run_text(text, arrays):
    text = without_calls(text)
    client = jax.devices("cpu")[0].client
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        assert module.operation.verify()
        devices = xla_client.DeviceList(tuple(jax.devices("cpu")[:1]))
        options = xla_client.CompileOptions()
        executable = client.compile_and_load(module, devices, options)
    with jax.enable_x64(True):
        results = executable.execute_sharded([jax.device_put(array) for array in arrays])
    return [np.asarray(result[0]) for result in results.disassemble_into_single_device_arrays()]
