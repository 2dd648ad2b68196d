# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A checkpoint of Hugging Face, fine-tuned by ds_mlir, and saved for transformers to load again.

    python3 test/Tutorial/finetune_hf.py

The checkpoint here is a tiny random GPT-2 that is written first; a real one is `from_pretrained("gpt2")`.
"""

import tempfile

import ds_mlir
import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel

BATCH, LENGTH, STEPS = 4, 16, 60

with tempfile.TemporaryDirectory() as folder:
    # 1. The checkpoint. Dropout is off, so that the losses are PyTorch's.
    torch.manual_seed(0)
    shape = dict(n_layer=2, n_embd=32, n_head=2, n_positions=LENGTH, vocab_size=64, bos_token_id=0, eos_token_id=0)
    GPT2LMHeadModel(GPT2Config(**shape, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0)).save_pretrained(folder)
    model = GPT2LMHeadModel.from_pretrained(folder)

    # 2. The data: counting. transformers shifts the labels itself.
    tokens = (torch.arange(LENGTH) + torch.randint(0, 64, (STEPS * BATCH, 1))) % 64
    batches = [{"input_ids": part, "labels": part} for part in tokens.split(BATCH)]

    # 3. DeepSpeed's shape: an engine that has the module. The config is DeepSpeed's file, or a dict of the same.
    config = {
        "train_micro_batch_size_per_gpu": BATCH,
        "optimizer": {"type": "AdamW", "params": {"lr": 1e-2, "betas": [0.9, 0.95], "weight_decay": 0.1}},
        "gradient_clipping": 1.0,
        "zero_optimization": {"stage": 0},
    }
    engine = ds_mlir.initialize(model=model, inputs=batches[0], config=config, tune_seconds=0)

    # 4. Fine-tune. PyTorch has the loss of the first step, of the same checkpoint, and of the last one at the end.
    with torch.no_grad():
        before = model(**batches[0]).loss.item()
    losses = [engine.train_batch(iter([batch])) for batch in batches]
    print(f"ds_mlir: loss {losses[0]:.4f} -> {losses[-1]:.4f}")
    same = "yes" if np.isclose(losses[0], before, 1e-5) else "no"
    print(f"PyTorch: loss {before:.4f} of the checkpoint, the same: {same}")

    # 5. The weights are in the module, and so in what it saves.
    engine.module.save_pretrained(folder)
    again = GPT2LMHeadModel.from_pretrained(folder)
    with torch.no_grad():
        after, ours = again(**batches[0]).loss.item(), engine.eval_batch(iter([batches[0]]))
    print(f"loaded again: loss {after:.4f}, the same: {'yes' if np.isclose(ours, after, 1e-5) else 'no'}")
    assert after < losses[-1] * 1.5 < losses[0]
