# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch, jax
# RUN: %pytest %s
"""Whole models from PyTorch: their losses, run by XLA, and what the modules say besides."""

import re

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")
pytest.importorskip("jax", reason="jax runs the modules; pip install jax")

import stablehlo_run  # noqa: E402
import torch_models  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


def loss_of(module, inputs):
    with torch.no_grad():
        outputs = module(**inputs)
    return float(outputs if isinstance(outputs, torch.Tensor) else outputs[0])


@pytest.mark.parametrize("name", torch_models.MODELS)
def test_loss_is_that_of_pytorch(name):
    if name.startswith("hf_"):
        pytest.importorskip("transformers", reason="transformers is not installed; pip install transformers")
    module, inputs = torch_models.make(name)
    model = from_torch(module, inputs)
    assert [argument.name for argument in model.inputs()] == list(inputs)
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(loss_of(module, inputs), rel=3e-6)


# ===--- Arguments ----------------------------------------------------------------------------------------------=== #


def test_tied_parameter_is_one_argument_with_all_names():
    model = from_torch(*torch_models.make("gpt"))
    assert {a.name: a.aliases for a in model.arguments if a.aliases} == {"wte.weight": ("lm_head.weight",)}
    attributes = 'ds.name = "wte.weight", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["lm_head.weight"]'
    assert attributes in model.text


class WithBuffers(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3))
        self.frozen = nn.Parameter(torch.randn(3), requires_grad=False)
        self.register_buffer("scale", torch.tensor([1.0, 2.0, 3.0]))
        self.register_buffer("table", torch.tensor([0.5, 0.25, 4.0]), persistent=False)
        self.register_buffer("order", torch.tensor([2, 0, 1]))

    def forward(self, x):
        return ((self.w * self.scale + self.frozen + self.table)[self.order] * x).sum()


def test_buffers_are_arguments_where_a_checkpoint_has_them():
    module, x = WithBuffers(), torch.randn(3)
    model = from_torch(module, (x,))
    assert [(a.name, a.kind, a.trainable, a.dtype) for a in model.arguments] == [
        ("w", "parameter", True, "float32"),
        ("frozen", "parameter", False, "float32"),
        ("scale", "buffer", False, "float32"),
        ("order", "buffer", False, "int32"),
        ("x", "input", False, "float32"),
    ]
    assert list(model.values) == ["w", "frozen", "scale", "order"]
    assert "dense<[0.5, 0.25, 4.0]>" in model.text
    assert float(stablehlo_run.run(model, x=x)) == pytest.approx(loss_of(module, dict(x=x)), rel=3e-6)


def test_other_losses_and_their_inputs():
    body, x, y = nn.Linear(3, 4), torch.randn(2, 3), torch.tensor([0, 3])
    model = from_torch(body, (x, y), loss="cross_entropy")
    assert [argument.name for argument in model.arguments] == ["weight", "bias", "input", "targets"]
    assert float(stablehlo_run.run(model, input=x, targets=y)) == pytest.approx(float(F.cross_entropy(body(x), y)))
    target, weight = torch.randn(2, 4), torch.rand(2, 1)
    inputs = dict(weight_of=weight, input=x, wanted=target)
    model = from_torch(body, inputs, loss=lambda out, wanted, weight_of: ((out - wanted) ** 2 * weight_of).sum())
    assert [argument.name for argument in model.inputs()] == ["input", "wanted", "weight_of"]
    expected = float(((body(x) - target) ** 2 * weight).sum())
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(expected, rel=3e-6)


def test_exported_program_with_and_without_a_loss():
    module, inputs = torch_models.make("mlp")
    program = torch.export.export(module, (), inputs)
    model = from_torch(program)
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(loss_of(module, inputs), rel=3e-6)
    body, x, y = nn.Linear(3, 4), torch.randn(2, 3), torch.randn(2, 4)
    model = from_torch(torch.export.export(body, (x,)), (x, y), loss="mse")
    assert [argument.name for argument in model.arguments] == ["weight", "bias", "input", "targets"]
    assert float(stablehlo_run.run(model, input=x, targets=y)) == pytest.approx(float(F.mse_loss(body(x), y)))


# ===--- Text ---------------------------------------------------------------------------------------------------=== #


@pytest.mark.parametrize("spelling, comparison", [("fused", "GE"), ("masked_fill", "LT"), ("additive", "LT")])
def test_causal_mask_is_a_comparison_of_positions(spelling, comparison):
    """However the mask is made, its elements are not in the text."""
    text = from_torch(*torch_models.gpt(spelling)).text
    assert "dense<[" not in text and 'dense<"' not in text
    assert text.count(f"compare {comparison}") == 2


def test_table_of_positions_is_a_slice():
    text = from_torch(*torch_models.make("gpt")).text
    assert text.count('"stablehlo.gather"') == 1
    assert "stablehlo.slice" in text and "[0:8, 0:16]" not in text  # the whole table: not even a slice


def test_locations_are_the_line_and_the_module():
    text = from_torch(*torch_models.make("gpt")).text
    assert re.search(r'loc\("h\.1"\(".*torch_models\.py":\d+:1\)\)', text)
    assert re.search(r'loc\("h\.1\.mlp\.1"\(".*torch_models\.py":\d+:1\)\)', text)


class Stopped(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3))

    def forward(self, x):
        with torch.no_grad():
            inside = (x * self.w).sin()
        with torch.no_grad():
            other = x.cos()
        return (inside * self.w + (self.w * 2).detach() + x.detach() + other).sum()


def test_gradients_stop_where_they_did():
    """Twice: what no parameter has a part in needs no mark."""
    module, x = Stopped(), torch.randn(3)
    program = torch.export.export(module, (x,))
    for model in (from_torch(module, (x,)), from_torch(program)):
        assert model.text.count("@ds.stop_gradient") == 2
        assert float(stablehlo_run.run(model, x=x)) == pytest.approx(loss_of(module, dict(x=x)), rel=3e-6)
    assert "stop_gradient" not in str(program.graph)


@pytest.mark.parametrize("tied", [False, True])
def test_padding_row_has_no_gradient(tied):
    """Zero and not trained elsewhere, it stays zero; else its gradient is stopped."""
    embedding = nn.Embedding(5, 3, padding_idx=1)
    head = nn.Linear(3, 5, bias=False)
    if tied:
        head.weight = embedding.weight
    module, x = nn.Sequential(embedding, head), torch.tensor([[0, 1, 4]])
    model = from_torch(module, (x, x), loss="cross_entropy")
    assert model.text.count("@ds.stop_gradient") == int(tied)
    expected = float(F.cross_entropy(module(x)[0], x[0]))
    assert float(stablehlo_run.run(model, input=x, targets=x)) == pytest.approx(expected, rel=3e-6)
