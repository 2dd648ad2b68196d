# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the memory contract on the lines of `ds-run --json`."""

import json
import sys

events = [json.loads(line) for line in open(sys.argv[1])]
start, end = events[0], events[-1]
planned = {}
for event in (start, end):
    for arena in event["arenas"]:
        if arena["measured_bytes"] != arena["planned_bytes"]:
            sys.exit(f"{event['event']}: {arena}")
for arena in end["arenas"]:
    planned[arena["rank"]] = planned.get(arena["rank"], 0) + arena["planned_bytes"]
for rank, peak in enumerate(end["peak_rss_bytes"]):
    if not planned[rank] <= peak <= planned[rank] + (64 << 20):
        sys.exit(f"rank {rank}: peak {peak}, planned {planned[rank]}")
count = len(planned)
print(f"{count} rank{'s' if count > 1 else ''} within {'their' if count > 1 else 'its'} arenas")
