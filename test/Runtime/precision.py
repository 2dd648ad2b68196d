# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""precision.py losses LOG ...: the mean loss of the last 20 steps of each run, and how far the others' is from the
first one's; precision.py types FILE.safetensors: the element types in it; precision.py scales LOG: all loss scales."""
import json
import sys


def steps(path):
    with open(path) as file:
        return [event for event in map(json.loads, file) if event["event"] == "step"]


if sys.argv[1] == "types":
    with open(sys.argv[2], "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    print(*sorted({entry["dtype"] for name, entry in header.items() if name != "__metadata__"}))
elif sys.argv[1] == "scales":
    print(*sorted({f"{event['loss_scale']:g}" for event in steps(sys.argv[2])}))
else:
    ends = [sum(event["loss"] for event in steps(path)[-20:]) / 20 for path in sys.argv[2:]]
    start = steps(sys.argv[2])[0]["loss"]
    for path, end in zip(sys.argv[2:], ends):
        apart = abs(end - ends[0]) / ends[0]
        bound = next(text for most, text in ((0.002, "0.2 %"), (0.01, "1 %"), (9, "more")) if apart <= most)
        name = path.split("/")[-1].removesuffix(".jsonl")
        print(f"{name}: within {bound}, fell by {100 * (1 - end / start):.0f} %", file=sys.stdout)
        print(f"{name}: {start:.4f} to {end:.5f}, {100 * apart:.3f} % apart", file=sys.stderr)
