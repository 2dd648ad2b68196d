# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's control flow: a branch that is known is taken, a loop whose trips are known is written out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import GraphProto, NodeProto

from .model import FrontendError
from .onnx.scope import MOST_STEPS
from .stablehlo import Value

if TYPE_CHECKING:
    from .onnx_import import Importer


def lower_control(importer: Importer, node: NodeProto) -> None:
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    {"If": _if, "Loop": _loop, "Scan": _scan}[node.op_type](importer, node, attributes)


def _names(graph: GraphProto) -> list[str]:
    return [output.name for output in graph.output]


def _run(importer: Importer, graph: GraphProto, arguments: list[str]) -> list[str]:
    """Visits the body with names of the outside for its inputs; the names of its results."""
    for formal, actual in zip(graph.input, arguments, strict=True):
        importer.alias(formal.name, actual)
    importer.add_constants(graph)
    importer.visit_graph(graph, _names(graph))
    return _names(graph)


def _if(importer: Importer, node: NodeProto, attributes: dict[str, Any]) -> None:
    condition = importer.known.get(node.input[0])
    if condition is None:
        raise FrontendError(
            "its condition depends on data; compute both branches and choose with Where, or make the condition constant"
        )
    branch = attributes["then_branch" if bool(condition.reshape(-1)[0]) else "else_branch"]
    for result, name in zip(node.output, _run(importer, branch, []), strict=True):
        if result:
            importer.alias(result, name)


def _count(importer: Importer) -> None:
    importer.iterations += 1
    if importer.iterations > MOST_STEPS:  # of all loops together
        raise FrontendError(f"loops have more than {MOST_STEPS} iterations together, each of which is written out")


def _truth(importer: Importer, name: str) -> bool:
    if name not in importer.known:
        raise FrontendError(
            "how often it runs depends on data; give it a constant number of trips, and choose with Where inside"
        )
    return bool(importer.known[name].reshape(-1)[0])


def _loop(importer: Importer, node: NodeProto, attributes: dict[str, Any]) -> None:
    body = attributes["body"]
    trips, condition = (*node.input, "", "")[:2]
    if trips and trips not in importer.known:
        raise FrontendError(
            "how often it runs depends on data; give it a constant number of trips, and choose with Where inside"
        )
    limit = int(importer.known[trips].reshape(-1)[0]) if trips else None
    goes_on = _truth(importer, condition) if condition else True
    count = len(node.input) - 2
    carried, pieces = [importer.fresh(name) for name in node.input[2:]], []
    trip = 0
    while goes_on and (limit is None or trip < limit):
        _count(importer)
        number, going = importer.constant(np.array(trip, np.int64)), importer.constant(np.array(True))
        results = _run(importer, body, [number, going, *carried])
        goes_on = _truth(importer, results[0])
        carried = [importer.fresh(name) for name in results[1 : count + 1]]
        pieces.append([importer.fresh(name) for name in results[count + 1 :]])
        trip += 1
    stacked = len(body.output) - 1 - count
    results = [*carried, *(_stack(importer, [row[i] for row in pieces], 0) for i in range(stacked))]
    for output, name in zip(node.output, results, strict=False):
        if output:
            importer.alias(output, name)


def _stack(importer: Importer, names: list[str], axis: int) -> str:
    """The values of all iterations side by side in a dimension that is added."""
    if not names:
        raise FrontendError("it never runs, so its results have no shape; leave the loop out")
    if all(name in importer.known for name in names):
        return importer.constant(np.stack([importer.known[name] for name in names], axis))
    b, values = importer.scope, [importer.value_of(name) for name in names]
    axis = axis + values[0].rank + 1 if axis < 0 else axis
    rows = [b.reshape(v, (*v.shape[:axis], 1, *v.shape[axis:])) for v in values]
    return importer.lowered_name(b.concatenate(rows, axis))


def _scan(importer: Importer, node: NodeProto, attributes: dict[str, Any]) -> None:
    body, scanned = attributes["body"], attributes["num_scan_inputs"]
    count = len(node.input) - scanned
    inputs = [importer.value_of(name) for name in node.input[count:]]
    outputs = len(body.output) - count
    axes = list(attributes.get("scan_input_axes") or [0] * scanned)
    axes = [axis + value.rank if axis < 0 else axis for axis, value in zip(axes, inputs, strict=True)]
    backwards = list(attributes.get("scan_input_directions") or [0] * scanned)
    result_axes = list(attributes.get("scan_output_axes") or [0] * outputs)
    result_backwards = list(attributes.get("scan_output_directions") or [0] * outputs)
    carried, pieces = [importer.fresh(name) for name in node.input[:count]], []
    length = inputs[0].shape[axes[0]]
    for step in range(length):
        _count(importer)
        rows = []
        for value, axis, back in zip(inputs, axes, backwards, strict=True):
            rows.append(importer.lowered_name(_at(importer, value, axis, length - 1 - step if back else step)))
        results = _run(importer, body, [*carried, *rows])
        carried = [importer.fresh(name) for name in results[:count]]
        pieces.append([importer.fresh(name) for name in results[count:]])
    for place, output in enumerate(node.output):
        if place < count:
            importer.alias(output, carried[place])
        elif output:
            names = [row[place - count] for row in pieces]
            names = names[::-1] if result_backwards[place - count] else names
            importer.alias(output, _stack(importer, names, result_axes[place - count]))


def _at(importer: Importer, value: Value, axis: int, place: int) -> Value:
    b = importer.scope
    return b.reshape(b.slice_dim(value, axis, place, place + 1), [s for d, s in enumerate(value.shape) if d != axis])
