# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole steps of a model, compiled for several instruction sets: awkward_steps.py MODEL.mlir PROFILE.json FOLDER

1. Each plan's loss and gradient norm are the interpreter's, and over three steps all plans agree.
2. One NaN or infinity in any parameter shows in the loss or in the norm that gradients are clipped by, in every plan.
3. Runs of a plan on as many threads end with the same bits.

The interpreter's own test values go into the plan: parameters by --load, tokens by --data.  What this machine cannot
run is compiled and named.
"""

import json
import math
import os
import re
import struct
import subprocess
import sys

TARGETS = ("x86-64-v3", "x86-64-v4", "host")
NEAR = 1e-5  # float32 sums of some hundred terms; the interpreter has float64
MASK = (1 << 64) - 1


def splitmix64(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def uniform(name, count):
    """The interpreter's testUniform(name, i) for i < count."""
    key = 0xCBF29CE484222325
    for c in name.encode():
        key = (key ^ c) * 0x100000001B3 & MASK
    start = splitmix64(key)
    return [(splitmix64((start + i) & MASK) >> 11) * 2.0**-53 for i in range(count)]


def normal(name, count):
    u = uniform(name, 2 * count)
    return [math.sqrt(-2 * math.log(1 - a)) * math.cos(2 * math.pi * b) for a, b in zip(u[::2], u[1::2])]


def write_safetensors(path, tensors):
    """{name: (type, shape, values)}"""
    header, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        content = struct.pack(f"<{len(values)}{'f' if dtype == 'F32' else 'i'}", *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def parameters_of(model):
    tensors = {}
    for name, sizes, kind, value in re.findall(
            r"ds\.parameter @(\S+) : tensor<([\dx]+)xf32> = #ds\.(normal|fill)<(\S+) : f64>", open(model).read()):
        shape = [int(n) for n in sizes.split("x")]
        count, value = math.prod(shape), float(value)
        values = [value * x for x in normal(name, count)] if kind == "normal" else [value] * count
        tensors[name] = ("F32", shape, values)
    return tensors


def tokens_of(module, steps):
    """The inputs of @train, one entry for each step; they differ in the first step alone."""
    tensors = {}
    signature = re.search(r"func\.func @train\((.*?)\) ->", open(module).read())[1]
    for i, (sizes, bound, name) in enumerate(re.findall(
            r"tensor<1x([\dx]+)xi32> \{ds\.bound = (\d+) : i64, ds\.name = \"(\w+)\"", signature)):
        shape = [int(n) for n in sizes.split("x")]
        values = [int(int(bound) * u) for u in uniform(f"argument {i} step 0", math.prod(shape))]
        tensors[name] = ("I32", [steps] + shape, values * steps)
    return tensors


def run(plan, *flags, threads=2):
    """The step events and the state's hash; what the machine lacks, as text."""
    done = subprocess.run(["ds-run", plan, "--json=-", *flags], capture_output=True, text=True,
                          env={**os.environ, "OMP_NUM_THREADS": str(threads)})
    if lacks := re.search(r"needs (.*), which this CPU \(.*\) lacks", done.stderr):
        return lacks[1]
    if done.returncode:
        sys.exit(f"ds-run {plan} {flags}: {done.stderr}")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [e for e in events if e["event"] == "step"], events[-1]["state_hash"]


def near(what, a, b):
    if not abs(a - b) <= NEAR * abs(b):
        sys.exit(f"{what}: {a!r}, not {b!r}")


def is_seen(step):
    """JSON has no NaN: it is null."""
    return any(step[key] is None or not math.isfinite(step[key]) for key in ("loss", "grad_norm"))


def check_poison(plan, target, parameters, tokens, loaded, data):
    """NaN in the last and, in turn, NaN or an infinity in the first element of each parameter that is used."""
    poisons = (math.nan, math.inf, -math.inf)
    for i, (name, (dtype, shape, values)) in enumerate(parameters.items()):
        first, last = 0, len(values) - 1
        if name.endswith(("embed_tokens.weight", "wte.weight")):  # rows that are looked up
            first, last = min(tokens) * shape[1], max(tokens) * shape[1] + shape[1] - 1
        for place, poison in ((first, poisons[i % 3]), (last, math.nan)):
            poisoned = list(values)
            poisoned[place] = poison
            write_safetensors(loaded, {**parameters, name: (dtype, shape, poisoned)})
            steps, _ = run(plan, f"--load={loaded}", f"--data={data}", "--steps=1")
            if not is_seen(steps[0]):
                sys.exit(f"{target}: {poison} in element {place} of {name} is not seen: {steps[0]}")
    return 2 * len(parameters)


def check_bits(plan, loaded, data):
    for threads in (1, 2):
        states = {run(plan, f"--load={loaded}", f"--data={data}", "--steps=3", threads=threads)[1] for _ in range(3)}
        print(f"3 runs on {threads} threads: {len(states)} state")


def main():
    model, profile, folder = sys.argv[1:]
    plans = {target: f"{folder}/{target}.dsplan" for target in TARGETS}
    for target, plan in plans.items():
        subprocess.run(["ds-opt", model, "--zero=0", "--tune-seconds=0", f"--machine={profile}", "-o", plan,
                        f"--target-cpu={target}", f"--dump-phases={folder}/phases"], check=True, capture_output=True)
    module = f"{folder}/phases/3-parallel.mlir"
    parameters, loaded, data = parameters_of(model), f"{folder}/parameters.safetensors", f"{folder}/data.safetensors"
    inputs = tokens_of(module, steps=3)
    write_safetensors(data, inputs)
    shown = subprocess.run(["ds-exec", module, "--print", "--entry=train", "--worlds=1"], check=True,
                           capture_output=True, text=True).stdout
    loss, norm = (float(x) for x in re.findall(r"result [01]: (\S+)", shown))
    first = None
    for target, plan in plans.items():
        write_safetensors(loaded, parameters)
        result = run(plan, f"--load={loaded}", f"--data={data}", "--steps=3")
        if isinstance(result, str):
            print(f"{target}: not on this machine: {result}")
            continue
        steps, _ = result
        near(f"{target}: loss", steps[0]["loss"], loss)
        near(f"{target}: grad_norm", steps[0]["grad_norm"], norm)
        first = first or steps
        for mine, theirs in zip(steps, first, strict=True):
            near(f"{target}: loss of step {mine['step']}", mine["loss"], theirs["loss"])
            near(f"{target}: grad_norm of step {mine['step']}", mine["grad_norm"], theirs["grad_norm"])
        seen = check_poison(plan, target, parameters, inputs["tokens"][2], loaded, data)
        print(f"{target}: as the interpreter, {seen} poisons seen")
    write_safetensors(loaded, parameters)
    check_bits(plans["host"], loaded, data)


if __name__ == "__main__":
    main()
