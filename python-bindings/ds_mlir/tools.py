#===- tools.py - The programs that the package carries ---------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Where ds-opt, ds-run, ds-plan and ds-model are, and how they are called."""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Sequence

from .errors import Error

_NAMES = ("ds-opt", "ds-run", "ds-plan", "ds-model")


def path(name: str) -> str:
    """The absolute path of a tool; Error when the installation lacks it."""
    file = Path(__file__).parent / "bin" / name
    if not os.access(file, os.X_OK):
        raise Error(f"expects the program '{file}', but there is none; install ds_mlir again")
    return str(file)


def call(name: str, arguments: Sequence[str]) -> subprocess.CompletedProcess:
    """Runs a tool to its end and keeps what it wrote, whatever its exit code."""
    return subprocess.run([path(name), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", check=False)


def message(name: str, done: subprocess.CompletedProcess) -> str:
    """Why a tool failed, in its own words."""
    text = done.stderr.strip().removeprefix(f"{name}: error: ")
    if done.returncode < 0:
        text = f"{text}\n{name} was ended by signal {-done.returncode}".strip()
    return text or f"{name} ended with exit code {done.returncode} and said nothing"


def main() -> None:
    """The commands `ds-opt`, `ds-run`, `ds-plan` and `ds-model` of an installed wheel."""
    name = Path(sys.argv[0]).name
    if name not in _NAMES:
        raise SystemExit(f"expects to be called as one of {', '.join(_NAMES)}, but got '{name}'")
    program = path(name)
    os.execv(program, [program, *sys.argv[1:]])
