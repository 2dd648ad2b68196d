# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks `limits` and `limit_ms` of `ds-run --profile --json=F`: check_limits.py F

A row's limit is its flops or its bytes at the run's limits, whichever takes longer; the best product reaches its own.
"""

import json
import sys

end = json.loads(open(sys.argv[1], encoding="utf-8").read().splitlines()[-1])
gflops, gbps = end["limits"]["gflops"], end["limits"]["gbps"]
products = [row for row in end["profile"] if row["what"].startswith("gemm")]
best = max(row["flops"] / row["ms"] * 1e-6 for row in products)
assert abs(best / gflops - 1) < 1e-6, (best, gflops)
assert 0.1 < gbps < 1e4, gbps
for row in end["profile"]:
    expected = max(row["flops"] / gflops, row["bytes"] / gbps) * 1e-6
    assert abs(row["limit_ms"] - expected) <= 1e-6 * expected, row
print(f"{len(end['profile'])} rows have the limits of the run")
