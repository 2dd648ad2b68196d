# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Initial values and data of the JAX goldens, made anew wherever they are needed, and files of them for ds-run.

    jax_values.py GOLDEN.json FOLDER      writes FOLDER/parameters.safetensors and FOLDER/data.safetensors
"""

import json
import os
import sys

import numpy as np


def generator(kind, index):
    return np.random.Generator(np.random.PCG64([kind, index]))


def parameters(golden):
    """{name: float32 values}: normal numbers with the mean and deviation that the golden states."""
    return {name: (mean + std * generator(0, i).standard_normal(shape)).astype(np.float32)
            for i, (name, (shape, mean, std)) in enumerate(sorted(golden["parameters"].items()))}


def data(golden):
    """{name: [step, ...]}: integers below a bound, or normal numbers where there is none."""
    rows = {}
    for i, (name, (shape, bound)) in enumerate(sorted(golden["inputs"].items())):
        full = (golden["steps_per_run"], *shape)
        rows[name] = (generator(1, i).integers(bound, size=full).astype(np.int32) if bound
                      else generator(1, i).standard_normal(full).astype(np.float32))
    return rows


def write_safetensors(path, tensors):
    names = {np.dtype(np.float32): "F32", np.dtype(np.int32): "I32"}
    header, at = {}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": names[value.dtype], "shape": list(value.shape),
                        "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for value in tensors.values():
            file.write(np.ascontiguousarray(value).tobytes())


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        golden = json.load(file)
    write_safetensors(os.path.join(sys.argv[2], "parameters.safetensors"), parameters(golden))
    write_safetensors(os.path.join(sys.argv[2], "data.safetensors"), data(golden))


if __name__ == "__main__":
    main()
