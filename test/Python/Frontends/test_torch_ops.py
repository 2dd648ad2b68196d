# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch, jax
# RUN: %pytest %s
"""Each lowering of an ATen op gives what PyTorch gives, in float64, run by XLA.

A case is a function of tensors; its results, weighted by numbers without a pattern and summed, are its loss. Each
element has its own weight, so that one in a wrong place is seen. The cases of a topic are one module, since making one
takes longer than all else; when their sum is wrong, each is tried alone to name those at fault.
"""

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")
pytest.importorskip("jax", reason="jax runs the modules; pip install jax")

import stablehlo_run  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402
from torch_op_cases import TOPICS  # noqa: E402


class Weighted(torch.nn.Module):
    """The losses of functions, each of its own tensors, summed."""

    def __init__(self, functions):
        super().__init__()
        self.functions = functions

    def forward(self, inputs):
        total = torch.zeros((), dtype=torch.float64)
        for place, (function, tensors) in enumerate(zip(self.functions, inputs, strict=True)):
            results = function(*tensors)
            for number, result in enumerate(results if isinstance(results, (tuple, list)) else [results]):
                phases = torch.arange(result.numel(), dtype=torch.float64) + number + 0.1 * place
                total = total + (result.to(torch.float64) * torch.sin(phases).reshape(result.shape)).sum()
        return total


def is_right(cases):
    functions, inputs = [case[0] for case in cases], [list(case[1:]) for case in cases]
    module = Weighted(functions)
    model = from_torch(module, (inputs,))
    leaves = [tensor for tensors in inputs for tensor in tensors]
    named = {argument.name: tensor for argument, tensor in zip(model.inputs(), leaves, strict=True)}
    found, wanted = float(stablehlo_run.run(model, **named)), float(module(inputs))
    return found == pytest.approx(wanted, rel=1e-11, abs=1e-10)


@pytest.mark.parametrize("topic", TOPICS)
def test_ops_of(topic):
    cases = {name: make() for name, make in TOPICS[topic].items()}
    if not is_right(cases.values()):
        pytest.fail(f"wrong: {', '.join(name for name, case in cases.items() if not is_right([case]))}")
