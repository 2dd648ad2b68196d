# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints the spin count that a running ds-run was started with: wait_policy.py PLAN"""

import os
import subprocess
import sys


def spin_count(plan, **more):
    environment = {k: v for k, v in os.environ.items() if k not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    run = subprocess.Popen(["ds-run", plan, "--steps=1000000000", "--json=-"], env=dict(environment, **more),
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    run.stdout.readline()  # it has started
    with open(f"/proc/{run.pid}/environ", "rb") as file:
        variables = dict(entry.split(b"=", 1) for entry in file.read().split(b"\0") if entry)
    run.terminate()
    run.communicate()
    return variables.get(b"GOMP_SPINCOUNT", b"none").decode()


plan = sys.argv[1]
print(f"nothing set: GOMP_SPINCOUNT={spin_count(plan)}")
print(f"GOMP_SPINCOUNT=7: GOMP_SPINCOUNT={spin_count(plan, GOMP_SPINCOUNT='7')}")
print(f"OMP_WAIT_POLICY=active: {spin_count(plan, OMP_WAIT_POLICY='active')}")
