#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""How fast we are: beside peers and the libraries' products, on more threads, in 16 bits, by kernel, and compiling.

    python3 test/Benchmark/bench.py [steps | scaling | precision | kernels | compile ...] [--case=gpt2-124m:4x256]
        [--threads=2]

What is compared runs interleaved, in one run: every participant is a process that is stopped while another has its
turn, so a disturbance hits all alike, and ratios are taken round by round. All have the same model, initial values,
tokens, optimizer and threads, and must compute the same losses. A benchmark, not a test.
"""

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import compile_time
import kernels
import precision
from participants import BenchError
from shapes import SHAPES
from steps import PEERS, Case, run_case, run_scaling

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = ["gpt2-124m:4x256", "gpt2-124m:1x1024", "llama-100m:2x512"]
PARTS = ["steps", "scaling", "precision", "kernels", "compile"]
TOOLS = ["ds-model", "ds-opt", "ds-plan", "ds-run", "gemm-floor", "kernel-bench"]


class Tools:
    """Our programs, and the profile of the machine that plans are made for."""

    def __init__(self, folder, machine):
        self.folder, self.machine = folder, machine
        missing = [name for name in TOOLS if not os.access(self.path(name), os.X_OK)]
        if missing:
            raise BenchError(f"no {', '.join(missing)} in '{folder}'; build there ('ninja -C build'), or name the "
                             "folder by --bin")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, name, *arguments):
        done = subprocess.run([self.path(name), *arguments], capture_output=True, text=True)
        if done.returncode:
            raise BenchError(f"{name} {' '.join(arguments)}: exit code {done.returncode}: {done.stderr.strip()}")
        return done.stdout


def nearest(word, known):
    close = difflib.get_close_matches(word, known, 1)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(known)}"


def one_of(known, what):
    def parse(word):
        if word not in known:
            raise argparse.ArgumentTypeError(f"unknown {what} '{word}'{nearest(word, known)}")
        return word
    return parse


def case_of(text):
    match = re.fullmatch(r"([^:]+):([1-9]\d*)x([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"expected MODEL:BATCHxLENGTH, such as {CASES[0]}, but got '{text}'")
    return Case(one_of(list(SHAPES), "model")(match[1]), int(match[2]), int(match[3]))


def at_least_one(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, but got '{text}'")
    return int(text)


def parse_options():
    parser = argparse.ArgumentParser(prog="bench.py", description="How fast we are, beside peers and limits.")
    parser.add_argument("parts", nargs="*", type=one_of(PARTS, "part"), metavar="PART",
                        help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--case", dest="cases", action="append", type=case_of, metavar="MODEL:BATCHxLENGTH",
                        help=f"again for more; {' '.join(CASES)}")
    parser.add_argument("--threads", type=at_least_one, default=min(2, len(os.sched_getaffinity(0))))
    parser.add_argument("--rounds", type=at_least_one, default=5, help="turns of each participant")
    parser.add_argument("--steps", type=at_least_one, default=2, help="of a turn; their median counts")
    parser.add_argument("--without", action="append", default=[], type=one_of(list(PEERS), "peer"), metavar="PEER",
                        help=f"leave out, of {', '.join(PEERS)}; again for more")
    parser.add_argument("--bin", default=os.path.join(ROOT, "build", "bin"), help="the folder of our programs")
    parser.add_argument("--machine", help="a profile; without it the machine is measured first")
    parser.add_argument("--json", default="bench.json", help="file for all numbers")
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    if options.threads > cores:
        parser.error(f"argument --threads: expected at most {cores}, the cores that are there, but got "
                     f"{options.threads}")
    return options


def measure(options, tools, folder, result):
    """Fills `result` part by part."""
    parts, cases = options.parts or PARTS, options.cases or [case_of(text) for text in CASES]

    def fresh(name):
        os.makedirs(path := os.path.join(folder, name))
        return path

    if "steps" in parts:
        result["cases"] = []
        for case in cases:
            result["cases"].append(run_case(case, options, tools, fresh(str(case))))
    if "scaling" in parts and options.threads > 1:
        result["scaling"] = run_scaling(cases[0], options, tools, fresh("scaling"))
    if "precision" in parts:
        result["precision"] = precision.run(cases[0], options, tools, fresh("precision"))
    if "kernels" in parts:
        result["kernels"] = kernels.run(options, tools, fresh("kernels"))
    if "compile" in parts:
        result["compile"] = compile_time.run(tools.path, options.rounds)


def run(options, folder):
    tools = Tools(options.bin, options.machine or os.path.join(folder, "machine.json"))
    if not options.machine:
        tools.run("ds-run", "--profile-machine=" + tools.machine)
    result = {"date": time.strftime("%Y-%m-%d"), "threads": options.threads, "rounds": options.rounds,
              "steps_a_turn": options.steps}
    try:
        measure(options, tools, folder, result)
    except BenchError as error:  # what was measured before is kept
        result["error"] = str(error)
        raise
    finally:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    print(f"\nall numbers: {options.json}")


def main():
    options = parse_options()
    try:
        with tempfile.TemporaryDirectory() as folder:
            run(options, folder)
    except (BenchError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench.py: error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
