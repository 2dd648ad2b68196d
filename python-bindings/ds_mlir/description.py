#===- description.py - What a plan file says about itself ------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads `ds-plan print --json`, in which fields that have their default are absent."""
from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from . import tools
from .errors import PlanError

_DTYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "i64": np.int64, "u8": np.uint8,
           "u16": np.uint16, "u32": np.uint32, "bf16": np.uint16, "f16": np.uint16}


@dataclass(frozen=True)
class Arena:
    """One rank's memory of one kind, in bytes."""

    rank: int
    space: str  #: "device", "host" or "disk"
    bytes: int  #: allocated once, at load
    lower_bound_bytes: int  #: no placement of the same program can be smaller


@dataclass(frozen=True)
class Input:
    """What one step of one rank takes under a name."""

    name: str
    dtype: np.dtype
    shape: tuple[int, ...]  #: [accumulation, micro-batch, ...]


@dataclass(frozen=True)
class Description:
    """The parts of a plan that Python needs."""

    world: int
    facts: dict
    arenas: tuple[Arena, ...]
    inputs: dict[str, tuple[Input, ...]]  #: by entry
    outputs: dict[str, tuple[str, ...]]  #: by entry
    parameters: dict[str, tuple[int, ...]]  #: shapes by name

    def inputs_of(self, entry: str) -> tuple[Input, ...]:
        if entry not in self.inputs:
            raise PlanError(f"the plan has no entry '{entry}', only {', '.join(map(repr, self.inputs))}")
        return self.inputs[entry]


def _arenas(plan: dict) -> tuple[Arena, ...]:
    return tuple(Arena(rank, arena.get("space", "device"), arena.get("bytes", 0), arena.get("lower_bound_bytes", 0))
                 for rank, program in enumerate(plan["rank_programs"])
                 for arena in plan["programs"][program]["arenas"])


def _inputs(program: dict, entry: dict) -> tuple[Input, ...]:
    found = []
    for item in entry.get("inputs", ()):
        buffer = program["buffers"][item.get("buffer", 0)]
        found.append(Input(item["name"], np.dtype(_DTYPES[buffer.get("dtype", "f32")]),
                           tuple(buffer.get("shape", ()))))
    return tuple(found)


def _parameters(programs: list) -> dict[str, tuple[int, ...]]:
    return {tensor["name"]: tuple(tensor.get("shape", ()))
            for program in programs for state in program.get("states", ()) for tensor in state["tensors"]
            if tensor.get("kind", "parameter") == "parameter"}


def describe(path: str) -> Description:
    """Reads and verifies the plan; PlanError with the runtime's own words."""
    done = tools.call("ds-plan", ["print", "--json", path])
    if done.returncode:
        raise PlanError(tools.message("ds-plan", done))
    plan = json.loads(done.stdout)
    program = plan["programs"][0]
    return Description(
        world=plan.get("world", 1), facts=plan["facts"], arenas=_arenas(plan),
        inputs={entry["name"]: _inputs(program, entry) for entry in program["entries"]},
        outputs={entry["name"]: tuple(o["name"] for o in entry.get("outputs", ())) for entry in program["entries"]},
        parameters=_parameters(plan["programs"]))
