# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a plan for a GPU (JSON for `ds-plan assemble --code=Inputs/cuda.ptx`) that has a bit of everything.

  cuda_plan.py PTX [--world=N] [--elements=N] [--streams] [--cpu] [--pair | --crossed] [KEY=JSON ...]

A shard of the parameter has --elements.  With --cpu the plan is for CPUs: the same state, and a step only fills and
exchanges.
With --pair there are two ranks with a program each: #4 sends c from the first to the second.  With --crossed the
second has #3 and #4 the other way round.  With --streams #3, #4, #5 and #9 are on streams of their own.

KEY=JSON replaces a value of the plan, such as `target.cpu='"sm_100"'` or `images.0.arch='"compute_100"'`.
A step of a rank, whose state is a sharded parameter and a counter:

  #0 ones      a is filled with 1            #6 rows      a of 4x64 is copied to c by columns of 16
  #1 product   4 products of 8x8, c = a a'   #7 loss      is filled with 2
  #2 micro     a loop of 2 over #9, #10      #8 count     a call of #11
  #3 gather    the whole parameter           #9 stage     the tokens of one micro-batch are copied
  #4 mean      of the first of a             #10 scale    a kernel: c = 2 a
  #5 park      c goes to the host's memory   #11 count    a kernel of one thread: count = count + 1
"""

import copy
import json
import os
import sys

KIB = 1024
GIB = 1024 ** 3


def at(index, offset=0):
    return {"buffer": index, "offset": offset}


def instr(name, op, **fields):
    return {"name": name, "op_type": op, "op": fields}


W, COUNTER, TOKENS, BATCH, A, C, INDEX, SCRATCH, LOSS, PARKED, WHOLE = range(11)


def buffers_of(world, shard, rounded):
    """In the order of their names above; the state begins at 96 KiB."""
    def buffer(name, offset, bytes_, kind, shape, dtype="f32", **more):
        return {"name": name, "offset": offset, "bytes": bytes_, "dtype": dtype, "kind": kind, "shape": shape,
                "first": 0, "last": 11, **more}

    return [
        buffer("w", 96 * KIB, 4 * shard, "parameter", [shard], persistent=True),
        buffer("counter", 64 * KIB, 4, "scalar", [], persistent=True),
        buffer("tokens", 65 * KIB, 64, "input", [2, 1, 8], "i32"),
        buffer("batch", 66 * KIB, 32, "activation", [1, 8], "i32"),
        buffer("a", 68 * KIB, 1 * KIB, "activation", [4, 8, 8]),
        buffer("c", 70 * KIB, 1 * KIB, "activation", [4, 8, 8]),
        buffer("i", 72 * KIB, 8, "scalar", [], "i64"),
        buffer("scratch", 76 * KIB, 4 * KIB, "workspace", [4 * KIB], "u8"),
        buffer("loss", 73 * KIB, 4, "scalar", []),
        buffer("parked", 0, 1 * KIB, "activation", [4, 8, 8], arena=1),
        buffer("whole", 96 * KIB + rounded, world * 4 * shard, "gathered", [world * shard])]


def blocks_of(shard):
    return [[
        instr("ones", "Fill", dst=at(A), bytes=KIB, pattern=0x3F800000),
        instr("product", "Gemm", dtype="f32", m=8, n=8, k=8, a=at(A), lda=8, b=at(A), ldb=8, transpose_b=True,
              c=at(C), ldc=8, library="cublaslt", tf32=True, workspace=at(SCRATCH), workspace_bytes=4 * KIB,
              batch=[{"size": 2, "a_stride": 128, "b_stride": 128, "c_stride": 128},
                     {"size": 2, "a_stride": 64, "b_stride": 64, "c_stride": 64}]),
        instr("micro", "Loop", count=2, body=1, index=at(INDEX)),
        instr("gather", "Collective", kind="all_gather", count=shard, src=at(W), dst=at(WHOLE)),
        instr("mean", "Collective", kind="all_reduce", reduce="mean", count=64, src=at(A), dst=at(A)),
        instr("park", "Copy", bytes=KIB, src=at(C), dst=at(PARKED)),
        instr("rows", "Copy", bytes=16, src=at(A), dst=at(C),
              dims=[{"size": 4, "src_stride": 256, "dst_stride": 64},
                    {"size": 4, "src_stride": 16, "dst_stride": 256}]),
        instr("loss", "Fill", dst=at(LOSS), bytes=4, pattern=0x40000000),
        instr("count", "Call", body=2),
    ], [
        instr("stage", "Copy", bytes=32, indexed=True, index=at(INDEX), src=at(TOKENS), src_stride=32, dst=at(BATCH)),
        instr("scale", "Launch", kernel=0, items=256, args=[at(A), at(C)]),
    ], [
        instr("count", "Launch", kernel=1, items=1, args=[at(COUNTER)]),
    ]]


def build(ptx, world, shard):
    rounded = -(-4 * shard // (4 * KIB)) * 4 * KIB
    f32 = {"dtype": "f32"}
    return {
        "world": world,
        "target": {"arch": "nvidia", "cpu": "sm_80", "reserve_bytes": GIB},
        "facts": {"model": "cuda"},
        "rank_programs": [0] * world,
        "groups": [{"ranks": list(range(world))}],
        "kernels": [
            {"name": "scale_f32", "gpu": {"threads": 128, "items": 128, "shared_bytes": 64 * KIB},
             "args": [{"access": "read", "bytes": KIB, "shape": [256], **f32},
                      {"access": "write", "bytes": KIB, "shape": [256], **f32}]},
            {"name": "count", "gpu": {"threads": 32, "items": 1},
             "args": [{"access": "read_write", "bytes": 4, **f32}]}],
        "images": [{"kind": "ptx", "arch": "compute_80", "offset": 0, "bytes": os.path.getsize(ptx)}],
        "programs": [{
            "name": "step",
            "arenas": [{"space": "device", "bytes": 96 * KIB + (1 + world) * rounded},
                       {"space": "host", "bytes": 4 * KIB}],
            "buffers": buffers_of(world, shard, rounded),
            "blocks": [{"instrs": instrs} for instrs in blocks_of(shard)],
            "entries": [{"name": "train", "block": 0,
                         "inputs": [{"name": "tokens", "buffer": TOKENS, "role": "tokens", "bound": 100}],
                         "outputs": [{"name": "loss", "buffer": LOSS}, {"name": "count", "buffer": COUNTER}]}],
            "states": [
                {"buffer": W, "elements": shard * world, "shards": world, "group": 0, "tensors": [
                    {"name": "w", "shape": [world, shard], "offset": 0, "kind": "parameter", "key0": 1, "key1": 2,
                     "init": {"kind": "normal", "std": 0.02}}]},
                {"buffer": COUNTER, "elements": 1, "tensors": [
                    {"name": "counter", "offset": 0, "kind": "scalar", "init": {"kind": "constant", "value": 3}}]}],
        }],
    }


def for_cpu(plan):
    """What a CPU does as well, without the rest."""
    plan["target"] = {"arch": "x86-64"}
    del plan["kernels"], plan["images"]
    program = plan["programs"][0]
    program["blocks"] = [{"instrs": [instr for instr in program["blocks"][0]["instrs"]
                                     if instr["op_type"] in ("Fill", "Collective")]}]
    program["entries"] = [{"name": "train", "block": 0}]
    for buffer in program["buffers"]:
        buffer["last"] = len(program["blocks"][0]["instrs"]) - 1


def for_two(plan, pair):
    """A program for each of two ranks."""
    programs = plan["programs"] = [plan["programs"][0], copy.deepcopy(plan["programs"][0])]
    plan["rank_programs"] = [0, 1]
    programs[1]["name"] = "other"
    first, second = (program["blocks"][0]["instrs"] for program in programs)
    if pair:
        first[4] = {"name": "send", "op_type": "Send", "op": {"peer": 1, "src": at(C), "bytes": KIB}}
        second[4] = {"name": "receive", "op_type": "Recv", "op": {"peer": 0, "dst": at(C), "bytes": KIB}}
    else:
        second[3], second[4] = second[4], second[3]


def on_streams(program):
    """What moves data runs beside the rest, and the loop's round begins on two streams."""
    step, micro_batch, _ = (block["instrs"] for block in program["blocks"])
    for number, stream in (3, "gather"), (4, "reduce"), (5, "copy"):
        step[number]["stream"] = stream
    step[6]["waits"] = [4, 5]
    micro_batch[0]["stream"] = "copy"


def replace(plan, key, value):
    *path, name = [int(part) if part.isdigit() else part for part in key.split(".")]
    for part in path:
        plan = plan[part]
    plan[name] = value


def main():
    world, elements, flags, edits, ptx = 1, 16 * KIB, set(), [], sys.argv[1]
    for argument in sys.argv[2:]:
        key, _, value = argument.partition("=")
        if key == "--world":
            world = int(value)
        elif key == "--elements":
            elements = int(value)
        elif key in ("--cpu", "--pair", "--crossed", "--streams"):
            flags.add(key)
        else:
            edits.append((key, json.loads(value)))
    plan = build(ptx, world, elements)
    if "--streams" in flags:
        on_streams(plan["programs"][0])
    if flags & {"--pair", "--crossed"}:
        for_two(plan, "--pair" in flags)
    for key, value in edits:
        replace(plan, key, value)
    if "--cpu" in flags:
        for_cpu(plan)
    print(json.dumps(plan, indent=1))


main()
