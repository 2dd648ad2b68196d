# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's node tests: imported as forward functions and executed by the reference interpreter."""

import glob
import json
import os
import re
import subprocess

import numpy as np
import onnx
from ds_mlir.frontends.model import FrontendError
from ds_mlir.frontends.onnx_import import Importer
from onnx.backend.test.loader import load_model_tests

SEPARATOR = "// -----\n"
# Inputs that decide shapes: those of the tests are parts of the model here.
SHAPES = {
    "AffineGrid": [1],
    "Attention": [],
    "CenterCropPad": [1],
    "Compress": [1],
    "ConstantOfShape": [0],
    "CumProd": [1],
    "CumSum": [1],
    "BlackmanWindow": [0],
    "Dropout": [1, 2],
    "Expand": [1],
    "HammingWindow": [0],
    "HannWindow": [0],
    "If": [0],
    "Loop": [0, 1],
    "OneHot": [1],
    "Pad": [1, 3],
    "Range": [0, 1, 2],
    "Reshape": [1],
    "Resize": [1, 2, 3],
    "Slice": [1, 2, 3, 4],
    "Split": [1],
    "Squeeze": [1],
    "Tile": [1],
    "TopK": [1],
    "Trilu": [1],
    "Unsqueeze": [1],
    "Upsample": [1],
}


class Case:
    """One test: a model, inputs and outputs."""

    def __init__(self, test):
        self.name, self.folder = test.name, test.model_dir
        self.rtol, self.atol = test.rtol, test.atol
        self.model = onnx.load(os.path.join(self.folder, "model.onnx"))
        self.ops = {node.op_type for node in self.model.graph.node}

    def values(self, kind, declared):
        arrays = []
        for place, value in enumerate(declared):
            if value.type.WhichOneof("value") != "tensor_type":
                raise FrontendError(f"'{value.name}' is no tensor")
            (path,) = glob.glob(os.path.join(glob.escape(self.folder), "test_data_set_0", f"{kind}_{place}.pb"))
            tensor = onnx.TensorProto()
            with open(path, "rb") as file:
                tensor.ParseFromString(file.read())
            arrays.append(onnx.numpy_helper.to_array(tensor))
        return arrays

    def inputs(self):
        return self.values("input", self.model.graph.input)

    def outputs(self):
        return self.values("output", self.model.graph.output)


def decides_shapes(model):
    """Names of inputs that an op takes a shape from, also through other ops."""
    found = set()
    axes_at_1 = {node.op_type for node in model.graph.node if node.op_type.startswith("Reduce")}
    for node in reversed(model.graph.node):
        places = SHAPES.get(node.op_type, [1] if node.op_type in axes_at_1 else [])
        found.update(node.input[place] for place in places if place < len(node.input))
        if found.intersection(node.output):
            found.update(node.input)
    return found


def text_of(case):
    """The module with the inputs' values, or what the importer refuses."""
    arrays = dict(zip((value.name for value in case.model.graph.input), case.inputs(), strict=True))
    fixed = decides_shapes(case.model)
    constants = {name: array for name, array in arrays.items() if name in fixed}
    free = {name: array for name, array in arrays.items() if name not in fixed}
    made = Importer(case.model, free, None, (), constants).forward()
    text = made.text
    for argument in made.arguments:
        if argument.kind == "input":
            value = f'{{ds.value = {dense(free[argument.name], argument)}, ds.name = "{argument.name}"'
            text = text.replace(f'{{ds.name = "{argument.name}"', value, 1)
    return text


ELEMENTS = {"float32": "f32", "float64": "f64", "bfloat16": "bf16", "float16": "f16", "int32": "i32", "uint32": "i32"}
ELEMENTS |= {"int8": "i8", "uint8": "i8", "bool": "i1"}
WIDTHS = {"int32": np.int32, "uint32": np.uint32}
HELD = ("float32", "int8", "uint8")  # of ONNX's narrower types, too


def dense(array, argument):
    """An attribute of the type that the argument has in ds, where integers have no sign."""
    element = ELEMENTS[argument.dtype]
    if argument.dtype in WIDTHS:
        wide = array
        array = array.astype(WIDTHS[argument.dtype])
        if (array.astype(wide.dtype) != wide).any():
            raise FrontendError("an input has numbers that 32 bits do not hold")
    if argument.dtype in HELD:
        array = array.astype(argument.dtype)
    shape = "".join(f"{size}x" for size in argument.shape)
    if array.size == 0:
        body = ""
    elif element == "i1":
        body = str(array.tolist()).lower()
    else:
        body = f'"0x{np.ascontiguousarray(array).tobytes().hex().upper()}"'
    return f"dense<{body}> : tensor<{shape}{element}>"


def run(texts, tool="ds-exec"):
    """Results of each module, a list of nested lists, or None where it failed."""
    command = [tool, "-", "--split-input-file", "--after=ds-import-stablehlo{forward}", "--entry=forward", "--print"]
    done = subprocess.run([*command, "--worlds=1"], input=SEPARATOR.join(texts), capture_output=True, text=True)
    parts = done.stdout.split(SEPARATOR)
    found = []
    for part in parts:
        lines = [line.partition(": ")[2] for line in part.splitlines() if line.startswith("result ")]
        found.append([json.loads(re.sub(r"\bnan\b", "NaN", re.sub(r"\binf\b", "Infinity", x))) for x in lines] or None)
    return found, done.stderr


def differs(case, results):
    """What is wrong with results, or nothing."""
    wanted = case.outputs()
    if len(results) != len(wanted):
        return f"{len(results)} results for {len(wanted)}"
    for place, (found, array) in enumerate(zip(results, wanted, strict=True)):
        found = np.array(found, np.float64).reshape(array.shape) if np.size(found) == array.size else np.array(found)
        if found.shape != array.shape:
            return f"result {place} has the shape {list(found.shape)}, not {list(array.shape)}"
        if array.dtype.kind in "ui":
            found = found.astype(np.int64).astype(array.dtype)
            if (found != array).any():
                return f"result {place} differs"
            continue
        found = found.astype(array.dtype).astype(np.float64)  # as the interpreter's float64 would be stored
        if not np.allclose(found, array.astype(np.float64), rtol=case.rtol, atol=max(case.atol, 1e-6), equal_nan=True):
            return f"result {place} differs by {np.nanmax(np.abs(found - array.astype(np.float64))):.3g}"
    return None


# ===--- The list of tests that fail ----------------------------------------------------------------------------=== #

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnx_nodes.json")


def cases():
    return [Case(test) for test in load_model_tests(kind="node")]


def outcomes(tests):
    """Name of each test -> what is wrong with it, or nothing."""
    found, texts, tried = {}, [], []
    for case in tests:
        try:
            texts.append(text_of(case))
            tried.append(case)
        except FrontendError as error:
            found[case.name] = str(error)
    results, errors = run(texts)
    assert len(results) == len(texts), f"ds-exec stopped at {tried[len(results) - 1].name}: {errors[-2000:]}"
    for case, result in zip(tried, results, strict=True):
        found[case.name] = "cannot be imported from StableHLO, or executed" if result is None else differs(case, result)
    return found


def write_list():
    """Writes the list anew, with the reasons that are in it, and for others what the importer says."""
    with open(LIST, encoding="utf-8") as file:
        listed = json.load(file)
    known = {name: reason for reason, names in listed["failing"].items() for name in names}
    tests = cases()
    found, reasons = outcomes(tests), {}
    for case in tests:
        if found[case.name] and not case.ops.intersection(listed["left_out"]):
            reasons.setdefault(known.get(case.name, found[case.name]), []).append(case.name)
    listed |= {"onnx": onnx.__version__, "failing": {reason: sorted(reasons[reason]) for reason in sorted(reasons)}}
    with open(LIST, "w", encoding="utf-8") as file:
        json.dump(listed, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    write_list()
