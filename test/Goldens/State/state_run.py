#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains an imported module from a golden file of make_state.py, and compares it with PyTorch: losses, gradient norms,
and what is not trained behind the last step.

    state_run.py NAME WORK-FOLDER [flags of ds-opt ...]

As ../Imported/imported_run.py, with the global batch of the golden's micro-batches. Exit code 1 where a run fails or
differs. Needs ds-opt and ds-run in PATH; numpy.
"""

import json
import math
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "Imported")]

import compare  # noqa: E402
import imported_run  # noqa: E402
from imported_run import batch, call, save  # noqa: E402

RELATIVE = 2e-5
DTYPES = {"F32": np.float32, "I32": np.int32}


def value(described):
    """A first value, in the module's type."""
    return imported_run.value(described).astype(described.get("dtype", "float32"))


def load(path):
    """Reads safetensors."""
    with open(path, "rb") as file:
        content = file.read()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def compare_state(golden, tensors):
    """(name, share of the tolerance) of each tensor that is not trained."""
    rows = []
    for state in golden["state"]:
        single, double = np.array(state["values32"]), np.array(state["values64"])
        got = tensors[state["name"]].astype(np.float64)
        tolerance = np.maximum(RELATIVE * np.abs(double).max(), 4 * np.abs(single - double).max())
        worst = np.abs(got - double).max() if got.shape == double.shape else math.inf
        rows.append((state["name"], 0.0 if worst == 0 else float(worst / tolerance) if tolerance else math.inf))
    return rows


def main():
    name, folder, *flags = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    golden = compare.read_json(os.path.join(HERE, f"{name}.json"))
    plan, signature, first, data, log, out = (
        os.path.join(folder, file) for file in ("m.dsplan", "s.json", "p.safetensors", "d.safetensors", "run", "out")
    )
    with open(signature, "w", encoding="utf-8") as file:
        json.dump({"arguments": golden["signature"]}, file)
    kept = {argument["name"] for argument in golden["signature"]}
    save(first, {p["name"]: value(p) for p in golden["parameters"] if p["name"] in kept})
    count, samples = golden["micro_batches"], golden["inputs"][0]["shape"][0]
    entries = [batch(golden, entry) for entry in range(len(golden["steps"]) * count)]
    save(data, {input: np.stack([entry[input] for entry in entries]) for input in entries[0]})
    if not any(flag.startswith("--zero") for flag in flags):
        flags = ["--zero=0", *flags]
    options = [f"--signature={signature}", f"--machine={imported_run.MACHINE}", "--tune-seconds=0", "-o", plan]
    call(["ds-opt", os.path.join(HERE, f"{name}.stablehlo"), f"--global-batch={count * samples}", *flags, *options])
    steps = f"--steps={len(golden['steps'])}"
    call(["ds-run", plan, f"--load={first}", f"--data={data}", steps, f"--json={log}", f"--save={out}"])
    rows = compare.compare_steps(golden, compare.read_steps(log), ["loss", "grad_norm"])
    states = compare_state(golden, load(os.path.join(out, f"step-{len(golden['steps'])}", "model.safetensors")))
    worst = max([row[-1] for row in rows] + [row[-1] for row in states])
    verdict = "equal" if worst <= 1 else "DIFFERENT"
    print(f"{name}: {verdict}: {len(rows)} numbers and {len(states)} tensors, worst {worst:.2f} of the tolerance")
    if worst > 1:
        print(*[f"{row[0]} {row[1]}: {row[-1]:.3g}" for row in rows if row[-1] > 1], sep="\n")
        print(*[f"{row[0]}: {row[-1]:.3g}" for row in states if row[-1] > 1], sep="\n")
    return 0 if verdict == "equal" else 1


if __name__ == "__main__":
    sys.exit(main())
