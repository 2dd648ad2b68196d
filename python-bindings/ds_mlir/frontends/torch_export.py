# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""PyTorch modules as StableHLO: torch.export, decomposition to core ATen, one lowering an op.

Some ops stay whole until their lowering although ATen could take them apart: what it makes of a product or of attention
is full of reshapes, and hides from the compiler what it has a kernel for.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch.export.graph_signature import InputKind, InputSpec, OutputKind, TensorArgument

from .aten import LOWERINGS, Scope, type_of
from .model import Argument, FrontendError, ImportedModel
from .stablehlo import TensorType, Value, quoted
from .torch_constants import to_numpy, write_dense, write_pattern
from .torch_gradients import with_marked_gradients
from .torch_locations import source_of
from .torch_losses import NO_LOSS, PREFIX, Inputs, export_with_loss

# Kept from decomposition: our lowering says more than ATen's.
WHOLE = (
    "adaptive_avg_pool2d",
    "cross_entropy_loss",
    "dropout",
    "gru",
    "linear",
    "lstm",
    "matmul",
    "mse_loss",
    "nll_loss_forward",
    "nll_loss2d_forward",
    "rms_norm",
    "rnn_relu",
    "rnn_tanh",
    "roll",
    "scaled_dot_product_attention",
    "silu",
    "upsample_nearest2d",
)
DTYPES = {"f32": "float32", "f64": "float64", "bf16": "bfloat16", "f16": "float16", "i32": "int32", "i8": "int8"}
DTYPES |= {"ui8": "uint8", "i1": "bool"}
ELEMENT_OF_DTYPE = {dtype: element for element, dtype in DTYPES.items()}
MODULE_NAME = "imported"


def decomposed(program: torch.export.ExportedProgram) -> torch.export.ExportedProgram:
    table = torch.export.default_decompositions()
    for name in WHOLE:
        for overload in getattr(torch.ops.aten, name).overloads():
            table.pop(getattr(getattr(torch.ops.aten, name), overload), None)
    return with_marked_gradients(program).run_decompositions(table)


def from_torch(
    module: torch.nn.Module | torch.export.ExportedProgram,
    example_inputs: Inputs = (),
    *,
    loss: str | Callable | None = None,
) -> ImportedModel:
    """Imports a module, or a program that torch.export made, for training.

    example_inputs: tensors by position, or a mapping of names to tensors; their shapes are those of a micro-batch.
    loss: None where the module returns its loss, a floating scalar, first. Else "cross_entropy", "mse" or a function of
        the module's outputs and further inputs: the last of `example_inputs`, or those with the names of its
        parameters. The two losses by name have one further input, `targets`.

    Only the loss is computed; other outputs are dropped. int64 tensors become int32. Values share memory with the
    module's parameters. Raises FrontendError for what cannot be imported, with the line of the user's source.
    """
    if isinstance(module, torch.export.ExportedProgram):
        if loss is None:
            return import_program(module)
        module = module.module()
    program, names = export_with_loss(module, example_inputs, loss)
    return import_program(program, names, PREFIX)


def import_program(
    program: torch.export.ExportedProgram, input_names: Sequence[str] | None = None, prefix: str = ""
) -> ImportedModel:
    """Lowers a program. `prefix` is cut from the names of parameters and modules."""
    return _Import(decomposed(program), input_names, prefix).run()


class _Import:
    """One program on its way to text."""

    def __init__(self, program: torch.export.ExportedProgram, input_names: Sequence[str] | None, prefix: str) -> None:
        self.program = program
        self.prefix = prefix
        self.input_names = list(input_names) if input_names is not None else None
        self.scope = Scope()
        self.scope.constant_of = lambda value: self.constant_values.get(value)
        self.scope.initial_of = lambda value: self.initial.get(value)
        self.scope.is_used_once = lambda value: self.uses.get(value) == 1
        self.changed: dict[str, str] = {}  # buffer -> the node that is its new value
        self.arguments: list[Argument] = []
        self.values: dict[str, Any] = {}
        self.initial: dict[Value, torch.Tensor] = {}  # parameters' values
        self.uses: dict[Value, int] = {}  # ops that read an argument
        self.lowered: dict[torch.fx.Node, Any] = {}
        self.constants: dict[torch.fx.Node, Any] = {}  # what no input decides
        self.constant_values: dict[Value, torch.Tensor] = {}
        self.locations: dict[str, str] = {}

    def run(self) -> ImportedModel:
        self.find_mutations()
        self.make_arguments()
        nodes = {node.name: node for node in self.program.graph.nodes}
        results = [self.find_loss(), *(nodes[name] for name in self.changed.values())]
        needed = _needed_for(results)
        self.count_uses(needed)
        for node in self.program.graph.nodes:
            if node.op == "call_function" and node in needed:
                self.visit(node)
        values = [self.value_of(result) for result in results]
        return ImportedModel(self.text(values), self.arguments, self.values)

    # ===--- Arguments ------------------------------------------------------------------------------------------=== #

    def find_mutations(self) -> None:
        """Buffers that forward changes are state; nothing else may change."""
        for spec in self.program.graph_signature.output_specs:
            if spec.kind == OutputKind.BUFFER_MUTATION:
                self.changed[spec.target] = spec.arg.name
            elif spec.kind in (OutputKind.USER_INPUT_MUTATION, OutputKind.PARAMETER_MUTATION):
                name = self.input_name(spec.target) or spec.target.removeprefix(self.prefix)
                raise FrontendError(
                    f"the module changes '{name}' in its forward, but only buffers may change; register it as a buffer"
                )

    def input_name(self, placeholder: str) -> str | None:
        """The user's name of an input."""
        inputs = [s.arg.name for s in self.program.graph_signature.input_specs if s.kind == InputKind.USER_INPUT]
        if self.input_names is None or placeholder not in inputs:
            return None
        return self.input_names[inputs.index(placeholder)]

    def make_arguments(self) -> None:
        placeholders = {node.name: node for node in self.program.graph.nodes if node.op == "placeholder"}
        tied: dict[tuple, int] = {}  # storage -> place in self.arguments
        inputs = 0
        for spec in self.program.graph_signature.input_specs:
            node = placeholders[spec.arg.name]
            if spec.kind == InputKind.USER_INPUT:
                name = self.input_names[inputs] if self.input_names is not None else spec.arg.name
                inputs += 1
                if isinstance(spec.arg, TensorArgument):
                    self.add_argument(node, name, "input", None)
                continue
            tensor = self.tensor_of(spec)
            is_constant = spec.kind == InputKind.BUFFER and not spec.persistent and spec.target not in self.changed
            if spec.kind == InputKind.CONSTANT_TENSOR or is_constant:
                self.constants[node] = tensor.detach()
                continue
            storage = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride())
            if tensor.numel() and storage in tied:
                self.add_alias(node, tied[storage], spec.target.removeprefix(self.prefix))
                continue
            tied[storage] = len(self.arguments)
            kind, result = "parameter" if spec.kind == InputKind.PARAMETER else "buffer", None
            if spec.target in self.changed:
                kind, result = "state", 1 + list(self.changed).index(spec.target)
            self.add_argument(node, spec.target.removeprefix(self.prefix), kind, tensor, result)

    def tensor_of(self, spec: InputSpec) -> torch.Tensor:
        if spec.kind not in (InputKind.PARAMETER, InputKind.BUFFER, InputKind.CONSTANT_TENSOR):
            raise FrontendError(
                f"the program has an input of the kind {spec.kind.name.lower()}, which cannot be imported"
            )
        state = self.program.state_dict
        return state[spec.target] if spec.target in state else self.program.constants[spec.target]

    def add_argument(
        self, node: torch.fx.Node, name: str, kind: str, tensor: torch.Tensor | None, result: int | None = None
    ) -> None:
        for size in node.meta["val"].shape:
            if not isinstance(size, int):
                raise FrontendError(f"'{name}' has the size {size}, which is not fixed; export without dynamic shapes")
        type = type_of(node.meta["val"])
        trainable = kind == "parameter" and tensor.requires_grad
        if trainable and not type.is_float:
            raise FrontendError(f"the parameter '{name}' is {type}; parameters that are trained must be floating")
        value = Value(f"%arg{len(self.arguments)}", type)
        self.lowered[node] = value
        self.arguments.append(Argument(name, kind, trainable, type.shape, DTYPES[type.element], result=result))
        if tensor is not None:
            self.values[name] = to_numpy(tensor)
            self.initial[value] = tensor

    def add_alias(self, node: torch.fx.Node, place: int, name: str) -> None:
        first = self.arguments[place]
        self.arguments[place] = replace(first, aliases=(*first.aliases, name))
        self.lowered[node] = Value(f"%arg{place}", TensorType(first.shape, ELEMENT_OF_DTYPE[first.dtype]))

    def find_loss(self) -> torch.fx.Node:
        """The first output of the user's, which must be a floating scalar."""
        outputs = next(node for node in self.program.graph.nodes if node.op == "output").args[0]
        specs = self.program.graph_signature.output_specs
        own = [node for node, spec in zip(outputs, specs, strict=True) if spec.kind == OutputKind.USER_OUTPUT]
        loss = own[0] if own else None
        value = loss.meta.get("val") if isinstance(loss, torch.fx.Node) else None
        if isinstance(value, torch.Tensor) and value.is_floating_point() and value.numel() == 1:
            return loss
        found = str(type_of(value)) if isinstance(value, torch.Tensor) else "no tensor"
        raise FrontendError(f"the program's first output is {found}, not a loss; {NO_LOSS}")

    def count_uses(self, needed: set[torch.fx.Node]) -> None:
        for node, value in self.lowered.items():
            self.uses[value] = self.uses.get(value, 0) + sum(user in needed for user in node.users)

    # ===--- Ops ------------------------------------------------------------------------------------------------=== #

    def visit(self, node: torch.fx.Node) -> None:
        """Lowers an op, or computes it where no input decides its result; that is written when something needs it."""
        if not self.compute(node):
            self.lower(node)

    def compute(self, node: torch.fx.Node) -> bool:
        if any(source not in self.constants for source in node.all_input_nodes):
            return False
        if _is_random(node):
            return False
        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), self.constants.__getitem__)
        with torch.no_grad():
            self.constants[node] = node.target(*args, **kwargs)
        return True

    def value_of(self, node: torch.fx.Node) -> Any:
        """The Value, or list of Values, of a node that was visited."""
        if node not in self.lowered:
            constant = self.constants[node]
            written = None
            if isinstance(constant, torch.Tensor):
                written = (write_dense if node.op == "placeholder" else write_pattern)(self.scope, constant)
            if written is None:
                self.lower(node)
            else:
                self.lowered[node] = written
            if isinstance(constant, torch.Tensor):
                self.constant_values[self.lowered[node]] = constant
        return self.lowered[node]

    def lower(self, node: torch.fx.Node) -> None:
        args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), self.value_of)
        if node.target is operator.getitem:
            self.lowered[node] = args[0][args[1]]
            return
        source = source_of(node, self.prefix)
        self.scope.location = f" loc({self.alias(source.attribute())})"
        try:
            self.lowered[node] = self.call(node, args, kwargs)
        except FrontendError as error:
            raise FrontendError(f"{node.target}: {error}; at {source}") from None

    def call(self, node: torch.fx.Node, args: tuple, kwargs: dict) -> Any:
        lowering = LOWERINGS.get(str(node.target))
        if lowering is None and _is_random(node):
            raise FrontendError("random numbers cannot be imported yet; pass them among the inputs")
        if lowering is None:
            raise FrontendError(
                "this ATen op cannot be imported; write it with others, or add a lowering to ds_mlir/frontends/aten"
            )
        values = node.meta["val"]
        self.scope.results = [type_of(v) for v in (values if isinstance(values, (list, tuple)) else [values])]
        results = lowering(self.scope, *args, **kwargs)
        for result, type in zip(results if isinstance(results, list) else [results], self.scope.results, strict=True):
            assert result is None or result.type == type, f"{node.target} gave {result.type}, PyTorch {type}"
        return results

    # ===--- Text -----------------------------------------------------------------------------------------------=== #

    def alias(self, location: str) -> str:
        return self.locations.setdefault(location, f"#loc{len(self.locations)}")

    def text(self, results: Sequence[Value]) -> str:
        self.scope.location = ""
        loss = self.scope.reshape(results[0], ())
        results = [loss, *results[1:]]
        aliases = "".join(f"{alias} = {location}\n" for location, alias in self.locations.items())
        arguments = ",\n    ".join(self.header(place) for place in range(len(self.arguments)))
        body = "".join(f"    {line}\n" for line in self.scope.lines_for(*results))
        names = ", ".join(result.name for result in results)
        types = ", ".join(str(result.type) for result in results)
        described = "".join(f", {result.type}" for result in results[1:])
        return (
            f"{aliases}module @{MODULE_NAME} {{\n"
            f'  func.func public @main(\n    {arguments}\n  ) -> ({loss.type} {{ds.name = "loss"}}{described}) {{\n'
            f"{body}    return {names} : {types}\n  }}\n}}\n"
        )

    def header(self, place: int) -> str:
        argument = self.arguments[place]
        type = TensorType(argument.shape, ELEMENT_OF_DTYPE[argument.dtype])
        entries = [f"ds.name = {quoted(argument.name)}", f"ds.kind = {quoted(argument.kind)}"]
        if argument.kind == "parameter":
            entries.append(f"ds.trainable = {'true' if argument.trainable else 'false'}")
        if argument.result is not None:
            entries.append(f"ds.result = {argument.result} : i64")
        if argument.aliases:
            entries.append(f"ds.aliases = [{', '.join(quoted(alias) for alias in argument.aliases)}]")
        return f"%arg{place}: {type} {{{', '.join(entries)}}}"


def _is_random(node: torch.fx.Node) -> bool:
    return torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ())


def _needed_for(results: Sequence[torch.fx.Node]) -> set[torch.fx.Node]:
    needed, waiting = set(results), list(results)
    while waiting:
        for source in waiting.pop().all_input_nodes:
            if source not in needed:
                needed.add(source)
                waiting.append(source)
    return needed
