#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints what plans of GPT-2 124M from PyTorch and from JAX need, beside that of ds-model's own.

    PATH=build/bin:$PATH PYTHONPATH=build/python python3 test/Benchmark/imported.py [--layers=12] [--steps=n]

Each is compiled for 4 x 256 tokens with and without rematerialization, without timing runs; the arena and the predicted
step are to be within 3 % of ds-model's. --steps=n runs each plan for n steps, one after the other, and prints the
median. Needs torch, transformers, jax and safetensors. A benchmark, not a test.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

MACHINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Inputs", "machine.json")
BATCH, LENGTH, WIDTH, HEADS, VOCABULARY = 4, 256, 768, 12, 50257
LIMIT = 0.03


def from_pytorch(layers):
    """Hugging Face's own GPT-2."""
    import torch
    from ds_mlir.frontends import from_torch
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(n_layer=layers, n_positions=LENGTH, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0)
    tokens = torch.zeros(BATCH, LENGTH, dtype=torch.int64)
    return from_torch(GPT2LMHeadModel(config), dict(input_ids=tokens, labels=tokens))


def from_jnp(layers):
    """GPT-2 as a user of JAX writes it, a list of layers."""
    import jax
    import jax.numpy as jnp
    from ds_mlir.frontends import from_jax

    def norm(x, p):
        mean = x.mean(-1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(x.var(-1, keepdims=True) + 1e-5) * p["scale"] + p["bias"]

    def linear(x, p):
        return x @ p["w"] + p["b"]

    def block(x, p):
        parts = jnp.split(linear(norm(x, p["norm1"]), p["qkv"]), 3, -1)
        q, k, v = (part.reshape(BATCH, LENGTH, HEADS, -1) for part in parts)
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(x.shape)
        x = x + linear(mixed, p["proj"])
        return x + linear(jax.nn.gelu(linear(norm(x, p["norm2"]), p["up"])), p["down"])

    def loss(params, tokens, targets):
        x = params["wte"][tokens] + params["wpe"]
        for p in params["layers"]:
            x = block(x, p)
        logs = jax.nn.log_softmax(norm(x, params["norm"]) @ params["wte"].T)
        return -jnp.take_along_axis(logs, targets[..., None], -1).mean()

    def zeros(*shape):
        return np.zeros(shape, np.float32)

    def dense(rows, columns):
        return {"w": zeros(rows, columns), "b": zeros(columns)}

    def scales():
        return {"scale": zeros(WIDTH), "bias": zeros(WIDTH)}

    params = {"wte": zeros(VOCABULARY, WIDTH), "wpe": zeros(LENGTH, WIDTH), "norm": scales(), "layers": [
        {"qkv": dense(WIDTH, 3 * WIDTH), "proj": dense(WIDTH, WIDTH), "up": dense(WIDTH, 4 * WIDTH),
         "down": dense(4 * WIDTH, WIDTH), "norm1": scales(), "norm2": scales()} for _ in range(layers)]}
    tokens = np.zeros((BATCH, LENGTH), np.int32)
    return from_jax(loss, params, tokens, tokens)


def write(folder, name, layers):
    """The module's file, and the flags that it needs."""
    path = os.path.join(folder, f"{name}.mlir")
    if name == "ds-model":
        subprocess.run(["ds-model", "gpt2-124m", f"--layers={layers}", f"--seq-len={LENGTH}", "-o", path], check=True)
        return [path, f"--micro-batch={BATCH}", f"--global-batch={BATCH}"]
    model = {"PyTorch": from_pytorch, "JAX": from_jnp}[name](layers)
    with open(path, "w", encoding="utf-8") as file:
        file.write(model.text)
    signature = os.path.join(folder, f"{name}.json")
    with open(signature, "w", encoding="utf-8") as file:
        json.dump(model.signature(), file)
    return [path, f"--signature={signature}"]


def compiled(folder, module, remat):
    plan, facts = os.path.join(folder, "m.dsplan"), os.path.join(folder, "plan.json")
    command = ["ds-opt", *module, "--zero=0", f"--remat={remat}", "--memory-limit=64GiB", "--tune-seconds=0",
               f"--machine={MACHINE}", f"--json={facts}", "-o", plan]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    with open(facts, encoding="utf-8") as file:
        made = json.load(file)
    found = re.search(r"^found (.*)$", said, re.M)
    return plan, made["arenas"][0]["bytes"], made["predicted_step_ms"], found.group(1) if found else ""


def measured(plan, steps, name):
    """The median step on random tokens, the same for all."""
    from safetensors.numpy import save_file

    log, data = plan + ".jsonl", plan + ".safetensors"
    tokens = np.random.default_rng(0).integers(0, VOCABULARY, (steps, BATCH, LENGTH), np.int32)
    names = ("input_ids", "labels") if name == "PyTorch" else ("tokens", "targets")
    save_file(dict.fromkeys(names, tokens), data)
    subprocess.run(["ds-run", plan, f"--steps={steps}", f"--data={data}", f"--json={log}"], check=True,
                   capture_output=True)
    with open(log, encoding="utf-8") as file:
        return json.loads(file.readlines()[-1])["median_step_ms"]


def main():
    parser = argparse.ArgumentParser(description="Plans of imported GPT-2s beside ds-model's.")
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--steps", type=int, default=0)
    arguments = parser.parse_args()
    far = False
    print(f"GPT-2, {arguments.layers} layers, {BATCH} x {LENGTH} tokens     arena         of ds-model's   predicted")
    with tempfile.TemporaryDirectory() as folder:
        modules = {name: write(folder, name, arguments.layers) for name in ("ds-model", "PyTorch", "JAX")}
        for remat in ("none", "blocks"):
            own = None
            for name, module in modules.items():
                plan, *numbers, found = compiled(folder, module, remat)
                own = own or numbers
                ratios = [mine / other for mine, other in zip(numbers, own)]
                far |= any(abs(ratio - 1) > LIMIT for ratio in ratios)
                step = f", measured {measured(plan, arguments.steps, name):.1f} ms" if arguments.steps else ""
                print(f"{name:10} remat {remat:7} {numbers[0] / 2**20:9.1f} MiB {ratios[0]:8.4f}   "
                      f"{numbers[1]:9.1f} ms {ratios[1]:8.4f}{step}   {found}", flush=True)
    print(f"{'not all' if far else 'all'} within {LIMIT:.0%}")
    return int(far)


if __name__ == "__main__":
    sys.exit(main())
