#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints how long ds-opt takes to compile GPT-2 at real sizes, without timing runs: medians of --runs whole processes.

    PATH=build/bin:$PATH python3 test/Benchmark/compile_time.py [model ...]

124M on world 1 is to stay below 8 s, 1558M below 15 s, 96 layers below twice the time of 12. A benchmark, not a test:
it depends on the machine.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

MACHINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Inputs", "machine.json")
# A limit that every plan meets: the profile's memory is small for 1558M.
CALLS = {"world 1": ["--zero=0", "--world=1"], "world 8, stage 3": ["--zero=3", "--world=8"]}
MODELS = {"gpt2-124m": ["gpt2-124m"], "gpt2-96-layers": ["gpt2-124m", "--layers=96"], "gpt2-355m": ["gpt2-355m"],
          "gpt2-1558m": ["gpt2-1558m"]}
LIMITS = {("gpt2-124m", "world 1"): 8.0, ("gpt2-1558m", "world 1"): 15.0}  # seconds
DEEPER = 2.0  # times as long for 96 layers as for 12


def compile_seconds(path, module, plan, flags):
    start = time.monotonic()
    subprocess.run([path("ds-opt"), module, *flags, "--remat=blocks", "--seq-len=256", "--memory-limit=256GiB",
                    "--tune-seconds=0", "--machine=" + MACHINE, "-o", plan], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - start


def print_row(row):
    seconds, limit = row["seconds"], row["limit_s"]
    print(f"{row['model']:16}{row['call']:18}{statistics.median(seconds):7.2f} s{min(seconds):7.2f} s"
          f"{max(seconds):7.2f} s{f'{limit:.0f} s' if limit else '':>9}{row['plan_bytes'] / 2**20:7.2f} MiB",
          flush=True)


def run(path, runs, models=MODELS):
    """Prints the table and returns its rows.  `path` finds a tool by its name."""
    print(f"\n{'compiling':16}{'':18}{'median':>9}{'least':>9}{'most':>9}{'limit':>9}{'plan':>11}")
    rows, medians = [], {}
    with tempfile.TemporaryDirectory() as folder:
        module, plan = os.path.join(folder, "m.mlir"), os.path.join(folder, "m.dsplan")
        for model in models:
            subprocess.run([path("ds-model"), *MODELS[model], "--seq-len=256", "-o", module], check=True)
            for call, flags in CALLS.items():
                seconds = [compile_seconds(path, module, plan, flags) for _ in range(runs)]
                medians[model, call] = statistics.median(seconds)
                rows.append({"model": model, "call": call, "seconds": seconds, "limit_s": LIMITS.get((model, call)),
                             "plan_bytes": os.path.getsize(plan)})
                print_row(rows[-1])
    for call in CALLS:
        if ("gpt2-124m", call) in medians and ("gpt2-96-layers", call) in medians:
            print(f"96 layers over 12, {call}: {medians['gpt2-96-layers', call] / medians['gpt2-124m', call]:.2f} "
                  f"(limit {DEEPER:g})")
    return rows


def main():
    parser = argparse.ArgumentParser(description="Compile times of GPT-2 plans.")
    parser.add_argument("models", nargs="*", help=f"of {', '.join(MODELS)}; all")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    for model in arguments.models:
        if model not in MODELS:
            parser.error(f"unknown model '{model}'; known are {', '.join(MODELS)}")
    run(lambda name: name, arguments.runs, arguments.models or MODELS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
