# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What every peer shares: its arguments, the initial values, the tokens, and the line that it prints for a step.

Only numpy: a peer's start must not pay for another peer's library.
"""

import argparse
import json
import math
import os
import struct
import sys
import time

import numpy as np

BENCHMARK = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [BENCHMARK, os.path.join(os.path.dirname(BENCHMARK), "Goldens")]
import values  # noqa: E402
from shapes import SHAPES  # noqa: E402

OPTIMIZER = dict(lr=3e-4, beta1=0.9, beta2=0.95, eps=1e-8, weight_decay=0.1, max_norm=1.0)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", default="")
    parser.add_argument("--model", choices=SHAPES, required=True)
    parser.add_argument("--initial", required=True, help="safetensors of the parameters")
    for name in ("batch", "seq-len", "threads"):
        parser.add_argument("--" + name, type=int, required=True)
    return parser.parse_args()


def parameters(path):
    """Yields (name, float32 array) in the file's order.  Arrays are read, not mapped: a mapping would count twice."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        entries = json.loads(file.read(length))
        entries.pop("__metadata__", None)
        for name, entry in sorted(entries.items(), key=lambda item: item[1]["data_offsets"]):
            file.seek(8 + length + entry["data_offsets"][0])
            yield name, np.fromfile(file, "<f4", math.prod(entry["shape"])).reshape(entry["shape"])


def batch_of(step, shape, batch, length):
    """Inputs and targets of a step: what `ds-run --data=random:0` has for it."""
    first = step * batch * length
    stream = values.tokens(0, batch * length + 1, shape["vocab"], start=first)
    return values.samples(stream, 0, batch, length)


def train(options, step_of):
    """Runs `step_of(inputs, targets) -> (loss, gradient norm)` for ever; prints a line a step, as ds-run does."""
    shape, step = SHAPES[options.model][1], 0
    while True:
        inputs, targets = batch_of(step, shape, options.batch, options.seq_len)
        begin = time.monotonic()
        loss, norm = step_of(inputs, targets)
        print(json.dumps({"event": "step", "step": step, "loss": float(loss), "grad_norm": float(norm),
                          "step_ms": (time.monotonic() - begin) * 1e3}), flush=True)
        step += 1
