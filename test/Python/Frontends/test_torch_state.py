# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch, jax
# RUN: %pytest %s
"""State that forward changes, and dropout: what the module returns besides its loss."""

import re

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")
pytest.importorskip("jax", reason="jax runs the modules; pip install jax")

import stablehlo_run  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402


def results(model, **inputs):
    """Everything that @main returns, as numpy."""
    return [np.asarray(result) for result in stablehlo_run.run_all(model, **inputs)]


def test_batch_norm_returns_its_statistics():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3, momentum=0.3))
    inputs = dict(input=torch.randn(4, 2, 5), targets=torch.randn(4, 3, 5))
    model = from_torch(module, inputs, loss="mse")
    states = {a.name: a.result for a in model.arguments if a.kind == "state"}
    assert states == {"1.running_mean": 1, "1.running_var": 2, "1.num_batches_tracked": 3}
    assert [e for e in model.signature()["arguments"] if "result" in e][0] == {
        "name": "1.running_mean", "kind": "state", "trainable": False, "result": 1,
    }  # fmt: skip
    loss, mean, variance, count = results(model, **inputs)
    expected = F.mse_loss(module(inputs["input"]), inputs["targets"]).detach()
    assert float(loss) == pytest.approx(float(expected), rel=3e-6)
    np.testing.assert_allclose(mean, module[1].running_mean, rtol=3e-6, atol=1e-7)
    np.testing.assert_allclose(variance, module[1].running_var, rtol=3e-6)
    assert count == module[1].num_batches_tracked == 1


def test_evaluated_batch_norm_has_no_state():
    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).eval()
    model = from_torch(module, (torch.randn(4, 3), torch.randn(4, 2)), loss="mse")
    assert {a.name: a.kind for a in model.arguments if "running" in a.name} == {
        "1.running_mean": "buffer", "1.running_var": "buffer",
    }  # fmt: skip


class Counting(nn.Module):
    """A buffer that no checkpoint has, and that changes."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(3))
        self.register_buffer("calls", torch.zeros(()), persistent=False)

    def forward(self, x):
        self.calls += 2
        return (self.w * x * self.calls).sum()


def test_buffer_that_is_not_saved():
    model = from_torch(Counting(), (torch.ones(3),))
    found = [(a.name, a.kind, a.result) for a in model.arguments]
    assert found[:2] == [("w", "parameter", None), ("calls", "state", 1)]
    assert [float(value) for value in results(model, x=torch.ones(3))] == [6, 2]


@pytest.mark.parametrize(
    "function, rates",
    [
        (lambda x: F.dropout(x, 0.25) + F.dropout(x, 0.5), [0.25, 0.5]),
        (lambda x: nn.Dropout(0.3)(x), [0.3]),
        (lambda x: F.dropout(x, 0.0) + F.dropout(x, 0.5, training=False), []),
        (lambda x: F.dropout(x, 1.0), []),
        (lambda x: F.scaled_dot_product_attention(x, x, x, dropout_p=0.125), [0.125]),
        (lambda x: F.dropout((x + 1).clone(), 0.25, inplace=True), [0.25]),
        (lambda x: x * x.new_empty((2, 1, 1)).bernoulli_(0.75).div_(0.75), [0.25]),
    ],
    ids=["two", "module", "none", "all", "attention", "in_place", "stochastic_depth"],
)
def test_dropout_is_a_call(function, rates):
    class Dropping(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(torch.ones(4))

        def forward(self, x):
            return function(x * self.w).sum()

    text = from_torch(Dropping(), (torch.randn(2, 3, 4),)).text
    found = re.findall(r'@ds.dropout\(%\w+\) \{ds.name = "([^"]+)", ds.rate = ([0-9.e-]+) : f64\}', text)
    assert [float(rate) for _, rate in found] == rates
    assert [name for name, _ in found] == [f"dropout.{place}" for place in range(len(rates))]
