# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles and runs the StableHLO text of JAX goldens, and compares each run; says which layers were found.

    jax_train.py FOLDER GOLDEN.json ...
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINE = os.path.join(HERE, "..", "Inputs", "machine.json")


def run(*command):
    """What a command says; it has to succeed without a word on standard error."""
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode or made.stderr:
        sys.exit(f"{' '.join(command)}\n{made.stdout}{made.stderr}")
    return made.stdout


def train(path, folder):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    name = golden["model"]
    here = os.path.join(folder, name)
    os.makedirs(here, exist_ok=True)
    run(sys.executable, "-B", os.path.join(HERE, "jax_values.py"), path, here)
    plan = os.path.join(here, name + ".dsplan")
    said = run("ds-opt", path.replace(".json", ".jax"), "--signature=" + path, "--zero=0", "--machine=" + MACHINE,
               "--tune-seconds=0", "-o", plan)
    found = next(line for line in said.splitlines() if line.startswith("found "))
    log = os.path.join(here, "run.jsonl")
    run("ds-run", plan, "--load=" + os.path.join(here, "parameters.safetensors"),
        "--data=" + os.path.join(here, "data.safetensors"), f"--steps={golden['steps_per_run']}", "--json=" + log)
    run(sys.executable, "-B", os.path.join(HERE, "compare.py"), path, log)
    print(f"{name}: equal; {found}", flush=True)


def main():
    for path in sys.argv[2:]:
        train(path, sys.argv[1])


if __name__ == "__main__":
    main()
