# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Generated kernels beside memory's speed and beside what compilers make of hand-written loops."""

import json
import os
import shutil
import subprocess
from statistics import median

from participants import BenchError, spread

HERE = os.path.dirname(os.path.abspath(__file__))
KERNELS = os.path.join(os.path.dirname(HERE), "Codegen", "bench.mlir")
OURS = "ds-mlir"
# Both have a vector math library for these loops; clang uses it when told.
COMPILERS = {"gcc": (("g++",), []),
             "clang": (("/usr/lib/llvm-22/bin/clang++", "clang++-22", "clang++"), ["-fveclib=libmvec"])}
FLAGS = ["-O3", "-march=native", "-ffast-math", "-std=c++20", "-shared", "-fPIC"]


def hand_loops(folder):
    """The loops as a library of each compiler that is there: paths, and names of missing ones."""
    libraries, missing = [], []
    for name, (programs, flags) in COMPILERS.items():
        program = next(filter(None, map(shutil.which, programs)), None)
        if not program:
            missing.append(name)
            continue
        library = os.path.join(folder, name + ".so")
        done = subprocess.run([program, *FLAGS, *flags, os.path.join(HERE, "hand_loops.cpp"), "-o", library],
                              capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"{program} cannot compile hand_loops.cpp: {done.stderr.strip()}")
        libraries.append(library)
    return libraries, missing


def row_of(measured):
    """Adds what the numbers say: shares and ratios, round by round."""
    seconds, ours = measured["seconds"], measured["seconds"][OURS]
    row = dict(measured, gb_per_s=measured["bytes"] / median(ours) * 1e-9)
    row["of_stream"] = [measured["bytes"] / s / stream for s, stream in zip(ours, measured["stream_bytes_per_s"])]
    hand = {name: median(times) for name, times in seconds.items() if name != OURS}
    if hand:
        row["best_compiler"] = min(hand, key=hand.get)
        row["faster_than_best"] = [a / b for a, b in zip(seconds[row["best_compiler"]], ours)]
    return row


def print_row(row):
    text = f"{row['kernel']:22}{median(row['seconds'][OURS]) * 1e6:10.0f}{row['gb_per_s']:8.1f}"
    text += f"{spread(row['of_stream'], 2):>20}" if row["of_stream"] else ""
    if "best_compiler" in row:
        text += f"{spread(row['faster_than_best'], 2):>20} {row['best_compiler']}"
    print(text, flush=True)


def run(options, tools, folder):
    libraries, missing = hand_loops(folder)
    for name in missing:
        print(f"{name}: not installed: apt-get install {name}")
    command = [tools.path("kernel-bench"), KERNELS, f"--rounds={options.rounds}", *libraries]
    process = subprocess.Popen(command, env=dict(os.environ, OMP_NUM_THREADS=str(options.threads)), text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    print(f"\nkernels, {options.threads} threads; medians [range] of the rounds\n{'':22}{'us':>10}{'GB/s':>8}"
          f"{'of STREAM triad':>20}{'compiler / ours':>20}")
    rows = []
    for line in process.stdout:
        rows.append(row_of(json.loads(line)))
        print_row(rows[-1])
    if process.wait():
        raise BenchError(f"kernel-bench: {process.stderr.read().strip()}")
    if libraries:
        stream = [value * 1e-9 for row in rows for value in row["stream_bytes_per_s"]]
        print(f"STREAM triad: {spread(stream)} GB/s")
    return rows
