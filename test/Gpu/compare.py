# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The run of a case on a GPU beside that on a CPU: one row of a table, and what is wrong."""
import json
import math

import numpy

HEAD = ["| case | loss, GPU - CPU | parameters, GPU - CPU | arena bytes | library bytes | ms a step | predicted |",
        "|---|---|---|---|---|---|---|"]


def events(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def apart(values, others):
    """The largest difference, relative to the largest value."""
    values, others = numpy.asarray(values, numpy.float64), numpy.asarray(others, numpy.float64)
    if values.shape != others.shape or not (numpy.isfinite(values).all() and numpy.isfinite(others).all()):
        return math.inf
    most = max(numpy.abs(others).max(initial=0), 1e-30)
    return float(numpy.abs(values - others).max(initial=0) / most)


def tensors(folder):
    """The parameters that a run saved last, as float64 by name."""
    path = max(folder.glob("step-*"), key=lambda step: int(step.name[5:])) / "model.safetensors"
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32", f"{name} has type {entry['dtype']}"
        found[name] = numpy.frombuffer(data[8 + length:][begin:end], "<f4").astype(numpy.float64)
    return found


def memory(start, wrong):
    """Planned and measured bytes, and what libraries took."""
    for arena in start["arenas"]:
        if arena["planned_bytes"] != arena["measured_bytes"]:
            wrong.append(f"the arena of {arena['planned_bytes']} bytes had {arena['measured_bytes']}")
    return sum(arena["planned_bytes"] for arena in start["arenas"]), sum(start.get("library_bytes", [0]))


def differences(at, case, gpu, wrong):
    cpu = events(at / "cpu.jsonl")
    of = {name: [[event[name] for event in run if event["event"] == "step"] for run in (gpu, cpu)]
          for name in ("loss", "grad_norm")}
    found = {name: apart(*pair) for name, pair in of.items()}
    ours, theirs = tensors(at / "gpu"), tensors(at / "cpu")
    if ours.keys() != theirs.keys():
        wrong.append("expects the same parameters")
        return found["loss"], math.inf
    found["parameters"] = max(apart(ours[name], theirs[name]) for name in ours)
    for name, value in found.items():
        if not value <= case.tolerance:
            wrong.append(f"{name}: {value:.1e} apart, but {case.tolerance:.0e} is the most")
    return found["loss"], found["parameters"]


def report(at, case):
    wrong, gpu = [], events(at / "gpu.jsonl")
    start, end = gpu[0], gpu[-1]
    if end.get("event") != "end" or end["steps"] != case.steps:
        return f"| {case.name} | stopped early | | | | | |", [f"ended after {end}"]
    arena, library = memory(start, wrong)
    loss, parameters = differences(at, case, gpu, wrong) if case.is_compared else (None, None)
    shown = ["" if value is None else f"{value:.1e}" for value in (loss, parameters)]
    return (f"| {case.name} | {shown[0]} | {shown[1]} | {arena} | {library} | {end['median_step_ms']:.2f} | "
            f"{end['predicted_step_ms']:.2f} |", wrong)
