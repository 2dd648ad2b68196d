#===- history.py - What training reports, while it runs and after ----------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The numbers of steps, and the line or bar that shows them."""
from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field


class StopTraining(Exception):
    """Raised by a callback: ends the training after this step; the history so far is returned."""


@dataclass(frozen=True)
class Step:
    """One update: what a callback is given."""

    step: int  #: counted from 0, over all calls of train
    loss: float  #: the mean over the global batch, before the update
    grad_norm: float  #: before clipping; NaN where the plan reports none
    lr: float  #: as used; NaN where the plan reports none
    step_ms: float  #: milliseconds, with the inputs in place
    outputs: dict[str, float] = field(default_factory=dict)  #: all that the plan reports, by name


@dataclass
class History:
    """What train returns: one number a step, in order."""

    first_step: int = 0
    losses: list[float] = field(default_factory=list)
    grad_norms: list[float] = field(default_factory=list)
    lrs: list[float] = field(default_factory=list)
    step_ms: list[float] = field(default_factory=list)

    def add(self, step: Step) -> None:
        self.losses.append(step.loss)
        self.grad_norms.append(step.grad_norm)
        self.lrs.append(step.lr)
        self.step_ms.append(step.step_ms)

    def __len__(self) -> int:
        return len(self.losses)

    def __repr__(self) -> str:
        if not self.losses:
            return "History(no steps)"
        return (f"History({len(self)} steps from {self.first_step}, loss {self.losses[0]:.4g} -> "
                f"{self.losses[-1]:.4g}, median step {sorted(self.step_ms)[len(self) // 2]:.4g} ms)")


def make_step(number: int, outputs: dict[str, float], ms: float) -> Step:
    nan = float("nan")
    return Step(number, outputs.get("loss", nan), outputs.get("grad_norm", nan), outputs.get("lr", nan), ms, outputs)


class Progress:
    """A bar of tqdm where that is installed, else a line now and then; on standard error."""

    _EVERY = 5.0  # seconds between lines

    def __init__(self, total: int, shown: bool):
        self._total, self._done, self._last = total, 0, time.monotonic()
        self._shown, self._bar = shown, None
        if shown:
            try:
                from tqdm.auto import tqdm
                self._bar = tqdm(total=total, unit="step")
            except ImportError:
                pass

    def add(self, step: Step) -> None:
        self._done += 1
        if self._bar is not None:
            self._bar.set_postfix_str(f"loss {step.loss:.4f}", refresh=False)
            self._bar.update()
        elif self._shown and (self._done == self._total or time.monotonic() - self._last > self._EVERY):
            self._last = time.monotonic()
            print(f"step {self._done}/{self._total}: loss {step.loss:.4f}, {step.step_ms:.1f} ms", file=sys.stderr)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
