#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A training step in PyTorch, eager or compiled, with its own fused attention and AdamW: one JSON line a step, forever.

The models are those of ../../Goldens/make_goldens.py.
"""

import data  # first: it says where the others are
import make_goldens as models
import torch
import torch.nn.functional as F
from shapes import SHAPES


def fused_attention(q, k, v):
    batch, heads, length, size = q.shape
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return mixed.transpose(1, 2).reshape(batch, length, heads * size)


def main():
    options = data.arguments()
    torch.set_num_threads(options.threads)
    models.causal_attention = fused_attention
    shape = models.Shape(seq_len=options.seq_len, **SHAPES[options.model][1])
    _, logits_of = models.FAMILIES[shape.family]
    parameters = {name: torch.from_numpy(value).requires_grad_() for name, value in data.parameters(options.initial)}
    o = data.OPTIMIZER
    optimizer = torch.optim.AdamW(parameters.values(), lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                                  weight_decay=o["weight_decay"], fused=True)

    def loss_of(inputs, targets):
        return F.cross_entropy(logits_of(parameters, shape, inputs).flatten(0, 1), targets.flatten())

    forward = torch.compile(loss_of) if options.mode == "compile" else loss_of

    def step(inputs, targets):
        loss = forward(torch.from_numpy(inputs), torch.from_numpy(targets))
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), o["max_norm"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach(), norm

    data.train(options, step)


main()
