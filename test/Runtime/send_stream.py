# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a plan of 2 x 2 x 3 tokens on data it sends itself: send_stream.py PLAN [NAME=VALUE ...]

steps=n: so many steps. end=no: goes away without saying so. mark=m: what stands before each step instead of 1.
value=v: each token. pipes=n: descriptors. flags=F: more flags for ds-run. Prints what ds-run prints, and its exit code.
"""
import os
import struct
import subprocess
import sys

given = dict(argument.split("=", 1) for argument in sys.argv[2:])
pipes = [os.pipe() for _ in range(int(given.get("pipes", 2)))]
readers = [reader for reader, _ in pipes]
process = subprocess.Popen(["ds-run", sys.argv[1], "--json=-", "--data=stream:" + ",".join(map(str, readers)),
                            "--steps=99", *given.get("flags", "").split()], pass_fds=readers)
for reader in readers:
    os.close(reader)
tokens = struct.pack("<12i", *[int(given.get("value", 5))] * 12)
for _ in range(int(given["steps"])):
    for _, writer in pipes:
        os.write(writer, bytes([int(given.get("mark", 1))]) + tokens + tokens)
for _, writer in pipes:
    if given.get("end") != "no":
        os.write(writer, b"\0")
    os.close(writer)
print(f"exit {process.wait()}")
