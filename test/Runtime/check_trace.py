# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what `ds-run --trace=F` wrote: check_trace.py F PLAN.dsplan STEPS [PHASE ...]

STEPS are the kept ones, "0-1,6-11"; "0-2?" when not every rank has come to the last.  For every rank: the phases, in
order; each kept step once, with inputs, every instruction exactly as often as the plan's blocks say, in that order and
under the plan's names, and outputs; events of a thread nest; counters are the live bytes of the plan's buffers at each
instruction.  Prints one line for each rank, and says what is marked unfinished.
"""

import json
import subprocess
import sys

CATEGORIES = {"Launch": "kernel", "Gemm": "gemm", "Collective": "collective", "Send": "collective",
              "Recv": "collective", "Copy": "copy", "Fill": "copy", "Scalar": "scalar", "Loop": "control",
              "Call": "control", "Sort": "kernel"}


def numbers(text):
    """'0-1,6' as [0, 1, 6]."""
    ends = [part.split("-") for part in text.split(",") if part]
    return [number for end in ends for number in range(int(end[0]), int(end[-1]) + 1)]


def executed(program, block, firsts):
    """(number, instruction) in the order they run; a loop comes before its rounds."""
    for index, instr in enumerate(program["blocks"][block]["instrs"]):
        yield firsts[block] + index, instr
        op = instr["op"]
        rounds = {"Loop": op.get("count", 0), "Call": 1}.get(instr["op_type"], 0)
        for _ in range(rounds):
            yield from executed(program, op.get("body", 0), firsts)


def live_bytes(program, number, total):
    """Of arena 0, by class, as the schema says: `persistent` is alive always."""
    sums = {}
    for buffer in program["buffers"]:
        whole = buffer.get("persistent", False)
        first, last = (0, total - 1) if whole else (buffer.get("first", 0), buffer.get("last", 0))
        if buffer.get("alias_of", -1) < 0 and first <= number <= last:
            kind = buffer.get("kind", "parameter")
            sums[kind] = sums.get(kind, 0) + buffer["bytes"]
    return sums


def nanoseconds(event):
    begin = round(event["ts"] * 1000)
    return begin, begin + round(event["dur"] * 1000)


def check_nesting(events):
    """In the order of their begins, each is inside the one around it or after it."""
    spans = sorted((nanoseconds(event) for event in events), key=lambda span: (span[0], -span[1]))
    open_ends = []
    for begin, end in spans:
        while open_ends and open_ends[-1] <= begin:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1], f"[{begin}, {end}] ns crosses an end at {open_ends[-1]}"
        open_ends.append(end)


def check_instruction(event, number, instr):
    args = event["args"]
    assert args["instruction"] == number, (event, number)
    assert event["name"] == (instr.get("name") or args["what"]), event
    assert event["cat"] == CATEGORIES[instr["op_type"]], event
    planned = instr.get("predicted_us", 0)  # a float32, printed twice
    assert abs(args["predicted_us"] - planned) <= 1e-6 * max(1, planned), event
    if instr["op_type"] == "Gemm" and not args.get("unfinished") and event["dur"] > 0:
        flops = 2 * instr["op"]["m"] * instr["op"]["n"] * instr["op"]["k"]
        for dim in instr["op"].get("batch", []):
            flops *= dim["size"]
        # Times in the file are whole nanoseconds, rates were not.
        assert abs(args["GFLOP/s"] * event["dur"] * 1000 / flops - 1) < 1.5 / (event["dur"] * 1000), event


def check_step(events, program, entry, firsts):
    """Of one step, in the file's order; the number of instructions."""
    step, *inside = events
    begin, end = nanoseconds(step)
    names = [event["name"] for event in inside if event["cat"] in ("input", "output")]
    instrs = [event for event in inside if event["cat"] not in ("input", "output")]
    plan = list(executed(program, entry.get("block", 0), firsts))
    cut = "unfinished" in step.get("args", {})
    assert names == ["inputs", "outputs"][:len(names)] and (cut or len(names) == 2), names
    assert len(instrs) == len(plan) or (cut and len(instrs) < len(plan)), (len(instrs), len(plan))
    for event, (number, instr) in zip(instrs, plan):
        check_instruction(event, number, instr)
    assert all(begin <= nanoseconds(event)[0] and nanoseconds(event)[1] <= end for event in inside), step
    return len(instrs)


def check_rank(rank, events, program, entry, steps, short, phases):
    firsts, total = [], 0
    for block in program["blocks"]:
        firsts.append(total)
        total += len(block["instrs"])
    complete = [event for event in events if event["ph"] == "X"]
    for thread in {event["tid"] for event in complete}:
        check_nesting([event for event in complete if event["tid"] == thread])
    assert [event["name"] for event in complete if event["cat"] == "phase"] == phases, complete
    starts = [i for i, event in enumerate(complete) if event["cat"] == "step"]
    seen = [complete[i]["args"]["step"] for i in starts]
    assert seen == steps or (short and seen == steps[:-1]), seen
    ran = [check_step(complete[i:j], program, entry, firsts) for i, j in zip(starts, starts[1:] + [len(complete)])]
    counters = 0
    numbers_at = {event["ts"]: event["args"]["instruction"] for event in reversed(complete)
                  if "instruction" in event.get("args", {})}
    for event in (event for event in events if event["ph"] == "C"):
        counters += 1
        sums = {kind: value for kind, value in event["args"].items() if value}
        assert sums == live_bytes(program, numbers_at[event["ts"]], total), event
    unfinished = [event["name"] for event in complete if event.get("args", {}).get("unfinished")]
    print(f"rank {rank}: {len(seen)} steps, {sum(ran)} instructions, counters {'yes' if counters else 'no'}"
          + (f", unfinished {unfinished}" if unfinished else ""))


def main():
    path, plan_path, steps, *phases = sys.argv[1:]
    trace = json.load(open(path, encoding="utf-8"))
    plan = json.loads(subprocess.run(["ds-plan", "print", "--json", plan_path], capture_output=True, check=True).stdout)
    world = plan.get("world", 1)
    about = trace["otherData"]
    assert about["world"] == world and about["steps_kept"] == numbers(steps.rstrip("?")), about
    names = {event["pid"]: event["args"]["name"] for event in trace["traceEvents"]
             if event["ph"] == "M" and event["name"] == "process_name"}
    assert sorted(names.values()) == [f"rank {rank}" for rank in range(world)], names
    threads = [event["args"]["name"] for event in trace["traceEvents"]
               if event["ph"] == "M" and event["name"] == "thread_name"]
    assert threads == ["stream 0 (compute)"] * world, threads
    for pid, name in sorted(names.items()):
        program = plan["programs"][plan["rank_programs"][int(name.split()[1])]]
        entry = next(entry for entry in program["entries"] if entry["name"] == about["entry"])
        events = [event for event in trace["traceEvents"] if event["pid"] == pid]
        check_rank(name.split()[1], events, program, entry, numbers(steps.rstrip("?")), steps.endswith("?"), phases)


main()
