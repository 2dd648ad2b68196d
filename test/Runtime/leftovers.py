# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What a run of ds-run must not leave behind: processes of its session, unfinished files."""

import os


def left_over(session):
    """Processes of the session, without those that have ended."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(pid))
    return found


def unfinished(folder):
    return sorted(name for name in os.listdir(folder) if name.endswith(".tmp")) if os.path.isdir(folder) else []
