# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The run of a case on a GPU beside that on a CPU: one row of a table, and what is wrong.  No numpy: it may lack."""
import array
import json
import math
import operator
import pathlib

import prepare

HEAD = ["| case | loss | gradient norm | parameters | PyTorch's loss | arena bytes | library bytes | ms a step |",
        "|---|---|---|---|---|---|---|---|"]
GOLDENS = pathlib.Path(__file__).resolve().parents[1] / "Goldens"


def events(lines):
    """The JSON objects among lines of text."""
    return [json.loads(line) for line in lines if line.startswith("{")]


def apart(values, others):
    """The largest difference, relative to the largest value."""
    if len(values) != len(others) or not math.isfinite(sum(values)) or not math.isfinite(sum(others)):
        return math.inf
    most = max(max(map(abs, others), default=0), 1e-30)
    return max(map(abs, map(operator.sub, values, others)), default=0) / most


def tensors(path):
    """The parameters that a run saved, by name."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] != "F32":
            raise ValueError(f"expected parameters in F32, but {name} has {entry['dtype']}")
        begin, end = entry["data_offsets"]
        found[name] = array.array("f", data[8 + length + begin:8 + length + end])
    return found


def memory(start):
    """Bytes in arenas and those of libraries, as the runtime says at its start."""
    return sum(arena["planned_bytes"] for arena in start["arenas"]), sum(start.get("library_bytes", [0]))


def of_parameters(ours, theirs, wrong):
    """How far they are apart, and where most."""
    if ours.keys() != theirs.keys():
        wrong.append("expected the same parameters")
        return math.inf, ""
    worst = max(ours, key=lambda name: apart(ours[name], theirs[name]))
    return apart(ours[worst], theirs[worst]), f", most in {worst}"


def of_steps(ours, theirs, tolerance):
    """How far they are apart, and from which step on more than they may."""
    far = next((step for step, pair in enumerate(zip(ours, theirs)) if not abs(pair[0] - pair[1])
                <= tolerance * abs(pair[1])), None)
    return apart(ours, theirs), "" if far is None else f", from step {far} on"


def report(case, prepared, gpu, saved):
    """`prepared` is the case's folder, `gpu` the events of its run, `saved` the parameters after it."""
    wrong, cpu = [], events((prepared / prepare.CPU).read_text().splitlines())
    steps = [event for event in gpu if event["event"] == "step"]
    if not steps or gpu[-1]["event"] != "end" or len(steps) != case.steps:
        return f"| {case.name} | {len(steps)} of {case.steps} steps | | | | | | |", ["stopped early"]
    arena, library = memory(gpu[0])
    found = {}
    for name in ("loss", "grad_norm"):
        theirs = [event[name] for event in cpu if event["event"] == "step"]
        found[name] = of_steps([step[name] for step in steps], theirs, case.tolerance)
    found["parameters"] = of_parameters(tensors(saved), tensors(prepared / prepare.STATE), wrong)
    if case.golden:
        golden = json.loads((GOLDENS / case.golden).read_text())
        found["PyTorch's loss"] = of_steps([step["loss"] for step in steps],
                                           [step["loss64"] for step in golden["steps"]], case.tolerance)
    for name, (value, where) in found.items():
        if not value <= case.tolerance:
            wrong.append(f"{name}: {value:.1e} apart{where}, but {case.tolerance:.0e} is the most")
    shown = " | ".join(f"{found[name][0]:.1e}" if name in found else ""
                       for name in ("loss", "grad_norm", "parameters", "PyTorch's loss"))
    return f"| {case.name} | {shown} | {arena} | {library} | {gpu[-1]['median_step_ms']:.2f} |", wrong
