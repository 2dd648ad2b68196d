# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A step in bfloat16 beside one in float32: time, memory and loss.

A chip with products of bfloat16 computes them so; without, operands are widened into planned scratch.  The second way
is measured beside the first, with a profile that denies such products.
"""

import json
import os
import re

from participants import BenchError, interleave, spread
from steps import Ours

WIDENED = "bf16, widened"
LOSS_TOLERANCE = 0.01  # relative, of the last step that all made


def without_narrow_products(profile, folder):
    """The machine's profile without products of 16 bits; null when it has none anyway."""
    with open(profile, encoding="utf-8") as file:
        machine = json.load(file)
    narrow = {"avx512_bf16", "amx_bf16"} & set(machine["features"])
    if not narrow:
        return None
    machine["features"] = [name for name in machine["features"] if name not in narrow]
    path = os.path.join(folder, "widened.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(machine, file)
    return path


def bytes_by_kind(tools, plan):
    """What lives at the peak of a rank's memory, {kind: bytes}."""
    text = tools.run("ds-plan", "stats", plan)
    return {kind: int(count) for kind, count in re.findall(r"^    (\w+) +(\d+) bytes", text, re.MULTILINE)}


def wire_bytes(tools, case, folder, precision):
    """Bytes that a rank's collectives of a ZeRO-3 step move, {kind: bytes}."""
    os.makedirs(folder)
    plan = Ours(case, tools, folder, "--zero=3", "--world=2", f"--global-batch={2 * case.batch}",
                f"--precision={precision}").plan
    total, width = {}, {"f32": 4, "f64": 8, "bf16": 2, "f16": 2}
    text = tools.run("ds-plan", "print", plan)
    for kind, count, dtype in re.findall(r"^ +#\d+ (all_gather|reduce_scatter)(?: sum)? of (\d+) (\w+)", text,
                                         re.MULTILINE):
        total[kind] = total.get(kind, 0) + int(count) * width[dtype]
    return total


def run(case, options, tools, folder):
    """Prints the table; returns what goes into the JSON."""
    ways = {"f32": ["--precision=f32"], "bf16": ["--precision=bf16"]}
    denied = without_narrow_products(tools.machine, folder)
    if denied:
        ways[WIDENED] = ["--precision=bf16", "--machine=" + denied]
    plans, trainers = {}, []
    try:
        for number, (name, flags) in enumerate(ways.items()):
            os.makedirs(path := os.path.join(folder, str(number)))
            plans[name] = Ours(case, tools, path, *flags)
            trainers.append(plans[name].start(name, options.threads))
        interleave(trainers, options.rounds, options.steps)
    finally:
        for trainer in trainers:
            trainer.end()
    first, result = trainers[0], {"case": str(case), "threads": options.threads, "ways": []}
    print(f"\n{case}, {options.threads} threads; medians [range] of the rounds")
    print(f"{'':15}{'ms a step':>26}{'f32 / its':>21}{'predicted':>11}{'arena':>13}{'activations':>13}  loss")
    for trainer in trainers:
        report = plans[trainer.name].report
        kinds = bytes_by_kind(tools, plans[trainer.name].plan)
        step = min(len(first.losses), len(trainer.losses)) - 1
        apart = abs(trainer.losses[step] - first.losses[step]) / abs(first.losses[step])
        if not apart <= LOSS_TOLERANCE:
            raise BenchError(f"{trainer.name} trains something else: at step {step} its loss is "
                             f"{trainer.losses[step]:.6g} and in f32 {first.losses[step]:.6g}")
        row = {"name": trainer.name, "step_ms": trainer.rounds, "predicted_step_ms": report["predicted_step_ms"],
               "f32_over_it": [a / b for a, b in zip(first.rounds, trainer.rounds)], "bytes_at_peak": kinds,
               "arena_bytes": sum(arena["bytes"] for arena in report["arenas"]), "losses": trainer.losses}
        result["ways"].append(row)
        print(f"{trainer.name:15}{spread(row['step_ms']):>26} {spread(row['f32_over_it'], 3):>20}"
              f"{row['predicted_step_ms']:11.1f}{row['arena_bytes'] / 2**20:9.1f} MiB"
              f"{kinds.get('activation', 0) / 2**20:9.1f} MiB  {trainer.losses[step]:.5f} in step {step}")
    result["wire_bytes"] = {precision: wire_bytes(tools, case, os.path.join(folder, "wire-" + precision), precision)
                            for precision in ("f32", "bf16")}
    for kind in result["wire_bytes"]["f32"]:
        wide, narrow = (result["wire_bytes"][precision].get(kind, 0) for precision in ("f32", "bf16"))
        print(f"{kind} of a ZeRO-3 step of 2 ranks: {narrow / 2**20:.1f} MiB in bf16, {wide / 2**20:.1f} MiB in f32, "
              f"{narrow / wide:.3f}")
    return result
