#===- plan.py - A compiled plan: look at it, run it ------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The class Plan."""
from __future__ import annotations

import html
import math
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Union

import numpy as np

from . import tools
from .data import Data, nearest, to_numpy
from .description import Arena, Description, Input, describe
from .errors import PlanError, UsageError
from .folder import TemporaryFolder
from .history import History, Progress, Step, StopTraining, make_step
from .local import LocalRun
from .ranks import RanksRun

PathLike = Union[str, "os.PathLike[str]"]


class Plan:
    """A whole distributed training step, compiled: what each rank does, and where each byte of it lies.

    Made by :func:`ds_mlir.compile` or :func:`ds_mlir.load`. A plan holds native code: run only plans that you would
    run as a program. Its state (parameters, optimizer, step) begins with the first call that needs it and lasts until
    :meth:`close`; a second :meth:`train` goes on where the first one ended.
    """

    def __init__(self, path: PathLike, *, outcome: Optional[dict] = None, summary: str = "",
                 values: Optional[Mapping[str, np.ndarray]] = None, folder: Optional[TemporaryFolder] = None):
        """For compile and load."""
        self._path = os.fspath(path)
        self._folder = folder
        self._outcome = outcome or {}
        self._summary = summary.strip()
        self._description: Description = describe(self._path)
        self._values = dict(values or {})
        self._run: Any = None

    # What it is ---------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The plan's file."""
        return self._path

    @property
    def world(self) -> int:
        """How many ranks it is for."""
        return self._description.world

    @property
    def zero_stage(self) -> int:
        return self._fact("zero_stage", 0)

    @property
    def micro_batch(self) -> int:
        """Samples of one rank at a time."""
        return self._fact("micro_batch", 0)

    @property
    def grad_accum(self) -> int:
        """Micro-batches of one rank in a step."""
        return self._fact("grad_accum", 0)

    @property
    def global_batch(self) -> int:
        """Samples of all ranks in a step."""
        return self._fact("global_batch", 0)

    @property
    def precision(self) -> str:
        return self._fact("precision", "f32")

    @property
    def optimizer(self) -> str:
        """The optimizer with its settings, as text."""
        return self._fact("optimizer", "")

    @property
    def schedule(self) -> str:
        """The learning rate over the steps, as text."""
        return self._fact("schedule", "")

    @property
    def remat(self) -> str:
        """Which activations are computed again: "none" or "blocks"."""
        return self._fact("remat", "none")

    @property
    def predicted_ms(self) -> float:
        """Milliseconds a step should take on the machine that it was compiled for."""
        return self._fact("predicted_step_ms", math.nan)

    @property
    def arenas(self) -> tuple[Arena, ...]:
        """All memory of all ranks."""
        return self._description.arenas

    @property
    def planned_bytes(self) -> int:
        """Bytes of the rank that needs most, all its arenas but those on disk."""
        ranks = range(self.world)
        return max(sum(a.bytes for a in self.arenas if a.rank == rank and a.space != "disk") for rank in ranks)

    @property
    def candidates(self) -> list[dict]:
        """What the compiler chose from, and why each other was dropped; empty for a loaded plan."""
        return list(self._outcome.get("candidates", []))

    @property
    def entries(self) -> tuple[str, ...]:
        """What can run: "train", "evaluate", ..."""
        return tuple(self._description.inputs)

    def inputs(self, entry: str = "train") -> tuple[Input, ...]:
        """Names, dtypes and shapes [accumulation, micro-batch, ...] of what one rank takes in a step."""
        return self._description.inputs_of(entry)

    def _fact(self, name: str, missing: Any) -> Any:
        return self._description.facts.get(name, missing)

    def __repr__(self) -> str:
        return (f"Plan({self._fact('model', 'model') or 'model'}: ZeRO-{self.zero_stage}, world {self.world}, "
                f"micro-batch {self.micro_batch}, accumulation {self.grad_accum}, {_mib(self.planned_bytes)} per rank, "
                f"predicted {self.predicted_ms:.4g} ms per step)")

    def _repr_html_(self) -> str:
        rows = [("model", self._fact("model", "")), ("ZeRO stage", self.zero_stage), ("world", self.world),
                ("batch", f"{self.global_batch} = {self.micro_batch} x {self.grad_accum} x {self.world} "
                          "(micro-batch x accumulation x world)"),
                ("optimizer", self.optimizer), ("rematerialization", self.remat),
                ("planned memory", f"{_mib(self.planned_bytes)} per rank"),
                ("predicted step", f"{self.predicted_ms:.4g} ms")]
        cells = "".join(f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
                        f"<td style='text-align:left'>{html.escape(str(value))}</td></tr>" for name, value in rows)
        return f"<table>{cells}</table>"

    @property
    def summary(self) -> str:
        """What the compiler printed; for a loaded plan, what repr says."""
        return self._summary or repr(self)

    def text(self) -> str:
        """The whole plan: arenas, buffers, kernels, instructions."""
        return self._tool("print")

    def print(self) -> None:
        """Prints the whole plan."""
        print(self.text(), end="")

    def stats(self) -> str:
        """Bytes by what they hold, instruction counts, predicted times."""
        return self._tool("stats")

    def verify(self) -> None:
        """Checks the file anew; PlanError says what is wrong with it."""
        self._tool("verify")

    def report(self, path: PathLike, *, rank: int = 0, trace: Optional[PathLike] = None) -> None:
        """Writes a page (HTML): memory, time line, roofline. `trace`: what `ds-run --trace` wrote, to compare with."""
        extra = [] if trace is None else [f"--measured={os.fspath(trace)}"]
        self._tool("report", "-o", os.fspath(path), f"--rank={rank}", *extra)

    def copy_to(self, path: PathLike) -> None:
        """Copies the plan's file, for ds-run or ds_mlir.load."""
        shutil.copyfile(self._path, path)

    def _tool(self, command: str, *arguments: str) -> str:
        done = tools.call("ds-plan", [command, self._path, *arguments])
        if done.returncode:
            raise PlanError(tools.message("ds-plan", done))
        return done.stdout

    # Running ------------------------------------------------------------------------------------------------------

    def train(self, data: Data = "random:0", steps: int = 10, *,
              callbacks: Union[Callable[[Step], Any], Iterable[Callable[[Step], Any]]] = (), progress: bool = True,
              seed: Optional[int] = None, load: Optional[PathLike] = None, save: Optional[PathLike] = None,
              save_every: int = 0) -> History:
        """Runs `steps` updates and returns their losses, gradient norms and times.

        data: an iterable of batches (a list, a generator, a torch DataLoader, a dataset of Hugging Face), each a dict
            from input names to arrays of numpy, torch or jax; see :class:`ds_mlir.data.Batches`. A batch has either all
            `global_batch` samples of a step or `micro_batch` of them. Or a path or "random:SEED", as `ds-run --data`
            takes them.
        callbacks: called with a :class:`Step` after each update; StopTraining, raised by one, ends the training.
        progress: show a bar (tqdm) or a line now and then, on standard error.
        seed, load: begin anew, with initial values of the seed or from a checkpoint of `ds-run --save`. Without them
            the training goes on from the state that there is; at first that is seed 0, and the values of the imported
            model.
        save, save_every: a checkpoint folder, written every so many updates (0: at the end only, also where a callback
            or a batch ends the training).

        Raises DataError for batches that do not fit, PlanError for a checkpoint or a machine that does not, UsageError
        for wrong arguments.
        """
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise UsageError(f"expects steps to be a whole number, but got {steps!r}")
        if save_every and save is None:
            raise UsageError("save_every needs save=FOLDER")
        called = [callbacks] if callable(callbacks) else list(callbacks)
        run = self._prepare(seed, load)
        history, shown = History(first_step=run.step), Progress(steps, progress)
        running = run.run("train", data, steps, _text(save), save_every)
        stopped = False
        try:
            for number, outputs, ms in running:
                step = make_step(number, outputs, ms)
                history.add(step)
                shown.add(step)
                for callback in called:
                    callback(step)
        except StopTraining:
            stopped = True
        finally:
            running.close()  # now, however long a traceback keeps it: it saves, and ends ranks
            shown.close()
        if stopped and not run.stops(data):
            raise UsageError("a training of several ranks on a path or 'random:SEED' cannot be stopped before its last "
                             "step and keep its state: pass an iterable of batches")
        return history

    def stepping(self, data: Data, steps: int) -> Iterator[tuple[int, dict[str, float], float]]:
        """The steps of a training one by one, each run when it is asked for: number, outputs, milliseconds.

        Closing the iterator ends the training after the steps that were asked for.
        """
        return self._prepare(None, None).run("train", data, steps, None, 0)

    def evaluate(self, data: Data = "random:0", steps: int = 1) -> float:
        """The mean loss over `steps` batches, with the state as it is; changes nothing. Batches are as for train."""
        run = self._prepare(None, None)
        losses = [outputs["loss"] for _, outputs, _ in run.run("evaluate", data, steps, None, 0)]
        return float(np.mean(losses)) if losses else math.nan

    @property
    def step(self) -> int:
        """Updates done; 0 before the first."""
        return self._run.step if self._run else 0

    def reset(self, seed: int = 0, load: Optional[PathLike] = None) -> None:
        """Begins anew: initial values of `seed`, those of the imported model, then those of a checkpoint."""
        self._prepare(seed, load)

    def parameters(self) -> dict[str, np.ndarray]:
        """The parameters by name: trained and frozen ones, and buffers.

        At world 1 views of the plan's memory, without a copy: they change with training, and writing to them changes
        the state. At larger worlds copies, of the whole tensors.
        """
        return self._prepare(None, None).states("parameter")

    def state(self) -> dict[str, np.ndarray]:
        """Parameters, `<name>.exp_avg` and `<name>.exp_avg_sq` of the optimizer, and the state of the loop."""
        return self._prepare(None, None).states()

    def load_parameters(self, values: Mapping[str, Any], *, strict: bool = True) -> None:
        """Sets parameters by name from arrays of numpy, torch or jax, in the plan's shapes.

        strict: all parameters must be given. Optimizer state and step stay as they are.
        """
        known = self._description.parameters
        arrays = {name: to_numpy(value) for name, value in values.items()}
        for name, array in arrays.items():
            if name not in known:
                raise UsageError(f"the plan has no parameter '{name}'{nearest(name, known)}")
            if array.shape != known[name]:
                raise UsageError(f"expects parameter '{name}' to have the shape {list(known[name])}, but got "
                                 f"{list(array.shape)}")
        missing = [name for name in known if name not in arrays]
        if strict and missing:
            shown = ", ".join(f"'{name}'" for name in missing[:5]) + (", ..." if len(missing) > 5 else "")
            raise UsageError(f"expects all {len(known)} parameters, but {len(missing)} are missing: {shown}; "
                             "strict=False sets those that are given")
        self._prepare(None, None).write(arrays)

    def save(self, folder: PathLike) -> None:
        """Writes a checkpoint: folder/step-<updates done>, which train(load=), `ds-run --load` and load read."""
        self._prepare(None, None).save(os.fspath(folder))

    def hash(self) -> str:
        """The hash of parameters and optimizer state, as `ds-run --json` reports it: equal for equal values."""
        return f"{self._prepare(None, None).hash():016x}"

    def close(self) -> None:
        """Gives the state's memory back, as soon as no array views it any more; the plan can run anew."""
        self._run = None

    def _prepare(self, seed: Optional[int], load: Optional[PathLike]) -> Any:
        """The run with a state: the one there is, unless a seed or a checkpoint is asked for."""
        fresh = self._run is None
        if fresh:
            run = self._make_run()
        else:
            run = self._run
        if fresh or seed is not None or load is not None:
            run.reset(seed or 0, _text(load), {} if load is not None else self._initial())
        self._run = run
        return run

    def _make_run(self) -> Any:
        return (LocalRun if self.world == 1 else RanksRun)(self._path, self._description)

    def _initial(self) -> dict[str, np.ndarray]:
        """The imported model's values that are parameters of the plan."""
        return {name: value for name, value in self._values.items() if name in self._description.parameters}


def load(path: PathLike) -> Plan:
    """Opens a plan's file; PlanError when it is none, or damaged. Run only plans that you would run as a program."""
    return Plan(path)


def _text(path: Optional[PathLike]) -> Optional[str]:
    return None if path is None else os.fspath(path)


def _mib(count: int) -> str:
    return f"{count / 2**20:.1f} MiB"


def file_name(path: PathLike) -> str:
    """The name of a plan's file beside a model's: its ending replaced."""
    return Path(path).with_suffix(".dsplan").name
