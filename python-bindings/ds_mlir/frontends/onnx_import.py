# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX models as StableHLO: the graph node by node, what no input decides by ONNX's reference evaluator."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto

from .constants import narrowed, write_dense
from .model import Argument, FrontendError, ImportedModel
from .onnx import LOWERINGS, Scope
from .onnx.files import first_line, opset_of, read_model, with_bodies
from .onnx.folding import RANDOM, fold
from .onnx.layers import attached_loss
from .onnx.scope import NARROW, element_of_array
from .onnx_control import lower_control
from .onnx_inputs import DTYPES, array_of, by_name, fix_shapes, graph_inputs, trained_names, type_of_input
from .onnx_sequences import FUNCTIONS as SEQUENCES
from .onnx_sequences import lower_sequence
from .stablehlo import TensorType, Value, quoted

MODULE_NAME = "imported"
TARGETS = "targets"  # the further input of a loss by name
LOSSES = ("cross_entropy", "mse")
NO_LOSS = "make a floating scalar the first output, or pass loss='cross_entropy' or loss='mse'"
CONTROL = ("If", "Loop", "Scan")
# What no lowering is for, and no body is needed of.
ELSEWHERE = (
    *CONTROL,
    *SEQUENCES,
    "BlackmanWindow",
    "Constant",
    "HammingWindow",
    "HannWindow",
    "Range",
    "Shape",
    "Size",
)
BY_DATA = ("NonZero", "Unique", "Compress", "NonMaxSuppression", "StringSplit")  # sizes of results depend on data


def from_onnx(
    model: str | os.PathLike | bytes | ModelProto,
    inputs: Sequence[Any] | Mapping[str, Any] | None = None,
    loss: str | None = None,
    *,
    dims: Mapping[str, int] | None = None,
    trainable: Sequence[str] | None = None,
    constants: Mapping[str, Any] | None = None,
) -> ImportedModel:
    """Imports an ONNX model for training: opset 18 to 23, older ones as far as onnx can convert them.

    model: a file, with its external data beside it, its bytes, or a ModelProto.
    inputs: example inputs in the graph's order, or by name; their shapes are those of a micro-batch. They are not
        needed where the model says its sizes, or `dims` does: names of sizes to numbers, {"batch": 4}.
    loss: None where the first output is the loss, a floating scalar. Else "cross_entropy" or "mse" of the first output
        and a further input `targets`, the last by position.
    trainable: names of initializers, or patterns such as "layers.*", that are trained. Without it, all floating ones
        that have a dimension, but for statistics of a batch norm, tables of angles and values with infinities.
    constants: values of inputs that are to be part of the model: those that decide a shape.

    Initializers that are not trained become constants; int64 becomes int32. Raises FrontendError for what cannot be
    imported, with the node's op and name.
    """
    try:
        return Importer(model, inputs, dims, trainable, constants).run(loss)
    except FrontendError:
        raise
    except Exception as error:  # a damaged file has whatever its bytes make: names that are no text, for one
        raise FrontendError(f"the model is malformed: {type(error).__name__}: {first_line(error)}") from error


class Importer:
    """One model on its way to text."""

    def __init__(self, model: Any, inputs: Any, dims: Any, trainable: Any, constants: Any) -> None:
        self.model, self.outside = read_model(model)
        self.examples, self.dims, self.trainable = inputs, dict(dims or {}), trainable
        self.bound = {name: np.asarray(value) for name, value in (constants or {}).items()}
        self.scope = Scope()
        self.scope.opset = opset_of(self.model)
        self.arguments: list[Argument] = []
        self.values: dict[str, np.ndarray] = {}
        self.known: dict[str, np.ndarray] = {}  # what no input decides, by name in the graph
        self.lowered: dict[str, Value] = {}
        self.sequences: dict[str, list[str]] = {}  # names of the tensors in each
        self.iterations, self.names = 0, 0

    def run(self, loss: str | None) -> ImportedModel:
        """The module whose @main returns the loss."""
        if loss is not None and loss not in LOSSES:
            raise FrontendError(f"there is no loss '{loss}'; there are {', '.join(repr(name) for name in LOSSES)}")
        outputs = [output.name for output in self.model.graph.output]
        if not outputs:
            raise FrontendError(f"the model has no output, so it has no loss; {NO_LOSS}")
        self.prepare(TARGETS if loss else None)
        self.visit_graph(self.model.graph, outputs[:1])
        value = self.value_of(outputs[0])
        self.scope.location = ""
        if loss is not None:
            value = self.with_loss(loss, value)
        elif not value.type.is_float or value.type.size != 1:
            raise FrontendError(f"the model's first output, '{outputs[0]}', is {value.type}, not a loss; {NO_LOSS}")
        value = self.scope.reshape(value, ())
        return ImportedModel(self.text([value], ["loss"]), self.arguments, self.values)

    def forward(self) -> ImportedModel:
        """The module whose @main returns all outputs, for tests: it cannot be trained."""
        self.prepare(None)
        names = [output.name for output in self.model.graph.output if output.name]
        self.visit_graph(self.model.graph, names)
        self.scope.location = ""
        return ImportedModel(self.text([self.value_of(n) for n in names], names), self.arguments, self.values)

    # ===--- Arguments ------------------------------------------------------------------------------------------=== #

    def prepare(self, targets: str | None) -> None:
        declared = graph_inputs(self.model)
        names = [value.name for value in declared]
        if targets in names:
            raise FrontendError(f"the model has an input '{targets}' of its own; rename it to attach a loss")
        for name in self.bound:
            if name not in names:
                raise FrontendError(f"constants has '{name}', which is no input; the model has {', '.join(names)}")
        free = [name for name in names if name not in self.bound]
        self.examples = by_name(self.examples, [*free, targets] if targets else free)
        types = {v.name: type_of_input(v, self.examples.get(v.name), self.dims) for v in declared if v.name in free}
        self.make_parameters()
        kinds = {value.name: value.type.tensor_type.elem_type for value in declared}
        for name, type in types.items():
            self.note_type(self.add_argument(name, "input", type), kinds[name])
        self.known.update(self.bound)
        fix_shapes(self.model, types)
        self.infer()
        self.model = with_bodies(self.model, (*LOWERINGS, *ELSEWHERE))

    def infer(self) -> None:
        """Types and shapes that contradict each other are found by onnx."""
        try:
            onnx.shape_inference.infer_shapes(self.model, check_type=True, strict_mode=True, data_prop=True)
        except Exception as error:  # InferenceError, and others of its C++ part
            raise FrontendError(f"the model's types do not fit together: {first_line(error)}") from None

    def make_parameters(self) -> None:
        if self.model.graph.sparse_initializer:
            raise FrontendError("the model has sparse initializers, which cannot be imported; make them dense")
        arrays = {}
        for tensor in self.model.graph.initializer:
            outside = self.outside.get(tensor.name)
            arrays[tensor.name] = array_of(tensor) if outside is None else outside
        trained = set(trained_names(self.model, arrays, self.trainable))
        for name, array in arrays.items():
            if name in trained:
                self.add_argument(name, "parameter", TensorType(array.shape, element_of_array(array)))
                self.values[name] = array
            else:
                self.known[name] = array

    def add_argument(self, name: str, kind: str, type: TensorType) -> Value:
        value = Value(f"%arg{len(self.arguments)}", type)
        self.lowered[name] = value
        self.arguments.append(Argument(name, kind, kind == "parameter", type.shape, DTYPES[type.element]))
        return value

    def note_type(self, value: Value, type: int) -> None:
        if type in NARROW:
            self.scope.narrow[value.name] = type

    def with_loss(self, loss: str, prediction: Value) -> Value:
        if not prediction.type.is_float or prediction.rank == 0:
            raise FrontendError(f"the model's first output is {prediction.type}, of which there is no {loss}")
        shape = prediction.shape if loss == "mse" else prediction.shape[:-1]
        example = self.examples.get(TARGETS)
        if example is not None and tuple(example.shape) != shape:
            raise FrontendError(
                f"'{TARGETS}' has the shape {list(example.shape)}, but {loss} of an output of {prediction.type} takes "
                f"{list(shape)}"
            )
        element = prediction.type.element if loss == "mse" else "i32"
        targets = self.add_argument(TARGETS, "input", TensorType(tuple(shape), element))
        return attached_loss(self.scope, loss, prediction, targets)

    # ===--- Nodes ----------------------------------------------------------------------------------------------=== #

    def visit_graph(self, graph: GraphProto, wanted: Sequence[str]) -> None:
        """Lowers the nodes that `wanted` needs, in order."""
        needed, nodes = set(wanted), []
        for node in reversed(graph.node):
            if needed.intersection(name for name in node.output if name):
                nodes.append(node)
                needed.update(_reads(node))
        for node in reversed(nodes):
            where = f"{node.op_type} '{node.name or next(iter(node.output), '')}'"
            try:
                self.visit(node)
            except FrontendError as error:
                raise FrontendError(f"{where}: {error}") from error.__cause__
            except (MemoryError, RecursionError) as error:
                raise FrontendError(f"{where}: it is too large: {type(error).__name__}") from error
            except Exception as error:  # inputs and attributes that no lowering is made for
                reason = f"{type(error).__name__}: {first_line(error)}"
                raise FrontendError(f"{where}: its inputs and attributes do not fit together: {reason}") from error

    def visit(self, node: NodeProto) -> None:
        for name in node.input:
            if name and name not in self.known and name not in self.lowered and name not in self.sequences:
                raise FrontendError(f"it reads '{name}', which nothing before it makes")
        if node.op_type in CONTROL:
            lower_control(self, node)
        elif node.op_type in SEQUENCES:
            lower_sequence(self, node)
        elif not self.ask_shape(node) and not self.compute(node):
            self.lower(node)

    def ask_shape(self, node: NodeProto) -> bool:
        """Shapes are known whatever the values are."""
        if node.op_type not in ("Shape", "Size") or node.input[0] not in self.lowered:
            return False
        shape = self.lowered[node.input[0]].shape
        if node.op_type == "Shape":
            options = {entry.name: entry.i for entry in node.attribute}
            array = np.array(shape[options.get("start", 0) : options.get("end")], np.int64)
        else:
            array = np.array(int(np.prod(shape, dtype=np.int64)), np.int64)
        self.lowered.pop(node.output[0], None)
        self.known[node.output[0]] = array
        return True

    def compute(self, node: NodeProto) -> bool:
        if node.op_type in RANDOM or any(name and name not in self.known for name in _reads(node)):
            return False
        inputs = [self.known[name] if name else None for name in node.input]
        for name, array in zip(node.output, fold(node, inputs, self.scope.opset), strict=True):
            if name:
                self.lowered.pop(name, None)
                self.known[name] = array
        return True

    def value_of(self, name: str) -> Value:
        """The Value of a name that was visited."""
        if name in self.sequences:
            raise FrontendError(f"'{name}' is a sequence of tensors, where a tensor is needed")
        if name not in self.lowered:
            array = self.known[name]
            element = element_of_array(array)
            value = write_dense(self.scope, narrowed(self.scope, array, element), element)
            self.note_type(value, onnx.helper.np_dtype_to_tensor_dtype(array.dtype))
            self.scope.array_of[value.name] = array
            self.lowered[name] = value
        return self.lowered[name]

    def lower(self, node: NodeProto) -> None:
        lowering = LOWERINGS.get(node.op_type)
        if lowering is None:
            raise FrontendError(_why_not(node))
        self.scope.location = f" loc({quoted(node.name or node.output[0])})"
        self.scope.outputs = len(node.output)
        operands = [self.value_of(name) if name else None for name in node.input]
        while operands and operands[-1] is None:
            operands.pop()
        results = lowering(self.scope, *operands, **_attributes(node, lowering))
        results = results if isinstance(results, list) else [results]
        self.scope.made_by.setdefault(results[0].name, (node.op_type, operands))
        for place, name in enumerate(node.output):
            if not name:
                continue
            if place >= len(results) or results[place] is None:
                raise FrontendError(f"its output {place}, '{name}', cannot be imported; leave it out")
            self.known.pop(name, None)
            self.lowered[name] = results[place]

    # ===--- Names, for graphs inside of nodes ------------------------------------------------------------------=== #

    def alias(self, name: str, other: str) -> None:
        """`name` means from now on what `other` does."""
        self.known.pop(name, None)
        self.lowered.pop(name, None)
        if other in self.known:
            self.known[name] = self.known[other]
        if other in self.lowered:
            self.lowered[name] = self.lowered[other]
        if other in self.sequences:
            self.sequences[name] = self.sequences[other]

    def fresh(self, name: str) -> str:
        """A name of its own for what `name` means now: bodies of loops give theirs again."""
        self.alias(made := self.new_name(), name)
        return made

    def sequence(self, name: str) -> list[str]:
        if name not in self.sequences:
            raise FrontendError(f"'{name}' is no sequence that the graph makes; pass tensors instead")
        return self.sequences[name]

    def constant(self, array: np.ndarray) -> str:
        made = self.new_name()
        self.known[made] = array
        return made

    def lowered_name(self, value: Value) -> str:
        made = self.new_name()
        self.lowered[made] = value
        return made

    def new_name(self) -> str:
        self.names += 1
        return f"\0{self.names}"  # no name of a file

    def add_constants(self, graph: GraphProto) -> None:
        """Initializers of a graph inside of a node."""
        for tensor in graph.initializer:
            self.lowered.pop(tensor.name, None)
            self.known[tensor.name] = array_of(tensor)

    # ===--- Text -----------------------------------------------------------------------------------------------=== #

    def text(self, results: Sequence[Value], names: Sequence[str]) -> str:
        arguments = ",\n    ".join(self.header(place) for place in range(len(self.arguments)))
        body = "".join(f"    {line}\n" for line in self.scope.lines_for(*results))
        types = ", ".join(str(result.type) for result in results)
        named = ", ".join(f"{r.type} {{ds.name = {quoted(n)}}}" for r, n in zip(results, names, strict=True))
        return (
            f"module @{MODULE_NAME} {{\n  func.func public @main(\n    {arguments}\n  ) -> ({named}) {{\n"
            f"{body}    return {', '.join(result.name for result in results)} : {types}\n  }}\n}}\n"
        )

    def header(self, place: int) -> str:
        argument, elements = self.arguments[place], {dtype: element for element, dtype in DTYPES.items()}
        type = TensorType(argument.shape, elements[argument.dtype])
        entries = [f"ds.name = {quoted(argument.name)}", f"ds.kind = {quoted(argument.kind)}"]
        if argument.kind == "parameter":
            entries.append("ds.trainable = true")
        return f"%arg{place}: {type} {{{', '.join(entries)}}}"


def _reads(node: NodeProto) -> set[str]:
    """Names that a node and the graphs inside of it take from outside."""
    found = {name for name in node.input if name}
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            inside = {tensor.name for tensor in attribute.g.initializer}
            inside |= {value.name for value in attribute.g.input}
            for inner in attribute.g.node:
                found |= _reads(inner) - inside
                inside.update(inner.output)
            found |= {value.name for value in attribute.g.output} - inside
    return found


def _attributes(node: NodeProto, lowering: Any) -> dict[str, Any]:
    taken = inspect.signature(lowering).parameters
    takes_all = any(parameter.kind == parameter.VAR_KEYWORD for parameter in taken.values())
    found = {}
    for attribute in node.attribute:
        if attribute.name not in taken and not takes_all:
            raise FrontendError(f"its attribute '{attribute.name}' cannot be imported; export the model without it")
        found[attribute.name] = _plain(onnx.helper.get_attribute_value(attribute))
    return found


def _plain(value: Any) -> Any:
    """An attribute as Python's own."""
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, (list, tuple)) or type(value).__name__.startswith("Repeated"):
        return [_plain(entry) for entry in value]
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _why_not(node: NodeProto) -> str:
    if node.op_type in BY_DATA:
        return "the size of its result depends on data; use Where, or multiply by a mask, instead of picking elements"
    if node.op_type in RANDOM:
        return "random numbers cannot be imported yet; pass them among the inputs"
    return "this ONNX op cannot be imported; export the model with others, or add a lowering to ds_mlir/frontends/onnx"
