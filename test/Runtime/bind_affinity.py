# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Which processors the threads of a run may use: bind_affinity.py CPUS THREADS ds-run ARGUMENTS...

Starts the command on the first CPUS of the processors that this process may use, with OMP_NUM_THREADS=THREADS, waits
for the second step of its --json=- and reads /proc/PID/task/*/status of all ranks.  Prints for each rank `bound` when
each of its THREADS threads has one processor of its own, which no other rank's thread has, and `free` when all may use
all CPUS; and whether the launcher is free.
"""

import glob
import json
import os
import re
import subprocess
import sys

cpus, threads, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
allowed = sorted(os.sched_getaffinity(0))[:cpus]
assert len(allowed) == cpus, f"this machine has fewer than {cpus} processors"
run = subprocess.Popen(command + ["--json=-", "--steps=1000000000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                       text=True, env={**os.environ, "OMP_NUM_THREADS": str(threads)},
                       preexec_fn=lambda: os.sched_setaffinity(0, allowed))


def parse(text):
    """'0-1,4' as {0, 1, 4}."""
    ends = [part.split("-") for part in text.split(",")]
    return {cpu for end in ends for cpu in range(int(end[0]), int(end[-1]) + 1)}


def masks(pid):
    for status in glob.glob(f"/proc/{pid}/task/*/status"):
        yield parse(re.search(r"Cpus_allowed_list:\s*(\S+)", open(status).read())[1])


try:
    stated = json.loads(run.stdout.readline()).get("bound_to", [])
    for _ in range(2):
        run.stdout.readline()
    ranks = open(f"/proc/{run.pid}/task/{run.pid}/children").read().split()
    taken = set()
    for rank, pid in enumerate(ranks):
        sets = list(masks(pid))
        own = {cpu for mask in sets for cpu in mask}
        if all(len(mask) == 1 for mask in sets) and len(own) == threads and not own & taken and own <= set(allowed):
            print(f"rank {rank}: {len(sets)} threads, bound", "as stated" if sorted(stated[rank]) ==
                  sorted(own) else f"to {own}, not {stated[rank]}")
        elif all(mask == set(allowed) for mask in sets) and not stated:
            print(f"rank {rank}: {len(sets)} threads, free")
        else:
            print(f"rank {rank}: {sets}")
        taken |= own
    print("the launcher:", "free" if all(mask == set(allowed) for mask in masks(run.pid)) else "bound")
finally:
    run.terminate()
    run.wait()
