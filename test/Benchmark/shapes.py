# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The models that step times are compared on: as ds-model's arguments, and as a shape for peers."""

GPT2 = dict(family="gpt2", layers=12, width=768, heads=12, kv_heads=12, mlp_width=3072, vocab=50257)
LLAMA = dict(family="llama", layers=12, width=768, heads=12, kv_heads=4, mlp_width=2048, vocab=32000)

SHAPES = {
    "gpt2-124m": (["gpt2-124m"], GPT2),
    "gpt2-1558m": (["gpt2-1558m"], dict(GPT2, layers=48, width=1600, heads=25, kv_heads=25, mlp_width=6400)),
    # Grouped queries and SwiGLU, 128 million parameters.
    "llama-100m": (["llama-tiny", "--layers=12", "--width=768", "--heads=12", "--kv-heads=4", "--mlp-width=2048",
                    "--vocab=32000"], LLAMA),
    "gpt2-tiny": (["gpt2-124m", "--layers=2", "--width=64", "--heads=4", "--vocab=257"],
                  dict(GPT2, layers=2, width=64, heads=4, kv_heads=4, mlp_width=256, vocab=257)),
}
