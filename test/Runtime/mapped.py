# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""mapped.py ds-run X.dsplan ...: runs it and prints which OpenMP libraries each of its processes has mapped.

Libraries are read from /proc/PID/maps once every rank is at its steps, so that what is loaded late counts, too; and the
threads of each rank, of which the pool may have no more than the rank was given.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

# GNU's, LLVM's, Intel's and the older names of the last two.
OPENMP = re.compile(r"/(lib(?:gomp|omp|iomp5|iompstubs5|pgmp|kmp)[^/]*)$")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def libraries(pid):
    with open(f"/proc/{pid}/maps") as file:
        fields = [line.rstrip("\n").split(maxsplit=5) for line in file]
    found = {os.path.realpath(f[5]) for f in fields if len(f) == 6 and OPENMP.search(f[5])}
    return sorted(OPENMP.search(path)[1] for path in found)


def main():
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(sys.argv[1:] + [f"--json={log.name}", "--steps=1000000"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        while log.read().count(b'"step"') < 3:
            if process.poll() is not None:
                sys.exit("ended early: " + process.stderr.read())
            time.sleep(0.01)
        ranks = children(process.pid) or [process.pid]
        for rank, pid in enumerate(ranks):
            print(f"rank {rank}: {', '.join(libraries(pid)) or 'none'}; {len(os.listdir(f'/proc/{pid}/task'))} threads")
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
