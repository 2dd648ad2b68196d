# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen's matrix products."""

from __future__ import annotations

from ..stablehlo import Value
from .scope import Scope, lowers


@lowers("aten.mm.default")
def mm(b: Scope, x: Value, y: Value) -> Value:
    return b.dot_general(x, y, ([1], [0]))


@lowers("aten.bmm.default")
def bmm(b: Scope, x: Value, y: Value) -> Value:
    return b.dot_general(x, y, ([2], [1]), ([0], [0]))


@lowers("aten.mv.default", "aten.dot.default", "aten.vdot.default")
def mv(b: Scope, x: Value, y: Value) -> Value:
    return b.dot_general(x, y, ([x.rank - 1], [0]))


@lowers("aten.addmm.default", "aten.addmv.default", "aten.baddbmm.default", "aten.addbmm.default")
def addmm(b: Scope, bias: Value, x: Value, y: Value, beta: float = 1, alpha: float = 1) -> Value:
    product = bmm(b, x, y) if x.rank == 3 else mv(b, x, y)
    if alpha != 1:
        product = b.mul(product, b.splat(alpha, product.type))
    bias = b.to_type(bias, product.type)
    return b.add(product, bias if beta == 1 else b.mul(bias, b.splat(beta, bias.type)))


@lowers("aten.linear.default")
def linear(b: Scope, x: Value, weight: Value, bias: Value | None = None) -> Value:
    """`weight` is (out, in), as PyTorch keeps it: no transpose, the product contracts its last dimension."""
    product = b.dot_general(x, weight, ([x.rank - 1], [weight.rank - 1]))
    return product if bias is None else b.add(product, b.to_type(bias, product.type))


@lowers("aten.matmul.default")
def matmul(b: Scope, x: Value, y: Value) -> Value:
    """Products of the last two dimensions; those before are a batch, broadcast where only one operand has them."""
    if x.rank <= 2 and y.rank <= 2 or y.rank <= 2 and x.rank >= 1:
        return b.dot_general(x, y, ([x.rank - 1], [max(y.rank - 2, 0)]))
    batch = b.result.shape[: max(x.rank, y.rank) - 2]
    matrix_x = x if x.rank > 1 else b.reshape(x, (1, *x.shape))
    x, y = (_with_batch(b, value, batch) for value in (matrix_x, y))
    ones = list(range(len(batch)))
    return b.reshape(b.dot_general(x, y, ([x.rank - 1], [y.rank - 2]), (ones, ones)), b.result.shape)


def _with_batch(b: Scope, x: Value, batch: tuple[int, ...]) -> Value:
    return b.to_type(x, x.type.with_shape((*batch, *x.shape[-2:])))
