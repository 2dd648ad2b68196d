# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# That a machine profile is whole and sane.  Usage: check_profile.py PROFILE
import json
import os
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    profile = json.load(file)
cores = len(os.sched_getaffinity(0))


def expect(good, what):
    if not good:
        sys.exit(f"{sys.argv[1]}: expected {what}")


def between(low, value, high, what):
    expect(low <= value <= high, f"{what} from {low} to {high}, but got {value}")


expect(profile["version"] == 2 and profile["cores"] == cores, f"version 2 and {cores} cores")
between(1 << 20, profile["memory_bytes"], 1 << 50, "bytes of memory")
between(0, profile["busy"], 1, "a share of others")
between(0, profile["team_us"], 1e6, "microseconds of a team")
for name in ("simple_gops", "exponential_gops", "division_gops", "loop_ns"):
    between(0.001, profile["arithmetic"][name], 1e5, name)
for threads in {1, cores}:
    curve = [entry for entry in profile["bandwidth"] if entry["threads"] == threads]
    sizes = [entry["bytes"] for entry in curve]
    expect(len(sizes) >= 8 and sizes == sorted(set(sizes)), f"at least 8 growing sizes for {threads} threads")
    for entry in curve:
        between(0.01, entry["read_gbps"], 1e5, "GB/s")
        between(0.01, entry["update_gbps"], 1e5, "GB/s")
        between(0.01, entry["strided_gbps"], 1e5, "GB/s")
for kind in ("all_gather", "reduce_scatter", "all_reduce"):
    times = [entry for entry in profile["collectives"] if entry["kind"] == kind and entry["ranks"] == 2]
    expect(len(times) == 4, f"4 sizes of {kind}")
    for entry in times:
        between(0.01, entry["us"], 1e7, f"microseconds of {kind}")
