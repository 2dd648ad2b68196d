#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains an imported module from a golden file, and compares losses and gradient norms with its framework's.

    imported_run.py NAME WORK-FOLDER [world:stage ...]       1:0 if there is none

Compiles NAME.stablehlo with its signature, makes values and data as NAME.json says, trains, and compares as
../compare.py does. A step's micro-batches are spread over the ranks; what a rank has more than one of is accumulated.
Exit code 1 where a run fails or differs. Needs ds-opt and ds-run in PATH; numpy.
"""

import json
import math
import os
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, ".."))

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


def entry(described, number):
    """An input of the run's micro-batch of this number."""
    shape, count = described["shape"], math.prod(described["shape"])
    if "values" in described:
        return np.array(described["values"], described["dtype"]).reshape(shape)
    stream = f"data.{described['name']}"
    if "classes" in described:
        numbers = np.floor(values.uniform(stream, SEED, number * count, count) * described["classes"])
    else:
        numbers = values.normal(stream, SEED, count, 0.0, 1.0, number * count)
    return numbers.astype(described["dtype"]).reshape(shape)


def parts(golden):
    """Micro-batches of a step."""
    return golden.get("micro_batches", 1)


def batch(golden, number):
    """The inputs of the run's micro-batch of this number."""
    return {described["name"]: entry(described, number) for described in golden["inputs"]}


def batches(golden, step):
    """The inputs of each micro-batch of a step."""
    first = step * parts(golden)
    return [batch(golden, number) for number in range(first, first + parts(golden))]


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
    return done.stdout


class Run:
    """A golden's files in a folder: what ds-opt and ds-run read, made once."""

    def __init__(self, name, folder):
        os.makedirs(folder, exist_ok=True)
        self.name, self.folder = name, folder
        self.golden = golden = compare.read_json(os.path.join(HERE, f"{name}.json"))
        with open(self.file("s.json"), "w", encoding="utf-8") as file:
            json.dump({"arguments": golden["signature"]}, file)
        kept = {argument["name"] for argument in golden["signature"]}
        save(self.file("p.safetensors"), {p["name"]: value(p) for p in golden["parameters"] if p["name"] in kept})
        entries = [inputs for step in range(len(golden["steps"])) for inputs in batches(golden, step)]
        save(self.file("d.safetensors"), {input: np.stack([e[input] for e in entries]) for input in entries[0]})

    def file(self, name):
        return os.path.join(self.folder, name)

    def compile(self, world, stage):
        """Returns which layers were found."""
        samples = self.golden["inputs"][0]["shape"][0] * parts(self.golden)
        said = call(["ds-opt", os.path.join(HERE, f"{self.name}.stablehlo"), f"--signature={self.file('s.json')}",
                     f"--world={world}", f"--zero={stage}", f"--global-batch={samples}", f"--machine={MACHINE}",
                     "--tune-seconds=0", "-o", self.file("m.dsplan")])
        return next(line for line in said.splitlines() if line.startswith("found "))

    def train(self):
        """The worst number of a run as (step, field, ..., share of its tolerance), and how many there are."""
        log = self.file("run.jsonl")
        call(["ds-run", self.file("m.dsplan"), f"--load={self.file('p.safetensors')}",
              f"--data={self.file('d.safetensors')}", f"--steps={len(self.golden['steps'])}", f"--json={log}"])
        rows = compare.compare_steps(self.golden, compare.read_steps(log), ["loss", "grad_norm"])
        return max(rows, key=lambda row: row[-1]), len(rows)


def main():
    name, folder, *points = sys.argv[1:]
    run, bad = Run(name, folder), False
    for point in points or ["1:0"]:
        world, stage = point.split(":")
        found = run.compile(world, stage)
        worst, count = run.train()
        verdict = "equal" if worst[-1] <= 1 else "DIFFERENT"
        bad |= verdict != "equal"
        print(f"{name} {point}: {verdict}: {count} numbers, worst {worst[-1]:.2f} of the tolerance "
              f"({worst[0]}, {worst[1]}); {found}", flush=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
