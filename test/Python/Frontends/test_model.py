# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# RUN: %pytest %s
"""What an imported model says about itself, and its files."""

import json

import numpy as np
import pytest
from ds_mlir.frontends import Argument, ImportedModel


def small_model():
    arguments = [
        Argument("w", "parameter", True, (2, 3), "float32", ("v",)),
        Argument("mean", "buffer", False, (3,), "float32"),
        Argument("x", "input", False, (4, 2), "float32"),
    ]
    values = {"w": np.arange(6, dtype=np.float32).reshape(3, 2).T, "mean": np.ones(3, np.float32)}
    return ImportedModel("module {\n}\n", arguments, values)


def test_signature_is_what_ds_opt_reads():
    assert small_model().signature() == {
        "arguments": [
            {"name": "w", "kind": "parameter", "trainable": True},
            {"name": "mean", "kind": "buffer", "trainable": False},
            {"name": "x", "kind": "input", "trainable": False},
        ]
    }


def test_save_writes_three_files(tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    model = small_model()
    model.save(tmp_path / "out")
    assert (tmp_path / "out" / "model.mlir").read_text() == model.text
    assert json.loads((tmp_path / "out" / "signature.json").read_text()) == model.signature()
    values = safetensors.load_file(tmp_path / "out" / "parameters.safetensors")
    assert values.keys() == model.values.keys()
    assert all(np.array_equal(values[name], model.values[name]) for name in values)
