#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains tiny models with state that is not trained in PyTorch, and writes what an imported module must reproduce.

    make_state.py [NAME ...]       writes NAME.stablehlo and NAME.json beside this script; all without a name

As ../Imported/make_imported.py, and besides: a step has several micro-batches, each of which sees buffers as they were
at the step's start; they become the mean of what the micro-batches make of them, or, integers, what the first one does.
NAME.json has the parameters that are not trained and the buffers behind the last step, too. Needs torch, jax, numpy,
and the package ds_mlir.
"""

import math
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "Imported")]

import state_run  # noqa: E402
import torch  # noqa: E402
from ds_mlir.frontends import from_torch  # noqa: E402
from make_goldens import OPTIMIZER  # noqa: E402
from make_imported import describe_parameter, save_golden, steps_of  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

STEPS = 10
CLASSES = {"tokens": 11, "targets": 3}


class Frozen(nn.Module):
    """An embedding and a norm that are not trained, before layers that are."""

    def __init__(self):
        super().__init__()
        self.embedding, self.norm = nn.Embedding(11, 7), nn.LayerNorm(7)
        self.body, self.head = nn.Linear(7, 9), nn.Linear(9, 3)
        for parameter in (*self.embedding.parameters(), self.norm.weight):
            parameter.requires_grad = False
        self.register_buffer("scale", torch.full((9,), 0.5))

    def forward(self, tokens, targets):
        x = F.gelu(self.body(self.norm(self.embedding(tokens)))) * self.scale
        return F.cross_entropy(self.head(x.mean(1)), targets)


class BatchNorm(nn.Module):
    """Batch norm in training mode."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 9), nn.BatchNorm1d(9), nn.ReLU(), nn.Linear(9, 5))
        self.norm, self.head = nn.BatchNorm1d(5, momentum=0.3), nn.Linear(5, 3)

    def forward(self, x, targets):
        return F.cross_entropy(self.head(self.norm(self.body(x))), targets)


class ConvNet(nn.Module):
    """Convolutions, each with a batch norm, as residual networks begin."""

    def __init__(self):
        super().__init__()
        self.stem, self.first = nn.Conv2d(2, 6, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(6)
        self.conv, self.second = nn.Conv2d(6, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6)
        self.head = nn.Linear(6, 3)

    def forward(self, x, targets):
        x = F.max_pool2d(F.relu(self.first(self.stem(x))), 3, 2, 1)
        x = F.relu(x + self.second(self.conv(x)))
        return F.cross_entropy(self.head(x.mean((2, 3))), targets)


MODELS = {  # name: (module, inputs, micro-batches of a step)
    "frozen": (Frozen, lambda: dict(tokens=torch.randint(0, 11, (4, 5)), targets=torch.randint(0, 3, (4,))), 2),
    "batch_norm": (BatchNorm, lambda: dict(x=torch.randn(5, 6), targets=torch.randint(0, 3, (5,))), 1),
    "batch_norm_2": (BatchNorm, lambda: dict(x=torch.randn(5, 6), targets=torch.randint(0, 3, (5,))), 2),
    "conv_net": (ConvNet, lambda: dict(x=torch.randn(3, 2, 11, 11), targets=torch.randint(0, 3, (3,))), 2),
}


def describe(name, tensor):
    array = tensor.detach().numpy()
    made = describe_parameter(name, array)
    return made | ({"dtype": "int32"} if array.dtype == np.int64 else {})


def set_values(module, golden):
    state = module.state_dict()
    with torch.no_grad():
        for described in golden["parameters"]:
            state[described["name"]].copy_(torch.from_numpy(state_run.value(described)))


def run_step(module, golden, step, dtype):
    """The mean loss of the step's micro-batches; gradients are added up, and buffers changed as the rule says."""
    count, losses, states = golden["micro_batches"], [], []
    first = {name: buffer.clone() for name, buffer in module.named_buffers()}
    for number in range(count):
        inputs = state_run.batch(golden, step * count + number)
        inputs = {name: torch.from_numpy(array) for name, array in inputs.items()}
        inputs = {name: t.to(dtype) if t.is_floating_point() else t.long() for name, t in inputs.items()}
        for name, buffer in module.named_buffers():
            buffer.data.copy_(first[name])
        loss = module(**inputs)
        (loss / count).backward()
        losses.append(loss.item())
        states.append({name: buffer.clone() for name, buffer in module.named_buffers()})
    for name, buffer in module.named_buffers():
        made = [state[name] for state in states]
        buffer.data.copy_(sum(made) / count if buffer.is_floating_point() else made[0])
    return sum(losses) / count


def train(module, golden, dtype):
    module, o = module.to(dtype), OPTIMIZER
    settings = dict(lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"], weight_decay=o["weight_decay"])
    parameters = list(module.parameters())
    optimizer = torch.optim.AdamW(parameters, **settings, foreach=False)
    steps = []
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        loss = run_step(module, golden, step, dtype)
        gradients = [p.grad for p in parameters if p.grad is not None]
        norm = math.hypot(*(torch.linalg.vector_norm(g, dtype=torch.float64).item() for g in gradients))
        torch.nn.utils.clip_grad_norm_(parameters, o["max_norm"])
        optimizer.step()
        steps.append((loss, norm))
    return steps


def final_state(single, double):
    """What is not trained, behind the last step."""
    trained = {name for name, parameter in single.named_parameters() if parameter.requires_grad}
    wide = double.state_dict()
    return [
        {"name": name, "values32": value.reshape(-1).tolist(), "values64": wide[name].reshape(-1).tolist()}
        for name, value in single.state_dict().items()
        if name not in trained
    ]


def make(name):
    kind, example, count = MODELS[name]
    torch.manual_seed(0)
    module, example = kind(), example()
    golden = {"model": name, "micro_batches": count, "optimizer": OPTIMIZER}
    golden["made_by"] = {"torch": torch.__version__, "numpy": np.__version__}
    golden["parameters"] = [describe(key, value) for key, value in module.state_dict().items()]
    set_values(module, golden)
    model = from_torch(module, example)
    golden["inputs"] = [
        {"name": a.name, "shape": list(a.shape), "dtype": a.dtype}
        | ({"classes": CLASSES[a.name]} if a.name in CLASSES else {})
        for a in model.inputs()
    ]
    golden["signature"] = model.signature()["arguments"]
    single = train(module, golden, torch.float32)
    wide = kind()
    set_values(wide, golden)
    double = train(wide, golden, torch.float64)
    golden["steps"] = steps_of(single, double)
    golden["state"] = final_state(module, wide)
    save_golden(HERE, golden, model.text)


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or MODELS:
        make(name)


if __name__ == "__main__":
    main()
