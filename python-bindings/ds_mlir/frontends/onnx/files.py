# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reading ONNX files, which anyone may have written: protobuf by the package `onnx`, external data by rule."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator

import numpy as np
import onnx
import onnx.inliner
import onnx.version_converter
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from ..model import FrontendError

DOMAINS = ("", "ai.onnx")
OLDEST = 13  # the opset that older models are converted to; ops have changed little since
INLINE = 1 << 16  # bytes of external data that are copied into the model, where shape inference sees them


def read_model(model: str | os.PathLike | bytes | ModelProto) -> tuple[ModelProto, dict[str, np.ndarray]]:
    """The model, of a supported opset, and the initializers that lie outside of it by name."""
    folder = None
    if isinstance(model, ModelProto):
        made = ModelProto()
        made.CopyFrom(model)
    else:
        made, folder = _parsed(model)
    if not made.HasField("graph") or not made.graph.node and not made.graph.output:
        raise FrontendError("the file has no graph: it is not a model of ONNX")
    outside = _read_external(made, folder)
    if made.functions:
        made = onnx.inliner.inline_local_functions(made)
    for node in nodes_of(made.graph):
        if node.domain not in DOMAINS:
            name = node.name or next(iter(node.output), "")
            raise FrontendError(
                f"{node.op_type} '{name}': the domain '{node.domain}' is not ONNX's "
                "own; export the model without custom ops, or rewrite the node with standard ones"
            )
    return _with_supported_opset(made), outside


def _parsed(source: str | os.PathLike | bytes) -> tuple[ModelProto, str | None]:
    folder, name = None, "the model"
    if not isinstance(source, bytes):
        name = os.fspath(source)
        folder = os.path.dirname(os.path.abspath(name))
        try:
            with open(name, "rb") as file:
                source = file.read()
        except OSError as error:
            raise FrontendError(f"{name}: cannot be read: {error.strerror}") from None
    try:
        return onnx.load_model_from_string(source), folder
    except Exception as error:  # DecodeError of protobuf, of which there are several
        raise FrontendError(f"{name}: is not a model of ONNX: {first_line(error)}") from None


def with_bodies(model: ModelProto, lowered: Collection[str]) -> ModelProto:
    """The model with the body that ONNX has of an op in the place of each that has no lowering."""
    version = opset_of(model)
    called = sorted({node.op_type for node in nodes_of(model.graph) if node.domain in DOMAINS} - set(lowered))
    bodies = [("", name) for name in called if _has_body(name, version)]
    if not bodies:
        return model
    for tensor in model.graph.initializer:  # whose types the inliner does not know otherwise
        model.graph.value_info.append(onnx.helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
    return onnx.inliner.inline_selected_functions(model, bodies, inline_schema_functions=True)


def _has_body(name: str, version: int) -> bool:
    if not onnx.defs.has(name):
        return False
    try:
        schema = onnx.defs.get_schema(name, version)
    except onnx.defs.SchemaError:
        return False
    return schema.has_function or schema.has_context_dependent_function


def nodes_of(graph: GraphProto) -> Iterator[NodeProto]:
    """Every node of a graph, and of graphs inside of it."""
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.type == AttributeProto.GRAPH:
                yield from nodes_of(attribute.g)


def first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


# ===--- Opsets -------------------------------------------------------------------------------------------------=== #


def opset_of(model: ModelProto) -> int:
    versions = [entry.version for entry in model.opset_import if entry.domain in DOMAINS]
    if not versions:
        raise FrontendError("the model does not say which opset of ONNX it is of; export it again with opset 18 to 23")
    return versions[0]


def _with_supported_opset(model: ModelProto) -> ModelProto:
    version, newest = opset_of(model), onnx.defs.onnx_opset_version()
    if not 1 <= version <= newest:
        raise FrontendError(
            f"the model has opset {version}, but the installed onnx {onnx.__version__} knows 1 to {newest}; "
            "export it again with opset 18 to 23"
        )
    if version >= OLDEST:
        return model
    try:
        return onnx.version_converter.convert_version(model, OLDEST)
    except Exception as error:  # the converter has no class of its own for what it cannot do
        raise FrontendError(
            f"the model has opset {version}, which onnx cannot convert to {OLDEST}: {first_line(error)}; "
            "export it again with opset 18 to 23"
        ) from None


# ===--- External data ------------------------------------------------------------------------------------------=== #


def tensors_of(graph: GraphProto) -> Iterator[TensorProto]:
    """Every tensor of a graph, and of graphs inside of it."""
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            yield from _tensors_of_attribute(attribute)


def _tensors_of_attribute(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.type == AttributeProto.TENSOR:
        yield attribute.t
    yield from attribute.tensors
    if attribute.type == AttributeProto.GRAPH:
        yield from tensors_of(attribute.g)
    for graph in attribute.graphs:
        yield from tensors_of(graph)


def _read_external(model: ModelProto, folder: str | None) -> dict[str, np.ndarray]:
    taken: dict[str, list[tuple[int, int, str]]] = {}
    outside = {}
    for tensor in tensors_of(model.graph):
        if tensor.data_location != TensorProto.EXTERNAL:
            continue
        if folder is None:
            raise FrontendError(
                f"'{tensor.name}' lies in another file, but the model was not read from one; pass the model's path"
            )
        path, offset, length = _place(tensor, folder)
        taken.setdefault(path, []).append((offset, offset + length, tensor.name))
        if length <= INLINE or tensor.dims == [] or not tensor.name:
            with open(path, "rb") as file:
                file.seek(offset)
                tensor.raw_data = file.read(length)
            tensor.data_location = TensorProto.DEFAULT
            del tensor.external_data[:]
        else:
            dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
            outside[tensor.name] = np.memmap(path, dtype, "r", offset, tuple(tensor.dims))
    for ranges in taken.values():
        _refuse_overlaps(sorted(ranges))
    return outside


def _refuse_overlaps(ranges: list[tuple[int, int, str]]) -> None:
    for (_, end, first), (start, limit, second) in zip(ranges, ranges[1:], strict=False):
        if start < end and start < limit:
            raise FrontendError(f"the external data of '{second}' overlaps that of '{first}'; save the model again")


def _place(tensor: TensorProto, folder: str) -> tuple[str, int, int]:
    """File, offset and length of external data, which lie inside the folder and the file, and fit the shape."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    root = os.path.realpath(folder)
    path = os.path.realpath(os.path.join(root, location))
    where = f"the external data of '{tensor.name}'"
    if not location or "\0" in location or os.path.isabs(location) or os.path.commonpath([root, path]) != root:
        raise FrontendError(f"{where} is in '{location}', which is not inside the model's folder")
    if not os.path.isfile(path):
        raise FrontendError(f"{where} is in '{location}', which is missing; put it beside the model")
    size, wanted = os.path.getsize(path), _bytes_of(tensor)
    offset, length = _integer(entries, "offset", 0, where), _integer(entries, "length", wanted, where)
    if offset + length > size:
        raise FrontendError(f"{where} ends at byte {offset + length}, but '{location}' has {size}")
    if length != wanted:
        raise FrontendError(f"{where} has {length} bytes, but its shape {list(tensor.dims)} takes {wanted}")
    return path, offset, length


def _bytes_of(tensor: TensorProto) -> int:
    try:
        width = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except (KeyError, ValueError):
        raise FrontendError(f"'{tensor.name}' has a type that cannot lie in another file") from None
    if any(size < 0 for size in tensor.dims):
        raise FrontendError(f"'{tensor.name}' has the shape {list(tensor.dims)}, but sizes cannot be negative")
    return math.prod(tensor.dims) * width


def _integer(entries: dict[str, str], key: str, default: int, where: str) -> int:
    text = entries.get(key)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 19 or int(text) >= 2**63:
        raise FrontendError(f"{where} has the {key} '{text[:40]}', but it must be a number of bytes, 0 to 2^63 - 1")
    return int(text)
