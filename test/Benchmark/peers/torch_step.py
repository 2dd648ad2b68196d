#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A training step in PyTorch, eager or compiled, with its own fused attention and AdamW: one JSON line a step, forever.

The models are those of ../../Goldens/make_goldens.py.
"""

import argparse
import json
import os
import sys
import time

import torch
import torch.nn.functional as F

BENCHMARK = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [BENCHMARK, os.path.join(os.path.dirname(BENCHMARK), "Goldens")]
import make_goldens as models  # noqa: E402
from shapes import SHAPES  # noqa: E402


def fused_attention(q, k, v):
    batch, heads, length, size = q.shape
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return mixed.transpose(1, 2).reshape(batch, length, heads * size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["eager", "compile"], required=True)
    parser.add_argument("--model", choices=SHAPES, required=True)
    for name in ("batch", "seq-len", "threads"):
        parser.add_argument("--" + name, type=int, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    models.causal_attention = fused_attention
    shape = models.Shape(seq_len=arguments.seq_len, **SHAPES[arguments.model][1])
    make_parameters, logits_of = models.FAMILIES[shape.family]
    torch.manual_seed(0)
    parameters = {}
    for name, size, (kind, value) in make_parameters(shape):
        tensor = torch.empty(size)
        (tensor.normal_(0.0, value) if kind == "normal" else tensor.fill_(value)).requires_grad_()
        parameters[name] = tensor
    optimizer = torch.optim.AdamW(parameters.values(), lr=3e-4, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1,
                                  fused=True)

    def loss_of(inputs, targets):
        return F.cross_entropy(logits_of(parameters, shape, inputs).flatten(0, 1), targets.flatten())

    forward = torch.compile(loss_of) if arguments.mode == "compile" else loss_of
    step = 0
    while True:
        tokens = torch.randint(shape.vocab, (2, arguments.batch, arguments.seq_len))
        begin = time.monotonic()
        loss = forward(tokens[0], tokens[1])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        value = loss.item()
        print(json.dumps({"event": "step", "step": step, "loss": value, "step_ms": (time.monotonic() - begin) * 1e3}),
              flush=True)
        step += 1


main()
