# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs the cases of a lit test under faults: fault_run.py TEST FAULTS.so FOLDER FLAGS...

A case is a line of the test, `# CASE WORLD: FAULT` with FAULT as in test/lib/Faults.cpp.  Each runs
`ds-run FOLDER/WORLD.dsplan` under it with FLAGS, and --timeout=1 where something stops or hangs, and prints the exit
code and standard error in one line.  What must never be follows in that line: an end that took more than two seconds,
processes that are left, unfinished files.  `{world}` in a flag is WORLD, `{save}` a new folder; then it also tells from
which step `--load` of that folder goes on, and saves to it again, after which nothing unfinished may be there at all.
"""

import json
import os
import re
import resource
import subprocess
import sys
import time

from leftovers import left_over, unfinished


def run(command, fault, library, folder):
    """Exit code, standard error, seconds from the strike to the end, processes that are left."""
    struck = f"{folder}/struck"
    if os.path.exists(struck):
        os.remove(struck)
    environment = {**os.environ, "LD_PRELOAD": library, "DS_FAULT": fault, "DS_FAULT_TIME": struck}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
                               start_new_session=True)
    _, error = process.communicate(timeout=30)
    end = time.monotonic()
    took = end - float(open(struck).read()) if os.path.exists(struck) else 0
    deadline = time.monotonic() + 2  # a process that was sent SIGKILL may still be ending
    while (left := left_over(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return process.returncode, error.strip().replace("\n", " | "), took, left


def go_on(plan, save):
    """What a later run makes of the folder."""
    lines = subprocess.run(["ds-run", plan, f"--load={save}", f"--save={save}", "--steps=1", "--json=-"],
                           capture_output=True, text=True)
    if lines.returncode != 0:
        return f"; cannot go on: {lines.stderr.strip()}"
    first = json.loads(lines.stdout.splitlines()[0])["first_step"]
    return f"; goes on from step {first}" + (f", LEFT {unfinished(save)}" if unfinished(save) else "")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # crashes are meant here
    test, library, folder, *flags = sys.argv[1:]
    for number, line in enumerate(open(test)):
        if not (case := re.match(r"# CASE (\d): (.*)", line)):
            continue
        world, fault = case.groups()
        plan, save = f"{folder}/{world}.dsplan", f"{folder}/save-{number}"
        command = ["ds-run", plan] + [flag.replace("{save}", save).replace("{world}", world) for flag in flags]
        timeout = 1 if "SIGSTOP" in fault or "hang" in fault else 0
        limit = [f"--timeout={timeout}"] if timeout else []
        code, error, took, left = run(command + limit, fault, library, folder)
        text = f"exit {code}: {error.replace(folder, 'DIR').replace(f'save-{number}', 'save')}"
        text += f", TOOK {took:.1f} s" if took > 2 + timeout else ""
        text += f", LEFT processes {left}" if left else ""
        if any("{save}" in flag for flag in flags):
            text += f", unfinished {unfinished(save)}" if unfinished(save) else ""
            text += go_on(plan, save)
        print(text, flush=True)


main()
