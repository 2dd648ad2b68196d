# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""shard_safetensors.py IN OUT-FOLDER [--strip=PREFIX] [--rename=A=B] [--buffers] [--twin] [--other-twin] [--bf16]

Writes a .safetensors of float32 as two files and an index, as Hugging Face does.

shard_safetensors.py IN --same-as-bf16=OTHER: whether OTHER is IN rounded to bfloat16.
"""

import json
import os
import sys

import numpy as np


def read(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header, data = json.loads(file.read(length)), file.read()
    header.pop("__metadata__", None)
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], np.float32).reshape(e["shape"])
            for name, e in header.items()}


def bfloat16(array):
    """The upper halves, rounded to nearest even."""
    bits = np.ascontiguousarray(array).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def write(path, tensors, half):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, array in tensors.items():
        content = bfloat16(array).tobytes() if half else array.tobytes()
        header[name] = {"dtype": "BF16" if half else "F32", "shape": list(array.shape),
                        "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def changed(tensors, flags):
    tensors = dict(tensors)
    for flag in flags:
        name, _, value = flag.partition("=")
        if name == "--strip":
            tensors = {key.removeprefix(value): array for key, array in tensors.items()}
        elif name == "--rename":
            old, new = value.split("=")
            tensors[new] = tensors.pop(old)
        elif name == "--buffers":
            tensors["transformer.h.0.attn.bias"] = np.zeros((1, 1, 8, 8), np.float32)
        elif name == "--twin":
            tensors["lm_head.weight"] = tensors["transformer.wte.weight"]
        elif name == "--other-twin":
            tensors["lm_head.weight"] = tensors["transformer.wte.weight"] + 1
    return tensors


source, *flags = sys.argv[1:]
if flags[0].startswith("--same-as-bf16="):
    other = read(flags[0].partition("=")[2])
    for name, array in read(source).items():
        wide = (bfloat16(array).astype(np.uint32) << 16).view(np.float32)
        if not np.array_equal(wide, other[name]):
            sys.exit(f"{name} differs")
    print("the same as in bfloat16")
    sys.exit()
folder, *flags = flags
os.makedirs(folder, exist_ok=True)
tensors = changed(read(source), flags)
names = list(tensors)
index = {}
for number in (1, 2):
    file = f"model-{number:05}-of-00002.safetensors"
    part = names[number - 1::2]
    write(os.path.join(folder, file), {name: tensors[name] for name in part}, "--bf16" in flags)
    index |= dict.fromkeys(part, file)
with open(os.path.join(folder, "model.safetensors.index.json"), "w", encoding="utf-8") as file:
    json.dump({"metadata": {"total_size": sum(a.nbytes for a in tensors.values())}, "weight_map": index}, file)
