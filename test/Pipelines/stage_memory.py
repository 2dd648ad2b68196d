# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles a model for every ZeRO stage and world and prints and checks where its bytes are.

    stage_memory.py MODEL MACHINE FOLDER

State is read from the plan itself, what else lives at the fullest instruction from
`ds-plan stats`.  Every comparison that fails is printed, and the exit status is 1.
"""
import json
import math
import re
import subprocess
import sys

WORLDS = (1, 2, 4)
STAGES = (0, 1, 2, 3)
CLASSES = ("gradient", "activation", "gathered", "scalar", "input", "constant", "workspace")


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def compile_plan(model, machine, folder, *flags):
    path = f"{folder}/plan.dsplan"
    run("ds-opt", model, f"--machine={machine}", "--target-cpu=x86-64-v3", *flags, "-o", path)
    program = json.loads(run("ds-plan", "print", "--json", path))["programs"][0]
    peak = dict.fromkeys(CLASSES, 0)
    for line in run("ds-plan", "stats", path).splitlines():
        if line.lstrip().startswith("entry"):
            break
        found = re.match(r"\s+(\w+)\s+(\d+) bytes", line)
        if found:
            peak[found.group(1)] = int(found.group(2))
    return program, peak


def state_bytes(program, kind):
    """Bytes of persistent buffers of one class; `parameter` is the default and not printed."""
    return sum(buffer["bytes"] for buffer in program["buffers"]
               if buffer.get("persistent") and buffer.get("alias_of", -1) < 0
               and buffer.get("kind", "parameter") == kind)


def padded_elements(program, world):
    """P: every unit's elements, rounded up so that each rank's shard is whole blocks of 1024."""
    total = 0
    for state in program["states"]:
        tensors = state["tensors"]
        if any(t.get("kind", "parameter") != "parameter" for t in tensors):
            continue
        used = max(t.get("offset", 0) + math.prod(t["shape"]) for t in tensors)
        total += -(-used // (1024 * world)) * 1024 * world
    return total


def main():
    model, machine, folder = sys.argv[1:]
    failures = []

    def check(good, text):
        if not good:
            failures.append(text)

    rows, arenas = [], {}
    for world in WORLDS:
        for stage in STAGES:
            flags = (f"--zero={stage}", f"--world={world}", "--remat=none", "--micro-batch=1")
            program, peak = compile_plan(model, machine, folder, *flags)
            if not rows:
                print("P =", padded_elements(program, world), "elements")
                print("world stage parameters optimizer gradients activations gathered other arena")
            where = f"world {world}, stage {stage}"
            whole = 4 * padded_elements(program, world)
            parameters = state_bytes(program, "parameter")
            optimizer = state_bytes(program, "optimizer")
            check(parameters == (whole // world if stage == 3 else whole), f"{where}: parameters")
            check(optimizer == 2 * (whole if stage == 0 else whole // world), f"{where}: optimizer")
            arena = program["arenas"][0]["bytes"]
            arenas[world, stage] = arena
            live = parameters + optimizer + sum(peak[kind] for kind in CLASSES)
            check(live <= arena, f"{where}: {live} bytes live in an arena of {arena}")
            other = sum(peak[kind] for kind in CLASSES[3:])
            rows.append((world, stage, parameters, optimizer, peak["gradient"],
                         peak["activation"], peak["gathered"], other, arena))
    for row in rows:
        print(*row)
    for world in WORLDS[1:]:
        a = [arenas[world, stage] for stage in STAGES]
        check(a[3] < a[2] <= a[1] < a[0], f"world {world}: arenas {a} do not shrink")

    # Rematerialization, where activations are large.
    remat = {}
    for policy in ("blocks", "none"):
        flags = ("--zero=0", "--world=1", f"--remat={policy}", "--micro-batch=8")
        remat[policy] = compile_plan(model, machine, folder, *flags)[0]["arenas"][0]["bytes"]
    print("remat:", remat["blocks"], "<", remat["none"])
    check(remat["blocks"] < remat["none"], "remat saves nothing")
    print("\n".join(failures) if failures else "all formulas hold")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
