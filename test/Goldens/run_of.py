# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares runs of ds-run --json.

    run_of.py same A.jsonl B.jsonl              all losses, norms and the state hash
    run_of.py first A.jsonl B.jsonl             the first step's loss, within 1e-7: evaluate adds elsewhere
    run_of.py tail WHOLE.jsonl PART.jsonl       PART is the last steps of WHOLE; within 2e-6: worlds add differently
    run_of.py differ A.jsonl B.jsonl            the state hashes differ
"""

import json
import sys


def read(path):
    with open(path, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    return [event for event in events if event["event"] == "step"], events[-1]["state_hash"]


def numbers(step):
    return {key: step.get(key) for key in ("step", "loss", "grad_norm", "lr")}


what, one, two = sys.argv[1:]
(a, hash_a), (b, hash_b) = read(one), read(two)
if what == "same":
    good = len(a) > 0 and list(map(numbers, a)) == list(map(numbers, b)) and hash_a == hash_b
elif what == "first":
    good = a[0]["step"] == b[0]["step"] and abs(a[0]["loss"] - b[0]["loss"]) <= 1e-7 * a[0]["loss"]
elif what == "tail":
    tail = a[-len(b):]
    good = len(b) > 0 and all(x["step"] == y["step"] and abs(x[key] - y[key]) <= 2e-6 * abs(x[key])
                              for x, y in zip(tail, b) for key in ("loss", "grad_norm"))
else:
    good = hash_a != hash_b
print(f"{what}: {'yes' if good else 'no'}, {len(a)} and {len(b)} steps")
if not good:
    for step in a + b:
        print(numbers(step))
    sys.exit(f"state hashes {hash_a} and {hash_b}")
