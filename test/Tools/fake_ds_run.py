#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Stands beside a copy of ds-opt as its `ds-run`: trial n behaves as word n of $FAKE_TRIALS says.

A number: steps of so many milliseconds (the first one ten times slower), reported without waiting for them.
crash, segv, hang, warm-up, garbage, nothing: as the names say.
Calls are counted in $FAKE_LOG, one line each: pid and arguments.
"""

import json
import os
import signal
import sys
import time

with open(os.environ["FAKE_LOG"], "a+", encoding="utf-8") as log:
    log.seek(0)
    number = len(log.readlines())
    log.write(f"{os.getpid()} {' '.join(sys.argv[1:])}\n")
how = os.environ["FAKE_TRIALS"].split()[number]


def step(n, ms):
    print(json.dumps({"event": "step", "step": n, "loss": 1.0, "step_ms": ms}), flush=True)


assert open(sys.argv[1], "rb").read(4), "expects a plan"
if how == "crash":
    print("ds-run: error: first\nds-run: error: rank 1 was ended by signal 9 (Killed)", file=sys.stderr)
    sys.exit(3)
elif how == "segv":
    os.kill(os.getpid(), signal.SIGSEGV)
elif how == "hang":
    time.sleep(1000)
elif how == "warm-up":
    step(0, 1.0)
    time.sleep(1000)
elif how == "garbage":
    print("[1, 2\n3\n{\"event\": 7, \"step_ms\": \"x\"}", flush=True)
elif how != "nothing":
    for n in range(1000000):
        step(n, float(how) * (10 if n == 0 else 1))
