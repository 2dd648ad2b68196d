# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The masks that a plan computes, against the rule of #ds.dropout in plain Python.

dropout_masks.py write FOLDER: a model whose gradients are masks, and its data: SAMPLES samples a step, sample k of
a step being 2^k everywhere, so that the gradient of a weight is the set of samples that keep its element.
dropout_masks.py check CHECKPOINT SEED STEP: compares the gradients of step STEP, which are the averages that
AdamW with beta1 = 0 saves behind it, bit for bit.
"""
import hashlib
import json
import os
import struct
import sys

SAMPLES, STEPS = 8, 4
DROPOUTS = {"half": (0.5, 37), "most": (0.75, 130)}  # name: probability, elements of a sample


def philox(c, k):
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def factor(name, probability, seed, step, sample, element):
    key = struct.unpack("<II", hashlib.sha256(name.encode()).digest()[:8])
    counter = [element // 4, sample, step & 0xFFFFFFFF, step >> 32]
    words = philox(counter, [key[0] ^ (seed & 0xFFFFFFFF), key[1] ^ (seed >> 32)])
    return 1 / (1 - probability) if words[element % 4] >= probability * 2**32 else 0.0


def model():
    arguments, body, total = [], [], None
    for name, (probability, size) in DROPOUTS.items():
        x = f"tensor<?x{size}xf32, #ds.dims<batch, _>>"
        arguments.append(f'%{name}: {x} {{ds.name = "{name}"}}')
        body += [f"%{name}.w = ds.read @{name}.weight : tensor<{size}xf32>",
                 f'%{name}.d = ds.dropout %{name} <"{name}", {probability}> : {x}',
                 f"%{name}.y = ds.mul %{name}.d, %{name}.w : {x}, tensor<{size}xf32>",
                 f"%{name}.s = ds.sum %{name}.y : {x} -> tensor<f32>"]
        if total:
            body.append(f"%sum = ds.add {total}, %{name}.s : tensor<f32>, tensor<f32>")
        total = "%sum" if total else f"%{name}.s"
    parameters = [f"ds.parameter @{n}.weight : tensor<{s}xf32> = #ds.fill<1.0>" for n, (_, s) in DROPOUTS.items()]
    head = f"func.func @loss({', '.join(arguments)}) -> tensor<f32> attributes {{ds.loss}} {{"
    return "\n".join(parameters + [head] + body + [f"return {total} : tensor<f32>", "}"]) + "\n"


def write(folder):
    with open(os.path.join(folder, "model.mlir"), "w") as file:
        file.write(model())
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump({"gradient_clipping": 0, "optimizer": {"type": "AdamW", "params": {"betas": [0, 0.5]}}}, file)
    for batch in 1, 2, 4:
        header, data = {}, b""
        for name, (_, size) in DROPOUTS.items():
            content = b"".join(struct.pack("<f", 2.0 ** (k % SAMPLES)) * size for k in range(SAMPLES * STEPS))
            header[name] = {"dtype": "F32", "shape": [SAMPLES * STEPS // batch, batch, size],
                            "data_offsets": [len(data), len(data) + len(content)]}
            data += content
        text = json.dumps(header).encode()
        with open(os.path.join(folder, f"data{batch}.safetensors"), "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text + data)


def check(path, seed, step):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header, data = json.loads(file.read(length)), file.read()
    kept = elements = 0
    share = None  # the mean over micro-batches: one power of two for all
    for name, (probability, size) in DROPOUTS.items():
        begin, end = header[f"{name}.weight.exp_avg"]["data_offsets"]
        gradient = struct.unpack(f"<{size}f", data[begin:end])
        masks = [[factor(name, probability, seed, step, k, e) for k in range(SAMPLES)] for e in range(size)]
        expected = [sum(f * 2.0**k for k, f in enumerate(mask)) for mask in masks]
        if share is None:
            share = next(g / e for g, e in zip(gradient, expected) if e)
        wrong = [e for e in range(size) if gradient[e] != share * expected[e]]
        if wrong:
            sys.exit(f"{name}, element {wrong[0]}: {gradient[wrong[0]]}, not {share * expected[wrong[0]]}")
        kept += sum(bool(f) for mask in masks for f in mask)
        elements += size * SAMPLES
    print(f"step {step}: {elements} elements equal, {kept} kept, gradients / {round(1 / share)}")


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    check(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
