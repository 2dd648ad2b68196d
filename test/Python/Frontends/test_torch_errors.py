# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: torch
# RUN: %pytest %s
"""What cannot be imported from PyTorch is refused in one sentence, with the line and what could be done."""

import re

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; pip install torch")

from ds_mlir.frontends import FrontendError, from_torch  # noqa: E402
from torch import nn  # noqa: E402

HERE = re.escape(__file__)
X = torch.randn(4, 3)


class Calling(nn.Module):
    """A module whose forward is `function(w, x)`."""

    def __init__(self, function):
        super().__init__()
        self.w = nn.Parameter(torch.randn(3))
        self.function = function

    def forward(self, x):
        return self.function(self.w, x)


def refused(module, inputs=(X,), **options):
    with pytest.raises(FrontendError) as caught:
        from_torch(module, inputs, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "function, message",
    [
        (
            lambda w, x: torch.linalg.qr(x * w).R.sum(),
            "aten.linalg_qr.default: this ATen op cannot be imported; write it with others, or add a lowering to "
            "ds_mlir/frontends/aten",
        ),
        (
            lambda w, x: (x * w)[x > 0].sum(),
            "aten.index.Tensor: a tensor has the size u0, which depends on data; use torch.where or multiply by a mask "
            "instead of picking elements",
        ),
        (
            lambda w, x: (x * w + torch.rand(3)).sum(),
            "aten.rand.default: random numbers cannot be imported yet; pass them among the inputs",
        ),
        (
            lambda w, x: (x * w).sum() + (x > 2**40).sum() + (x.int() > 2**40).sum(),
            "aten.gt.Scalar: the constant 1099511627776 does not fit into i32; integers are 32 bits wide here",
        ),
        (
            lambda w, x: (x * w).index_put((x > 0,), x[0, :2]).sum(),
            "aten.index_put.default: a mask beside other indices, or with more values than one, cannot be imported; "
            "use torch.where",
        ),
    ],
    ids=["unsupported", "mask", "random", "constant", "mask_put"],
)
def test_op_is_named_with_its_line(function, message):
    found = refused(Calling(function))
    assert re.fullmatch(
        re.escape(message) + rf"; at {HERE}:\d+ in forward: return self.function\(self.w, x\)", found
    ), found


def test_module_without_a_loss():
    remedy = "return a floating scalar first, or pass loss='cross_entropy', loss='mse' or a function of the outputs"
    assert refused(nn.Linear(3, 2)) == f"the module's first output is float32 of shape (4, 2), not a loss; {remedy}"
    assert refused(Calling(lambda w, x: None)) == f"the module returns NoneType, in which there is no loss; {remedy}"
    program = torch.export.export(nn.Linear(3, 2), (X,))
    assert refused(program) == f"the program's first output is tensor<4x2xf32>, not a loss; {remedy}"


def test_loss_and_its_inputs():
    assert refused(nn.Linear(3, 2), loss="mae") == (
        "there is no loss 'mae'; there are 'cross_entropy', 'mse', or pass a function of the outputs"
    )
    assert refused(nn.Linear(3, 2), dict(input=X), loss="mse") == (
        "the loss takes 'targets', but the example inputs are input"
    )
    assert refused(nn.Linear(3, 2), (), loss="mse") == (
        "the loss takes 'targets' after the module's inputs, but the example inputs are 0"
    )


def test_inputs_that_change():
    module = Calling(lambda w, x: (x.add_(1) * w).sum())
    assert refused(module) == (
        "the module changes 'x' in its forward, but only buffers may change; register it as a buffer"
    )


def test_types():
    module = Calling(lambda w, x: (x * w).abs().sum())
    assert refused(module, (X.to(torch.complex64),)) == (
        "tensors of torch.complex64 cannot be imported; cast to torch.float32 or an integer type"
    )


def test_sizes_are_static():
    batch = torch.export.Dim("batch")
    module = Calling(lambda w, x: (x * w).sum())
    program = torch.export.export(module, (X,), dynamic_shapes=({0: batch},))
    assert refused(program) == "'x' has the size s77, which is not fixed; export without dynamic shapes"
