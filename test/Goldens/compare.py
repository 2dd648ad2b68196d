#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the JSON lines of `ds-run --json` with a golden file from PyTorch.

    compare.py GOLDEN.json RUN.jsonl [--grads GRADS.json] [--loss-only]

A number x of a step passes if |x - x64| <= max(2e-5 * |x64|, 4 * |x32 - x64|), where x32 and x64 are PyTorch's float32
and float64 runs. Both `loss` and `grad_norm` are held to it: twenty steps on random tokens hardly move the loss, which
alone would not see weight decay left out, while the gradient's norm does (README.md has the figures).
GRADS is {parameter: sum of |gradient| at step 0, before clipping}; each passes within 1e-5 relative.

Exit codes: 0 equal, 1 different or unreadable, 2 wrong usage. Standard library only.
"""

import argparse
import json
import math
import sys

RELATIVE = 2e-5
GAP_FACTOR = 4.0
GRADIENT_RELATIVE = 1e-5


class Unreadable(Exception):
    """The input is not what it should be; the message names the file."""


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error


def read_steps(path):
    """{step: event} of a run."""
    steps = {}
    try:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                event = json.loads(line)
                if not isinstance(event, dict) or event.get("event") != "step":
                    continue
                if event.get("step") in steps:
                    raise Unreadable(f"{path}:{number}: step {event['step']} is there twice")
                steps[event.get("step")] = event
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path}: {error}") from error
    return steps


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def ratio(value, expected, tolerance):
    """|value - expected| / tolerance; infinite for what is not a finite number."""
    if not is_number(value) or not math.isfinite(value):
        return math.inf
    difference = abs(value - expected)
    if tolerance == 0.0:
        return 0.0 if difference == 0.0 else math.inf
    return difference / tolerance


def step_tolerance(single, double):
    return max(RELATIVE * abs(double), GAP_FACTOR * abs(single - double))


def compare_steps(golden, run, fields):
    """Rows (label, field, expected, value, ratio), in step order; a step the run lacks has infinite ratios."""
    rows = []
    for step in golden["steps"]:
        event = run.get(step["step"], {})
        for field in fields:
            single, double = step[field + "32"], step[field + "64"]
            value = event.get(field)
            rows.append((f"step {step['step']}", field, double, value,
                         ratio(value, double, step_tolerance(single, double))))
    return rows


def compare_gradients(golden, gradients):
    rows = []
    expected = {p["name"]: p["grad_sum_abs64"] for p in golden["parameters"]}
    for name, double in expected.items():
        value = gradients.get(name)
        rows.append((name, "|grad|", double, value, ratio(value, double, GRADIENT_RELATIVE * double)))
    for name in gradients:
        if name not in expected:
            rows.append((name, "|grad|", None, gradients[name], math.inf))
    return rows


def spell(value):
    return "missing" if value is None else f"{value:.9g}" if is_number(value) else repr(value)


def print_table(rows):
    """The rows of every step, or tensor, that has a bad one; at most 40."""
    bad = {label for label, *_, part in rows if part > 1.0}
    shown = [row for row in rows if row[0] in bad]
    width = max(len(row[0]) for row in shown)
    print(f"{'':{width}}  {'':9}  {'PyTorch':>14}  {'this run':>14}  difference / tolerance")
    for label, field, expected, value, part in shown[:40]:
        mark = "  <-- bad" if part > 1.0 else ""
        print(f"{label:{width}}  {field:9}  {spell(expected):>14}  {spell(value):>14}  {part:.3g}{mark}")
    if len(shown) > 40:
        print(f"... and {len(shown) - 40} more rows")


def summary(rows):
    worst = {}
    for label, field, _, _, part in rows:
        if field not in worst or part > worst[field][0]:
            worst[field] = (part, label)
    return "; ".join(f"worst {field}: {part:.3g} of its tolerance ({label})" for field, (part, label) in worst.items())


def main(argv=None):
    parser = argparse.ArgumentParser(description="Compare a run of ds-run with PyTorch's golden file.")
    parser.add_argument("golden", metavar="GOLDEN.json")
    parser.add_argument("run", metavar="RUN.jsonl")
    parser.add_argument("--grads", metavar="GRADS.json", help="sum of |gradient| by parameter, at step 0")
    parser.add_argument("--loss-only", action="store_true", help="do not look at grad_norm")
    arguments = parser.parse_args(argv)

    try:
        golden = read_json(arguments.golden)
        fields = ["loss"] if arguments.loss_only else ["loss", "grad_norm"]
        rows = compare_steps(golden, read_steps(arguments.run), fields)
        if arguments.grads:
            gradients = read_json(arguments.grads)
            if not isinstance(gradients, dict):
                raise Unreadable(f"{arguments.grads}: expected one object {{name: number}}")
            rows += compare_gradients(golden, gradients)
    except Unreadable as error:
        print(f"compare.py: error: {error}", file=sys.stderr)
        return 1
    except (KeyError, TypeError) as error:
        print(f"compare.py: error: {arguments.golden}: not a golden file ({error!r})", file=sys.stderr)
        return 1
    if not rows:
        print(f"compare.py: error: {arguments.golden}: no steps", file=sys.stderr)
        return 1

    bad = [row for row in rows if row[4] > 1.0]
    if bad:
        print_table(rows)
        label, field = bad[0][:2]
        print(f"{golden['model']}: DIFFERS first at {label} ({field}), {len(bad)} of {len(rows)} numbers; "
              f"{summary(rows)}")
        return 1
    print(f"{golden['model']}: equal in {len(rows)} numbers; {summary(rows)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
