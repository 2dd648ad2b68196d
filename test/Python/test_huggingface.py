#===- test_huggingface.py - There and back with transformers ---------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What transformers saves is trained here, and what is saved here is loaded by
# transformers: with the same loss.
#===----------------------------------------------------------------------===#
# REQUIRES: torch, transformers
# RUN: %pytest %s
import json
import os
import subprocess

import numpy as np
import pytest
from conftest import MACHINE
from safetensors.numpy import save_file

from ds_mlir import tools

torch = pytest.importorskip("torch", reason="needs PyTorch")
transformers = pytest.importorskip("transformers", reason="needs transformers")

VOCAB, SEQ, BATCH, STEPS = 53, 10, 2, 3
DECODER = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
               num_key_value_heads=2, max_position_embeddings=SEQ)
CONFIGS = {
    "gpt2": dict(vocab_size=VOCAB, n_positions=SEQ, n_embd=16, n_layer=2, n_head=2, resid_pdrop=0.0, embd_pdrop=0.0,
                 attn_pdrop=0.0),
    "llama": dict(DECODER, tie_word_embeddings=True),
    "mixtral": dict(DECODER, num_local_experts=3),
}


def run(tool, *arguments):
    done = subprocess.run([tools.path(tool), *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


def tokens(entries):
    drawn = np.random.default_rng(0).integers(0, VOCAB, (entries, BATCH, SEQ + 1)).astype(np.int32)
    return {"tokens": np.ascontiguousarray(drawn[..., :-1]), "targets": np.ascontiguousarray(drawn[..., 1:])}


def loss_of(model, batch, entry):
    ids, targets = (torch.from_numpy(batch[name][entry]).long() for name in ("tokens", "targets"))
    with torch.no_grad():
        logits = model.eval()(input_ids=ids).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()


def losses(path):
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    return [event["loss"] for event in events if event["event"] == "step"]


@pytest.mark.parametrize("family", CONFIGS)
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_there_and_back(family, dtype, tmp_path):
    os.chdir(tmp_path)
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(family, **CONFIGS[family])
    model = transformers.AutoModelForCausalLM.from_config(config).to(getattr(torch, dtype))
    model.save_pretrained("hf", max_shard_size="8KB")
    assert os.path.exists("hf/model.safetensors.index.json")
    batch = tokens(STEPS + 1)
    save_file(batch, "data.safetensors")
    run("ds-model", "--hf=hf/config.json", "-o", "m.mlir")
    run("ds-opt", "m.mlir", "--zero=3", "--world=2", f"--global-batch={BATCH}", f"--machine={MACHINE}",
        "--tune-seconds=0", "-o", "m.dsplan")
    # Each of the two ranks takes one sample.
    halves = {name: array.reshape(-1, BATCH // 2, SEQ) for name, array in batch.items()}
    save_file(halves, "halves.safetensors")
    run("ds-run", "m.dsplan", "--load=hf", "--data=halves.safetensors", f"--steps={STEPS}", "--json=a.jsonl",
        "--save=out")
    assert losses("a.jsonl")[0] == pytest.approx(loss_of(model.float(), batch, 0), rel=2e-6)
    run("ds-run", "m.dsplan", "--load=out", "--data=halves.safetensors", "--steps=1", "--json=b.jsonl")
    saved, info = transformers.AutoModelForCausalLM.from_pretrained(f"out/step-{STEPS}", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"] and not info["mismatched_keys"]
    assert saved.dtype == torch.float32
    assert loss_of(saved, batch, STEPS) == pytest.approx(losses("b.jsonl")[0], rel=2e-6)
