#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a tiny GPT-2 by every optimizer in PyTorch and writes what ds-mlir must reproduce.

    make_optimizers.py [NAME ...]       writes NAME.json beside this script

The head is tied to the token table, the position table is frozen, norms and biases have no weight decay, and one group
has a rate of its own. SGD, Adam, AdamW and Adagrad are torch.optim's. Lion, Lamb and Muon are written out here after
their papers (Lamb with DeepSpeed's bounds of the trust ratio): torch.optim has no Lion and no Lamb, and its Muon
iterates in bfloat16. Each trains twice, in float32 and in float64. Needs PyTorch 2.13 and numpy.
"""

import fnmatch
import json
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "Schedules")]

import formulas  # noqa: E402
import values  # noqa: E402
from make_goldens import Shape, gpt2_logits, initial_values, write  # noqa: E402

SHAPE = Shape("gpt2", layers=2, width=20, heads=2, kv_heads=2, mlp_width=80, vocab=61, seq_len=12)
DS_MODEL = ["gpt2-124m", "--layers=2", "--width=20", "--heads=2", "--vocab=61", "--seq-len=12"]
BATCH, STEPS = 12, 20
FAST = "*.mlp.c_fc.weight"  # the group with a rate of its own
# The gradient of the keys' bias is 0 but for rounding, of which Lion would take the sign.
FROZEN = {"lion": ["*.wpe.*", "*.c_attn.bias"]}


# ===--- Optimizers that torch has not ----------------------------------------------------------------------------=== #


class Own(torch.optim.Optimizer):
    """One rule: `update(parameter, gradient, state, settings)` with the settings of the parameter's group."""

    def __init__(self, groups, update, **defaults):
        super().__init__(groups, defaults)
        self.rule = update

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                state = self.state[p]
                state["step"] = state.get("step", 0) + 1
                self.rule(p, p.grad, state, group)


def zeros(state, name, p):
    return state.setdefault(name, torch.zeros_like(p))


def lion(p, g, state, o):
    m, (beta1, beta2) = zeros(state, "m", p), o["betas"]
    p -= o["lr"] * (torch.sign(beta1 * m + (1 - beta1) * g) + o["weight_decay"] * p)
    m.copy_(beta2 * m + (1 - beta2) * g)


def moments(p, g, state, o):
    m, v, (beta1, beta2) = zeros(state, "m", p), zeros(state, "v", p), o["betas"]
    m.copy_(beta1 * m + (1 - beta1) * g)
    v.copy_(beta2 * v + (1 - beta2) * g * g)
    if not o.get("bias_correction", True):
        return m, v
    return m / (1 - beta1 ** state["step"]), v / (1 - beta2 ** state["step"])


def adam_uncorrected(p, g, state, o):
    m, v = moments(p, g, state, o)
    p -= o["lr"] * (m / (v.sqrt() + o["eps"]) + o["weight_decay"] * p)


def lamb(p, g, state, o):
    m, v = moments(p, g, state, o)
    u = m / (v.sqrt() + o["eps"]) + o["weight_decay"] * p
    weight, update = p.norm().item(), u.norm().item()
    ratio = min(max(weight / update, o["min_coeff"]), o["max_coeff"]) if weight and update else 1.0
    p -= o["lr"] * ratio * u


def muon(p, g, state, o):
    """Of matrices of hidden layers; the rest by AdamW."""
    if not o["matrices"]:
        m, v = moments(p, g, state, o)
        p *= 1 - o["lr"] * o["weight_decay"]
        p -= o["lr"] * m / (v.sqrt() + o["eps"])
        return
    b, mu = zeros(state, "b", p), o["momentum"]
    b.copy_(mu * b + (1 - mu) * g)
    x = mu * b + (1 - mu) * g if o["nesterov"] else b
    rows, columns = x.shape
    if rows > columns:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    if rows > columns:
        x = x.T
    p *= 1 - o["lr"] * o["weight_decay"]
    p -= o["lr"] * math.sqrt(max(1, rows / columns)) * x


# ===--- The goldens ----------------------------------------------------------------------------------------------=== #

# name: (DeepSpeed's type, its params, the optimizer of groups and params, more of the config, more flags)
TORCH = torch.optim


def settings(params, **names):
    """DeepSpeed's params by torch.optim's names."""
    kept = {key: value for key, value in params.items() if key not in ("adam_w_mode", "muon_lr", "adam_lr")}
    return {names.get(key, key): tuple(value) if key == "betas" else value for key, value in kept.items()}


def by(kind, **more):
    return lambda groups, params: kind(groups, **settings(params), foreach=False, **more)


def own(update):
    return lambda groups, params: Own(groups, update, **settings(params))


GOLDENS = {
    "sgd": ("SGD", dict(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01), by(TORCH.SGD), {}, []),
    "sgd_plain": ("SGD", dict(lr=0.2, weight_decay=0.02), by(TORCH.SGD), {}, []),
    "sgd_nesterov": ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True), by(TORCH.SGD), {}, []),
    "adam": ("Adam", dict(lr=2e-3, betas=[0.9, 0.99], eps=1e-8, weight_decay=0.01, adam_w_mode=False),
             by(TORCH.Adam), {}, []),
    "adamw": ("AdamW", dict(lr=2e-3, betas=[0.9, 0.95], eps=1e-8, weight_decay=0.1), by(TORCH.AdamW), {}, []),
    "adamw_uncorrected": ("AdamW", dict(lr=1e-3, betas=[0.8, 0.9], eps=1e-8, weight_decay=0.1, bias_correction=False),
                          own(adam_uncorrected), {}, []),
    "adamw_clip_value": ("AdamW", dict(lr=2e-3, betas=[0.9, 0.95], eps=1e-8, weight_decay=0.1), by(TORCH.AdamW), {},
                         ["--clip-value=0.001"]),
    "adamw_sum": ("AdamW", dict(lr=2e-3, betas=[0.9, 0.95], eps=1e-3, weight_decay=0.1), by(TORCH.AdamW),
                  {"gradient_allreduce_op": "sum", "gradient_clipping": 2.0}, []),
    # Which cycles beta1, and sets beta2 to 0.99.
    "adamw_one_cycle": ("AdamW", dict(lr=2e-3, betas=[0.9, 0.99], eps=1e-8, weight_decay=0.1), by(TORCH.AdamW),
                        {"scheduler": {"type": "OneCycle", "params": dict(
                            cycle_min_lr=5e-4, cycle_max_lr=2e-3, cycle_first_step_size=6, cycle_second_step_size=5,
                            cycle_min_mom=0.6, cycle_max_mom=0.9, decay_step_size=4, decay_lr_rate=0.1)}}, []),
    "adagrad": ("Adagrad", dict(lr=0.01, lr_decay=0.02, eps=1e-10, weight_decay=0.01, initial_accumulator_value=1e-4),
                by(TORCH.Adagrad), {}, []),
    "lamb": ("Lamb", dict(lr=5e-3, betas=[0.9, 0.99], eps=1e-6, weight_decay=0.01, max_coeff=0.5, min_coeff=0.1),
             own(lamb), {}, []),
    "lion": ("Lion", dict(lr=5e-4, betas=[0.9, 0.98], weight_decay=0.1), own(lion), {}, []),
    "muon": ("Muon", dict(lr=0.02, momentum=0.95, weight_decay=0.01, betas=[0.9, 0.95], eps=1e-8, adam_lr=2e-3),
             own(muon), {}, []),
}


def frozen(name):
    return FROZEN.get(name, ["*.wpe.*"])


def is_hidden(name, p):
    return p.ndim == 2 and "wte" not in name and "wpe" not in name


def groups_of(name, parameters, params):
    """torch's groups: a rate of its own for FAST, no decay of norms and biases, and of Muon matrices apart."""
    result = []
    for key, p in parameters.items():
        group = {"params": [p]}
        if p.ndim <= 1:
            group["weight_decay"] = 0.0
        if fnmatch.fnmatch(key, FAST):
            group["lr"] = params["lr"] / 2
        if name == "muon":
            group |= {"matrices": is_hidden(key, p), "nesterov": True}
            if not group["matrices"]:
                group["lr"] = params["adam_lr"]
        result.append(group)
    return result


def train(name, initial, stream, dtype):
    _, params, optimizer_of, config, flags = GOLDENS[name]
    everything = {n: torch.tensor(v, dtype=dtype) for n, v in initial.items()}
    for n, p in everything.items():
        p.requires_grad = not any(fnmatch.fnmatch(n, pattern) for pattern in frozen(name))
    parameters = {n: p for n, p in everything.items() if p.requires_grad}
    optimizer = optimizer_of(groups_of(name, parameters, params), params)
    factor = 2 if config.get("gradient_allreduce_op") == "sum" else 1  # of two ranks
    steps = []
    for step in range(STEPS):
        if "scheduler" in config:
            schedule = config["scheduler"]
            rate, beta1 = formulas.DEEPSPEED[schedule["type"]](params["lr"], schedule["params"])(step)
            for group in optimizer.param_groups:
                scale = group.setdefault("scale", group["lr"] / params["lr"])
                group |= {"lr": rate * scale, "betas": (beta1, 0.99)}
        batch = values.samples(stream, step * BATCH, BATCH, SHAPE.seq_len)
        inputs, targets = (torch.from_numpy(part) for part in batch)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(gpt2_logits(everything, SHAPE, inputs).flatten(0, 1), targets.flatten())
        (loss * factor).backward()
        norm = math.hypot(*(torch.linalg.vector_norm(p.grad, dtype=torch.float64).item() for p in parameters.values()))
        if flags:
            torch.nn.utils.clip_grad_value_(parameters.values(), float(flags[0].split("=")[1]))
        else:
            torch.nn.utils.clip_grad_norm_(parameters.values(), config.get("gradient_clipping", 1.0))
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": norm})
    last = {n: p.detach().numpy().astype(np.float64) for n, p in everything.items()}
    moved = {n: float(np.linalg.norm(last[n] - initial[n])) for n in initial}
    return steps, moved


def make(name):
    kind, params, _, config, flags = GOLDENS[name]
    initial = initial_values(SHAPE, 0)
    stream = values.tokens(0, STEPS * BATCH * SHAPE.seq_len + 1, SHAPE.vocab)
    single, moved32 = train(name, initial, stream, torch.float32)
    double, moved64 = train(name, initial, stream, torch.float64)
    config = {"optimizer": {"type": kind, "params": params}, "zero_allow_untested_optimizer": True,
              "parameter_groups": [{"pattern": FAST, "lr": params["lr"] / 2}], **config}
    golden = {
        "model": name,
        "ds_model": DS_MODEL,
        "global_batch": BATCH,
        "config": config,
        "flags": ["--freeze=" + ",".join(frozen(name)), "--no-decay=auto", *flags],
        "made_by": {"torch": torch.__version__, "numpy": np.__version__},
        "steps": [{"step": i} | {field + width: run[i][field] for field in ("loss", "grad_norm")
                                 for width, run in (("32", single), ("64", double))} for i in range(STEPS)],
        "moved": [{"name": n, "moved32": moved32[n], "moved64": moved64[n]} for n in initial],
    }
    write(os.path.join(HERE, name + ".json"), golden)


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or GOLDENS:
        make(name)
        print(json.dumps(name))


if __name__ == "__main__":
    main()
