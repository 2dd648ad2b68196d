# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a command, and once it is at its steps sends signals to a rank, to the launcher or to all.

signal_run.py SIGNAL[,SIGNAL...] RANK|launcher|group ds-run X.dsplan ...   (--json is added)

Prints the exit code, whether it came within two seconds (and --timeout), what stood on standard
error, and which processes and shared mappings were left.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # crashes are meant here
    numbers = [getattr(signal, name) for name in sys.argv[1].split(",")]
    target, command = sys.argv[2], sys.argv[3:]
    limit = 2 + sum(float(flag[10:]) for flag in command if flag.startswith("--timeout="))
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(command + [f"--json={log.name}"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True)
        while log.read().count(b'"step"') < 20:
            if process.poll() is not None:
                sys.exit("ended early: " + process.stderr.read())
            time.sleep(0.01)
        ranks = children(process.pid)
        for number in numbers:
            begin = time.monotonic()
            if target == "group":
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid if target == "launcher" else ranks[int(target)], number)
            if number != numbers[-1]:
                time.sleep(0.2)
        try:
            _, error = process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            sys.exit("did not end")
        took = time.monotonic() - begin
        time.sleep(0.2)
        print(f"exit {process.returncode}, {'within' if took < limit else 'not within'} 2 s")
        print(error, end="")
        print("left:", [rank for rank in ranks if alive(rank)])


main()
