#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a golden file of make_optimizers.py from compiled plans, and compares losses, gradient norms, and how far each
parameter has moved with PyTorch.

    optimizer_run.py NAME WORK-FOLDER [world:stage ...]

Without points these are all worlds from 1 to 4 and all stages. Prints a line per run; exit code 1 where one differs.
Needs ds-model, ds-opt and ds-run in PATH; numpy.
"""

import json
import math
import os
import shutil
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", part) for part in ("", "State", "Imported")]

import compare  # noqa: E402
from grid import MACHINE, call, combination  # noqa: E402
from state_run import load  # noqa: E402


def saved(folder, step):
    return load(os.path.join(folder, f"step-{step}", "model.safetensors"))


def compare_moves(golden, before, after):
    """(name, "moved", expected, value, share of the tolerance) of each parameter."""
    rows = []
    for moved in golden["moved"]:
        name = moved["name"]
        value = float(np.linalg.norm(after[name].astype(np.float64) - before[name]))
        tolerance = compare.step_tolerance(moved["moved32"], moved["moved64"])
        rows.append((name, "moved", moved["moved64"], value, compare.ratio(value, moved["moved64"], tolerance)))
    return rows


def run(golden, work, point):
    world, stage = map(int, point.split(":"))
    batch, steps = golden["global_batch"], len(golden["steps"])
    micro, remat = combination(world, stage, batch // world)
    module, config, plan, log, first, last = (os.path.join(work, name) for name in
                                              ("m.mlir", "c.json", "p", "log", "first", "last"))
    call(["ds-opt", module, f"--config={config}", *golden["flags"], f"--zero={stage}", f"--world={world}",
          f"--global-batch={batch}", f"--micro-batch={micro}", f"--remat={remat}", "--machine=" + MACHINE,
          "--tune-seconds=0", "-o", plan])
    for out in (first, last):
        shutil.rmtree(out, ignore_errors=True)
    call(["ds-run", plan, "--steps=0", f"--save={first}"])
    call(["ds-run", plan, "--data=random:0", f"--steps={steps}", f"--json={log}", f"--save={last}"])
    rows = compare.compare_steps(golden, compare.read_steps(log), ["loss", "grad_norm"])
    return rows + compare_moves(golden, saved(first, 0), saved(last, steps))


def main():
    name, work, *points = sys.argv[1:]
    os.makedirs(work, exist_ok=True)
    golden = compare.read_json(os.path.join(HERE, f"{name}.json"))
    call(["ds-model", *golden["ds_model"], "-o", os.path.join(work, "m.mlir")])
    with open(os.path.join(work, "c.json"), "w", encoding="utf-8") as file:
        json.dump(golden["config"], file)
    points = points or [f"{world}:{stage}" for world in (1, 2, 3, 4) for stage in range(4)]
    for point in points:
        rows = run(golden, work, point)
        worst = max((row[-1] for row in rows), default=math.inf)
        print(f"{name} {point}: {len(rows)} numbers, worst {worst:.2f} of the tolerance", flush=True)
        if worst > 1:
            compare.print_table(rows)
            return 1
    print(f"{name}: {len(points)} of {len(points)} equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
