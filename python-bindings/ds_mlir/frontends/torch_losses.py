# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""From a module and a loss to an exported program whose first output is the loss."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from .model import FrontendError

Inputs = Sequence[Any] | Mapping[str, Any]


def _logits(outputs: Any) -> torch.Tensor:
    """The prediction among a module's outputs: the tensor itself, `.logits` as transformers call it, or the first."""
    if isinstance(outputs, torch.Tensor):
        return outputs
    if hasattr(outputs, "logits"):
        return outputs.logits
    return next(iter(outputs.values())) if isinstance(outputs, Mapping) else outputs[0]


def cross_entropy(outputs: Any, targets: torch.Tensor) -> torch.Tensor:
    """The mean over all positions; outputs are (..., classes), targets (...) class numbers, -100 where none counts."""
    logits = _logits(outputs)
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


def mse(outputs: Any, targets: torch.Tensor) -> torch.Tensor:
    """The mean of the squared differences."""
    return torch.nn.functional.mse_loss(_logits(outputs), targets)


def own_loss(outputs: Any) -> torch.Tensor:
    """The loss of a module that returns it: the output, `.loss` as transformers call it, or the first of several."""
    while not isinstance(outputs, torch.Tensor):
        if isinstance(outputs, Mapping):
            outputs = outputs["loss"] if outputs.get("loss") is not None else next(iter(outputs.values()), None)
        elif isinstance(outputs, (tuple, list)) and outputs:
            outputs = outputs[0]
        else:
            raise FrontendError(f"the module returns {type(outputs).__name__}, in which there is no loss; {NO_LOSS}")
    if not outputs.is_floating_point() or outputs.numel() != 1:
        shape = f"{str(outputs.dtype).removeprefix('torch.')} of shape {tuple(outputs.shape)}"
        raise FrontendError(f"the module's first output is {shape}, not a loss; {NO_LOSS}")
    return outputs


LOSSES = {"cross_entropy": cross_entropy, "mse": mse}
NO_LOSS = "return a floating scalar first, or pass loss='cross_entropy', loss='mse' or a function of the outputs"
PREFIX = "model."  # what `_WithLoss` puts before each name of the module


class _WithLoss(torch.nn.Module):
    """A module whose output is its loss. The arguments of `loss` after the first are inputs after the module's own."""

    def __init__(self, model: torch.nn.Module, loss: Callable) -> None:
        super().__init__()
        self.model = model
        self.loss = loss
        self.training = model.training

    def forward(self, inputs, keywords, targets):
        return own_loss(self.loss(self.model(*inputs, **keywords), *targets))


def _parted(inputs: Inputs, targets: Sequence[str]) -> tuple[tuple, dict, tuple]:
    """Positional inputs of the module, those by keyword, and those of the loss."""
    if isinstance(inputs, Mapping):
        for name in targets:
            if name not in inputs:
                raise FrontendError(f"the loss takes '{name}', but the example inputs are {', '.join(inputs)}")
        keywords = {name: value for name, value in inputs.items() if name not in targets}
        return (), keywords, tuple(inputs[name] for name in targets)
    inputs = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    if len(inputs) < len(targets):
        wanted = " and ".join(f"'{name}'" for name in targets)
        raise FrontendError(
            f"the loss takes {wanted} after the module's inputs, but the example inputs are {len(inputs)}"
        )
    cut = len(inputs) - len(targets)
    return inputs[:cut], {}, inputs[cut:]


def _leaf_names(module: torch.nn.Module, parts: tuple[tuple, dict, tuple], targets: Sequence[str]) -> list[str]:
    """A name for each tensor in `parts`, in the order in which torch.export takes them apart."""
    inputs, keywords, rest = parts
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [p.name for p in inspect.signature(module.forward).parameters.values() if p.kind in positional]
    names += [f"input_{number}" for number in range(len(names), len(inputs))]
    named = [*zip(names, inputs, strict=False), *keywords.items(), *zip(targets, rest, strict=True)]
    result = []
    for name, value in named:
        for path, _ in torch.utils._pytree.tree_flatten_with_path(value)[0]:
            result.append("_".join([name, *(str(getattr(key, "key", getattr(key, "idx", key))) for key in path)]))
    return result


def _copied(values: Any) -> Any:
    """Tensors of their own: one that is passed twice would become one input."""
    return torch.utils._pytree.tree_map(lambda v: v.clone() if isinstance(v, torch.Tensor) else v, values)


def export_with_loss(
    module: torch.nn.Module, example_inputs: Inputs, loss: str | Callable | None
) -> tuple[torch.export.ExportedProgram, list[str]]:
    """The program, and the names of its inputs: those of forward's parameters, then those of the loss."""
    if isinstance(loss, str) and loss not in LOSSES:
        wanted = ", ".join(f"'{name}'" for name in LOSSES)
        raise FrontendError(f"there is no loss '{loss}'; there are {wanted}, or pass a function of the outputs")
    function = own_loss if loss is None else LOSSES[loss] if isinstance(loss, str) else loss
    targets = list(inspect.signature(function).parameters)[1:]
    parts = _copied(_parted(example_inputs, targets))
    program = torch.export.export(_WithLoss(module, function), parts, strict=False)
    return program, _leaf_names(module, parts, targets)
