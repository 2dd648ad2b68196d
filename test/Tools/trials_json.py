# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""trials_json.py RESULT.json LOG: the rows of `candidates`, and the calls that a fake ds-run logged, agree."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    result = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    calls = [line.split() for line in file]
rows = {row["name"]: row for row in result["candidates"]}
assert len(rows) == len(result["candidates"]) == 8, rows
timed = {name: row["measured_ms"] for name, row in rows.items() if row["measured_ms"] is not None}
assert timed == {"z0_mb2_ga1": 30.0, "z1_mb2_ga1": 20.0, "z3_mb2_ga1": 25.0}, timed
chosen = [name for name, row in rows.items() if row["dropped_because"] is None]
assert chosen == ["z1_mb2_ga1"] and result["zero_stage"] == 1 and result["micro_batch"] == 2, (chosen, result)
assert all(row["fits"] for row in rows.values())
predicted = [rows[name]["predicted_ms"] for name in ("z0_mb2_ga1", "z1_mb2_ga1", "z3_mb2_ga1")]
assert predicted == sorted(predicted) and result["predicted_step_ms"] == predicted[1], predicted
assert result["tune_ms"] > 0 and result["compile_ms"] > 0, result
print("rows agree with the choice", chosen[0])
assert all(call[2:5] == calls[0][2:5] and call[5].startswith("--timeout=") for call in calls), calls
print(f"{len(calls)} trials, each of {' '.join(calls[0][2:5])}")
