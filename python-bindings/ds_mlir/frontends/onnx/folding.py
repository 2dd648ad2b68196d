# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Computes what no input decides by ONNX's own reference evaluator."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import NodeProto
from onnx.reference import ReferenceEvaluator

from .scope import refuse_large

RANDOM = ("Bernoulli", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial")


def fold(node: NodeProto, inputs: Sequence[np.ndarray | None], opset: int) -> list[np.ndarray]:
    """The outputs of a node whose inputs are known."""
    _refuse_large(node, inputs)
    feeds = {name: array for name, array in zip(node.input, inputs, strict=True) if name}
    declared = [onnx.helper.make_value_info(name, onnx.TypeProto()) for name in feeds]
    wanted = [name for name in node.output if name]
    results = [onnx.helper.make_value_info(name, onnx.TypeProto()) for name in wanted]
    graph = onnx.helper.make_graph([node], "folded", declared, results)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    with np.errstate(all="ignore"):
        found = dict(zip(wanted, ReferenceEvaluator(model).run(None, feeds), strict=True))
    return [np.asarray(found[name]) if name else None for name in node.output]


def _refuse_large(node: NodeProto, inputs: Sequence[np.ndarray | None]) -> None:
    size = max((array.size for array in inputs if array is not None), default=1)
    if node.op_type in ("ConstantOfShape", "Expand", "Reshape"):
        size = max(size, math.prod(int(number) for number in inputs[-1].reshape(-1)))
    elif node.op_type == "Tile":
        size *= math.prod(int(number) for number in inputs[1].reshape(-1))
    elif node.op_type == "Range":
        start, limit, delta = (float(array.reshape(-1)[0]) for array in inputs)
        size = (limit - start) / delta if delta else math.inf
    elif node.op_type == "OneHot":
        size *= abs(int(inputs[1].reshape(-1)[0]))
    elif node.op_type == "Pad":
        size *= math.prod(1 + abs(int(number)) for number in inputs[1].reshape(-1))
    refuse_large(size)
