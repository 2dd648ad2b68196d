# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models in PyTorch, further families, as (module, inputs by name); the module returns its loss, first."""

import torch
from torch import nn
from torch.nn import functional as F
from torch_models import TINY, VOCABULARY, language_model, tokens


class Encoder(nn.Module):
    """torch.nn.TransformerEncoder with norms in front, and a class token."""

    def __init__(self, width=12, classes=5):
        super().__init__()
        layer = nn.TransformerEncoderLayer(width, 3, 20, 0.0, "gelu", batch_first=True, norm_first=True)
        self.embedding, self.token = nn.Embedding(VOCABULARY, width), nn.Parameter(0.1 * torch.randn(1, 1, width))
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(width), enable_nested_tensor=False)
        self.head = nn.Linear(width, classes)

    def forward(self, x, targets):
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), self.embedding(x)], 1)
        return F.cross_entropy(self.head(self.encoder(x)[:, 0]), targets)


class Moe(nn.Module):
    """The two best of four experts, each found by an arg-max; every expert sees every token."""

    def __init__(self, width=10, experts=4, inner=14):
        super().__init__()
        self.embedding, self.router = nn.Embedding(VOCABULARY, width), nn.Linear(width, experts, bias=False)
        self.up = nn.Parameter(0.2 * torch.randn(experts, width, inner))
        self.down = nn.Parameter(0.2 * torch.randn(experts, inner, width))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, VOCABULARY)

    def mix(self, x):
        probabilities = self.router(x).softmax(-1)
        left, weights = probabilities, torch.zeros_like(probabilities)
        for _ in range(2):
            chosen = F.one_hot(left.argmax(-1), left.shape[-1]).to(x.dtype)
            weights = weights + chosen * probabilities
            left = left - chosen
        weights = weights / weights.sum(-1, keepdim=True)
        hidden = F.silu(torch.einsum("btd,edf->btef", x, self.up))
        return torch.einsum("btef,efd,bte->btd", hidden, self.down, weights)

    def forward(self, x, targets):
        x = self.embedding(x)
        x = x + self.mix(self.norm(x))
        return F.cross_entropy(self.head(x).flatten(0, 1), targets.flatten())


class Dlrm(nn.Module):
    """Bags of categories and an MLP of numbers, their products in pairs, and an MLP on top."""

    def __init__(self, width=6, rows=(11, 7, 5)):
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(count, width, mode="sum") for count in rows)
        self.bottom = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, width), nn.ReLU())
        pairs = (len(rows) + 1) * len(rows) // 2
        self.top = nn.Sequential(nn.Linear(width + pairs, 8), nn.ReLU(), nn.Linear(8, 1))

    def forward(self, numbers, first, second, third, clicks):
        dense = self.bottom(numbers)
        categories = zip(self.tables, (first, second, third), strict=True)
        features = torch.stack([dense] + [table(bag) for table, bag in categories], 1)
        products = features @ features.mT
        row, column = torch.tril_indices(products.shape[1], products.shape[1], offset=-1)
        logits = self.top(torch.cat([dense, products[:, row, column]], 1))[:, 0]
        return F.binary_cross_entropy_with_logits(logits, torch.sigmoid(clicks))


def dlrm():
    bags = {name: torch.randint(0, count, (8, size)) for name, count, size in
            (("first", 11, 3), ("second", 7, 2), ("third", 5, 1))}
    return Dlrm(), dict(numbers=torch.randn(8, 4), **bags, clicks=torch.randn(8))


def encoder():
    return Encoder(), dict(x=tokens(3), targets=torch.tensor([0, 4, 1]))


# ===--- Hugging Face's own implementations ---------------------------------------------------------------------=== #

DECODER = {name: value for name, value in TINY.items() if "dropout" not in name} | {"num_key_value_heads": 2}
SPECIAL = dict(bos_token_id=0, eos_token_id=1, pad_token_id=None)


def hf(name, **settings):
    """A causal language model of transformers: Qwen3, Mistral, ..."""
    import transformers

    config = getattr(transformers, name + "Config")(**DECODER, **SPECIAL, **settings)
    return language_model(getattr(transformers, name + "ForCausalLM")(config))


MODELS = {
    "encoder": encoder,
    "moe": lambda: (Moe(), dict(x=tokens(), targets=tokens())),
    "dlrm": dlrm,
    "hf_qwen3": lambda: hf("Qwen3", head_dim=4),
    "hf_gemma": lambda: hf("Gemma", head_dim=4),
    "hf_mistral": lambda: hf("Mistral", sliding_window=3),
}
