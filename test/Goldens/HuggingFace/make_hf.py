#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains the models of hf_models.py in transformers, and writes what ds-mlir must reproduce.

    make_hf.py [NAME ...]     writes NAME.json beside this script; all without a name

NAME.json has the config, the parameters as transformers saves them (names, shapes, and what their values are made of:
not transformers' initial values, but as wide), and ten AdamW steps in float32 and in float64, in the form that
../compare.py reads. Needs torch and transformers.
"""

import math
import os
import sys
import tempfile

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

import hf_models  # noqa: E402
from make_goldens import OPTIMIZER, write  # noqa: E402

CLASSES = {
    "bert": transformers.AutoModelForMaskedLM,
    "vit": transformers.AutoModelForImageClassification,
    "t5": transformers.AutoModelForSeq2SeqLM,
}


def class_of(config):
    return CLASSES.get(config["model_type"], transformers.AutoModelForCausalLM)


def eager(config):
    """Spelled out in products and sums, which float64 has, too."""
    made = {"attn_implementation": "eager"}
    return made | ({"experts_implementation": "eager"} if config["model_type"] == "mixtral" else {})


def make(config):
    """A model with random values."""
    torch.manual_seed(0)
    kind = dict(config)
    made = transformers.AutoConfig.for_model(kind.pop("model_type"), **kind)
    return class_of(config).from_config(made, **eager(config))


def describe(name, array):
    """Values as wide as transformers': zeros and ones are moved, too, so that a mistaken bias shows."""
    std = float(np.float32(array.std()))
    made = {"name": name, "shape": list(array.shape)}
    if std == 0.0:
        return made | {"mean": float(array.reshape(-1)[0]), "std": 0.02}
    return made | {"std": std}


def parameters_of(model):
    """As transformers saves them."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        tensors = load_file(os.path.join(folder, "model.safetensors"))
    return [describe(name, tensor.numpy()) for name, tensor in tensors.items()]


def load(model, parameters, config):
    """The model with our values, by transformers' own loader."""
    with tempfile.TemporaryDirectory() as folder:
        model.config.save_pretrained(folder)
        tensors = {p["name"]: torch.from_numpy(hf_models.value(p)) for p in parameters}
        save_file(tensors, os.path.join(folder, "model.safetensors"), {"format": "pt"})
        loaded, info = class_of(config).from_pretrained(folder, **eager(config), output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"], info
    return loaded


def loss_of(model, inputs, dtype):
    tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
    tensors = {n: t.to(dtype) if t.is_floating_point() else t.long() for n, t in tensors.items()}
    if "tokens" in tensors:  # our targets are shifted already
        logits = model(input_ids=tensors["tokens"]).logits
        return torch.nn.functional.cross_entropy(logits.flatten(0, 1), tensors["targets"].flatten())
    return model(**tensors).loss


def train(name, parameters, dtype):
    config, o = hf_models.CONFIGS[name], OPTIMIZER
    model = load(make(config), parameters, config).to(dtype).train()
    weights = [p for p in model.parameters() if p.requires_grad]
    settings = dict(lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"], weight_decay=o["weight_decay"])
    optimizer = torch.optim.AdamW(weights, **settings, foreach=False)
    steps = []
    for step in range(hf_models.STEPS):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model, hf_models.batch(name, step), dtype)
        loss.backward()
        gradients = [p.grad for p in weights if p.grad is not None]
        norm = math.hypot(*(torch.linalg.vector_norm(g, dtype=torch.float64).item() for g in gradients))
        torch.nn.utils.clip_grad_norm_(weights, o["max_norm"])
        optimizer.step()
        steps.append((loss.item(), norm))
    return steps


def main():
    torch.set_num_threads(2)
    for name in sys.argv[1:] or hf_models.CONFIGS:
        model = make(hf_models.CONFIGS[name])
        parameters = parameters_of(model)
        narrow, wide = (train(name, parameters, dtype) for dtype in (torch.float32, torch.float64))
        steps = [
            {"step": i, "loss32": a[0], "loss64": b[0], "grad_norm32": a[1], "grad_norm64": b[1]}
            for i, (a, b) in enumerate(zip(narrow, wide))
        ]
        versions = {"torch": torch.__version__, "transformers": transformers.__version__}
        record = {"model": name, "config": hf_models.CONFIGS[name], "optimizer": OPTIMIZER, "made_by": versions,
                  "steps": steps, "parameters": parameters}
        write(os.path.join(HERE, f"{name}.json"), record)
        print(f"{name}: {len(parameters)} parameters, losses {narrow[0][0]:.6f} to {narrow[-1][0]:.6f}")


if __name__ == "__main__":
    main()
