#===- _runtime.pyi - Sessions: a plan in this process ----------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
from typing import Dict, List, Literal, Optional

import numpy as np

class Session:
    """A plan of world 1 in this process, with all of its memory.

    Arrays that it gives out are views of that memory and keep it alive. The interpreter is released while
    anything runs; calls from several threads take turns. A session computes on threads of its own.

    Raises PlanError (the file or the machine), UsageError (a world above 1, a wrong order of calls) or RankLost
    (the memory ran out).
    """

    def __init__(self, plan: str) -> None: ...
    @property
    def entries(self) -> List[str]:
        """What can run: "train", "evaluate", ..."""
    def inputs(self, entry: str) -> Dict[str, np.ndarray]:
        """The inputs of an entry, to be written before each run: shape [accumulation, micro-batch, ...].

        What they hold after a run is undefined. KeyError for an unknown entry.
        """
    def states(self, kind: Optional[Literal["parameter", "optimizer", "scalar"]] = None) -> Dict[str, np.ndarray]:
        """Parameters, optimizer and loop state by name, of one kind or all; may be written between runs."""
    @property
    def step(self) -> int:
        """Updates done."""
    def reset(self, seed: int = 0, checkpoint: Optional[str] = None) -> None:
        """Begins anew, with the initial values of `seed` and those of a checkpoint; required before the first run."""
    def read(self, entry: str, data: str, step: int) -> None:
        """Fills the inputs with those of a step of a file, or of "random:SEED", as `ds-run --data` does."""
    def run(self, entry: str) -> Dict[str, float]:
        """Runs an entry once; returns its outputs (train: loss, grad_norm, lr)."""
    def save(self, folder: str) -> None:
        """Writes folder/step-<updates done> and its manifest."""
    def hash(self) -> int:
        """The hash of parameters and optimizer state that ds-run reports as state_hash."""
