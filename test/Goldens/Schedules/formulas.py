# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Schedules as functions of the step s, from 0: a second spelling of what the compiler knows.

DeepSpeed sets the values of step s + 1 after step s. Its schedulers count iterations: number i is in force in step
i + 1, and step 0 has what the constructor leaves. Each function here returns f with f(s) = (learning rate, momentum or
None).
"""
import math


def ramp(kind, i, steps):
    return math.log(i + 1) / math.log(steps) if kind == "log" else i / steps


def lr_range_test(lr, p):
    least, size = p.get("lr_range_test_min_lr", 1e-3), p.get("lr_range_test_step_size", 2000)
    rate, stairs = p.get("lr_range_test_step_rate", 1.0), p.get("lr_range_test_staircase", False)
    return lambda s: (least * (1 + rate * (s // size if stairs else s / size)), None)


def one_cycle(lr, p):
    low, high = p["cycle_min_lr"], p["cycle_max_lr"]
    up = p.get("cycle_first_step_size", 2000)
    down = p.get("cycle_second_step_size", up)
    up_stairs = p.get("cycle_first_stair_count", 0)
    down_stairs = p.get("cycle_second_stair_count", up_stairs)
    every = p.get("decay_step_size", 0)
    least, most = p.get("cycle_min_mom", 0.8), p.get("cycle_max_mom", 0.9)

    def height(s):  # of 1, at the top of the cycle
        way, size, stairs = (s, up, up_stairs) if s <= up else (up + down - s, down, down_stairs)
        if s == up + down:
            return 0
        return (way * stairs // size) / stairs if stairs else way / size

    def rate(s):
        if s <= up + down:
            return low + (high - low) * height(s)
        return low / (1 + p.get("decay_lr_rate", 0) * (s - up - down) / every) if every else low

    def momentum(s):
        if not p.get("cycle_momentum", True):
            return None
        if s == 0:
            return least
        if s <= up + down:
            return most - (most - least) * height(s)
        return most * (1 + p.get("decay_mom_rate", 0) * (s - up - down) / every) if every else most

    return lambda s: (rate(s), momentum(s))


def warmup(lr, p, peak, after):
    """Up to `peak`, then after(i, steps) of the way from the least rate to it."""
    low, steps = p.get("warmup_min_lr", 0.0), max(2, p.get("warmup_num_steps", 1000))

    def rate(s):
        i = s - 1
        if i < 0:
            return low
        way = ramp(p.get("warmup_type", "log"), i, steps) if i < steps else after(i, steps)
        return low + (peak - low) * way

    return lambda s: (rate(s), None)


def warmup_lr(lr, p):
    return warmup(lr, p, p.get("warmup_max_lr", lr), lambda i, steps: 1.0)


def warmup_decay_lr(lr, p):
    total = p["total_num_steps"]
    return warmup(lr, p, p.get("warmup_max_lr", 0.001),
                  lambda i, steps: max(0.0, (total - i) / max(1.0, total - steps)))


def warmup_cosine_lr(lr, p):
    steps, total = max(2, p.get("warmup_num_steps", 1000)), p["total_num_steps"]
    first, last = p.get("warmup_min_ratio", 0.0), p.get("cos_min_ratio", 0.0001)

    def ratio(i):
        if i < 0:
            return 0.0
        if i < steps:
            return first + (1 - first) * ramp(p.get("warmup_type", "log"), i, steps)
        done = min(1.0, (i - steps + 1) / max(1, total - steps))
        return last + (1 - last) * (1 + math.cos(math.pi * done)) / 2

    return lambda s: (lr * ratio(s - 1), None)


def by_flags(lr, schedule, warmup=0, stable=0, total=0, least=0.0, power=2):
    """A line up to lr, `stable` steps of it, then the decay of `schedule` until step `total`."""
    left = {"constant": lambda t: 1,
            "linear": lambda t: 1 - t,
            "cosine": lambda t: (1 + math.cos(math.pi * t)) / 2,
            "polynomial": lambda t: (1 - t)**power,
            "wsd": lambda t: 1 - math.sqrt(t)}[schedule]

    def rate(s):
        if s < warmup:
            return lr * (s + 1) / warmup
        if s < warmup + stable or schedule == "constant":
            return lr
        return least + (lr - least) * left(min(1.0, (s - warmup - stable) / (total - warmup - stable)))

    return lambda s: (rate(s), None)


DEEPSPEED = {"LRRangeTest": lr_range_test, "OneCycle": one_cycle, "WarmupLR": warmup_lr,
             "WarmupDecayLR": warmup_decay_lr, "WarmupCosineLR": warmup_cosine_lr}
