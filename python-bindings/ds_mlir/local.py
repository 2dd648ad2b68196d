#===- local.py - World 1: training in this process -------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A plan of world 1, run by the extension; nothing is copied but batches into the plan's input buffers."""
from __future__ import annotations

import os
import time
from typing import Iterator, Mapping, Optional

import numpy as np

from .data import Batches, Data, source_of
from .description import Description
from .errors import DataError, Error


def _extension():
    """Loads the extension, with short spinning of idle threads unless the user has set that or OpenMP is loaded.

    libgomp reads the variable when it is loaded, and its default starves others where cores are shared (see
    runtime/README.md, "Threads and cores").
    """
    ours = "GOMP_SPINCOUNT" not in os.environ and "OMP_WAIT_POLICY" not in os.environ
    if ours:
        os.environ["GOMP_SPINCOUNT"] = "1000"
    try:
        from . import _runtime
    except ImportError as error:
        raise Error(f"cannot load the runtime's extension: {error}; install ds_mlir again") from error
    finally:
        if ours:
            del os.environ["GOMP_SPINCOUNT"]
    return _runtime


class LocalRun:
    """The session of a plan; its memory is given back with the last array that views it."""

    def __init__(self, path: str, description: Description):
        self._description = description
        self._session = _extension().Session(path)

    @property
    def step(self) -> int:
        return self._session.step

    def reset(self, seed: int, checkpoint: Optional[str], values: Mapping[str, np.ndarray]) -> None:
        self._session.reset(seed, checkpoint)
        self.write(values)

    def write(self, values: Mapping[str, np.ndarray]) -> None:
        states = self._session.states()
        for name, value in values.items():
            np.copyto(states[name], value)

    def states(self, kind: Optional[str] = None) -> dict[str, np.ndarray]:
        return self._session.states(kind)

    @staticmethod
    def stops(data: Data) -> bool:
        """Whether a training on `data` can end before its last step."""
        return True

    def save(self, folder: str) -> None:
        self._session.save(folder)

    def hash(self) -> int:
        return self._session.hash()

    def run(self, entry: str, data: Data, steps: int, save: Optional[str], save_every: int,
            ) -> Iterator[tuple[int, dict[str, float], float]]:
        """Runs `steps` steps; gives the number, the outputs and the milliseconds of each."""
        trains = entry == "train"
        views = self._session.inputs(entry)
        inputs = self._description.inputs_of(entry)
        source = source_of(data)
        batches = Batches(data, inputs, inputs[0].shape[0] if inputs else 1) if source is None else None
        saved = None
        try:
            for i in range(steps):
                number = self.step if trains else i
                if batches is not None:
                    batches.fill(views, number)
                elif source is not None:
                    self._session.read(entry, source, number)
                begin = time.perf_counter()
                outputs = self._session.run(entry)
                ms = (time.perf_counter() - begin) * 1e3
                if save and save_every and self.step % save_every == 0:
                    self.save(save)
                    saved = self.step
                yield number, outputs, ms
        except (GeneratorExit, DataError):  # the steps so far are whole
            if save and saved != self.step:
                self.save(save)
            raise
        if save and saved != self.step:
            self.save(save)
