# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch, onnx, jax
# RUN: %pytest %s
"""Models through both exporters of PyTorch have its losses, run by XLA; what is trained; the command line."""

import importlib.util
import io
import os
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")
onnx = pytest.importorskip("onnx", reason="onnx is not installed; pip install onnx")
pytest.importorskip("jax", reason="jax runs the modules; pip install jax")

import stablehlo_run  # noqa: E402
import torch_models  # noqa: E402
from ds_mlir import frontends  # noqa: E402
from ds_mlir.frontends import from_onnx  # noqa: E402

NEW = pytest.param(
    True,
    marks=pytest.mark.skipif(
        importlib.util.find_spec("onnxscript") is None, reason="torch's new exporter needs it; pip install onnxscript"
    ),
)
PACKAGES = os.path.abspath(os.path.join(os.path.dirname(frontends.__file__), "..", ".."))


def exported(module, inputs, dynamo, **options):
    """The model's bytes; without optimization and folding, which merge parameters."""
    options |= dict(optimize=False) if dynamo else dict(do_constant_folding=False, opset_version=18)
    file = io.BytesIO()
    torch.onnx.export(
        module.eval(), (), file, kwargs=inputs, input_names=list(inputs), dynamo=dynamo, verbose=False, **options
    )
    return file.getvalue()


CLASSIC = ["gpt_masked_fill", "convnet", "lstm"]
CASES = [pytest.param(name, False, id=f"{name}-classic") for name in CLASSIC]
CASES += [
    pytest.param(name, *NEW.values, marks=NEW.marks) for name in [*CLASSIC, "mlp", "gpt", "gpt_additive_mask", "mixer"]
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name, dynamo", CASES)
def test_loss(name, dynamo):
    module, inputs = torch_models.make(name)
    outputs = module(**inputs)
    wanted = float(outputs[0] if isinstance(outputs, tuple) else outputs)
    model = from_onnx(exported(module, inputs, dynamo))
    found = float(stablehlo_run.run(model, **{key: value.numpy() for key, value in inputs.items()}))
    assert found == pytest.approx(wanted, rel=2e-5)
    if dynamo:  # the classic exporter parts what is tied, and leaves out what is not used
        trained = sum(np.prod(argument.shape) for argument in model.arguments if argument.trainable)
        assert trained == sum(parameter.numel() for parameter in module.parameters())


class Table(torch.nn.Module):
    """A weight, a buffer that is none, and a batch norm's statistics."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(3)
        self.linear = torch.nn.Linear(3, 2)
        self.register_buffer("angles", torch.arange(1.0, 4.0))

    def forward(self, x):
        return self.linear(self.norm(x) * self.angles)


def names(model, kind):
    return [argument.name for argument in model.arguments if argument.kind == kind]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [False, NEW], ids=["classic", "dynamo"])
def test_what_is_trained(dynamo):
    bytes = exported(Table(), dict(x=torch.randn(4, 3)), dynamo)
    weights = ["norm.weight", "norm.bias", "linear.weight", "linear.bias"]
    model = from_onnx(bytes, loss="mse")
    assert sorted(set(names(model, "parameter")) - {"angles"}) == sorted(weights)
    assert not dynamo or "angles" not in names(model, "parameter")  # the new exporter says that it is a buffer
    assert sorted(names(from_onnx(bytes, loss="mse", trainable="linear.*"), "parameter")) == sorted(weights[2:])
    assert names(model, "input") == ["x", "targets"]


@pytest.mark.filterwarnings("ignore")
def test_command_line(tmp_path):
    module = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))
    axes = dict(dynamic_axes={"input": {0: "batch"}})
    (tmp_path / "m.onnx").write_bytes(exported(module, dict(input=torch.randn(4, 3)), False, **axes))

    def convert(*arguments):
        command = [sys.executable, "-m", "ds_mlir.frontends", str(tmp_path / "m.onnx"), "-o", str(tmp_path / "out")]
        environment = {**os.environ, "PYTHONPATH": PACKAGES}
        return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)

    done = convert("--loss=cross_entropy", "--dim", "batch=6", "--train=2.*")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "parameter 2.weight: float32 [2, 5]",
        "parameter 2.bias: float32 [2]",
        "input input: float32 [6, 3]",
        "input targets: int32 [6]",
    ]
    assert sorted(os.listdir(tmp_path / "out")) == ["model.mlir", "parameters.safetensors", "signature.json"]
    done = convert("--loss=mse")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "ds_mlir.frontends: error: the input 'input' has the size batch in dimension 0, which is not fixed; pass "
        "dims={'batch': 4}, on the command line --dim batch=4, or an example in inputs=\n"
    )
    assert convert("--dim=batch").returncode == 2
