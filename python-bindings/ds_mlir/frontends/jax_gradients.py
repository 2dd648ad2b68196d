# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Keeps `stop_gradient`, which JAX's own lowering forgets, as a call of @ds.stop_gradient.

JAX's softmax and log-sum-exp stop the gradient of the maximum that they subtract. There it changes nothing, since the
results do not depend on what is subtracted; those calls are taken away again. That is proved by following a shift of
the value, by the same amount in each row, through the program: x - m carries minus one shift, exp(x - m) its factor,
and so do the sum of a row, its logarithm, and so on; when all that is left carries none, the gradient is zero anyway.
"""

from __future__ import annotations

from jax._src import ad_util  # no public name has the primitive, nor the lowering rules of one call
from jax._src.interpreters import mlir
from jax.extend.mlir import ir

from .stablehlo import STOP_GRADIENT

SHAPES = ("stablehlo.broadcast_in_dim", "stablehlo.reshape", "stablehlo.convert")
SUM, MAXIMUM = "stablehlo.add", "stablehlo.maximum"
TERM, FACTOR = "term", "factor"  # a value is x + k shift, or x exp(k shift)


def _lower(context, x):
    attributes = {"call_target_name": ir.StringAttr.get(STOP_GRADIENT)}
    return ir.Operation.create("stablehlo.custom_call", [x.type], [x], attributes).results


def lowering_parameters() -> mlir.LoweringParameters:
    """For `Traced.lower`: each `stop_gradient` is a call."""
    return mlir.LoweringParameters(override_lowering_rules=((ad_util.stop_gradient_p, _lower),))


def erase_needless_stops(module: ir.Module) -> None:
    """Takes away the calls through which no gradient would flow."""
    calls = []

    def collect(op: ir.Operation) -> ir.WalkResult:
        if op.name == "stablehlo.custom_call" and _text(op.attributes["call_target_name"]) == STOP_GRADIENT:
            calls.append(op)
        return ir.WalkResult.ADVANCE

    module.operation.walk(collect)
    needless = [call for call in calls if _is_needless(call)]
    for call in needless:
        call.results[0].replace_all_uses_with(call.operands[0])
        call.erase()


def _text(attribute: ir.Attribute) -> str:
    return ir.StringAttr(attribute).value


def _is_needless(call: ir.Operation) -> bool:
    dimensions = _reduced_dimensions(call.operands[0])
    return dimensions is not None and _vanishes(call.results[0], dimensions)


def _reduced_dimensions(value: ir.Value, depth: int = 0) -> list[int] | None:
    """Along which dimensions a value was reduced by a maximum, which may have been made finite afterwards."""
    op = _op(value)
    if op is None or depth > 6:
        return None
    if op.name == "stablehlo.reduce":
        return list(ir.DenseI64ArrayAttr(op.attributes["dimensions"])) if _body(op) == MAXIMUM else None
    if op.name in (*SHAPES, MAXIMUM, "stablehlo.select"):
        found = [_reduced_dimensions(operand, depth + 1) for operand in op.operands]
        return next((dimensions for dimensions in found if dimensions is not None), None)
    return None


def _op(value: ir.Value) -> ir.Operation | None:
    owner = value.owner
    return None if isinstance(owner, ir.Block) else owner.operation


def _body(reduce: ir.Operation) -> str:
    return reduce.regions[0].blocks[0].operations[0].operation.name


def _vanishes(start: ir.Value, dimensions: list[int]) -> bool:
    """Whether nothing that leaves the function's body moves when `start` is shifted."""
    first = start.owner.operation
    carried = {start: (TERM, 1)}
    behind = False
    for op in first.block.operations:
        behind = behind or op.operation == first
        kinds = [carried.get(operand) for operand in op.operands] if behind else []
        if not any(kinds):
            continue
        kind = _result(op.operation, kinds, dimensions)
        if kind is None:
            return False
        if kind[1] != 0:
            carried[op.operation.results[0]] = kind
    return True


def _result(op: ir.Operation, kinds: list[tuple[str, int] | None], dimensions: list[int]) -> tuple[str, int] | None:
    """What a result carries, given what the operands do; None where that is not known."""
    names = {kind[0] for kind in kinds if kind}
    counts = [kind[1] if kind else 0 for kind in kinds]
    if op.name in SHAPES:
        return kinds[0]
    if names == {TERM}:
        sums = {SUM: sum(counts), "stablehlo.subtract": counts[0] - sum(counts[1:]), "stablehlo.negate": -counts[0]}
        if op.name == "stablehlo.exponential":
            return FACTOR, counts[0]
        return (TERM, sums[op.name]) if op.name in sums else None
    if names == {FACTOR}:
        products = {"stablehlo.multiply": sum(counts), "stablehlo.divide": counts[0] - sum(counts[1:])}
        products |= {"stablehlo.abs": counts[0], "stablehlo.sign": 0}
        if op.name == "stablehlo.log":
            return TERM, counts[0]
        if op.name == "stablehlo.reduce" and _body(op) == SUM and _is_zero(op.operands[1]):
            same = list(ir.DenseI64ArrayAttr(op.attributes["dimensions"])) == dimensions
            return (FACTOR, counts[0]) if same and len(op.results) == 1 else None
        return (FACTOR, products[op.name]) if op.name in products else None
    return None


def _is_zero(value: ir.Value) -> bool:
    op = _op(value)
    if op is None or op.name != "stablehlo.constant":
        return False
    elements = ir.DenseElementsAttr(op.attributes["value"])
    return elements.is_splat and ir.FloatAttr(elements.get_splat_value()).value == 0
