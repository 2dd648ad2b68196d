# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What check_gpu.py compiles and runs."""
import dataclasses
import pathlib

# Any profile does: values do not depend on it.
CPU = pathlib.Path(__file__).resolve().parents[1] / "Inputs" / "machine.json"


@dataclasses.dataclass
class Case:
    name: str
    model: list  # of ds-model
    options: list  # of ds-opt
    steps: int = 10
    data: str = "random:0"
    # Of losses, gradient norms and parameters, relative to the largest one; None: measured, not compared.
    tolerance: float = None

    @property
    def is_compared(self):
        return self.tolerance is not None


GPT = ["gpt2-124m", "--layers=4", "--width=128", "--heads=4", "--vocab=256", "--seq-len=128"]
LLAMA = ["llama-tiny", "--layers=4", "--width=128", "--heads=4", "--kv-heads=2", "--mlp-width=344", "--vocab=256",
         "--seq-len=128"]
# Odd sizes: rows that are no multiple of a vector.
ODD = ["gpt2-124m", "--layers=2", "--width=60", "--heads=4", "--vocab=257", "--seq-len=33"]
BATCH = ["--zero=0", "--micro-batch=2", "--global-batch=4"]

# Float32 sums in another order: AdamW turns 1e-7 of a gradient near 0 into much more of a parameter, so that ten steps
# agree to 2e-4 of the largest.  Products of 16 bits are rounded to 8 or 11 bits of mantissa.
F32, F16, BF16 = 2e-4, 4e-3, 3e-2

CASES = [
    Case("gpt-f32", GPT, [*BATCH, "--precision=f32"], tolerance=F32),
    Case("gpt-bf16", GPT, [*BATCH, "--precision=bf16"], tolerance=BF16),
    Case("gpt-fp16", GPT, [*BATCH, "--precision=fp16"], tolerance=F16),
    Case("gpt-odd", ODD, [*BATCH, "--precision=f32"], tolerance=F32),
    Case("gpt-odd-bf16", ODD, [*BATCH, "--precision=bf16"], tolerance=BF16),
    Case("gpt-remat", GPT, [*BATCH, "--precision=f32", "--remat=blocks"], tolerance=F32),
    Case("llama-f32", LLAMA, [*BATCH, "--precision=f32"], tolerance=F32),
    Case("llama-bf16", LLAMA, [*BATCH, "--precision=bf16"], tolerance=BF16),
    *(Case(f"gpt-{name}", ODD, [*BATCH, "--precision=f32", f"--optimizer={name}", "--lr=1e-3"], tolerance=F32)
      for name in ("sgd", "adam", "adagrad", "lamb", "muon")),
    Case("gpt2-124m", ["gpt2-124m"], ["--zero=0", "--micro-batch=64", "--precision=bf16", "--remat=none"], steps=20),
    Case("gpt2-1558m", ["gpt2-1558m"], ["--zero=0", "--micro-batch=8", "--precision=bf16", "--remat=none"], steps=10),
]
