# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs DeepSpeed's own schedulers for 2,000 steps and writes what each step had, at chosen steps.

Usage: make_goldens.py deepspeed/runtime/lr_schedules.py deepspeed.json

The file is DeepSpeed's, of release 0.19; it is run with stand-ins for torch and for the package's logger, which is all
that it needs of them. Every step is compared with formulas.py on the way.
"""
import importlib.util
import json
import logging
import sys
import types

import formulas

STEPS, LR, BETAS = 2000, 0.002, (0.9, 0.999)

CASES = [
    ("LRRangeTest", {}),
    ("LRRangeTest", {"lr_range_test_min_lr": 1e-5, "lr_range_test_step_size": 300, "lr_range_test_step_rate": 2.5}),
    ("LRRangeTest", {"lr_range_test_min_lr": 1e-4, "lr_range_test_step_size": 170, "lr_range_test_step_rate": 0.5,
                     "lr_range_test_staircase": True}),
    ("OneCycle", {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3}),
    ("OneCycle", {"cycle_min_lr": 1e-5, "cycle_max_lr": 6e-4, "cycle_first_step_size": 300,
                  "cycle_second_step_size": 450, "decay_step_size": 50, "decay_mom_rate": 0.001}),
    ("OneCycle", {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 700,
                  "cycle_second_step_size": 501, "cycle_first_stair_count": 6, "cycle_second_stair_count": 4,
                  "decay_step_size": 30, "decay_lr_rate": 0.5, "cycle_min_mom": 0.85, "cycle_max_mom": 0.99}),
    ("OneCycle", {"cycle_min_lr": 2e-4, "cycle_max_lr": 5e-3, "cycle_first_step_size": 333,
                  "cycle_first_stair_count": 7, "decay_step_size": 100, "decay_lr_rate": 0.1,
                  "decay_mom_rate": 0.002}),
    ("OneCycle", {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 500,
                  "cycle_second_stair_count": 5, "cycle_momentum": False}),
    ("OneCycle", {"cycle_min_lr": 1e-4, "cycle_max_lr": 1e-3, "cycle_first_step_size": 100,
                  "cycle_second_step_size": 0, "decay_step_size": 1, "decay_lr_rate": 0.001}),
    ("OneCycle", {"cycle_min_lr": 0, "cycle_max_lr": 1e-3, "cycle_first_step_size": 3,
                  "cycle_second_step_size": 997, "cycle_momentum": False, "decay_lr_rate": 0.5}),
    ("WarmupLR", {}),
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
    ("WarmupCosineLR", {"total_num_steps": 400, "warmup_num_steps": 400, "warmup_min_ratio": 0.2}),
    ("WarmupCosineLR", {"total_num_steps": 100, "warmup_num_steps": 150}),
]


class Optimizer:
    def __init__(self):
        self.defaults = {"lr": LR, "betas": BETAS}
        self.param_groups = [dict(self.defaults)]


def load(path):
    def module(name, **members):
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)

    module("torch", is_tensor=lambda value: False)
    module("torch.optim", Optimizer=Optimizer)
    module("deepspeed")
    logger = logging.getLogger("schedules")
    logger.disabled = True
    module("deepspeed.utils", logger=logger)
    spec = importlib.util.spec_from_file_location("lr_schedules", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def run(schedulers, name, params):
    optimizer = Optimizer()
    group = optimizer.param_groups[0]
    scheduler = getattr(schedulers, name)(optimizer, **params)
    values = []
    for _ in range(STEPS):
        values.append((group["lr"], *group["betas"]))
        scheduler.step()
    return values


def chosen(params):
    """The first steps, those around where something ends, and some of the rest."""
    sizes = [n for n in params.values() if type(n) is int] + [1000]
    ends = sizes + [n + m for n in sizes for m in sizes]
    near = {n + d for n in ends for d in (-1, 0, 1, 2)}
    return sorted(s for s in near | {0, 1, 2, 3, *range(50, STEPS, 87), STEPS - 1} if 0 <= s < STEPS)


def main(path, out):
    schedulers = load(path)
    goldens = []
    for name, params in CASES:
        values = run(schedulers, name, params)
        formula = formulas.DEEPSPEED[name](LR, params)
        highest = max(rate for rate, _, _ in values)
        cycles = name == "OneCycle" and params.get("cycle_momentum", True)
        worst = 0.0
        for s, (rate, beta1, beta2) in enumerate(values):
            want, momentum = formula(s)
            worst = max(worst, abs(rate - want) / max(want, 1e-3 * highest))
            worst = max(worst, abs(beta1 - (momentum if cycles else BETAS[0])) / beta1)
            assert beta2 == (0.99 if cycles else BETAS[1]), (name, params, s, beta2)
        assert worst < 1e-12, (name, params, worst)
        print(f"{name}: {STEPS} steps, the formulas are {worst:.1e} away, {params}")
        golden = {"type": name, "params": params, "steps": chosen(params)}
        golden["lr"] = [values[s][0] for s in golden["steps"]]
        if cycles:
            golden["momentum"] = [values[s][1] for s in golden["steps"]]
        goldens.append(golden)
    with open(out, "w") as file:
        rows = [",\n ".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
                for golden in goldens]
        file.write("[{" + "},\n{".join(rows) + "}]\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
