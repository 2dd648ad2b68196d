# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a plan (JSON for `ds-plan assemble`) that only holds a GPT-2's state.

The parameters of a golden file lie in one flat buffer, with both moments beside
it, cut into `--world` shards (or whole on every rank with --whole).  The `train`
entry counts its calls in the scalar `step`; with --tokens=BxT it takes tokens
and targets too.  So initial values, checkpoints, hashes, data and the memory
contract are tested without the compiler.
"""

import argparse
import hashlib
import json
import math

BUFFER = {"shape": [], "first": 0, "last": 1}


def key(name):
    digest = hashlib.sha256(name.encode()).digest()
    return {"key0": int.from_bytes(digest[:4], "little"), "key1": int.from_bytes(digest[4:8], "little")}


def init_of(name, layers):
    if name.endswith("bias"):
        return {"kind": "constant", "value": 0}
    if ".ln_" in name:
        return {"kind": "constant", "value": 1}
    std = 0.02 / math.sqrt(2 * layers) if name.endswith("c_proj.weight") else 0.02
    return {"kind": "normal", "std": std}


def round_up(value, unit):
    return -(-value // unit) * unit


class Program:
    def __init__(self):
        self.buffers, self.states, self.at = [], [], 0

    def buffer(self, name, bytes_, dtype, kind, persistent, shape):
        self.buffers.append({"name": name, "offset": self.at, "bytes": bytes_, "dtype": dtype, "kind": kind,
                             "persistent": persistent, "shape": shape, "first": 0, "last": 1})
        self.at = round_up(self.at + bytes_, 64)
        return len(self.buffers) - 1


def build(args):
    golden = json.load(open(args.golden))
    layers = golden["shape"]["layers"]
    shards = 1 if args.whole else args.world
    tensors, elements = [], 0
    for parameter in golden["parameters"]:
        tensors.append((parameter["name"], parameter["shape"], elements))
        elements += math.prod(parameter["shape"])
    elements = round_up(elements, 64 * shards)

    program = Program()
    for suffix, kind in (("", "parameter"), (".exp_avg", "optimizer"), (".exp_avg_sq", "optimizer")):
        index = program.buffer("state" + suffix, elements // shards * 4, "f32", kind, True, [elements // shards])
        listed = [{"name": name + suffix, "shape": shape, "offset": offset, "kind": kind, **key(name + suffix),
                   "init": init_of(name, layers) if kind == "parameter" else {"kind": "constant", "value": 0}}
                  for name, shape, offset in tensors]
        program.states.append({"buffer": index, "elements": elements, "shards": shards, "group": 0, "tensors": listed})
    step = program.buffer("step", 4, "f32", "scalar", True, [])
    program.states.append({"buffer": step, "elements": 1, "tensors": [
        {"name": "step", "offset": 0, "kind": "scalar", **key("step"), "init": {"kind": "constant", "value": 0}}]})
    one = program.buffer("one", 4, "f32", "scalar", False, [])
    inputs = []
    if args.tokens:
        shape = [int(n) for n in args.tokens.split("x")]
        for role in ("tokens", "targets"):
            index = program.buffer(role, math.prod(shape) * 4, "i32", "input", False, shape)
            inputs.append({"name": role, "buffer": index, "role": role, "bound": golden["shape"]["vocab"]})
    if args.scratch:
        program.buffer("scratch", args.scratch << 20, "f32", "activation", False, [args.scratch << 18])

    block = [
        {"name": "one", "op_type": "Scalar", "op": {"op": "set", "dtype": "f32", "immediate": 1,
                                                    "dst": {"buffer": one, "offset": 0}}},
        {"name": "count the step", "op_type": "Scalar",
         "op": {"op": "add", "dtype": "f32", "dst": {"buffer": step, "offset": 0},
                "a": {"buffer": step, "offset": 0}, "b": {"buffer": one, "offset": 0}}},
    ]
    bytes_ = round_up(program.at, 4096)
    return {
        "world": args.world,
        "target": {"arch": "x86-64"},
        "facts": {"model": "state of " + golden["model"]},
        "rank_programs": [0] * args.world,
        "groups": [{"ranks": list(range(args.world))}],
        "programs": [{
            "name": "state",
            "arenas": [{"space": "device", "bytes": bytes_, "lower_bound_bytes": program.at}],
            "buffers": program.buffers,
            "states": program.states,
            "blocks": [{"instrs": block}],
            "entries": [{"name": "train", "block": 0, "inputs": inputs,
                         "outputs": [{"name": "count", "buffer": step}]}],
        }],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("golden")
    parser.add_argument("--world", type=int, default=1)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--tokens", help="accumulation x micro-batch x sequence")
    parser.add_argument("--scratch", type=int, default=0, help="MiB")
    print(json.dumps(build(parser.parse_args()), indent=1))
