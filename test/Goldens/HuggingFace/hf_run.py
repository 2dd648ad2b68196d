#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a model from its config.json as `ds-model --hf` builds it, and compares with transformers.

    hf_run.py NAME WORK-FOLDER [--world=N] [flags of ds-opt ...]

Writes a folder as transformers does (config.json, model.safetensors) of NAME.json, builds, compiles, loads and trains,
and compares losses and gradient norms as ../compare.py does. Exit code 1 where a run fails or differs. Needs ds-model,
ds-opt and ds-run in PATH; numpy.
"""

import json
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, ".."), os.path.join(HERE, "..", "Imported")]

import compare  # noqa: E402
import hf_models  # noqa: E402
from imported_run import save  # noqa: E402

MACHINE = os.path.join(HERE, "..", "..", "Inputs", "machine.json")


def call(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def write_model(golden, folder):
    """The folder that transformers would save."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
        json.dump(golden["config"], file)
    save(os.path.join(folder, "model.safetensors"), {p["name"]: hf_models.value(p) for p in golden["parameters"]})


def write_data(name, steps, world, path):
    """Each rank takes its part of a step's samples."""
    batches = [hf_models.batch(name, step) for step in range(steps)]
    stacked = {key: np.stack([batch[key] for batch in batches]) for key in batches[0]}
    save(path, {key: a.reshape(steps * world, a.shape[1] // world, *a.shape[2:]) for key, a in stacked.items()})


def main():
    name, folder, *flags = sys.argv[1:]
    world = next((int(flag[8:]) for flag in flags if flag.startswith("--world=")), 1)
    golden = compare.read_json(os.path.join(HERE, f"{name}.json"))
    model, module, plan, data, log = (
        os.path.join(folder, file) for file in ("hf", "m.mlir", "m.dsplan", "d.safetensors", "run.jsonl")
    )
    write_model(golden, model)
    write_data(name, len(golden["steps"]), world, data)
    if not any(flag.startswith("--zero") for flag in flags):
        flags = ["--zero=0", *flags]
    call(["ds-model", f"--hf={model}/config.json", "-o", module])
    call(["ds-opt", module, *flags, f"--global-batch={hf_models.BATCH}", f"--machine={MACHINE}", "--tune-seconds=0",
          "-o", plan])
    call(["ds-run", plan, f"--load={model}", f"--data={data}", f"--steps={len(golden['steps'])}", f"--json={log}",
          f"--save={folder}/out"])
    rows = compare.compare_steps(golden, compare.read_steps(log), ["loss", "grad_norm"])
    worst = max(rows, key=lambda row: row[-1])
    verdict = "equal" if worst[-1] <= 1 else "DIFFERENT"
    print(f"{name}: {verdict}: {len(rows)} numbers, worst {worst[-1]:.2f} of the tolerance ({worst[0]}, {worst[1]})")
    if verdict != "equal":
        compare.print_table(rows)
    return 0 if verdict == "equal" else 1


if __name__ == "__main__":
    sys.exit(main())
