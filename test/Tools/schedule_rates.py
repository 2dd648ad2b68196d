# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every learning rate of a run, beside the formulas of the schedules, written
# down a second time: numbers of steps as DeepSpeed's schedulers count them.
# Usage: schedule_rates.py MODEL MACHINE FOLDER
import json
import math
import subprocess
import sys

STEPS = 2000


def ramp(kind, i, steps):
    return math.log(i + 1) / math.log(steps) if kind == "log" else i / steps


def deepspeed(name, lr, p):
    """The rate before each step: the constructor's, then that of i = 0, 1, ..."""
    warmup = max(2, p.get("warmup_num_steps", 1000))
    kind = p.get("warmup_type", "log")
    total = p.get("total_num_steps", 0)
    low, high = p.get("warmup_min_lr", 0.0), p.get("warmup_max_lr", lr if name == "WarmupLR" else 0.001)

    def rate(i):
        if name == "WarmupCosineLR":
            if i < 0:
                return 0.0
            first, last = p.get("warmup_min_ratio", 0.0), p.get("cos_min_ratio", 0.0001)
            if i < warmup:
                return lr * (first + (1 - first) * ramp(kind, i, warmup))
            done = min(1.0, (i - warmup + 1) / max(1, total - warmup))
            return lr * (last + (1 - last) * (1 + math.cos(math.pi * done)) / 2)
        if i < 0:
            return low
        if i < warmup:
            gamma = ramp(kind, i, warmup)
        elif name == "WarmupLR":
            gamma = 1.0
        else:
            gamma = max(0.0, (total - i) / max(1.0, total - warmup))
        return low + (high - low) * gamma

    return [rate(s - 1) for s in range(STEPS)]


def ours(lr, warmup, total, least):
    def rate(s):
        if s < warmup:
            return lr * (s + 1) / warmup
        if total and s < total:
            return least + (lr - least) * (1 + math.cos(math.pi * (s - warmup) / (total - warmup))) / 2
        return least if total else lr

    return [rate(s) for s in range(STEPS)]


def run(model, machine, folder, name, flags):
    plan, log = f"{folder}/{name}.dsplan", f"{folder}/{name}.jsonl"
    common = ["--zero=0", f"--machine={machine}", "-o", plan]
    subprocess.run(["ds-opt", model, *common, *flags], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ds-run", plan, f"--steps={STEPS}", f"--json={log}"], check=True, stdout=subprocess.DEVNULL)
    return [event["lr"] for event in map(json.loads, open(log)) if event["event"] == "step"]


def main(model, machine, folder):
    cases = [("constant", ["--lr=0.002"], ours(0.002, 0, 0, 0)),
             ("warm", ["--lr=0.002", "--warmup-steps=300"], ours(0.002, 300, 0, 0)),
             ("decays", ["--lr=0.002", "--decay-steps=1500"], ours(0.002, 0, 1500, 0)),
             ("whole", ["--warmup-steps=100", "--decay-steps=1700", "--min-lr=3e-5"], ours(3e-4, 100, 1700, 3e-5))]
    files = [("WarmupLR", {}),
             ("WarmupLR", {"warmup_min_lr": 1e-5, "warmup_max_lr": 7e-4, "warmup_num_steps": 300}),
             ("WarmupLR", {"warmup_max_lr": 7e-4, "warmup_num_steps": 1, "warmup_type": "linear"}),
             ("WarmupDecayLR", {"total_num_steps": 1500}),
             ("WarmupDecayLR", {"total_num_steps": 1500, "warmup_min_lr": 1e-4, "warmup_max_lr": 3e-3,
                                "warmup_num_steps": 200, "warmup_type": "linear"}),
             ("WarmupDecayLR", {"total_num_steps": 200, "warmup_num_steps": 200}),
             ("WarmupDecayLR", {"total_num_steps": 100, "warmup_num_steps": 150, "warmup_type": "linear"}),
             ("WarmupCosineLR", {"total_num_steps": 1800}),
             ("WarmupCosineLR", {"total_num_steps": 1500, "warmup_min_ratio": 0.1, "warmup_num_steps": 250,
                                 "cos_min_ratio": 0.05, "warmup_type": "linear"}),
             ("WarmupCosineLR", {"total_num_steps": 100, "warmup_num_steps": 150})]
    for n, (name, params) in enumerate(files):
        path = f"{folder}/{n}.json"
        with open(path, "w") as out:
            json.dump({"optimizer": {"type": "AdamW", "params": {"lr": 0.002}},
                       "scheduler": {"type": name, "params": params}}, out)
        cases.append((f"{n}-{name}", [f"--config={path}"], deepspeed(name, 0.002, params)))
    for name, flags, expected in cases:
        rates = run(model, machine, folder, name, flags)
        assert len(rates) == len(expected) == STEPS, (name, len(rates))
        bound = 1e-12 * max(expected)
        for step, (got, want) in enumerate(zip(rates, expected)):
            assert abs(got - want) <= bound, f"{name}: step {step}: {got!r}, expected {want!r}"
        print(f"{name}: {STEPS} rates, first {rates[0]:.6g}, highest {max(rates):.6g}, last {rates[-1]:.6g}")


main(*sys.argv[1:])
