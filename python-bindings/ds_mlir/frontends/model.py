# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a front end makes of a model: a StableHLO module, what its arguments are, and their first values."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..errors import Error


class FrontendError(Error, ValueError):
    """A model that cannot be imported: what was met, where in the user's source, and what could be done."""


@dataclass(frozen=True)
class Argument:
    """One argument of @main.

    `dtype` is that of the module: an int64 tensor of PyTorch is "int32" here, and whoever passes values checks that
    they fit. `aliases` are further names of a tied parameter; `name` is the first in the order of the state dict. A
    state is a buffer that the function returns a new value of: its result number `result`.
    """

    name: str
    kind: Literal["parameter", "buffer", "state", "input"]
    trainable: bool
    shape: tuple[int, ...]
    dtype: str
    aliases: tuple[str, ...] = ()
    result: int | None = None


@dataclass
class ImportedModel:
    """A model as StableHLO text.

    text: one module; its public function @main takes `arguments` in their order and returns the loss, a scalar,
        and behind it the new values of states.
    values: name -> array of each parameter and buffer, in the argument's shape and dtype.
    """

    text: str
    arguments: list[Argument]
    values: dict[str, np.ndarray] = field(default_factory=dict)

    def signature(self) -> dict:
        """What `ds-opt --signature=F.json` reads."""
        keys = ("name", "kind", "trainable", "result")
        entries = [{key: getattr(argument, key) for key in keys} for argument in self.arguments]
        return {"arguments": [{k: v for k, v in entry.items() if v is not None} for entry in entries]}

    def inputs(self) -> list[Argument]:
        return [argument for argument in self.arguments if argument.kind == "input"]

    def save(self, folder: str | os.PathLike) -> None:
        """Writes model.mlir, signature.json and parameters.safetensors into `folder`, which is made if missing.

        Needs the package `safetensors`.
        """
        from safetensors.numpy import save_file

        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "model.mlir"), "w") as file:
            file.write(self.text)
        with open(os.path.join(folder, "signature.json"), "w") as file:
            json.dump(self.signature(), file, indent=1)
            file.write("\n")
        values = {name: np.asarray(value, order="C") for name, value in self.values.items()}
        save_file(values, os.path.join(folder, "parameters.safetensors"))
