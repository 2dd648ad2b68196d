# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: onnx
# RUN: %pytest %s
"""What cannot be imported from ONNX is refused in one sentence, with the node and what could be done."""

import os
import random

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed; pip install onnx")

from ds_mlir.frontends import FrontendError, from_onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

WEIGHT = np.random.default_rng(0).standard_normal((3, 2)).astype(np.float32)


def value(name, shape, type=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, type, shape)


def model_of(nodes, inputs=None, outputs=None, weights=None, opset=20, **options):
    """A model of nodes, where x is 4 x 3, w is 3 x 2 and the output y."""
    weights = {"w": WEIGHT} if weights is None else weights
    graph = helper.make_graph(
        nodes,
        "g",
        inputs or [value("x", [4, 3])],
        outputs or [value("y", None)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10, **options)


def node(op, inputs, outputs=("y",), name="n", **attributes):
    return helper.make_node(op, list(inputs), list(outputs), name=name, **attributes)


def mlp(**options):
    nodes = [node("MatMul", ["x", "w"], ["h"], "product"), node("Relu", ["h"], ["y"], "relu")]
    return model_of(nodes, outputs=[value("y", [4, 2])], **options)


def refused(model, **options):
    with pytest.raises(FrontendError) as caught:
        from_onnx(model, **options)
    return str(caught.value)


# ===--- Nodes --------------------------------------------------------------------------------------------------=== #


def test_ops():
    det = [node("Det", ["w2"], ["y"], "volume")]
    assert refused(model_of(det, [value("w2", [2, 2])])) == (
        "Det 'volume': this ONNX op cannot be imported; export the model with others, or add a lowering to "
        "ds_mlir/frontends/onnx"
    )
    picked = [node("NonZero", ["x"], ["i"], "places"), node("Cast", ["i"], ["y"], to=1)]
    assert refused(model_of(picked)) == (
        "NonZero 'places': the size of its result depends on data; use Where, or multiply by a mask, instead of "
        "picking "
        "elements"
    )
    assert refused(model_of([node("RandomNormalLike", ["x"], name="noise")])) == (
        "RandomNormalLike 'noise': random numbers cannot be imported yet; pass them among the inputs"
    )
    shape = [node("Reshape", ["x", "s"], name="view")]
    assert refused(model_of(shape, [value("x", [4, 3]), value("s", [2], TensorProto.INT64)])) == (
        "Reshape 'view': its input 'shape' depends on data, but shapes must be known at import; make it a constant, or "
        "name the graph's input that it comes from in constants="
    )
    half = [node("Dropout", ["x", "r", "t"], name="drop")]
    assert refused(model_of(half, weights={"r": np.float32(0.5), "t": np.array(True)})) == (
        "Dropout 'drop': dropout in training mode cannot be imported yet; export the model after eval(), which is "
        "trained "
        "all the same, or with ratio 0"
    )
    ones = {name: np.ones(3, np.float32) for name in "sbmv"}
    trained = [node("BatchNormalization", ["x", *ones], ["y", "a", "c"], "norm", training_mode=1)]
    assert refused(model_of(trained, weights=ones)) == (
        "BatchNormalization 'norm': batch norm in training mode changes its running statistics, which cannot be "
        "imported "
        "yet; export the model after eval(), or use group norm"
    )


def test_attributes_and_inputs():
    assert refused(model_of([node("Relu", ["x"], domain="com.acme", name="r")])) == (
        "Relu 'r': the domain 'com.acme' is not ONNX's own; export the model without custom ops, or rewrite the node "
        "with "
        "standard ones"
    )
    assert refused(model_of([node("Relu", ["z"], name="r")])) == (
        "the model's types do not fit together: [ShapeInferenceError] Inference error(s): (op_type:Relu, node name: "
        "r): "
        "[TypeInferenceError] Input 0 expected to have type but instead is null"
    )
    assert refused(model_of([node("Concat", ["x"], axis=7)])) == (
        "the model's types do not fit together: [ShapeInferenceError] Inference error(s): (op_type:Concat, node "
        "name: n): "
        "[ShapeInferenceError] axis must be in [-rank, rank-1]."
    )


def test_control_flow_on_data():
    branch = helper.make_graph([node("Relu", ["x"], ["b"])], "b", [], [value("b", [4, 3])])
    chosen = [node("If", ["c"], name="choose", then_branch=branch, else_branch=branch)]
    assert refused(model_of(chosen, [value("x", [4, 3]), value("c", [], TensorProto.BOOL)])) == (
        "If 'choose': its condition depends on data; compute both branches and choose with Where, or make the "
        "condition "
        "constant"
    )
    body = helper.make_graph(
        [node("Identity", ["going"], ["on"]), node("Relu", ["a"], ["b"])],
        "body",
        [value("i", [], TensorProto.INT64), value("going", [], TensorProto.BOOL), value("a", [4, 3])],
        [value("on", [], TensorProto.BOOL), value("b", [4, 3])],
    )
    loop = [node("Loop", ["m", "", "x"], name="again", body=body)]
    counted = [value("x", [4, 3]), value("m", [], TensorProto.INT64)]
    assert refused(model_of(loop, counted)) == (
        "Loop 'again': how often it runs depends on data; give it a constant number of trips, and choose with Where "
        "inside"
    )
    assert refused(model_of(loop, weights={"m": np.array(5000)})) == (
        "Loop 'again': loops have more than 4096 iterations together, each of which is written out"
    )


def test_sizes():
    """What is written out, or kept as a constant, has an end."""
    weights = {name: np.ones(shape, np.float32) for name, shape in (("w", (1, 2, 3)), ("r", (1, 2, 2)))}
    long = [node("RNN", ["x", "w", "r"], name="rnn", hidden_size=2)]
    assert refused(model_of(long, [value("x", [5000, 1, 3])], weights=weights)) == (
        "RNN 'rnn': it has 5000 steps, each of which is written out; at most 4096 can be"
    )
    wide = [node("ConstantOfShape", ["s"], ["c"], "zeros"), node("ReduceSum", ["c"], ["d"], keepdims=0)]
    wide.append(node("Add", ["x", "d"]))
    assert refused(model_of(wide, weights={"s": np.array([2**20, 2**20])})) == (
        "ConstantOfShape 'zeros': it makes a constant of 1.1e+12 elements, but at most 67108864 can be in a module"
    )


# ===--- Inputs, parameters, losses -------------------------------------------------------------------------------=== #


def test_inputs():
    text = model_of([node("Identity", ["x"])], [value("x", [2], TensorProto.STRING)])
    assert refused(text) == (
        "the input 'x': tensors of string cannot be imported; cast to float or to integers before exporting"
    )
    batch = model_of([node("Relu", ["x"])], [value("x", ["batch", 3])])
    assert refused(batch) == (
        "the input 'x' has the size batch in dimension 0, which is not fixed; pass dims={'batch': 4}, on the command "
        "line "
        "--dim batch=4, or an example in inputs="
    )
    assert refused(mlp(), inputs=np.zeros((4, 2), np.float32)) == (
        "the input 'x' has 3 elements in dimension 1, but its example 2"
    )
    assert refused(mlp(), inputs={"q": 1}) == "'q' is no input; the model has x"
    assert refused(mlp(), inputs=[1, 2]) == "there are 2 example inputs, but the model has x"
    assert refused(mlp(), constants={"q": 1}) == "constants has 'q', which is no input; the model has x"


def test_losses():
    remedy = "make a floating scalar the first output, or pass loss='cross_entropy' or loss='mse'"
    assert refused(mlp()) == f"the model's first output, 'y', is tensor<4x2xf32>, not a loss; {remedy}"
    assert refused(mlp(), loss="mae") == "there is no loss 'mae'; there are 'cross_entropy', 'mse'"
    wrong = dict(x=np.zeros((4, 3), np.float32), targets=np.zeros((4, 2)))
    assert refused(mlp(), inputs=wrong, loss="cross_entropy") == (
        "'targets' has the shape [4, 2], but cross_entropy of an output of tensor<4x2xf32> takes [4]"
    )


def test_parameters():
    assert refused(mlp(), loss="mse", trainable=["q.*"]) == (
        "trainable has 'q.*', but no initializer has such a name; there are w"
    )
    numbers = model_of([node("Gather", ["w", "i"])], weights={"w": WEIGHT, "i": np.arange(2)})
    assert refused(numbers, trainable="i") == "the initializer 'i' is int64; parameters must be floating"


# ===--- Files ----------------------------------------------------------------------------------------------------=== #


def test_files(tmp_path):
    missing = tmp_path / "none.onnx"
    assert refused(missing) == f"{missing}: cannot be read: No such file or directory"
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"\x0a\xff\xff nothing of the kind")
    assert refused(damaged).startswith(f"{damaged}: is not a model of ONNX: ")
    assert refused(b"") == "the file has no graph: it is not a model of ONNX"


def test_opsets():
    newest = onnx.defs.onnx_opset_version()
    remedy = "export it again with opset 18 to 23"
    assert refused(mlp(opset=newest + 1)) == (
        f"the model has opset {newest + 1}, but the installed onnx {onnx.__version__} knows 1 to {newest}; {remedy}"
    )
    old = model_of([node("Upsample", ["x", "s"])], weights={"s": np.ones(2, np.float32)}, opset=9)
    del old.opset_import[:]
    assert refused(old) == f"the model does not say which opset of ONNX it is of; {remedy}"
    from_onnx(mlp(opset=9), loss="mse")
    from_onnx(mlp(opset=23), loss="mse")


def with_external(folder, **entries):
    """The MLP, its weight in another file, as the entries say."""
    model = mlp()
    (weight,) = model.graph.initializer
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, entry in entries.items():
        made = weight.external_data.add()
        made.key, made.value = key, str(entry)
    onnx.save(model, folder / "m.onnx")
    return folder / "m.onnx"


HOSTILE = [
    (dict(location="w.bin", offset=4), "ends at byte 28, but 'w.bin' has 24"),
    (dict(location="w.bin", length=23), "has 23 bytes, but its shape [3, 2] takes 24"),
    (dict(location="w.bin", offset=-1), "has the offset '-1', but it must be a number of bytes, 0 to 2^63 - 1"),
    (
        dict(location="w.bin", offset=2**63),
        f"has the offset '{2**63}', but it must be a number of bytes, 0 to 2^63 - 1",
    ),
    (dict(location="w.bin", length="all"), "has the length 'all', but it must be a number of bytes, 0 to 2^63 - 1"),
    (dict(location="../w.bin"), "is in '../w.bin', which is not inside the model's folder"),
    (dict(location="/etc/passwd"), "is in '/etc/passwd', which is not inside the model's folder"),
    (dict(location="link.bin"), "is in 'link.bin', which is not inside the model's folder"),
    (dict(location=""), "is in '', which is not inside the model's folder"),
    (dict(location="none.bin"), "is in 'none.bin', which is missing; put it beside the model"),
]


@pytest.mark.parametrize("entries, message", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_external_data(tmp_path, entries, message):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "w.bin").write_bytes(WEIGHT.tobytes())
    (tmp_path / "w.bin").write_bytes(WEIGHT.tobytes())
    os.symlink(tmp_path / "w.bin", folder / "link.bin")
    assert refused(with_external(folder, **entries), loss="mse") == f"the external data of 'w' {message}"
    model = from_onnx(with_external(folder, location="w.bin", offset=0, length=24), loss="mse")
    np.testing.assert_array_equal(model.values["w"], WEIGHT)
    assert refused(onnx.load(folder / "m.onnx", load_external_data=False)) == (
        "'w' lies in another file, but the model was not read from one; pass the model's path"
    )


def test_external_data_overlaps(tmp_path):
    (tmp_path / "w.bin").write_bytes(bytes(40))
    model = mlp(weights={"w": WEIGHT, "v": WEIGHT})
    for number, tensor in enumerate(model.graph.initializer):
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, entry in (("location", "w.bin"), ("offset", 16 * number)):
            made = tensor.external_data.add()
            made.key, made.value = key, str(entry)
    onnx.save(model, tmp_path / "m.onnx")
    assert refused(tmp_path / "m.onnx") == "the external data of 'v' overlaps that of 'w'; save the model again"


# ===--- Damage at random -----------------------------------------------------------------------------------------=== #


def test_damaged_bytes():
    """Whatever the bytes are: a model or one error, of our own class."""
    norm = {"w": WEIGHT, "s": np.ones(2, np.float32), "shape": np.array([2, -1])}
    nodes = [
        node("MatMul", ["x", "w"], ["a"], "product"),
        node("LayerNormalization", ["a", "s"], ["b"], "norm", axis=-1),
        node("Reshape", ["b", "shape"], ["c"], "view"),
        node("Slice", ["c", "zero", "two", "zero"], ["d"], "part"),
        node("ReduceMean", ["d"], ["y"], "mean", keepdims=0),
    ]
    norm |= {"zero": np.array([0]), "two": np.array([2])}
    whole = model_of(nodes, outputs=[value("y", [])], weights=norm).SerializeToString()
    from_onnx(whole)
    random_bytes = random.Random(7)
    messages = []
    for _ in range(600):
        damaged = bytearray(whole)
        for _ in range(random_bytes.randint(1, 3)):
            damaged[random_bytes.randrange(len(damaged))] = random_bytes.randrange(256)
        try:
            from_onnx(bytes(damaged[: random_bytes.choice((len(damaged), random_bytes.randrange(len(damaged))))]))
        except FrontendError as error:
            messages.append(str(error))
    assert len(messages) > 300 and all(message and "\n" not in message for message in messages)
