#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Trains tiny models in their own framework, and writes what an imported module must reproduce.

    make_imported.py [NAME ...]       writes NAME.stablehlo and NAME.json beside this script; all without a name

The models are those of test/Python/Frontends and of the files beside this one. NAME.stablehlo is what the front end
makes of one, without locations;
NAME.json has ten AdamW steps with the project's own recipe, from the same float32 values in float32 and in float64, in
the form that ../compare.py reads, and how to make values and data anew: `imported_run.py` needs no framework. Needs
torch, transformers, jax, onnx with onnxscript, and numpy, and the package ds_mlir.
"""

import math
import os
import sys

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..")]

import imported_run  # noqa: E402

# In front of the folder above, which has a jax_models of its own.
sys.path[:0] = [os.path.join(HERE, "..", "..", "Python", "Frontends")]

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jax_families  # noqa: E402
import jax_models  # noqa: E402
import torch  # noqa: E402
import torch_families  # noqa: E402
import torch_models  # noqa: E402
from ds_mlir.frontends import from_jax, from_onnx, from_torch  # noqa: E402
from make_goldens import OPTIMIZER, write  # noqa: E402

STEPS = 10
# Name of an input -> how many values it takes; what is not here is a standard normal.
CLASSES = {"tokens": 31, "input_ids": 31, "lstm.x": 31, "targets": 31, "labels": 31, "x": 31, "first": 11, "second": 7,
           "third": 5, "key": 1000}
CLASSES |= {"mlp.targets": 3, "lstm.targets": 5, "resnet.targets": 5, "pooled.targets": 3, "encoder.targets": 5,
            "hf_vit.labels": 3, "jax_mixer.labels": 5, "jax_recurrent.labels": 5}
# Models whose step has more than one micro-batch, so that 1, 2 or 3 ranks share it.
MICRO_BATCHES = {"mlp": 6, "gpt": 6, "hf_llama": 6, "jax_gpt": 6}
FAMILIES = {**torch_families.MODELS, **jax_families.MODELS}
MODELS = ["mlp", "gpt", "mixer", "lstm", "gru", "resnet", "unet", "pooled"]
MODELS += ["hf_gpt2", "hf_llama", "hf_bert", "hf_vit", "hf_t5"]
MODELS += [*jax_models.MODELS, *FAMILIES, "onnx_mlp", "onnx_gpt", "onnx_hf_vit", "onnx_hf_bert"]


def built(name, models):
    """A model with its inputs, always the same ones."""
    if name not in FAMILIES:
        return models.make(name)
    torch.manual_seed(0)
    jax_families.RANDOM = np.random.default_rng(1)
    return FAMILIES[name]()


def describe_input(model, argument, example):
    """How `imported_run.py` makes an input's entries."""
    made = {"name": argument.name, "shape": list(argument.shape), "dtype": argument.dtype}
    if argument.name == "attention_mask":
        return made | {"values": np.asarray(example).reshape(-1).tolist()}
    if argument.dtype == "int32":
        name = f"{model}.{argument.name}"
        return made | {"classes": CLASSES.get(name.removeprefix("onnx_"), CLASSES.get(argument.name))}
    return made


def describe_parameter(name, array):
    """A constant where the framework's own initial value is one, else a normal distribution of the same width."""
    made = {"name": name, "shape": list(array.shape)}
    first = float(array.reshape(-1)[0])
    return made | ({"constant": first} if (array == first).all() else {"std": float(np.float32(array.std()))})


# ===--- PyTorch --------------------------------------------------------------------------------------------------=== #


class TorchModel:
    def __init__(self, name):
        self.name = name
        self.module, self.example = built(name.removeprefix("onnx_"), torch_models)
        self.named = dict(self.module.named_parameters())
        self.first = {name: tensor.detach().numpy() for name, tensor in self.named.items()}

    def set_values(self, golden):
        with torch.no_grad():
            for parameter in golden["parameters"]:
                self.named[parameter["name"]].copy_(torch.from_numpy(imported_run.value(parameter)))

    def imported(self):
        return from_torch(self.module, self.example)

    def train(self, golden, wide):
        """The steps' losses, and the norms of the gradient before clipping."""
        dtype, o = torch.float64 if wide else torch.float32, OPTIMIZER
        module = self.module.to(dtype)
        parameters = list(module.parameters())
        settings = dict(lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"], weight_decay=o["weight_decay"])
        optimizer = torch.optim.AdamW(parameters, **settings, foreach=False)
        steps = []
        for step in range(STEPS):
            optimizer.zero_grad(set_to_none=True)
            loss = 0.0
            for inputs in imported_run.batches(golden, step):
                inputs = {name: torch.from_numpy(array) for name, array in inputs.items()}
                inputs = {name: t.to(dtype) if t.is_floating_point() else t.long() for name, t in inputs.items()}
                outputs = module(**inputs)
                part = (outputs if isinstance(outputs, torch.Tensor) else outputs[0]) / imported_run.parts(golden)
                part.backward()
                loss += part.item()
            gradients = [p.grad for p in parameters if p.grad is not None]
            norm = math.hypot(*(torch.linalg.vector_norm(g, dtype=torch.float64).item() for g in gradients))
            torch.nn.utils.clip_grad_norm_(parameters, o["max_norm"])
            optimizer.step()
            steps.append((loss, norm))
        return steps


class OnnxModel(TorchModel):
    """The same, through torch.onnx.export, whose initializers have names of the state dict."""

    def __init__(self, name):
        super().__init__(name)
        for module in self.module.modules():
            if isinstance(module, torch.nn.Embedding):
                module.padding_idx = None  # ONNX has none: the row has a gradient there
        # Without the exporter's optimizer, which makes one initializer of parameters that are equal.
        options = dict(input_names=list(self.example), dynamo=True, verbose=False, optimize=False)
        self.program = torch.onnx.export(self.module.eval(), (), kwargs=self.example, **options).model_proto
        every = dict(self.module.named_parameters(remove_duplicate=False))
        self.named = {i.name: every[i.name] for i in self.program.graph.initializer if i.name in every}
        self.first = {name: tensor.detach().numpy() for name, tensor in self.named.items()}

    def imported(self):
        return from_onnx(self.program)


# ===--- JAX ------------------------------------------------------------------------------------------------------=== #


class JaxModel:
    def __init__(self, name):
        self.name = name
        self.function, self.params, self.example = built(name, jax_models)
        leaves = jax.tree_util.tree_leaves_with_path(self.params)
        self.first = {jax.tree_util.keystr(path, simple=True, separator="."): leaf for path, leaf in leaves}

    def set_values(self, golden):
        leaves = [imported_run.value(parameter) for parameter in golden["parameters"]]
        self.params = jax.tree_util.tree_unflatten(jax.tree_util.tree_structure(self.params), leaves)

    def imported(self):
        return from_jax(self.function, self.params, *self.example.values())

    def train(self, golden, wide):
        """As above; the optimizer is spelled out, since optax clips without the 1e-6."""
        with jax.enable_x64(wide):
            return self.steps(golden, jnp.float64 if wide else jnp.float32)

    def steps(self, golden, dtype):
        o, tree = OPTIMIZER, jax.tree_util.tree_map
        params = tree(lambda x: jnp.asarray(x, dtype), self.params)
        first, second = tree(jnp.zeros_like, params), tree(jnp.zeros_like, params)
        gradient_of = jax.jit(jax.value_and_grad(self.function))
        steps = []
        for step in range(1, STEPS + 1):
            results = []
            for inputs in imported_run.batches(golden, step - 1):
                inputs = [jnp.asarray(x, dtype if x.dtype == np.float32 else x.dtype) for x in inputs.values()]
                results.append(gradient_of(params, *inputs))
            loss, gradient = tree(lambda *values: sum(values) / len(values), *results)
            norm = math.sqrt(
                sum(float((np.asarray(g, np.float64) ** 2).sum()) for g in jax.tree_util.tree_leaves(gradient))
            )
            scale = min(1.0, o["max_norm"] / (norm + 1e-6))
            gradient = tree(lambda g, scale=scale: g * scale, gradient)
            first = tree(lambda m, g: o["beta1"] * m + (1 - o["beta1"]) * g, first, gradient)
            second = tree(lambda v, g: o["beta2"] * v + (1 - o["beta2"]) * g * g, second, gradient)
            a, b = o["lr"] / (1 - o["beta1"] ** step), math.sqrt(1 - o["beta2"] ** step)
            params = tree(
                lambda p, m, v, a=a, b=b: p * (1 - o["lr"] * o["weight_decay"]) - a * m / (jnp.sqrt(v) / b + o["eps"]),
                params,
                first,
                second,
            )
            steps.append((float(loss), norm))
        return steps


# ===--- Both -----------------------------------------------------------------------------------------------------=== #


def without_locations(text):
    """A module without where its ops come from, which is not the same on two machines."""
    from jax.extend.mlir import ir
    from jax.interpreters.mlir import make_ir_context

    with make_ir_context():
        return ir.Module.parse(text).operation.get_asm(enable_debug_info=False)


def steps_of(single, double):
    """What both runs gave, step by step, as ../compare.py reads it."""
    return [
        {"step": step, "loss32": a[0], "loss64": b[0], "grad_norm32": a[1], "grad_norm64": b[1]}
        for step, (a, b) in enumerate(zip(single, double, strict=True))
    ]


def save_golden(folder, golden, text):
    """Writes both files of a model, and prints how far its runs are apart."""
    name, steps = golden["model"], golden["steps"]
    write(os.path.join(folder, f"{name}.json"), golden)
    with open(os.path.join(folder, f"{name}.stablehlo"), "w", encoding="utf-8") as file:
        file.write(without_locations(text))
    gap = max(abs(step["loss32"] - step["loss64"]) / step["loss64"] for step in steps)
    print(f"{name}: {steps[0]['loss64']:.6f} -> {steps[-1]['loss64']:.6f}, gap {gap:.1e}")


def make(name):
    kind = {"jax": JaxModel, "onnx": OnnxModel}.get(name.partition("_")[0], TorchModel)
    made = kind(name)
    golden = {"model": name, "optimizer": OPTIMIZER}
    if name in MICRO_BATCHES:
        golden["micro_batches"] = MICRO_BATCHES[name]
    golden["made_by"] = {"torch": torch.__version__, "jax": jax.__version__, "numpy": np.__version__}
    golden["parameters"] = [describe_parameter(name, array) for name, array in made.first.items()]
    made.set_values(golden)
    model = made.imported()
    golden["inputs"] = [describe_input(name, argument, made.example[argument.name]) for argument in model.inputs()]
    golden["signature"] = model.signature()["arguments"]
    single = made.train(golden, wide=False)
    made = kind(name)
    made.set_values(golden)
    double = made.train(golden, wide=True)
    golden["steps"] = steps_of(single, double)
    save_golden(HERE, golden, model.text)


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or MODELS:
        make(name)


if __name__ == "__main__":
    main()
