#===- ranks.py - World > 1: ranks that ds-run starts -----------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A plan of several ranks. A process with an interpreter in it cannot be forked soundly, so ds-run starts the ranks.

Batches go to each rank through a pipe (`--data=stream:...`, see runtime/data/StreamData.h): one copy into the pipe, one
out of it, nothing on disk. Steps come back as the lines of `--json`. Between trainings the state is a checkpoint in a
temporary folder; a training that fails leaves the state from before it.
"""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from typing import Any, Iterator, Mapping, Optional, Sequence

import numpy as np

from . import tools
from .data import Batches, Data, source_of, staging
from .description import Description, Input
from .errors import Error, of_status
from .folder import TemporaryFolder

Reported = tuple[int, dict[str, float], float]


class _Stream:
    """The pipes to the ranks."""

    def __init__(self, data: Any, inputs: Sequence[Input], world: int):
        self._views = staging(inputs, world)
        self._per_rank = inputs[0].shape[0] if inputs else 1
        self._batches = Batches(data, inputs, world * self._per_rank)
        pipes = [os.pipe() for _ in range(world)]
        self.read_ends = [reader for reader, _ in pipes]
        self._write_ends = [writer for _, writer in pipes]
        self._whole = True  # no step is half sent

    def send(self, step: int) -> None:
        """One step to all ranks. What does not fit is found before anything is sent."""
        self._batches.fill(self._views, step)
        self._whole = False
        for rank, pipe in enumerate(self._write_ends):
            _write(pipe, b"\x01")
            for view in self._views.values():
                _write(pipe, view[rank * self._per_rank:(rank + 1) * self._per_rank])
        self._whole = True

    def end(self) -> bool:
        """Says that no step follows; whether the ranks can end well."""
        if self._whole:
            for pipe in self._write_ends:
                _write(pipe, b"\x00")
        self.close()
        return self._whole

    def close(self) -> None:
        for pipe in self._write_ends + self.read_ends:
            os.close(pipe)
        self._write_ends, self.read_ends = [], []

    def close_read_ends(self) -> None:
        for pipe in self.read_ends:
            os.close(pipe)
        self.read_ends = []


def _write(pipe: int, data: Any) -> None:
    """All of it; a rank that has gone says why itself."""
    left = memoryview(data).cast("B")
    try:
        while left:
            left = left[os.write(pipe, left):]
    except BrokenPipeError:
        pass


class RanksRun:
    """The same as LocalRun, for several ranks."""

    def __init__(self, path: str, description: Description):
        self._path = path
        self._description = description
        self._folder = TemporaryFolder()
        self._state: Optional[str] = None  # the folder of a step
        self._arguments: list[str] = []  # that make the state where there is none yet
        self._runs = 0
        self._hash = 0
        self.step = 0

    def reset(self, seed: int, checkpoint: Optional[str], values: Mapping[str, np.ndarray]) -> None:
        self._state, self.step = None, 0
        self._arguments = [f"--seed={seed}"] + ([] if checkpoint is None else [f"--load={os.path.abspath(checkpoint)}"])
        if checkpoint is not None:
            self._saved()
        if values:
            self.write(values)

    def write(self, values: Mapping[str, np.ndarray]) -> None:
        from safetensors.numpy import save_file
        path = os.path.join(self._saved(), "model.safetensors")
        arrays = {**self.states("parameter")}
        for name, value in values.items():
            arrays[name] = np.asarray(value, arrays[name].dtype, order="C")
        save_file(arrays, path + ".new", metadata={"format": "pt", "step": str(self.step)})
        os.replace(path + ".new", path)
        self._hash = 0

    def states(self, kind: Optional[str] = None) -> dict[str, np.ndarray]:
        from safetensors.numpy import load_file
        folder = self._saved()
        files = {"parameter": ["model"]}.get(kind or "", ["model", "optimizer"])
        return {name: array for file in files
                for name, array in load_file(os.path.join(folder, f"{file}.safetensors")).items()}

    @staticmethod
    def stops(data: Data) -> bool:
        """Whether a training on `data` can end before its last step."""
        return source_of(data) is None

    def save(self, folder: str) -> None:
        self._finish([*self._from_state(), "--steps=0", f"--save={folder}"])

    def hash(self) -> int:
        self._hash = self._hash or self._finish([*self._from_state(), "--steps=0"])
        return self._hash

    def run(self, entry: str, data: Data, steps: int, save: Optional[str], save_every: int) -> Iterator[Reported]:
        """Runs `steps` steps; gives the number, the outputs and the milliseconds of each."""
        trains = entry == "train"
        if steps == 0:
            if save:
                self.save(save)
            return
        arguments = [*self._from_state(), f"--entry={entry}", f"--steps={steps}"]
        target = save or self._next_folder()
        if trains:
            arguments += [f"--save={target}"] + ([f"--save-every={save_every}"] if save_every else [])
        stream, source = None, source_of(data)
        if source is not None:
            arguments.append(f"--data={source}")
        else:
            stream = _Stream(data, self._description.inputs_of(entry), self._description.world)
            arguments.append("--data=stream:" + ",".join(map(str, stream.read_ends)))
        yield from self._running(arguments, stream, steps, target if trains else None)

    def _running(self, arguments: Sequence[str], stream: Optional[_Stream], steps: int,
                 target: Optional[str]) -> Iterator[Reported]:
        process = _Process(self._path, arguments, stream)
        try:
            for i in range(steps):
                if stream is not None:
                    stream.send(self.step + i if target else i)
                yield process.step(self._description)
        except BaseException:
            # Ranks that wait for data can be told to end, and save; others cannot.
            if stream is None or process.failed or not stream.end():
                process.kill()
            else:
                self._ended(process, target)
            raise
        finally:
            if stream is not None:
                stream.close()
        self._ended(process, target)

    def _ended(self, process: "_Process", target: Optional[str]) -> None:
        self._hash = process.finish()
        if target is None:
            return
        self.step = process.last_step
        self._keep(target)

    def _keep(self, target: str) -> None:
        """Makes the last step of a checkpoint folder our state, by links where the disk is the same."""
        own = self._next_folder()
        shutil.copytree(os.path.join(target, f"step-{self.step}"), own, copy_function=_link)
        older, self._state = self._state, own
        for folder in (older, target if target.startswith(self._folder.name) else None):
            if folder:
                shutil.rmtree(folder, ignore_errors=True)

    def _from_state(self) -> list[str]:
        return self._arguments if self._state is None else [f"--load={self._state}"]

    def _saved(self) -> str:
        """The folder of the state, which is made if there is none."""
        if self._state is None:
            target = self._next_folder()
            process = _Process(self._path, [*self._arguments, "--steps=0", f"--save={target}"], None)
            self._ended(process, target)
        assert self._state is not None
        return self._state

    def _next_folder(self) -> str:
        self._runs += 1
        return os.path.join(self._folder.name, f"run-{self._runs}")

    def _finish(self, arguments: Sequence[str]) -> int:
        return _Process(self._path, arguments, None).finish()


class _Process:
    """ds-run, and what it reports."""

    def __init__(self, path: str, arguments: Sequence[str], stream: Optional[_Stream]):
        self._errors = tempfile.TemporaryFile()
        pass_fds = tuple(stream.read_ends) if stream else ()
        # A session of its own: Ctrl-C is for Python, which then tells the ranks to end.
        self._process = subprocess.Popen([tools.path("ds-run"), path, "--json=-", *arguments],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors,
                                         text=True, pass_fds=pass_fds, start_new_session=True)
        if stream is not None:
            stream.close_read_ends()
        self.failed = False
        self.last_step = 0

    def step(self, description: Description) -> Reported:
        event = self._next("step")
        self.last_step = event["step"] + 1
        outputs = {name: event[name] for names in description.outputs.values() for name in names if name in event}
        return event["step"], outputs, event["step_ms"]

    def _next(self, kind: str) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "start":
                self.last_step = event["first_step"]
            if event["event"] == "step":
                self.last_step = event["step"] + 1
            if event["event"] == kind:
                return event
        self.failed = True
        raise self._error()

    def finish(self) -> int:
        """Waits for the end; returns the state's hash."""
        end = self._next("end")
        if self._process.wait() != 0:
            raise self._error()
        return int(end["state_hash"], 16)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _error(self) -> Error:
        code = self._process.wait()
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").splitlines()
        errors = [line.removeprefix("ds-run: error: ") for line in lines if line.startswith("ds-run: error: ")]
        return of_status(code, "\n".join(errors) or f"ds-run ended with exit code {code} and said nothing")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
