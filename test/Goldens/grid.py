#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a golden file's model from compiled plans over a grid of worlds and ZeRO stages, and compares each run.

    grid.py GOLDEN.json WORK-FOLDER                         every world 1-4 and stage 0-3
    grid.py GOLDEN.json WORK-FOLDER 2:3 1:0:4:blocks ...    these: world:stage[:micro-batch[:remat]]

Prints a line per run and ends with 1 at the first that differs. Over the whole grid every stage and every world meets
accumulation 1 and more, with and without rematerialization. --grads compares the sums of |gradient| at step 0, too:
from the state after one step, as exp_avg = 0.1 * gradient * min(1, 1 / (norm + 1e-6)). --min-memory=GiB skips, with a
reason, where less is free; --max-peak=GiB fails a run of which a rank takes more. Needs ds-model, ds-opt and ds-run in
PATH; standard library only.
"""

import argparse
import array
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time

import compare

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINE = os.path.join(HERE, "..", "Inputs", "machine.json")


class Different(Exception):
    """A run failed or is not PyTorch's."""


def call(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if result.returncode != 0:
        raise Different(f"{' '.join(command)}: exit {result.returncode}\n{result.stdout[-2000:]}")
    return result.stdout


def combination(world, stage, local):
    """Micro-batch and remat of a grid point; `local` is the samples of a rank."""
    accumulation = 1
    if (world + stage) % 2 == 0:
        accumulation = next((n for n in (2, 3) if local % n == 0), 1)
    return local // accumulation, "blocks" if (world // 2 + stage) % 2 == 0 else "none"


def read_point(text, batch):
    match = re.fullmatch(r"(\d+):([0-3])(?::(\d+)(?::(none|blocks))?)?", text)
    if not match or batch % int(match[1]) != 0:
        sys.exit(f"grid.py: error: expects world:stage[:micro-batch[:remat]], the world dividing {batch}, "
                 f"but got '{text}'")
    world, stage = int(match[1]), int(match[2])
    micro, remat = combination(world, stage, batch // world)
    return world, stage, int(match[3] or micro), match[4] or remat


def gradient_sums(path, norm):
    """{parameter: sum of |gradient| before clipping} from the first step's optimizer state."""
    factor = 10.0 / min(1.0, 1.0 / (norm + 1e-6))
    sums = {}
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        for name, entry in header.items():
            if not name.endswith(".exp_avg"):
                continue
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            values = array.array("f", file.read(end - begin))
            sums[name.removesuffix(".exp_avg")] = factor * sum(map(abs, values))
    return sums


def compare_gradients(golden, arguments, plan):
    """One step with its state saved; the worst tensor's part of the tolerance."""
    folder, log = os.path.join(arguments.work, "state"), os.path.join(arguments.work, "one.jsonl")
    shutil.rmtree(folder, ignore_errors=True)
    call(["ds-run", plan, "--data=" + golden["data"], "--steps=1", "--json=" + log, "--save=" + folder])
    norm = compare.read_steps(log)[0]["grad_norm"]
    sums = gradient_sums(os.path.join(folder, "step-1", "optimizer.safetensors"), norm)
    shutil.rmtree(folder)
    rows = compare.compare_gradients(golden, sums)
    if any(row[4] > 1.0 for row in rows):
        compare.print_table(rows)
        raise Different("sums of |gradient| differ")
    return f", {len(rows)} gradients within {max(row[4] for row in rows):.2g}"


def compare_peak(log, most):
    """The highest memory of a rank, as text."""
    with open(log, encoding="utf-8") as file:
        end = [event for event in map(json.loads, file) if event["event"] == "end"][0]
    peak = max(end["peak_rss_bytes"]) / 2**20
    if peak > most * 1024:
        raise Different(f"expects at most {most} GiB per rank, but the peak is {peak:.0f} MiB")
    return f", peak {peak:.0f} MiB"


def run_point(golden, arguments, module, point):
    world, stage, micro, remat = point
    plan, log = os.path.join(arguments.work, "grid.dsplan"), os.path.join(arguments.work, "grid.jsonl")
    call(["ds-opt", module, f"--zero={stage}", f"--world={world}", f"--global-batch={golden['global_batch']}",
          f"--micro-batch={micro}", f"--remat={remat}", f"--seq-len={golden['shape']['seq_len']}",
          "--machine=" + MACHINE, "-o", plan])
    call(["ds-run", plan, "--data=" + golden["data"], f"--steps={len(golden['steps'])}", "--json=" + log])
    rows = compare.compare_steps(golden, compare.read_steps(log), ["loss", "grad_norm"])
    if any(row[4] > 1.0 for row in rows):
        compare.print_table(rows)
        raise Different("losses or norms differ")
    worst = {field: max(row[4] for row in rows if row[1] == field) for field in ("loss", "grad_norm")}
    text = (f"{len(golden['steps'])} steps: loss within {worst['loss']:.2g} and norm {worst['grad_norm']:.2g} "
            "of their tolerances")
    text += compare_peak(log, arguments.max_peak)
    return text + (compare_gradients(golden, arguments, plan) if arguments.grads else "")


def free_gib():
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / 2**20
    return math.inf


def main():
    parser = argparse.ArgumentParser(description="Compare compiled training with a golden file over worlds and stages.")
    parser.add_argument("golden", metavar="GOLDEN.json")
    parser.add_argument("work", metavar="WORK-FOLDER")
    parser.add_argument("points", nargs="*", metavar="world:stage[:micro-batch[:remat]]")
    parser.add_argument("--grads", action="store_true", help="compare the sums of |gradient| at step 0, too")
    parser.add_argument("--min-memory", type=float, default=0, metavar="GiB")
    parser.add_argument("--max-peak", type=float, default=math.inf, metavar="GiB", help="of a rank; more is an error")
    arguments = parser.parse_intermixed_args()

    golden = compare.read_json(arguments.golden)
    batch = golden["global_batch"]
    points = [read_point(text, batch) for text in arguments.points] or [
        (world, stage, *combination(world, stage, batch // world)) for world in (1, 2, 3, 4) for stage in range(4)]
    if free_gib() < arguments.min_memory:
        print(f"skipped: {free_gib():.1f} GiB of memory are free, {arguments.min_memory:g} are needed")
        return 0
    os.makedirs(arguments.work, exist_ok=True)
    module = os.path.join(arguments.work, golden["model"] + ".mlir")
    call(["ds-model", *golden["ds_model"], "-o", module])
    for point in points:
        world, stage, micro, remat = point
        label = (f"{golden['model']} world {world} stage {stage} micro-batch {micro} "
                 f"accumulation {batch // world // micro} remat {remat}")
        start = time.monotonic()
        try:
            result = run_point(golden, arguments, module, point)
        except Different as why:
            print(f"{label}: DIFFERS: {why}")
            return 1
        print(f"{label}: {result} ({time.monotonic() - start:.1f} s)", flush=True)
    print(f"{golden['model']}: {len(points)} of {len(points)} equal")
    return 0


if __name__ == "__main__":
    sys.exit(main())
