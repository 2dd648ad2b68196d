# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lowers small JAX models to StableHLO, trains them in JAX, and writes both for ds-mlir to reproduce.

    make_jax_goldens.py [NAME ...] --out test/Goldens/Jax

Each model is trained twice from the same values (jax_values.py), in float32 and in float64; the gap between the two is
part of the tolerance in compare.py. Needs jax 0.10.2 and, for vit and bert, flax 0.12.8.
"""

import argparse
import json
import os

import jax
import jax.numpy as jnp
import numpy as np

import jax_models
import jax_values

STEPS = 10
OPTIMIZER = dict(lr=3e-4, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.1, max_norm=1.0)


def signature(parameters, inputs):
    """The order in which jax.jit flattens (parameters, batch): dictionaries by key."""
    return ([{"name": name, "kind": "parameter", "trainable": True} for name in sorted(parameters)] +
            [{"name": name, "kind": "input"} for name in sorted(inputs)])


def adamw(values, state, gradients, step):
    """One step as torch.optim.AdamW takes it, behind clipping by the global norm."""
    o = OPTIMIZER
    norm = np.sqrt(sum(np.sum(np.square(g, dtype=np.float64)) for g in gradients.values()))
    scale = min(1.0, o["max_norm"] / (norm + 1e-6))
    for name, value in values.items():
        kind = value.dtype.type
        g = (gradients[name] * kind(scale)).astype(kind)
        m, v = state.setdefault(name, (np.zeros_like(value), np.zeros_like(value)))
        m = m * kind(o["beta1"]) + g * kind(1 - o["beta1"])
        v = v * kind(o["beta2"]) + g * g * kind(1 - o["beta2"])
        state[name] = m, v
        size = o["lr"] / (1 - o["beta1"]**step)
        denominator = np.sqrt(v) / kind(np.sqrt(1 - o["beta2"]**step)) + kind(o["eps"])
        values[name] = (value * kind(1 - o["lr"] * o["weight_decay"]) - kind(size) * m / denominator).astype(kind)
    return norm


def train(golden, loss, kind):
    """[(loss, norm of the gradient)] of each step."""
    values = {name: value.astype(kind) for name, value in jax_values.parameters(golden).items()}
    data = jax_values.data(golden)
    gradient = jax.jit(jax.value_and_grad(loss))
    state, rows = {}, []
    for step in range(STEPS):
        batch = {name: rows_[step].astype(kind if rows_.dtype.kind == "f" else rows_.dtype)
                 for name, rows_ in data.items()}
        value, gradients = gradient({n: jnp.asarray(v) for n, v in values.items()}, batch)
        norm = adamw(values, state, {n: np.asarray(g) for n, g in gradients.items()}, step + 1)
        rows.append((float(value), float(norm)))
    return rows


def make(name, folder):
    model = jax_models.MODELS[name]()
    golden = {"model": name, "steps_per_run": STEPS, "made_by": {"jax": jax.__version__},
              "arguments": signature(model.parameters, model.inputs),
              "parameters": model.parameters, "inputs": model.inputs}
    values = jax_values.parameters(golden)
    batch = {n: rows[0] for n, rows in jax_values.data(golden).items()}
    text = jax.jit(model.loss).lower(values, batch).as_text()
    with open(os.path.join(folder, name + ".jax"), "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")
    single = train(golden, model.loss, np.float32)
    jax.config.update("jax_enable_x64", True)
    double = train(golden, model.loss, np.float64)
    jax.config.update("jax_enable_x64", False)
    golden["steps"] = [{"step": i, "loss32": s[0], "loss64": d[0], "grad_norm32": s[1], "grad_norm64": d[1]}
                       for i, (s, d) in enumerate(zip(single, double))]
    with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=1)
        file.write("\n")
    print(name, golden["steps"][0], golden["steps"][-1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=list(jax_models.MODELS))
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    for name in options.names:
        make(name, options.out)


if __name__ == "__main__":
    main()
