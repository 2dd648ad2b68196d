# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a small plan (JSON for `ds-plan assemble`) that has a bit of everything: small_plan.py WORLD

A sharded parameter and a counter as state; a step is the four instructions
#0 'ones' (fill), #1 'product' (gemm), #2 'sum' (all_reduce), #3 'count' (scalar).
"""

import json
import sys

world = int(sys.argv[1])
KIB = 1024


def buffer(name, offset, bytes_, kind, **more):
    return {"name": name, "offset": offset, "bytes": bytes_, "dtype": "f32", "kind": kind,
            "first": 0, "last": 3, **more}


def at(index):
    return {"buffer": index, "offset": 0}


shard = 64 * KIB // 4  # elements of a rank
product = {"m": 32, "n": 32, "k": 32, "a": at(1), "lda": 32, "b": at(1), "ldb": 32, "c": at(2), "ldc": 32}
print(json.dumps({
    "world": world,
    "target": {"arch": "x86-64"},
    "facts": {"model": "small"},
    "rank_programs": [0] * world,
    "groups": [{"ranks": list(range(world))}],
    "programs": [{
        "name": "small",
        "arenas": [{"space": "device", "bytes": 80 * KIB, "lower_bound_bytes": 72 * KIB + 8}],
        "buffers": [
            buffer("w", 0, 64 * KIB, "parameter", persistent=True, shape=[shard]),
            buffer("ones", 64 * KIB, 4 * KIB, "activation"),
            buffer("product", 68 * KIB, 4 * KIB, "activation"),
            buffer("counter", 72 * KIB, 4, "scalar", persistent=True),
            buffer("one", 76 * KIB, 4, "scalar")],
        "blocks": [{"instrs": [
            {"name": "ones", "op_type": "Fill", "op": {"dst": at(1), "bytes": 4 * KIB, "pattern": 0x3F800000}},
            {"name": "product", "op_type": "Gemm", "op": product},
            {"name": "sum", "op_type": "Collective",
             "op": {"kind": "all_reduce", "reduce": "sum", "count": 1024, "src": at(2), "dst": at(2)}},
            {"name": "count", "op_type": "Scalar",
             "op": {"op": "add", "dtype": "f32", "dst": at(3), "a": at(3), "b": at(1)}}]}],
        "entries": [{"name": "train", "block": 0,
                     "outputs": [{"name": "count", "buffer": 3}, {"name": "sum", "buffer": 2}]}],
        "states": [
            {"buffer": 0, "elements": shard * world, "shards": world, "group": 0, "tensors": [
                {"name": "w", "shape": [world, shard], "offset": 0, "kind": "parameter", "key0": 1, "key1": 2,
                 "init": {"kind": "normal", "std": 0.02}}]},
            {"buffer": 3, "elements": 1, "tensors": [
                {"name": "counter", "offset": 0, "kind": "scalar", "init": {"kind": "constant", "value": 0}}]}],
    }],
}, indent=1))
