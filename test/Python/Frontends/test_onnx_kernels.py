# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: onnx
# RUN: %pytest %s
"""ONNX's node tests by compiled plans: many tests are one model, whose loss is the weighted sum of all their results.

Floating inputs are parameters there, all others constants. Here one test of each op type runs; with DS_ONNX_NODES=all
in the environment each of those that onnx_nodes.json does not list. Each element has its own weight, so that one in a
wrong place is seen; where the sum is wrong, halves are tried alone to name the tests at fault.
"""

import json
import os

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed; pip install onnx")

import ds_mlir  # noqa: E402
import onnx.compose  # noqa: E402
import onnx_nodes  # noqa: E402
from ds_mlir.frontends import from_onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

MACHINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Inputs", "machine.json")
TOGETHER = 60  # tests of a model


def opset(case):
    return max(entry.version for entry in case.model.opset_import if entry.domain == "")


def is_usable(case, listed):
    """Of a supported op, with floating inputs and finite results, of an opset that needs no conversion."""
    failing = {name for names in listed["failing"].values() for name in names}
    if case.name in failing or case.ops.intersection(listed["left_out"]) or opset(case) < 13:
        return False
    kinds = [value.type for value in (*case.model.graph.input, *case.model.graph.output)]
    if any(kind.WhichOneof("value") != "tensor_type" for kind in kinds):
        return False
    floats = [
        any(value.type.tensor_type.elem_type == TensorProto.FLOAT for value in values)
        for values in (case.model.graph.input, case.model.graph.output)
    ]
    results = [array for array in case.outputs() if array.dtype == np.float32]
    return all(floats) and all(array.size and np.isfinite(array).all() for array in results)


def merged(cases):
    """The model, its loss, and the sum of its parts' magnitudes."""
    nodes, arrays, losses, wanted, size = [], [], [], 0.0, 0.0
    for case in cases:
        graph = onnx.compose.add_prefix(case.model, f"{case.name}/").graph
        arrays += [numpy_helper.from_array(a, v.name) for v, a in zip(graph.input, case.inputs(), strict=True)]
        arrays += graph.initializer
        nodes += graph.node
        for place, (output, array) in enumerate(zip(graph.output, case.outputs(), strict=True)):
            if array.dtype != np.float32:
                continue
            name, weights = f"{case.name}#{place}", np.sin(np.arange(array.size) + 0.1 * len(losses))
            weights = weights.reshape(array.shape).astype(np.float32)
            arrays.append(numpy_helper.from_array(weights, f"{name}.weights"))
            nodes.append(helper.make_node("Mul", [output.name, f"{name}.weights"], [f"{name}.parts"]))
            nodes.append(helper.make_node("ReduceSum", [f"{name}.parts"], [name], keepdims=0))
            losses.append(name)
            parts = array.astype(np.float64) * weights
            wanted, size = wanted + parts.sum(), size + np.abs(parts).sum()
    nodes.append(helper.make_node("ReduceSum", ["nothing"], ["zero"], keepdims=0))
    nodes.append(helper.make_node("Sum", [*losses, "zero"], ["loss"]))
    nothing = helper.make_tensor_value_info("nothing", TensorProto.FLOAT, [1])
    loss = helper.make_tensor_value_info("loss", TensorProto.FLOAT, [])
    graph = helper.make_graph(nodes, "tests", [nothing], [loss], arrays)
    opsets = [helper.make_opsetid("", opset(cases[0]))]
    return helper.make_model(graph, opset_imports=opsets, ir_version=10), wanted, size


def is_right(cases):
    model, wanted, size = merged(cases)
    plan = ds_mlir.compile(from_onnx(model), zero=0, tune_seconds=0, verbose=False, machine=MACHINE)
    found = plan.train([{"nothing": np.zeros(1, np.float32)}], 1, progress=False).losses[0]
    return abs(found - wanted) <= 1e-5 * max(size, 1.0)


def wrong_among(cases):
    """Names of the tests at fault."""
    try:
        if is_right(cases):
            return []
        reason = "another result"
    except (ds_mlir.Error, ValueError) as error:
        reason = str(error)
    if len(cases) == 1:
        return [f"{cases[0].name}: {reason}"]
    middle = len(cases) // 2
    return wrong_among(cases[:middle]) + wrong_among(cases[middle:])


def chosen(cases):
    """All, or the first of each op type."""
    if os.environ.get("DS_ONNX_NODES") == "all":
        return cases
    found = {}
    for case in cases:
        if len(case.model.graph.node) == 1:
            found.setdefault(case.model.graph.node[0].op_type, case)
    return list(found.values())


@pytest.mark.filterwarnings("ignore")
def test_compiled():
    with open(onnx_nodes.LIST, encoding="utf-8") as file:
        listed = json.load(file)
    if onnx.__version__ != listed["onnx"]:
        pytest.skip(f"the list is of the tests of onnx {listed['onnx']}, but {onnx.__version__} is installed")
    cases = chosen([case for case in onnx_nodes.cases() if is_usable(case, listed)])
    of_opset = {}
    for case in sorted(cases, key=lambda case: case.name):
        of_opset.setdefault(opset(case), []).append(case)
    wrong = []
    for group in of_opset.values():
        for start in range(0, len(group), TOGETHER):
            wrong += wrong_among(group[start : start + TOGETHER])
    assert not wrong, "\n".join(wrong)
