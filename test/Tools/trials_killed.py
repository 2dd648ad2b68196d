# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""trials_killed.py ds-opt ...: sends a signal to ds-opt while its trial hangs; the trial must end, too."""

import os
import signal
import subprocess
import sys
import time

log, temporary = os.environ["FAKE_LOG"], os.environ["TMPDIR"]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        time.sleep(0.01)


for name in ("SIGINT", "SIGKILL"):
    if os.path.exists(log):
        os.remove(log)
    # A test suite in the background of a shell has SIGINT ignored.
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    wait_for(lambda: os.path.exists(log) and os.path.getsize(log) > 0)
    with open(log, encoding="utf-8") as file:
        trial = int(file.read().split()[0])
    assert alive(trial)
    process.send_signal(getattr(signal, name))
    assert process.wait(timeout=30) != 0
    wait_for(lambda: not alive(trial))
    print(f"{name}: trial gone" + (f", files left: {os.listdir(temporary)}" if name == "SIGINT" else ""))
