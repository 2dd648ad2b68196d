# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""narrow.py TYPE [STATE]: prints a small model whose loss function computes in TYPE (bf16, f16 or f32), its parameters
in STATE, f32 if not said.

narrow.py --rounded A.safetensors B.safetensors: whether B's tensors, of bf16, are A's, of f32, rounded.
narrow.py --compare A.jsonl B.jsonl TOLERANCE: whether two runs have the same losses, relatively."""
import json
import re
import struct
import sys

MODEL = """module attributes {ds.model = "narrow"} {
ds.parameter @wte : tensor<17x12xf32> = #ds.normal<0.3>
ds.parameter @qkv : tensor<12x36xf32> = #ds.normal<0.3>
ds.parameter @b : tensor<12xf32> = #ds.fill<0.0>
ds.parameter @g : tensor<12xf32> = #ds.fill<1.0>
func.func @loss(%tokens: tensor<3x9xi32> {ds.name = "tokens", ds.bound = 17 : i64},
    %targets: tensor<3x9xi32> {ds.name = "targets", ds.bound = 17 : i64}) -> tensor<f32> attributes {ds.loss} {
  %wte32 = ds.read @wte : tensor<17x12xf32>
  %qkv32 = ds.read @qkv : tensor<12x36xf32>
  %b32 = ds.read @b : tensor<12xf32>
  %g32 = ds.read @g : tensor<12xf32>
  %wte = ds.cast %wte32 : tensor<17x12xf32> -> tensor<17x12xT>
  %qkv = ds.cast %qkv32 : tensor<12x36xf32> -> tensor<12x36xT>
  %b = ds.cast %b32 : tensor<12xf32> -> tensor<12xT>
  %g = ds.cast %g32 : tensor<12xf32> -> tensor<12xT>
  %x = ds.embedding %wte, %tokens : (tensor<17x12xT>, tensor<3x9xi32>) -> tensor<3x9x12xT>
  %all = ds.dot "bsk,kn->bsn" %x, %qkv : (tensor<3x9x12xT>, tensor<12x36xT>) -> tensor<3x9x36xT>
  %parts:3 = ds.split %all : (tensor<3x9x36xT>) -> (tensor<3x9x12xT>, tensor<3x9x12xT>, tensor<3x9x12xT>)
  %q = ds.reshape %parts#0 : tensor<3x9x12xT> -> tensor<3x9x3x4xT>
  %k = ds.reshape %parts#1 : tensor<3x9x12xT> -> tensor<3x9x3x4xT>
  %v = ds.reshape %parts#2 : tensor<3x9x12xT> -> tensor<3x9x3x4xT>
  %a = ds.attention %q, %k, %v scale 0.5 {causal} : tensor<3x9x3x4xT>, tensor<3x9x3x4xT>, tensor<3x9x3x4xT>
  %y = ds.reshape %a : tensor<3x9x3x4xT> -> tensor<3x9x12xT>
  %z = ds.add %y, %b : tensor<3x9x12xT>, tensor<12xT>
  %h = ds.gelu %z : tensor<3x9x12xT>
  %r = ds.add %h, %x : tensor<3x9x12xT>, tensor<3x9x12xT>
  %n = ds.layer_norm %r, %g, %b eps 1.0e-5 : tensor<3x9x12xT>, tensor<12xT>, tensor<12xT>
  %logits = ds.dot "bsk,nk->bsn" %n, %wte : (tensor<3x9x12xT>, tensor<17x12xT>) -> tensor<3x9x17xf32>
  %loss = ds.cross_entropy %logits, %targets : (tensor<3x9x17xf32>, tensor<3x9xi32>) -> tensor<f32>
  return %loss : tensor<f32>
}
}"""


def losses(path):
    with open(path) as lines:
        return [line["loss"] for line in map(json.loads, lines) if line["event"] == "step"]


def tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header.pop("__metadata__", None)
    return {name: (entry["dtype"], data[slice(*entry["data_offsets"])]) for name, entry in header.items()}


def rounded(bits):
    return bits + 0x7FFF + (bits >> 16 & 1) >> 16


if sys.argv[1] == "--rounded":
    wide, narrow = tensors(sys.argv[2]), tensors(sys.argv[3])
    for name, (dtype, data) in wide.items():
        words = struct.unpack(f"<{len(data) // 4}I", data)
        expected = struct.pack(f"<{len(words)}H", *map(rounded, words))
        good = dtype == "F32" and narrow[name] == ("BF16", expected)
        print(name, "rounded" if good else "differs")
elif sys.argv[1] == "--compare":
    a, b = losses(sys.argv[2]), losses(sys.argv[3])
    worst = max(abs(x - y) / x for x, y in zip(a, b, strict=True))
    print(f"{len(a)} losses {'agree' if worst <= float(sys.argv[4]) else f'differ by {worst:.2e}'}, "
          f"{'the same bits' if worst == 0 else 'rounded otherwise'}")
else:
    state = sys.argv[2] if len(sys.argv) > 2 else "f32"
    model = re.sub(r"((?:ds.parameter|ds.read|ds.cast) [%@]\w+ : tensor<\w+x)f32>", rf"\1{state}>", MODEL)
    print(model.replace("xT>", f"x{sys.argv[1]}>"))
