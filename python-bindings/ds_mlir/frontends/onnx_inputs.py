# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What the inputs and initializers of an ONNX graph are: inputs with shapes, parameters, constants."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto

from .model import FrontendError
from .onnx.scope import ELEMENTS, element_of, element_of_array
from .stablehlo import FLOATS, TensorType

DTYPES = {"f32": "float32", "f64": "float64", "bf16": "bfloat16", "f16": "float16", "i32": "int32", "ui32": "uint32"}
DTYPES |= {"i8": "int8", "ui8": "uint8", "i1": "bool"}
PRODUCTS = ("Conv", "ConvTranspose", "Einsum", "GRU", "Gather", "Gemm", "LSTM", "MatMul", "RNN")
_FOLDED = re.compile(r"val_\d+")  # how torch.onnx.export names what it computed
_PLACEHOLDER = re.compile(r"%([pbc])_(\w+)")
# Inputs of ops that are numbers of the model and no weights: statistics, tables of angles, sizes.
FIXED = {"BatchNormalization": (3, 4), "RotaryEmbedding": (1, 2), "Resize": (1, 2), "Upsample": (1,), "Pad": (2,)}


def graph_inputs(model: ModelProto) -> list[ValueInfoProto]:
    """Inputs that are no initializers with a name."""
    own = {tensor.name for tensor in model.graph.initializer}
    return [value for value in model.graph.input if value.name not in own]


def by_name(inputs: Sequence[Any] | Mapping[str, Any] | None, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Example inputs as arrays by name; those by position are named in the order of the graph."""
    if inputs is None:
        return {}
    if not isinstance(inputs, Mapping):
        listed = list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
        if len(listed) > len(names):
            raise FrontendError(f"there are {len(listed)} example inputs, but the model has {', '.join(names)}")
        inputs = dict(zip(names, listed, strict=False))
    for name in inputs:
        if name not in names:
            raise FrontendError(f"'{name}' is no input; the model has {', '.join(names) or 'none'}")
    return {name: np.asarray(value) for name, value in inputs.items()}


def type_of_input(value: ValueInfoProto, example: np.ndarray | None, dims: dict[str, int]) -> TensorType:
    """The type of an input in the module; sizes that have a name are bound in `dims`, or by the example."""
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        raise FrontendError(f"the input '{value.name}' is {_kind_text(kind)}; only tensors can be imported")
    tensor = value.type.tensor_type
    try:
        element = element_of(tensor.elem_type)
    except FrontendError as error:
        raise FrontendError(f"the input '{value.name}': {error}") from None
    if not tensor.HasField("shape") and example is None:
        raise FrontendError(f"the shape of the input '{value.name}' is not known; pass an example in inputs=")
    if not tensor.HasField("shape"):
        return TensorType(example.shape, element)
    if example is not None and example.ndim != len(tensor.shape.dim):
        raise FrontendError(
            f"the input '{value.name}' has {len(tensor.shape.dim)} dimensions, but its example has the shape "
            f"{list(example.shape)}"
        )
    sizes = []
    for place, dim in enumerate(tensor.shape.dim):
        sizes.append(_size(value.name, place, dim, None if example is None else example.shape[place], dims))
    return TensorType(tuple(sizes), element)


def _kind_text(kind: str | None) -> str:
    return "of no type" if kind is None else f"a {kind.removesuffix('_type').replace('_', ' ')}"


def _size(name: str, place: int, dim: Any, example: int | None, dims: dict[str, int]) -> int:
    fixed = dim.dim_value if dim.HasField("dim_value") else dims.get(dim.dim_param) if dim.dim_param else None
    if fixed is None and example is None:
        symbol = dim.dim_param or "?"
        remedy = f"dims={{'{symbol}': 4}}, on the command line --dim {symbol}=4, or " if dim.dim_param else ""
        raise FrontendError(
            f"the input '{name}' has the size {symbol} in dimension {place}, which is not fixed; pass {remedy}"
            "an example in inputs="
        )
    if fixed is not None and example is not None and fixed != example:
        raise FrontendError(f"the input '{name}' has {fixed} elements in dimension {place}, but its example {example}")
    size = fixed if fixed is not None else example
    if size < 0 or size >= 2**31:
        raise FrontendError(f"the input '{name}' has the size {size} in dimension {place}; sizes are 0 to 2^31 - 1")
    if dim.dim_param:
        dims.setdefault(dim.dim_param, size)
    return size


def fix_shapes(model: ModelProto, types: Mapping[str, TensorType]) -> None:
    """Writes the inputs' sizes into the model."""
    for value in graph_inputs(model):
        if value.name in types:
            shape = value.type.tensor_type.shape
            del shape.dim[:]
            for size in types[value.name].shape:
                shape.dim.add().dim_value = size
            value.type.tensor_type.shape.SetInParent()


# ===--- Initializers -------------------------------------------------------------------------------------------=== #


def array_of(tensor: TensorProto) -> np.ndarray:
    if tensor.data_type not in ELEMENTS:
        element_of(tensor.data_type)  # says why not
    try:
        return onnx.numpy_helper.to_array(tensor)
    except Exception as error:  # lengths that do not fit are ValueErrors, and TypeErrors
        raise FrontendError(
            f"the values of '{tensor.name}' do not fit its shape {list(tensor.dims)}: {str(error).splitlines()[0]}"
        ) from None


def trained_names(model: ModelProto, arrays: Mapping[str, np.ndarray], trainable: Sequence[str] | None) -> list[str]:
    """Which initializers are parameters: those that match `trainable`, else those that look like weights."""
    if trainable is None:
        fixed = _fixed_names(model.graph) | _torch_constants(model.graph, arrays)
        return [name for name, array in arrays.items() if _is_weight(array) and name not in fixed]
    patterns = [trainable] if isinstance(trainable, str) else list(trainable)
    for pattern in patterns:
        if not fnmatch.filter(arrays, pattern):
            raise FrontendError(
                f"trainable has '{pattern}', but no initializer has such a name; there are "
                f"{', '.join(list(arrays)[:8]) or 'none'}{', ...' if len(arrays) > 8 else ''}"
            )
    chosen = [name for name in arrays if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    for name in chosen:
        if element_of_array(arrays[name]) not in FLOATS:
            raise FrontendError(f"the initializer '{name}' is {arrays[name].dtype}; parameters must be floating")
    return chosen


def _is_weight(array: np.ndarray) -> bool:
    """Floating, with a dimension; a mask with infinities is none."""
    if element_of_array(array) not in FLOATS or array.ndim == 0 or array.size == 0:
        return False
    return bool(np.isfinite(array.astype(np.float32, copy=False)).all())


def _torch_constants(graph: GraphProto, names: Collection[str]) -> set[str]:
    """What torch.onnx.export took from buffers and constants, or folded and no product or embedding reads.

    Its nodes hold the line of the exported program, where parameters are p_NAME, buffers b_NAME and constants c_NAME.
    """
    kinds, weighted = {}, set()
    for node in graph.node:
        if node.op_type in PRODUCTS:
            weighted.update(node.input)
        for entry in node.metadata_props:
            if entry.key == "pkg.torch.onnx.fx_node":
                for kind, name in _PLACEHOLDER.findall(entry.value):
                    kinds.setdefault(name.lower(), set()).add(kind)
    found = {name for name in names if _FOLDED.fullmatch(name) and name not in weighted}
    return found | {name for name in names if kinds.get(re.sub(r"\W", "_", name).lower(), {"p"}).isdisjoint("p")}


def _fixed_names(graph: GraphProto) -> set[str]:
    found = set()
    for node in graph.node:
        places = FIXED.get(node.op_type, ())
        found.update(node.input[place] for place in places if place < len(node.input))
        for attribute in node.attribute:
            if attribute.HasField("g"):
                found |= _fixed_names(attribute.g)
    return found
