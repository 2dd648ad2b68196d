# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole models from PyTorch have the loss that PyTorch computes, run by XLA."""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")
pytest.importorskip("jax", reason="jax runs the modules; pip install jax")

import stablehlo_run  # noqa: E402
import torch_models  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402


def loss_of(module, inputs):
    with torch.no_grad():
        outputs = module(**inputs)
    return float(outputs if isinstance(outputs, torch.Tensor) else outputs[0])


@pytest.mark.parametrize("name", torch_models.MODELS)
def test_loss_is_that_of_pytorch(name):
    module, inputs = torch_models.MODELS[name]()
    model = from_torch(module, inputs)
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(loss_of(module, inputs), rel=3e-6)


def test_tied_parameter_is_one_argument_with_all_names():
    module, inputs = torch_models.gpt()
    model = from_torch(module, inputs)
    tied = {a.name: a.aliases for a in model.arguments if a.aliases}
    assert tied == {"wte.weight": ("lm_head.weight",)}
    attributes = 'ds.name = "wte.weight", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["lm_head.weight"]'
    assert attributes in model.text
    assert [a.name for a in model.inputs()] == ["tokens", "targets"]


def test_causal_mask_is_a_comparison_of_positions():
    """However the mask is made, its elements are not in the text."""
    for spelling in ("fused", "masked_fill", "additive"):
        module, inputs = torch_models.gpt(spelling)
        text = from_torch(module, inputs).text
        assert "dense<[" not in text and 'dense<"' not in text
        assert text.count("compare GE" if spelling == "fused" else "compare LT") == 2
