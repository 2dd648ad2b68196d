# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The learning rate that `ds-plan report` draws, beside the formulas.

Usage: report.py PAGE.html STEPS, of a plan with --schedule=wsd --warmup-steps=8 --stable-steps=6 --decay-steps=20
"""
import re
import sys

import formulas

WIDTH, HEIGHT, TOP = 1000, 160, 20

page = open(sys.argv[1], encoding="utf-8").read()
part = page[page.index("<h2>Learning rate</h2>"):]
path = re.search(r'<path class=roof d="([^"]*)"><title>Learning rate</title>', part)[1]
points = [tuple(map(float, point.split())) for point in re.split("[ML]", path)[1:]]
formula = formulas.by_flags(3e-4, "wsd", warmup=8, stable=6, total=20)
last = int(sys.argv[2])
assert len(points) == last + 1, len(points)
for step, (x, y) in enumerate(points):
    rate = formula(step)[0]
    assert abs(x - WIDTH * step / last) < 0.06, (step, x)
    assert abs(y - TOP - HEIGHT * (1 - rate / 3e-4)) < 0.06, (step, y, rate)
print(f"{len(points)} steps are drawn;", re.search(r">(step 0: [^<]*)<", part)[1] + ";",
      re.search(r">(step [1-9][^<]*)<", part)[1])
