#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains a model in PyTorch and writes what ds-mlir must reproduce.

The models are spelled out in torch.nn.functional, with Hugging Face's parameter names and layouts. Initial values and
data come from values.py. Each model trains twice from the same float32 values, in float32 and in float64; the gap
between the two is part of the tolerance in compare.py.

    make_goldens.py --model gpt-4l --out test/Goldens
"""

import argparse
import hashlib
import json
import math
import os
import sys
import time
from dataclasses import asdict, dataclass

import numpy as np
import torch
import torch.nn.functional as F

import values

NORM_EPSILON = 1e-5
ROPE_THETA = 10000.0
OPTIMIZER = dict(name="AdamW", lr=3e-4, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.1, max_norm=1.0)
THREADS = 2


# ===--- The models -----------------------------------------------------------------------------------------------=== #


@dataclass(frozen=True)
class Shape:
    family: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    mlp_width: int
    vocab: int
    seq_len: int


@dataclass(frozen=True)
class Golden:
    shape: Shape
    ds_model: tuple  # arguments of ds-model that make this shape
    global_batch: int
    steps: int


GOLDENS = {
    "gpt-4l": Golden(
        Shape("gpt2", layers=4, width=60, heads=4, kv_heads=4, mlp_width=240, vocab=257, seq_len=24),
        ("gpt2-124m", "--layers=4", "--width=60", "--heads=4", "--vocab=257", "--seq-len=24"),
        global_batch=12,
        steps=20,
    ),
    "llama-4l": Golden(
        Shape("llama", layers=4, width=60, heads=6, kv_heads=2, mlp_width=164, vocab=257, seq_len=24),
        ("llama-tiny", "--layers=4", "--width=60", "--heads=6", "--kv-heads=2", "--mlp-width=164", "--vocab=257",
         "--seq-len=24"),
        global_batch=12,
        steps=20,
    ),
    # Attention in several blocks of queries, the last one short.
    "gpt-long": Golden(
        Shape("gpt2", layers=1, width=24, heads=2, kv_heads=2, mlp_width=96, vocab=97, seq_len=200),
        ("gpt2-124m", "--layers=1", "--width=24", "--heads=2", "--vocab=97", "--seq-len=200"),
        global_batch=12,
        steps=3,
    ),
    "llama-long": Golden(
        Shape("llama", layers=1, width=24, heads=4, kv_heads=2, mlp_width=64, vocab=97, seq_len=200),
        ("llama-tiny", "--layers=1", "--width=24", "--heads=4", "--kv-heads=2", "--mlp-width=64", "--vocab=97",
         "--seq-len=200"),
        global_batch=12,
        steps=3,
    ),
    "gpt2-124m": Golden(
        Shape("gpt2", layers=12, width=768, heads=12, kv_heads=12, mlp_width=3072, vocab=50257, seq_len=256),
        ("gpt2-124m", "--seq-len=256"),
        global_batch=4,
        steps=3,
    ),
}

# A parameter list is [(name, shape, init)]; an init is ("normal", std) or ("constant", value).


def gpt2_parameters(s):
    std, projection = 0.02, 0.02 / math.sqrt(2 * s.layers)
    ones, zeros = ("constant", 1.0), ("constant", 0.0)
    result = [
        ("transformer.wte.weight", (s.vocab, s.width), ("normal", std)),
        ("transformer.wpe.weight", (s.seq_len, s.width), ("normal", std)),
    ]
    for n in range(s.layers):
        h = f"transformer.h.{n}."
        result += [
            (h + "ln_1.weight", (s.width,), ones),
            (h + "ln_1.bias", (s.width,), zeros),
            (h + "attn.c_attn.weight", (s.width, 3 * s.width), ("normal", std)),
            (h + "attn.c_attn.bias", (3 * s.width,), zeros),
            (h + "attn.c_proj.weight", (s.width, s.width), ("normal", projection)),
            (h + "attn.c_proj.bias", (s.width,), zeros),
            (h + "ln_2.weight", (s.width,), ones),
            (h + "ln_2.bias", (s.width,), zeros),
            (h + "mlp.c_fc.weight", (s.width, s.mlp_width), ("normal", std)),
            (h + "mlp.c_fc.bias", (s.mlp_width,), zeros),
            (h + "mlp.c_proj.weight", (s.mlp_width, s.width), ("normal", projection)),
            (h + "mlp.c_proj.bias", (s.width,), zeros),
        ]
    return result + [("transformer.ln_f.weight", (s.width,), ones), ("transformer.ln_f.bias", (s.width,), zeros)]


def llama_parameters(s):
    normal, ones = ("normal", 0.02), ("constant", 1.0)
    kv_width = s.width // s.heads * s.kv_heads
    result = [("model.embed_tokens.weight", (s.vocab, s.width), normal)]
    for n in range(s.layers):
        h = f"model.layers.{n}."
        result += [
            (h + "self_attn.q_proj.weight", (s.width, s.width), normal),
            (h + "self_attn.k_proj.weight", (kv_width, s.width), normal),
            (h + "self_attn.v_proj.weight", (kv_width, s.width), normal),
            (h + "self_attn.o_proj.weight", (s.width, s.width), normal),
            (h + "mlp.gate_proj.weight", (s.mlp_width, s.width), normal),
            (h + "mlp.up_proj.weight", (s.mlp_width, s.width), normal),
            (h + "mlp.down_proj.weight", (s.width, s.mlp_width), normal),
            (h + "input_layernorm.weight", (s.width,), ones),
            (h + "post_attention_layernorm.weight", (s.width,), ones),
        ]
    return result + [("model.norm.weight", (s.width,), ones), ("lm_head.weight", (s.vocab, s.width), normal)]


def split_heads(x, heads):
    batch, length, width = x.shape
    return x.view(batch, length, heads, width // heads).transpose(1, 2)


def causal_attention(q, k, v):
    """Plain softmax(q k' / sqrt(d)) v over (batch, head, token, d), its scores in memory."""
    length = q.shape[-2]
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    mixed = torch.softmax(scores.masked_fill(future, -math.inf), dim=-1) @ v
    batch, heads, _, size = mixed.shape
    return mixed.transpose(1, 2).reshape(batch, length, heads * size)


def gpt2_logits(p, s, inputs):
    def norm(x, name):
        return F.layer_norm(x, (s.width,), p[name + ".weight"], p[name + ".bias"], NORM_EPSILON)

    def linear(x, name):  # (in, out), as Hugging Face's Conv1D
        return x @ p[name + ".weight"] + p[name + ".bias"]

    x = F.embedding(inputs, p["transformer.wte.weight"]) + p["transformer.wpe.weight"][: inputs.shape[1]]
    for n in range(s.layers):
        h = f"transformer.h.{n}."
        q, k, v = linear(norm(x, h + "ln_1"), h + "attn.c_attn").split(s.width, dim=-1)
        mixed = causal_attention(*(split_heads(t, s.heads) for t in (q, k, v)))
        x = x + linear(mixed, h + "attn.c_proj")
        hidden = F.gelu(linear(norm(x, h + "ln_2"), h + "mlp.c_fc"), approximate="tanh")
        x = x + linear(hidden, h + "mlp.c_proj")
    return F.linear(norm(x, "transformer.ln_f"), p["transformer.wte.weight"])


def rotary_tables(length, size, dtype):
    """As Hugging Face makes them, in float32 whatever the model's type: (length, size) cosines and sines."""
    frequencies = 1.0 / (ROPE_THETA ** (torch.arange(0, size, 2, dtype=torch.int64).float() / size))
    angles = torch.outer(torch.arange(length, dtype=torch.float32), frequencies)
    angles = torch.cat((angles, angles), dim=-1)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x, tables):
    cos, sin = tables
    low, high = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-high, low), dim=-1) * sin


def llama_logits(p, s, inputs):
    def norm(x, name):
        return p[name + ".weight"] * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + NORM_EPSILON))

    def linear(x, name):  # (out, in)
        return F.linear(x, p[name + ".weight"])

    x = F.embedding(inputs, p["model.embed_tokens.weight"])
    tables = rotary_tables(inputs.shape[1], s.width // s.heads, x.dtype)
    for n in range(s.layers):
        h = f"model.layers.{n}."
        y = norm(x, h + "input_layernorm")
        q = rotate(split_heads(linear(y, h + "self_attn.q_proj"), s.heads), tables)
        k = rotate(split_heads(linear(y, h + "self_attn.k_proj"), s.kv_heads), tables)
        v = split_heads(linear(y, h + "self_attn.v_proj"), s.kv_heads)
        group = s.heads // s.kv_heads  # query head i reads key-value head i / group
        mixed = causal_attention(q, k.repeat_interleave(group, dim=1), v.repeat_interleave(group, dim=1))
        x = x + linear(mixed, h + "self_attn.o_proj")
        y = norm(x, h + "post_attention_layernorm")
        hidden = F.silu(linear(y, h + "mlp.gate_proj")) * linear(y, h + "mlp.up_proj")
        x = x + linear(hidden, h + "mlp.down_proj")
    return linear(norm(x, "model.norm"), "lm_head")


FAMILIES = {"gpt2": (gpt2_parameters, gpt2_logits), "llama": (llama_parameters, llama_logits)}


# ===--- Training -------------------------------------------------------------------------------------------------=== #


def initial_values(shape, seed):
    """{name: float32 array}, in the order of the family's list."""
    result = {}
    for name, dims, (kind, number) in FAMILIES[shape.family][0](shape):
        count = math.prod(dims)
        flat = values.normal(name, seed, count, 0.0, number) if kind == "normal" else np.full(count, number, np.float32)
        result[name] = flat.reshape(dims)
    return result


def train(golden, initial, stream, dtype):
    """Returns the steps' numbers, and step 0's sum of |gradient| by parameter, both before clipping."""
    shape = golden.shape
    logits_of = FAMILIES[shape.family][1]
    parameters = {n: torch.tensor(v, dtype=dtype, requires_grad=True) for n, v in initial.items()}
    o = OPTIMIZER
    optimizer = torch.optim.AdamW(parameters.values(), lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                                  weight_decay=o["weight_decay"], foreach=False)
    steps, sums = [], {}
    for step in range(golden.steps):
        batch = values.samples(stream, step * golden.global_batch, golden.global_batch, shape.seq_len)
        inputs, targets = (torch.from_numpy(part) for part in batch)
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(logits_of(parameters, shape, inputs).flatten(0, 1), targets.flatten())
        loss.backward()
        if step == 0:
            sums = {n: p.grad.abs().sum(dtype=torch.float64).item() for n, p in parameters.items()}
        # PyTorch adds the squares of a float32 tensor in float32, which loses 0.5 % of the norm of a 50257 x 768
        # gradient. It clips by that number, and so does this script; `grad_norm` is the sum made in float64.
        wide = math.hypot(*(torch.linalg.vector_norm(p.grad, dtype=torch.float64).item() for p in parameters.values()))
        clipped_by = torch.nn.utils.clip_grad_norm_(parameters.values(), o["max_norm"]).item()
        optimizer.step()
        steps.append({"loss": loss.item(), "grad_norm": wide, "clip_norm": clipped_by})
    return steps, sums


# ===--- The file -------------------------------------------------------------------------------------------------=== #


def describe_values(array):
    """What tells whether an initializer made the same float32 values; `sha256` is of the little-endian bytes."""
    wide = array.astype(np.float64)
    return {
        "init_sum": float(wide.sum()),
        "init_sum_abs": float(np.abs(wide).sum()),
        "init_first": [float(v).hex() for v in array.reshape(-1)[:4]],
        "init_sha256": hashlib.sha256(array.astype("<f4").tobytes()).hexdigest(),
    }


def write(path, record):
    """JSON with one step, and one tensor, a line."""

    def spell(value):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n" + ",\n".join("    " + json.dumps(v) for v in value) + "\n  ]"
        return json.dumps(value)

    lines = [f"  {json.dumps(key)}: {spell(value)}" for key, value in record.items()]
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def make(name, seed, report):
    golden = GOLDENS[name]
    shape = golden.shape

    def timed(what, function):
        start = time.monotonic()
        result = function()
        report(f"{name}: {what}: {time.monotonic() - start:.1f} s")
        return result

    initial = timed("initial values", lambda: initial_values(shape, seed))
    count = golden.steps * golden.global_batch * shape.seq_len + 1
    stream = values.tokens(0, count, shape.vocab)
    steps32, sums32 = timed("float32", lambda: train(golden, initial, stream, torch.float32))
    steps64, sums64 = timed("float64", lambda: train(golden, initial, stream, torch.float64))

    steps = [
        {
            "step": i,
            "loss32": single["loss"],
            "loss64": double["loss"],
            "grad_norm32": single["grad_norm"],
            "grad_norm64": double["grad_norm"],
            "torch_clip_norm32": single["clip_norm"],
        }
        for i, (single, double) in enumerate(zip(steps32, steps64))
    ]
    parameters = [
        {"name": n, "shape": list(v.shape), "grad_sum_abs64": sums64[n], "grad_sum_abs32": sums32[n],
         **describe_values(v)}
        for n, v in initial.items()
    ]
    return {
        "model": name,
        "ds_model": list(golden.ds_model),
        "shape": asdict(shape),
        "seed": seed,
        "data": "random:0",
        "global_batch": golden.global_batch,
        "optimizer": OPTIMIZER,
        "made_by": {"torch": torch.__version__, "numpy": np.__version__, "threads": THREADS},
        "data_tokens": {
            "count": count,
            "sum": int(stream.sum()),
            "first": stream[:8].tolist(),
            "sha256_u32": hashlib.sha256(stream.astype("<u4").tobytes()).hexdigest(),
        },
        "parameter_count": sum(v.size for v in initial.values()),
        "steps": steps,
        "parameters": parameters,
    }


def main():
    parser = argparse.ArgumentParser(description="Write a golden file from PyTorch.")
    parser.add_argument("--model", required=True, choices=sorted(GOLDENS))
    parser.add_argument("--out", default=".", metavar="DIR")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(True)
    record = make(arguments.model, seed=0, report=lambda line: print(line, file=sys.stderr))
    path = os.path.join(arguments.out, arguments.model + ".json")
    write(path, record)
    print(path)


if __name__ == "__main__":
    main()
