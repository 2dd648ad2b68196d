# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Every learning rate of a run of 2,000 steps beside the formulas, and beside DeepSpeed's own values where it has some.

Usage: rates.py MODEL MACHINE FOLDER flags|Warmup|...: schedules by flags, or those whose type begins so.
"""
import json
import os
import subprocess
import sys

import formulas

STEPS, LR = 2000, 0.002
TOLERANCE = 1e-12  # of the value, or of a thousandth of the highest one


def run(model, machine, folder, name, flags):
    plan, log = f"{folder}/{name}.dsplan", f"{folder}/{name}.jsonl"
    common = ["--zero=0", f"--machine={machine}", "-o", plan]
    subprocess.run(["ds-opt", model, *common, *flags], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ds-run", plan, f"--steps={STEPS}", f"--json={log}"], check=True, stdout=subprocess.DEVNULL)
    with open(log) as lines:
        return [event for event in map(json.loads, lines) if event["event"] == "step"]


def compare(name, key, got, wanted):
    """`wanted` are pairs of a step and its value."""
    highest = max(value for _, value in wanted)
    for step, want in wanted:
        bound = TOLERANCE * max(want, 1e-3 * highest)
        assert abs(got[step][key] - want) <= bound, f"{name}: step {step}: {key} {got[step][key]!r}, expected {want!r}"


FLAGS = {"warmup": "--warmup-steps", "stable": "--stable-steps", "total": "--decay-steps", "least": "--min-lr",
         "power": "--decay-power"}
BY_FLAGS = [
    ("constant", {}),
    ("constant", {"warmup": 300}),
    ("linear", {"total": 1500}),
    ("linear", {"warmup": 100, "stable": 200, "total": 1700, "least": 3e-5}),
    ("cosine", {"total": 1500}),
    ("cosine", {"warmup": 100, "total": 1700, "least": 3e-5}),
    ("polynomial", {"total": 1500}),
    ("polynomial", {"warmup": 100, "total": 1700, "least": 3e-5, "power": 1.5}),
    ("wsd", {"stable": 1000, "total": 1500}),
    ("wsd", {"warmup": 100, "stable": 1300, "total": 1700, "least": 3e-5}),
]


def main(model, machine, folder, which):
    for n, (schedule, values) in enumerate(BY_FLAGS if which == "flags" else []):
        name = f"{schedule}-{n}"
        flags = [f"--lr={LR}", f"--schedule={schedule}"] + [f"{FLAGS[key]}={value}" for key, value in values.items()]
        events = run(model, machine, folder, name, flags)
        assert len(events) == STEPS
        formula = formulas.by_flags(LR, schedule, **values)
        compare(name, "lr", events, [(s, formula(s)[0]) for s in range(STEPS)])
        print(f"{name}: {STEPS} steps")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "deepspeed.json")) as file:
        goldens = json.load(file)
    for n, golden in enumerate(goldens):
        if not golden["type"].startswith(which):
            continue
        name = f"{golden['type']}-{n}"
        with open(f"{folder}/{name}.json", "w") as out:
            json.dump({"optimizer": {"type": "AdamW", "params": {"lr": LR}},
                       "scheduler": {"type": golden["type"], "params": golden["params"]}}, out)
        events = run(model, machine, folder, name, [f"--config={folder}/{name}.json"])
        assert len(events) == STEPS
        formula = formulas.DEEPSPEED[golden["type"]](LR, golden["params"])
        for key, part in [("lr", 0), ("momentum", 1)]:
            assert (key in events[0]) == (key in golden), (name, key)
            if key in golden:
                compare(name, key, events, [(s, formula(s)[part]) for s in range(STEPS)])
                compare(name, key, events, list(zip(golden["steps"], golden[key])))
        print(f"{name}: {STEPS} steps, {len(golden['steps'])} of DeepSpeed")


main(*sys.argv[1:])
