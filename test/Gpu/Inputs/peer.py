# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stands in for torch_gpu.py: says what that says, at once.  MODE=hang|crash is what becomes of the training."""
import json
import os
import sys
import time


def say(**event):
    print(json.dumps(event), flush=True)


def main():
    if sys.argv[1] == "peak":
        return say(event="peak", torch="none", size=8, tflops=[1.0, 2.0, 1.5], copy_bytes_per_s=[1e9])
    if os.environ.get("MODE") == "crash":
        sys.exit("peer.py: out of memory")
    if os.environ.get("MODE") == "hang":
        time.sleep(1000)
    say(event="ready", losses=[5.56, 5.57, 5.58], grad_norms=[1, 1, 1])
    for line in sys.stdin:
        for _ in range(int(line)):
            time.sleep(0.005)
            say(event="step", loss=5.5, grad_norm=1.0)
        say(event="turn", max_allocated_bytes=1 << 40, max_reserved_bytes=1 << 41)


main()
