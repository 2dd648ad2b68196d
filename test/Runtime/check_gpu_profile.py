# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# That a GPU's profile is whole and sane.  Usage: check_gpu_profile.py PROFILE FREE_BYTES [link]
import json
import sys

path, free, *more = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    profile = json.load(file)
MIB = 1 << 20


def expect(good, what):
    if not good:
        sys.exit(f"{path}: expected {what}")


gpu = profile["gpu"]
expect(profile["version"] == 2 and profile["cpu"] == "Fake GPU", "version 2 and the GPU's name")
expect(profile["memory_bytes"] == int(free), f"{free} bytes, free before there was a context")
expect(gpu["arch"] == "sm_90a" and gpu["multiprocessors"] == 132 and gpu["cache_bytes"] == 50 * MIB, "the fake's GPU")
rates = ("memory_gbps", "cache_gbps", "f32_tflops", "tf32_tflops", "bf16_tflops", "vector_tflops", "launch_us",
         "host_gbps", *(["link_gbps"] if more else []))
for name in rates:
    expect(0 < gpu[name] < 1e9, f"a positive {name}, but got {gpu.get(name)}")
expect(more or "link_gbps" not in gpu, "no link where there is one GPU")
# On the fake's clock all takes a millisecond: a launch, a product, and each of two copies of 64 MiB. Of a
# product's time half at most is the launch.
expect(abs(gpu["launch_us"] - 1000) < 1e-3, f"a launch in 1000 us, but got {gpu['launch_us']}")
expect(abs(gpu["host_gbps"] - 64 * MIB / 1e6) < 1, f"64 MiB in a millisecond, but got {gpu['host_gbps']} GB/s")
expect(abs(gpu["bf16_tflops"] - 4 * 8192**3 * 1e-9) < 1, f"half of it for a product, got {gpu['bf16_tflops']}")
# 400 MB of a context, 2 MiB of a module, 8 of cuBLASLt, 1 of the graph, and 256 of room, in steps of it; and twice
# the 64 of a communicator.
wanted = 768 * MIB + (2 * 64 * MIB if more else 0)
expect(gpu["reserve_bytes"] == wanted, f"{wanted} bytes reserved, but got {gpu['reserve_bytes']}")
types = {}
for row in profile["products"]:
    expect(row["library"] == "cublaslt" and row["threads"] == 132, f"a product of the GPU, but got {row}")
    flops = 2 * row["m"] * row["n"] * row["k"] * row["batch"]
    expect(abs(row["gflops"] * 1e6 / flops - 2) < 1e-3, f"half of it for each product, but got {row}")
    kind = types.setdefault(row.get("dtype", "f32"), set())
    kind.add((row["m"], row["n"], row["k"], row["batch"], row["transpose_a"], row["transpose_b"]))
expect(set(types) == {"f32", "tf32", "bf16"}, f"three types, but got {set(types)}")
expect(types["f32"] == types["tf32"] < types["bf16"], "fewer shapes of 32 bits: some do not fit")
if int(free) > 3 << 30:  # a vocabulary fits
    for n in (50257, 50304):
        expect((4096, n, 768, 1, False, True) in types["bf16"], f"the products of a vocabulary of {n}")
expect(len(types["f32"]) >= 20, f"20 shapes or more, but got {len(types['f32'])}")
