# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models, a family each, as (module, inputs by name); the module returns its loss, first."""

import torch
from torch import nn
from torch.nn import functional as F

VOCABULARY = 31


class Mlp(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(width, 13), nn.GELU(), nn.LayerNorm(13), nn.Linear(13, 5), nn.ReLU())
        self.head = nn.Linear(5, 3)

    def forward(self, x, targets):
        return F.cross_entropy(self.head(self.body(x)), targets)


class Block(nn.Module):
    """nanoGPT's block: one projection for queries, keys and values, `spelling` of attention as people write it."""

    def __init__(self, width, heads, spelling):
        super().__init__()
        self.heads, self.spelling = heads, spelling
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU("tanh"), nn.Linear(4 * width, width))

    def attend(self, q, k, v):
        if self.spelling == "fused":
            return F.scaled_dot_product_attention(q, k, v, is_causal=True)
        length = q.shape[-2]
        mask = torch.ones(length, length, dtype=torch.bool).tril()
        scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
        if self.spelling == "masked_fill":
            return scores.masked_fill(~mask, float("-inf")).softmax(-1) @ v
        bias = torch.zeros(length, length).masked_fill(~mask, torch.finfo(torch.float32).min)
        return torch.einsum("bhqk,bhkd->bhqd", F.softmax(scores + bias, dim=-1), v)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = self.c_attn(self.ln_1(x)).split(width, dim=2)
        q, k, v = (t.view(batch, length, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        y = self.attend(q, k, v).transpose(1, 2).reshape(batch, length, width)
        x = x + self.c_proj(y)
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self, spelling="fused", layers=2, width=16, heads=2, length=8, vocabulary=VOCABULARY):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.h = nn.ModuleList(Block(width, heads, spelling) for _ in range(layers))
        self.ln_f = nn.LayerNorm(width)
        self.lm_head = nn.Linear(width, vocabulary, bias=False)
        self.lm_head.weight = self.wte.weight

    def forward(self, tokens, targets):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        logits = self.lm_head(self.ln_f(x))
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1)), logits


def tokens(batch=2, length=8, vocabulary=VOCABULARY):
    return torch.randint(0, vocabulary, (batch, length))


def mlp():
    return Mlp(), dict(x=torch.randn(4, 6), targets=torch.tensor([0, 2, 1, -100]))


def gpt(spelling="fused"):
    return Gpt(spelling), dict(tokens=tokens(), targets=tokens())


MODELS = {
    "mlp": mlp,
    "gpt": gpt,
    "gpt_masked_fill": lambda: gpt("masked_fill"),
    "gpt_additive_mask": lambda: gpt("additive"),
}
