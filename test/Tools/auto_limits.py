# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""auto_limits.py MODEL WORK-FOLDER MACHINE.json: `ds-opt --zero=auto` under ever tighter limits.

The choice must always be the candidate predicted fastest of those that fit, until none does; then the error names the
smallest limit, which works, and one byte less does not.
"""

import json
import os
import re
import subprocess
import sys

model, work, machine = sys.argv[1:]
plan, log = os.path.join(work, "auto.dsplan"), os.path.join(work, "auto.json")


def compile_under(limit):
    if os.path.exists(plan):
        os.remove(plan)
    result = subprocess.run(["ds-opt", model, "--zero=auto", "--world=2", "--global-batch=8", f"--memory-limit={limit}",
                             "--machine=" + machine, "--json=" + log, "-o", plan], capture_output=True, text=True)
    assert result.returncode in (0, 1), result
    assert os.path.exists(plan) == (result.returncode == 0)
    return result


chosen, limit, smallest = [], 1 << 40, None
while True:
    result = compile_under(limit)
    if result.returncode != 0:
        break
    with open(log, encoding="utf-8") as file:
        facts = json.load(file)
    candidates = facts["candidates"]
    assert len({c["name"] for c in candidates}) == len(candidates) == 4 * 3 * 2, candidates
    for c in candidates:
        assert c["fits"] == (c["bytes"] <= limit), c
    fitting = [c for c in candidates if c["fits"]]
    winner = [c for c in candidates if c["dropped_because"] is None]
    assert len(winner) == 1 and winner[0]["fits"], winner
    best = min(c["predicted_ms"] for c in fitting)
    assert winner[0]["predicted_ms"] == best == facts["predicted_step_ms"], (winner, fitting)
    assert all(arena["bytes"] == winner[0]["bytes"] for arena in facts["arenas"]), facts["arenas"]
    name = (f"z{facts['zero_stage']}_mb{facts['micro_batch']}_ga{facts['grad_accum']}"
            + ("_remat" if facts["remat"] == "blocks" else ""))
    assert name == winner[0]["name"], (name, winner)
    assert facts["world"] * facts["micro_batch"] * facts["grad_accum"] == 8, facts
    smallest = min(c["bytes"] for c in candidates)
    chosen.append(name)
    limit = winner[0]["bytes"] - 1

assert len(chosen) == len(set(chosen)) and len(chosen) >= 3, chosen
print("chosen:", " ".join(chosen))
message = result.stderr
match = re.search(r"expects a plan within (\d+) bytes per rank, but the smallest \((\w+)\) needs (\d+); "
                  r"use --memory-limit=(\d+) or more", message)
assert match and int(match[1]) == limit and int(match[3]) == int(match[4]) == smallest, message
lines = message.splitlines()
PEAK = r"the peak is at instruction \d+ \([\w.]+\) with \d+ bytes alive; the largest are:"
assert re.fullmatch(PEAK, lines[1]), lines
sizes = [int(re.fullmatch(r"  (\d+)  \S+ \(\w+\)", line)[1]) for line in lines[2:12]]
assert len(lines) == 13 and lines[12].startswith("the cheapest change that fits is --zero=3 --world=4 "), lines
assert len(sizes) == 10 and sizes == sorted(sizes, reverse=True), sizes
assert compile_under(smallest).returncode == 0 and compile_under(smallest - 1).returncode == 1
print("smallest limit:", "works")
