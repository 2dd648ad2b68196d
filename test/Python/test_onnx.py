#===- test_onnx.py - ONNX models, from Python -------------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# compile takes the path of a file: the first loss is what numpy computes.
#===----------------------------------------------------------------------===#
# REQUIRES: onnx
# RUN: %pytest %s
import numpy as np
import pytest
from conftest import MACHINE

import ds_mlir

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
OPTIONS = dict(zero=0, machine=MACHINE, tune_seconds=0, verbose=False, lr=0.01)


@pytest.fixture
def weights():
    random = np.random.default_rng(0)
    return {"first": random.standard_normal((8, 16)).astype(np.float32),
            "second": random.standard_normal((16, 3)).astype(np.float32)}


@pytest.fixture
def path(tmp_path, weights):
    """tanh(x first) second, of a batch without a fixed size."""
    from onnx import TensorProto, helper, numpy_helper
    nodes = [helper.make_node("MatMul", ["x", "first"], ["a"]), helper.make_node("Tanh", ["a"], ["b"]),
             helper.make_node("MatMul", ["b", "second"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 8])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])],
                              [numpy_helper.from_array(array, name) for name, array in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.save(model, tmp_path / "m.onnx")
    return tmp_path / "m.onnx"


def test_a_file_trains(path, weights):
    random = np.random.default_rng(1)
    x, y = (random.standard_normal((4, width)).astype(np.float32) for width in (8, 3))
    plan = ds_mlir.compile(path, (x, y), loss="mse", **OPTIONS)
    assert [(i.name, i.shape) for i in plan.inputs()] == [("x", (1, 4, 8)), ("targets", (1, 4, 3))]
    np.testing.assert_array_equal(plan.parameters()["first"], weights["first"])
    history = plan.train([{"x": x, "targets": y}], 50, progress=False)
    expected = np.mean((np.tanh(x @ weights["first"]) @ weights["second"] - y) ** 2)
    np.testing.assert_allclose(history.losses[0], expected, rtol=1e-5)
    assert history.losses[-1] < 0.5 * history.losses[0]


def test_another_micro_batch(path):
    plan = ds_mlir.compile(path, (np.zeros((4, 8), np.float32),), loss="mse", micro_batch=6, **OPTIONS)
    assert plan.micro_batch == 6


def test_what_it_needs(path):
    with pytest.raises(ds_mlir.UsageError, match="^params are for JAX, but the model is a file: leave them out$"):
        ds_mlir.compile(path, params={}, **OPTIONS)
    with pytest.raises(ds_mlir.FrontendError) as error:
        ds_mlir.compile(path, loss="mse", **OPTIONS)
    assert str(error.value) == (
        "the input 'x' has the size batch in dimension 0, which is not fixed; pass dims={'batch': 4}, on the command "
        "line --dim batch=4, or an example in inputs=")
