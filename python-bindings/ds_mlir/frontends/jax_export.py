# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""JAX functions as StableHLO, which JAX itself writes; what is added here are the names and kinds of the arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.mlir import ir

from .jax_gradients import erase_needless_stops, lowering_parameters
from .model import Argument, FrontendError, ImportedModel


def from_jax(
    function: Callable, params: Any, *example_inputs: Any, has_aux: bool = False, state: Any = None
) -> ImportedModel:
    """Imports a function of parameters and inputs for training.

    function: function(params, *inputs) returns a floating scalar, the loss; with `has_aux` a pair of it and anything.
    params: a pytree of floating arrays: all are trained. A parameter is named by its path, such as "layers.0.w".
    state: a pytree of arrays that the function changes: running statistics, counters, random keys. It is then called as
        function(params, state, *inputs) and returns (loss, new state), with `has_aux` (loss, new state, anything).
    example_inputs: arrays, or pytrees of them, of a micro-batch's shapes; named by the function's own parameters.

    Arrays that `function` closes over are constants. What is closed over or passed is not copied. Raises FrontendError
    where the result is no loss or a parameter cannot be trained; JAX's own errors pass through.
    """
    leaves = jax.tree_util.tree_leaves_with_path(params)
    names = [_path_name(path) or "params" for path, _ in leaves]
    for name, (_, leaf) in zip(names, leaves, strict=True):
        if not jnp.issubdtype(jnp.result_type(leaf), jnp.floating):
            raise FrontendError(
                f"the parameter '{name}' is {jnp.result_type(leaf)}, which cannot be trained; "
                "pass it among the example inputs, or close over it"
            )
    inputs = _input_names(function, example_inputs, first=1 if state is None else 2)
    states = _state_names(state, names)

    def main(params, state, *inputs):
        if state is not None:
            return tuple(function(params, state, *inputs)[:2])
        result = function(params, *inputs)
        return (result[0] if has_aux else result), None

    main.__name__ = getattr(function, "__name__", "main")  # part of the module's name
    loss, new_state = jax.eval_shape(main, params, state, *example_inputs)
    _check_loss(loss)
    _check_state(state, new_state)
    traced = jax.jit(main, keep_unused=True).trace(params, state, *example_inputs)
    lowered = traced.lower(lowering_platforms=("cpu",), _private_parameters=lowering_parameters())
    kinds = [("parameter", name) for name in names] + [("state", name) for name in states]
    kinds += [("input", name) for name in inputs]
    module = lowered.compiler_ir("stablehlo")
    with module.context, ir.Location.unknown():
        erase_needless_stops(module)
        arguments = _with_attributes(module, kinds)
        text = module.operation.get_asm(enable_debug_info=True)
    values = {name: np.asarray(leaf) for name, (_, leaf) in zip(names, leaves, strict=True)}
    values |= {name: _numbers(leaf) for name, leaf in zip(states, jax.tree_util.tree_leaves(state), strict=True)}
    return ImportedModel(text, arguments, values)


def _path_name(path: Sequence[Any]) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")


def _state_names(state: Any, taken: Sequence[str]) -> list[str]:
    """The paths in the state, behind "state." where a parameter has one of them, too."""
    paths = [_path_name(path) or "state" for path, _ in jax.tree_util.tree_leaves_with_path(state)]
    return [f"state.{path}" for path in paths] if set(paths) & set(taken) else paths


def _numbers(leaf: Any) -> np.ndarray:
    """An array of the state; of a random key its words."""
    is_key = jnp.issubdtype(jnp.result_type(leaf), jax.dtypes.prng_key)
    return np.asarray(jax.random.key_data(leaf) if is_key else jnp.asarray(leaf))


def _check_state(state: Any, new_state: Any) -> None:
    def described(tree):
        leaves = jax.tree_util.tree_leaves_with_path(tree)
        return {_path_name(path): f"{jnp.result_type(leaf)} of shape {jnp.shape(leaf)}" for path, leaf in leaves}

    old, new = described(state), described(new_state)
    for name in old | new:
        if old.get(name) != new.get(name):
            raise FrontendError(
                f"the state '{name or 'state'}' is {old.get(name, 'nothing')}, but the function returns "
                f"{new.get(name, 'nothing')} for it; return a new state of the old one's shapes and types"
            )


def _input_names(function: Callable, inputs: Sequence[Any], first: int) -> list[str]:
    """A name for each leaf of the inputs: the function's parameter, and the path within it."""
    names = []
    try:
        parameters = list(inspect.signature(function).parameters.values())[first:]
    except ValueError:  # a function that Python cannot look into
        parameters = []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = [p.name for p in parameters if p.kind in positional]
    given += [f"input_{number}" for number in range(len(given), len(inputs))]
    for name, value in zip(given, inputs, strict=False):
        for path, _ in jax.tree_util.tree_leaves_with_path(value):
            names.append(".".join(part for part in (name, _path_name(path)) if part))
    return names


def _check_loss(result: Any) -> None:
    if isinstance(result, jax.ShapeDtypeStruct) and not result.shape and jnp.issubdtype(result.dtype, jnp.floating):
        return
    found = (
        f"{result.dtype} of shape {result.shape}" if isinstance(result, jax.ShapeDtypeStruct) else type(result).__name__
    )
    raise FrontendError(
        f"the function returns {found}, not a loss; return a floating scalar, or a pair that starts with it and has_aux"
    )


def _with_attributes(module: ir.Module, kinds: Sequence[tuple[str, str]]) -> list[Argument]:
    """Puts ds.name, ds.kind and ds.trainable on @main's arguments, and says what these are."""
    main = next(op for op in module.body.operations if op.operation.attributes["sym_name"].value == "main")
    arguments, attributes = [], []
    results = 1  # behind the loss are the new values of states
    for (kind, name), argument in zip(kinds, main.arguments, strict=True):
        type = ir.RankedTensorType(argument.type)
        trained = kind == "parameter"
        result = results if kind == "state" else None
        dtype = _dtype(str(type.element_type))
        arguments.append(Argument(name, kind, trained, tuple(type.shape), dtype, result=result))
        entries = {"ds.name": ir.StringAttr.get(name), "ds.kind": ir.StringAttr.get(kind)}
        if trained:
            entries["ds.trainable"] = ir.BoolAttr.get(True)
        if result is not None:
            entries["ds.result"] = ir.IntegerAttr.get(ir.IntegerType.get_signless(64), result)
            results += 1
        attributes.append(ir.DictAttr.get(entries))
    main.operation.attributes["arg_attrs"] = ir.ArrayAttr.get(attributes)
    return arguments


def _dtype(element: str) -> str:
    """numpy's name of an element type of MLIR."""
    if element == "i1":
        return "bool"
    for prefix, name in (("ui", "uint"), ("i", "int"), ("bf", "bfloat"), ("f", "float")):
        if element.startswith(prefix):
            return name + element.removeprefix(prefix)
    raise FrontendError(f"an argument has elements of type {element}, which cannot be imported")
