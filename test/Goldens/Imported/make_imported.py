#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains tiny models in their own framework, and writes what an imported module must reproduce.

    make_imported.py [NAME ...]       writes NAME.mlir and NAME.json beside this script; all without a name

The models are those of test/Python/Frontends. NAME.mlir is what the front end makes of one, without locations; NAME.json
has ten AdamW steps with the project's own recipe, from the same float32 values in float32 and in float64, in the form
that ../compare.py reads, and how to make values and data anew: `imported_run.py` needs no framework. Needs torch,
transformers and numpy, and the package ds_mlir.
"""

import json
import math
import os
import re
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "..", "Python", "Frontends")]

import imported_run  # noqa: E402
import torch  # noqa: E402
import torch_models  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402
from make_goldens import OPTIMIZER, write  # noqa: E402

STEPS = 10
# Name of an input -> how many values it takes; what is not here is a standard normal.
CLASSES = {"tokens": 31, "input_ids": 31, "mlp.targets": 3, "gpt.targets": 31, "hf_vit.labels": 3, "labels": 31}
MODELS = ["mlp", "gpt", "mixer", "hf_gpt2", "hf_llama", "hf_bert", "hf_vit"]


def describe_input(model, argument, example):
    """How `imported_run.py` makes an input's entries."""
    made = {"name": argument.name, "shape": list(argument.shape), "dtype": argument.dtype}
    if argument.name == "attention_mask":
        return made | {"values": example.flatten().tolist()}
    if argument.dtype == "int32":
        name = f"{model}.{argument.name}"
        return made | {"classes": CLASSES.get(name, CLASSES.get(argument.name))}
    return made


def describe_parameter(name, tensor):
    """A constant where PyTorch's own initial value is one, else a normal distribution of the same width."""
    made = {"name": name, "shape": list(tensor.shape)}
    first = float(tensor.detach().flatten()[0])
    if bool((tensor == first).all()):
        return made | {"constant": first}
    return made | {"std": float(np.float32(tensor.detach().std()))}


def train(module, golden, dtype):
    """The steps' losses and norms of the gradient before clipping."""
    module = module.to(dtype)
    parameters = [p for p in module.parameters() if p.requires_grad]
    o = OPTIMIZER
    betas = (o["beta1"], o["beta2"])
    optimizer = torch.optim.AdamW(
        parameters, lr=o["lr"], betas=betas, eps=o["eps"], weight_decay=o["weight_decay"], foreach=False
    )
    steps = []
    for step in range(STEPS):
        inputs = {name: torch.from_numpy(array) for name, array in imported_run.batch(golden, step).items()}
        inputs = {name: t.to(dtype) if t.is_floating_point() else t.long() for name, t in inputs.items()}
        optimizer.zero_grad(set_to_none=True)
        outputs = module(**inputs)
        loss = outputs if isinstance(outputs, torch.Tensor) else outputs[0]
        loss.backward()
        norms = [torch.linalg.vector_norm(p.grad, dtype=torch.float64).item() for p in parameters if p.grad is not None]
        torch.nn.utils.clip_grad_norm_(parameters, o["max_norm"])
        optimizer.step()
        steps.append((loss.item(), math.hypot(*norms)))
    return steps


def set_values(module, golden):
    state = dict(module.named_parameters())
    with torch.no_grad():
        for parameter in golden["parameters"]:
            state[parameter["name"]].copy_(torch.from_numpy(imported_run.value(parameter)))


def make(name):
    module, example = torch_models.make(name)
    state = dict(module.named_parameters())
    golden = {"model": name, "optimizer": OPTIMIZER, "made_by": {"torch": torch.__version__, "numpy": np.__version__}}
    golden["parameters"] = [describe_parameter(n, t) for n, t in state.items()]
    set_values(module, golden)
    model = from_torch(module, example)
    golden["inputs"] = [describe_input(name, argument, example[argument.name]) for argument in model.inputs()]
    golden["signature"] = model.signature()["arguments"]
    runs = {}
    for dtype in (torch.float32, torch.float64):
        module, _ = torch_models.make(name)
        set_values(module, golden)
        runs[dtype] = train(module, golden, dtype)
    golden["steps"] = [
        {"step": step, "loss32": single[0], "loss64": double[0], "grad_norm32": single[1], "grad_norm64": double[1]}
        for step, (single, double) in enumerate(zip(runs[torch.float32], runs[torch.float64], strict=True))
    ]
    write(os.path.join(HERE, f"{name}.json"), golden)
    text = re.sub(r" loc\(#loc\d+\)$", "", re.sub(r"^#loc\d+ = .*\n", "", model.text, flags=re.M), flags=re.M)
    with open(os.path.join(HERE, f"{name}.mlir"), "w", encoding="utf-8") as file:
        file.write(text)
    gap = max(abs(step["loss32"] - step["loss64"]) / step["loss64"] for step in golden["steps"])
    print(f"{name}: {golden['steps'][0]['loss64']:.6f} -> {golden['steps'][-1]['loss64']:.6f}, gap {gap:.1e}")


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or MODELS:
        make(name)


if __name__ == "__main__":
    main()
