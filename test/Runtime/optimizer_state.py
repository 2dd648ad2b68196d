# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains FOLDER/m.mlir by each optimizer: four steps on one rank, and two on two ranks that three go on from.

    optimizer_state.py FOLDER

Prints what the optimizer keeps, and whether both runs end with the same parameters; one is frozen, for the gradient of
the keys' bias is rounding alone, and Adam's step is as long as any. Needs ds-opt and ds-run in PATH; numpy.
"""

import collections
import json
import os
import shutil
import subprocess
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "Goldens", part) for part in ("State", "Imported", "")]

from state_run import load  # noqa: E402

MACHINE = os.path.join(HERE, "..", "Inputs", "machine.json")
PARAMS = {"SGD": {"momentum": 0.9, "dampening": 0.5}, "Adam": {"adam_w_mode": False}, "Adagrad": {}, "Lamb": {},
          "Lion": {}, "Muon": {}}


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def compile_plan(folder, kind, world, stage):
    plan, config = os.path.join(folder, f"{kind}-{world}.dsplan"), os.path.join(folder, "c.json")
    with open(config, "w", encoding="utf-8") as file:
        json.dump({"optimizer": {"type": kind, "params": {"lr": 0.01, **PARAMS[kind]}},
                   "zero_allow_untested_optimizer": True}, file)
    run("ds-opt", os.path.join(folder, "m.mlir"), f"--config={config}", f"--world={world}", f"--zero={stage}",
        "--global-batch=6", "--remat=none", "--freeze=*.c_attn.bias", f"--machine={MACHINE}", "-o", plan)
    return plan


def train(plan, steps, out, *flags):
    run("ds-run", plan, "--data=random:0", f"--steps={steps}", f"--save={out}", *flags)


def main():
    folder = sys.argv[1]
    for kind in PARAMS:
        once, twice = os.path.join(folder, "once"), os.path.join(folder, "twice")
        for out in (once, twice):
            shutil.rmtree(out, ignore_errors=True)
        train(compile_plan(folder, kind, 1, 0), 4, once)
        train(compile_plan(folder, kind, 2, 1), 2, twice)
        train(compile_plan(folder, kind, 3, 3), 2, twice, f"--load={twice}")
        a, b = (load(os.path.join(out, "step-4", "model.safetensors")) for out in (once, twice))
        equal = a.keys() == b.keys() and all(np.allclose(a[name], b[name], rtol=1e-4, atol=1e-6) for name in a)
        with open(os.path.join(twice, "step-4", "optimizer.safetensors"), "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        names = (key.removeprefix(name + ".") for key in header for name in a if key.startswith(name + "."))
        kept = collections.Counter(name for name in names if name)
        text = ", ".join(f"{count} x {name}" for name, count in sorted(kept.items()))
        print(f"{kind.lower()}: {text}; {'equal' if equal else 'DIFFERENT'}", flush=True)
        if not equal:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
