# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""nanoGPT in PyTorch, trained by ds_mlir on the text of this repository's README, byte by byte.

    python3 test/Tutorial/nanogpt_pytorch.py

The module stays PyTorch's: what ds_mlir compiles is its loss, with gradient, clipping and AdamW. At the end the same
steps are taken by PyTorch itself, and the trained weights go back into the module.
"""

import copy
from pathlib import Path

import ds_mlir
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BATCH, LENGTH, WIDTH, HEADS, LAYERS, STEPS = 4, 32, 32, 2, 2, 40


# 1. The model, as nanoGPT has it: a fused projection of queries, keys and values, and a head tied to the table.
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.c_attn, self.c_proj = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH))

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.c_attn(self.ln_1(x)).split(width, dim=2)
        q, k, v = (part.view(batch, length, HEADS, -1).transpose(1, 2) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.c_proj(y.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(256, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.h, self.ln_f = nn.Sequential(*(Block() for _ in range(LAYERS))), nn.LayerNorm(WIDTH)
        self.lm_head = nn.Linear(WIDTH, 256, bias=False)
        self.wte.weight = self.lm_head.weight

    def forward(self, tokens, targets):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        logits = self.lm_head(self.ln_f(self.h(x)))
        return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.flatten())


torch.manual_seed(0)
model = Gpt()
untrained = copy.deepcopy(model)

# 2. The data: pieces of a text, and the same pieces one byte further.
text = np.frombuffer((Path(__file__).resolve().parents[2] / "README.md").read_bytes(), np.uint8)
places = np.random.default_rng(0).integers(0, len(text) - LENGTH - 1, (STEPS, BATCH))
pieces = np.stack([[text[place : place + LENGTH + 1] for place in step] for step in places]).astype(np.int64)
batches = [{"tokens": piece[:, :-1], "targets": piece[:, 1:]} for piece in pieces]

# 3. Compile for one micro-batch's shapes. zero=0 and tune_seconds=0: one rank, and nothing to search for.
example = {name: torch.from_numpy(array) for name, array in batches[0].items()}
plan = ds_mlir.compile(model, example, lr=3e-3, zero=0, tune_seconds=0)

# 4. Train. A list is iterated again and again; here it has a batch for each step.
history = plan.train(batches, steps=STEPS, progress=False)
print(f"ds_mlir: loss {history.losses[0]:.4f} -> {history.losses[-1]:.4f}")

# 5. The same in PyTorch: the recipe is ds_mlir's default.
optimizer = torch.optim.AdamW(untrained.parameters(), lr=3e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)
losses = []
for batch in batches:
    optimizer.zero_grad()
    loss = untrained(*(torch.from_numpy(array) for array in batch.values()))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(untrained.parameters(), 1.0)
    optimizer.step()
    losses.append(loss.item())
print(f"PyTorch: loss {losses[0]:.4f} -> {losses[-1]:.4f}")
difference = np.max(np.abs(np.array(history.losses) / losses - 1))
print(f"the same: {'yes' if difference < 1e-4 else 'no'}, to {difference:.0e}")

# 6. The weights go back under the module's own names, a tied one once.
trained = {name: torch.from_numpy(np.array(value)) for name, value in plan.parameters().items()}
model.load_state_dict(trained, strict=False)
with torch.no_grad():
    after = model(*(torch.from_numpy(array) for array in batches[-1].values())).item()
print(f"in the module: loss of the last batch {losses[-1]:.4f} -> {after:.4f}")
assert after < losses[-1] < losses[0]
