# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""explain_limits.py MODEL WORK-FOLDER MACHINE.json: what the error of a limit that nothing fits promises.

The stated limit works and one page less does not; the flags of the cheapest change fit where it says so.
"""

import os
import re
import subprocess
import sys

PAGE = 4096
model, work, machine = sys.argv[1:]
plan = os.path.join(work, "explain.dsplan")


def compile_under(limit, *flags):
    result = subprocess.run(["ds-opt", model, "--machine=" + machine, f"--memory-limit={limit}", "-o", plan, *flags],
                            capture_output=True, text=True)
    assert result.returncode in (0, 1), result
    return result


def needed(message):
    return int(re.search(r"; use --memory-limit=(\d+) or more", message)[1])


def changed(flags, change):
    """The flags with those of `change` in place of their own."""
    new = change.split()
    names = {flag.split("=")[0] for flag in new}
    return [flag for flag in flags if flag.split("=")[0] not in names] + new


for flags in (["--zero=0", "--world=2", "--micro-batch=4", "--remat=none"],
              ["--zero=2", "--world=3", "--micro-batch=2", "--remat=blocks"],
              ["--zero=0", "--micro-batch=8", "--remat=none"]):
    message = compile_under(1, *flags).stderr
    limit = needed(message)
    assert message.splitlines()[-1].startswith("no change of flags fits; the closest is --"), message
    assert compile_under(limit, *flags).returncode == 0, (flags, limit)
    refused = compile_under(limit - PAGE, *flags)
    assert refused.returncode == 1 and needed(refused.stderr) == limit, refused
    change = re.fullmatch(r"the cheapest change that fits is (--.*), which needs (\d+) bytes per rank",
                          refused.stderr.splitlines()[-1])
    assert change, refused.stderr
    assert compile_under(change[2], *changed(flags, change[1])).returncode == 0, change
    assert compile_under(int(change[2]) - PAGE, *changed(flags, change[1])).returncode == 1, change
    print(" ".join(flags), "->", change[1])
