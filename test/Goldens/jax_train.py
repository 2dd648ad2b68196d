# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles and runs the StableHLO text of JAX goldens, and compares each run.

    jax_train.py FOLDER GOLDEN.json ...
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        sys.exit(f"{' '.join(command)}\n{made.stdout}{made.stderr}")


def train(path, folder):
    with open(path, encoding="utf-8") as file:
        golden = json.load(file)
    name = golden["model"]
    here = os.path.join(folder, name)
    os.makedirs(here)
    run(sys.executable, "-B", os.path.join(HERE, "jax_values.py"), path, here)
    plan = os.path.join(here, name + ".dsplan")
    run("ds-opt", path.replace(".json", ".jax"), "--signature=" + path, "--zero=0", "--tune-seconds=0", "-o", plan)
    log = os.path.join(here, "run.jsonl")
    run("ds-run", plan, "--load=" + os.path.join(here, "parameters.safetensors"),
        "--data=" + os.path.join(here, "data.safetensors"), f"--steps={golden['steps_per_run']}", "--json=" + log)
    run(sys.executable, "-B", os.path.join(HERE, "compare.py"), path, log)
    print(f"{name}: equal", flush=True)


def main():
    for path in sys.argv[2:]:
        train(path, sys.argv[1])


if __name__ == "__main__":
    main()
