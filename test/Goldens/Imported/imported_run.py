#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains an imported module from a golden file, and compares losses and gradient norms with its framework's.

    imported_run.py NAME WORK-FOLDER [flags of ds-opt ...]

Compiles NAME.stablehlo with its signature, makes values and data as NAME.json says, trains, and compares as
../compare.py does. Exit code 1 where a run fails or differs. Needs ds-opt and ds-run in PATH; numpy.
"""

import json
import math
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))

import compare  # noqa: E402
import values  # noqa: E402

SEED = 7
MACHINE = os.path.join(HERE, "..", "..", "Inputs", "machine.json")
SAFETENSORS = {"float32": "F32", "int32": "I32"}


def value(parameter):
    """A parameter's first value, float32."""
    count = math.prod(parameter["shape"])
    if "constant" in parameter:
        return np.full(parameter["shape"], parameter["constant"], np.float32)
    return values.normal(parameter["name"], SEED, count, 0.0, parameter["std"]).reshape(parameter["shape"])


def entry(described, step):
    """An input of one step."""
    shape, count = described["shape"], math.prod(described["shape"])
    if "values" in described:
        return np.array(described["values"], described["dtype"]).reshape(shape)
    stream = f"data.{described['name']}"
    if "classes" in described:
        numbers = np.floor(values.uniform(stream, SEED, step * count, count) * described["classes"])
    else:
        numbers = values.normal(stream, SEED, count, 0.0, 1.0, step * count)
    return numbers.astype(described["dtype"]).reshape(shape)


def batch(golden, step):
    return {described["name"]: entry(described, step) for described in golden["inputs"]}


def save(path, tensors):
    """Writes safetensors."""
    header, at = {}, 0
    for name, array in tensors.items():
        end = at + array.nbytes
        header[name] = {"dtype": SAFETENSORS[str(array.dtype)], "shape": list(array.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def call(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-2000:]}")


def main():
    name, folder, *flags = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    golden = compare.read_json(os.path.join(HERE, f"{name}.json"))
    plan, signature, parameters, data, log = (
        os.path.join(folder, file) for file in ("m.dsplan", "s.json", "p.safetensors", "d.safetensors", "run.jsonl")
    )
    with open(signature, "w", encoding="utf-8") as file:
        json.dump({"arguments": golden["signature"]}, file)
    kept = {argument["name"] for argument in golden["signature"]}
    save(parameters, {p["name"]: value(p) for p in golden["parameters"] if p["name"] in kept})
    steps = [batch(golden, step) for step in range(len(golden["steps"]))]
    save(data, {input: np.stack([step[input] for step in steps]) for input in steps[0]})
    if not any(flag.startswith("--zero") for flag in flags):
        flags = ["--zero=0", *flags]
    module = os.path.join(HERE, f"{name}.stablehlo")
    options = [f"--signature={signature}", f"--machine={MACHINE}", "--tune-seconds=0", "-o", plan]
    call(["ds-opt", module, *flags, *options])
    call(["ds-run", plan, f"--load={parameters}", f"--data={data}", f"--steps={len(steps)}", f"--json={log}"])
    rows = compare.compare_steps(golden, compare.read_steps(log), ["loss", "grad_norm"])
    worst = max(rows, key=lambda row: row[-1])
    verdict = "equal" if worst[-1] <= 1 else "DIFFERENT"
    print(f"{name}: {verdict}: {len(rows)} numbers, worst {worst[-1]:.2f} of the tolerance ({worst[0]}, {worst[1]})")
    return 0 if verdict == "equal" else 1


if __name__ == "__main__":
    sys.exit(main())
