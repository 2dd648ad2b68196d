# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where in the user's program an op of an exported graph comes from."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

import torch

from .stablehlo import quoted

_FRAME = re.compile(r'^\s*File "(?P<file>[^"]*)", line (?P<line>\d+), in (?P<function>.*)$')
_OURS = os.path.dirname(__file__) + os.sep
_TORCH = os.path.dirname(torch.__file__) + os.sep


@dataclass(frozen=True)
class Source:
    """A line of a file, and the path of the module whose forward was running."""

    file: str = ""
    line: int = 0
    function: str = ""
    code: str = ""
    module: str = ""

    def attribute(self) -> str:
        """The location as MLIR writes it."""
        place = f"{quoted(self.file)}:{self.line}:1" if self.file else ""
        if self.module:
            return f"loc({quoted(self.module)}{f'({place})' if place else ''})"
        return f"loc({place or 'unknown'})"

    def __str__(self) -> str:
        module = f"module '{self.module}'" if self.module else ""
        place = f"{self.file}:{self.line} in {self.function}: {self.code}" if self.file else ""
        return ", ".join(part for part in (place, module) if part) or "an unknown place"


def source_of(node: torch.fx.Node, prefix: str = "") -> Source:
    """The innermost line that is not PyTorch's own, else the innermost. `prefix` is cut from the module's path."""
    modules = [path for path, _ in (node.meta.get("nn_module_stack") or {}).values()]
    module = f"{modules[-1]}.".removeprefix(prefix).removesuffix(".") if modules else ""
    lines = (node.meta.get("stack_trace") or "").splitlines()
    frames = []
    for number, text in enumerate(lines):
        frame = _FRAME.match(text)
        if frame:
            code = lines[number + 1].strip() if number + 1 < len(lines) else ""
            frames.append(Source(frame["file"], int(frame["line"]), frame["function"], code, module))
    frames = [frame for frame in frames if not frame.file.startswith((_OURS, "<eval_with_key>"))]
    own = [frame for frame in frames if not frame.file.startswith(_TORCH)]
    return (own or frames or [Source(module=module)])[-1]
