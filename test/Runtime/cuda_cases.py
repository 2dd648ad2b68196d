# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the cases of a lit test against the fake driver: cuda_cases.py TEST LIBRARIES PTX FOLDER

A case is a line of the test, `# CASE EDIT ...: FAULT ...`, with the plan's edits as cuda_plan.py takes them and the
faults as test/lib/FakeCuda.h names them.  Each prints the exit code and standard error in one line.  What hangs for
more than 20 seconds is ended and said.
"""

import os
import re
import shlex
import subprocess
import sys

test, libraries, ptx, folder = sys.argv[1:]
made = {}


def plan_of(edits):
    """The file of a plan with these edits, or None, and what its verification said."""
    if edits not in made:
        path = f"{folder}/{len(made)}.dsplan"
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cuda_plan.py")
        with open(path + ".json", "wb") as file:
            subprocess.run([sys.executable, script, ptx, *shlex.split(edits)], stdout=file, check=True)
        subprocess.run(["ds-plan", "assemble", path + ".json", f"--code={ptx}", "-o", path], check=True)
        made[edits] = path
    return made[edits]


for line in open(test):
    case = re.match(r"# CASE(.*?) :(.*)", line)
    if not case:
        continue
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries, "FAKE_CUDA": case[2].strip(), "TMPDIR": folder}
    command = ["ds-run", plan_of(case[1]), "--data=random:0", "--steps=3", "--timeout=1"]
    try:
        ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
                             timeout=20)
        said = [text for text in ran.stderr.splitlines() if not text.endswith("; nothing left")]
        print(f"exit {ran.returncode}, {' | '.join(said)}")
    except subprocess.TimeoutExpired:
        print("hangs")
