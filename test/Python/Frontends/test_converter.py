# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch
# RUN: %pytest %s
"""`python3 -m ds_mlir.frontends` on files of torch.export.save, and on others."""

import os
import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")

import torch_models  # noqa: E402
from ds_mlir import frontends  # noqa: E402

PACKAGES = os.path.join(os.path.dirname(frontends.__file__), "..", "..")


def convert(*arguments):
    environment = {**os.environ, "PYTHONPATH": os.path.abspath(PACKAGES)}
    command = [sys.executable, "-W", "ignore", "-m", "ds_mlir.frontends", *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_program_becomes_a_folder(tmp_path):
    module, inputs = torch_models.make("mlp")
    module.head.bias.requires_grad_(False)
    torch.export.save(torch.export.export(module, (), inputs), tmp_path / "mlp.pt2")
    done = convert(tmp_path / "mlp.pt2", "-o", tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "parameter body.0.weight: float32 [13, 6]"
    assert lines[-3:] == [
        "parameter head.bias: float32 [3], not trained",
        "input x: float32 [4, 6]",
        "input targets: int32 [4]",
    ]
    assert sorted(os.listdir(tmp_path / "out")) == ["model.mlir", "parameters.safetensors", "signature.json"]


def test_errors_are_one_line(tmp_path):
    (tmp_path / "bad.pt2").write_bytes(b"PK\x03\x04 nothing of the kind")
    for file, reason in (
        ("none.pt2", "there is no such file"),
        ("bad.pt2", "not a program that torch.export.save wrote"),
    ):
        done = convert(tmp_path / file, "-o", tmp_path / "out")
        assert done.returncode == 1 and done.stdout == ""
        assert done.stderr.splitlines()[-1].startswith(f"ds_mlir.frontends: error: {tmp_path / file}: {reason}")
    assert convert(tmp_path / "bad.pt2").returncode == 2
