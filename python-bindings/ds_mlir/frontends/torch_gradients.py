# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Keeps what a program says about gradients: decomposition makes an alias of `detach`, and forgets `no_grad`.

Both become an op of our own, which decomposition leaves alone and which is written as a call of @ds.stop_gradient.
Only values that a trained parameter has a part in are marked; a region under `no_grad` counts as one.
"""

from __future__ import annotations

import copy
import operator

import torch
from torch.export.graph_signature import InputKind

from .aten.scope import Scope, lowers
from .stablehlo import Value

DETACHES = ("aten.detach.default", "aten.detach_.default")
SETS_GRAD = "wrap_with_set_grad_enabled"


@torch.library.custom_op("ds_mlir::stop_gradient", mutates_args=())
def stop_gradient(x: torch.Tensor) -> torch.Tensor:
    return x.clone()


@stop_gradient.register_fake
def _(x: torch.Tensor) -> torch.Tensor:
    return torch.empty_like(x)


@lowers("ds_mlir.stop_gradient.default")
def lower_stop_gradient(b: Scope, x: Value) -> Value:
    return b.stop_gradient(x)


def with_marked_gradients(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    """The program, or a copy of it, in which gradients stop where they did in PyTorch."""
    if not any(_stops(node) for node in program.graph.nodes):
        return program
    program = copy.copy(program)
    program._graph_module = copy.deepcopy(program.graph_module)
    graph = program.graph
    trained = _trained(program)
    marker = torch.ops.ds_mlir.stop_gradient.default
    for node in list(graph.nodes):
        if node not in trained or not _stops(node):
            continue
        with graph.inserting_after(node):
            mark = graph.call_function(marker, (node,))
        mark.meta = dict(node.meta)
        node.replace_all_uses_with(
            mark, delete_user_cb=lambda user, mark=mark: user is not mark and user.op != "output"
        )
    program.graph_module.recompile()
    return program


def _stops(node: torch.fx.Node) -> bool:
    """Whether the node's result is a tensor that has no gradient although what it is made of may have one."""
    if node.op != "call_function" or not isinstance(node.meta.get("val"), torch.Tensor):
        return False
    if node.target is operator.getitem:
        region = node.args[0]
        return getattr(region.target, "__name__", "") == SETS_GRAD and region.args[0] is False
    return str(node.target) in DETACHES


def _trained(program: torch.export.ExportedProgram) -> set[torch.fx.Node]:
    """Nodes that depend on a parameter that is trained."""
    state = program.state_dict
    names = {
        spec.arg.name
        for spec in program.graph_signature.input_specs
        if spec.kind == InputKind.PARAMETER and state[spec.target].requires_grad
    }
    found = set()
    for node in program.graph.nodes:
        if node.name in names if node.op == "placeholder" else any(s in found for s in node.all_input_nodes):
            found.add(node)
    return found
