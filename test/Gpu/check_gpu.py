#!/usr/bin/env python3
# ===- check_gpu.py - Plans on a GPU beside CPUs, PyTorch and their promises --=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: check_gpu.py prepare FOLDER|ARCHIVE [--machine=h200] [--cases=PATTERNS] [--small]
#        check_gpu.py run FOLDER|ARCHIVE [--results=FOLDER] [--parts=LIST] [--cases=PATTERNS] [--minutes=8]
#
# `prepare` wants ds-model, ds-opt, ds-plan and ds-run on the PATH, no GPU: see prepare.py.  `run` wants what that made,
# Python's own library, and a GPU; PyTorch for the peers.  It goes from part to part, whatever becomes of each, and
# writes its table after every number: RESULTS/<gpu>-<date>.md, .json beside it, and check-gpu.log with every command
# and its output.  Exit code 1 when a number is missed or missing.
# ===----------------------------------------------------------------------=== #
import argparse
import fnmatch
import importlib.util
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

import cases
import parts
import prepare
import speed
from peers import Peers, commands_of
from results import Results
from running import Failed, Overrun, Runner, box

# Part: the seconds that it may take.  Peers compile meanwhile; what may be cut is last.
PARTS = {"device": 120, "profile": 30, "smoke": 90, "losses": 120, "worlds": 45, "gpt2-124m": 180, "kernels": 45,
         "gpt2-1558m": 180, "sanitize": 240}
CACHE = pathlib.Path(tempfile.gettempdir()) / "check-gpu-inductor"  # the next run's peers need not compile


class Run:
    """What parts share: where things are, and what earlier parts found."""

    def __init__(self, folder, words, work):
        self.folder, self.work, self.chosen = folder, work, words.chosen
        self.manifest = prepare.manifest(folder)
        self.is_small = self.manifest["small"]
        self.probe_size, self.big = (["1048576"], 1) if self.is_small else ([], parts.BIG)
        self.flags, self.peak, self.copy_rate, self.context_bytes, self.notes = [], None, None, None, {}
        self.gpu, self.peers = gpu_name(), Peers(CACHE)
        words.results.mkdir(parents=True, exist_ok=True)
        self.runner = Runner(words.results / "check-gpu.log", environment(folder), words.minutes * 60)
        self.torch, self.no_peak = torch_command(words.torch)
        slug = re.sub(r"[^a-z0-9]+", "-", self.gpu.lower()).strip("-")
        self.results = Results(words.results / f"{slug}-{time.strftime('%Y-%m-%d')}.md", words.parts, commands(self))
        self.results.title = f"{self.gpu}, {time.strftime('%Y-%m-%d')}"

    def of(self, kind):
        """The cases of a kind that were prepared, and are asked for."""
        known = self.manifest["cases"]
        return [case for case in self.chosen(self.is_small) if case.kind == kind and case.name in known]

    def part(self, name):
        if name in ("gpt2-124m", "gpt2-1558m"):
            case = next((case for case in self.of("speed") if case.name == name), None)
            if not case:
                raise Failed(f"{name} was not prepared")
            if parts.compiled(self, case, name):
                speed.part(self, case)
        else:
            getattr(parts, name)(self)

    def start_peers(self, names):
        for case in self.of("speed"):
            if self.torch and case.name in names and "error" not in self.manifest["cases"][case.name]:
                for key, command in commands_of(case, self.torch).items():
                    self.peers.start(key, command)
            elif not self.torch:
                for number in ("tokens", "memory"):
                    self.results.lack(f"{case.name}/{number}", self.no_peak)


def commands(run):
    return [f"tools/check-gpu prepare {run.folder.name} --machine={run.manifest['machine']}",
            " ".join(["tools/check-gpu", *sys.argv[1:]])]


def gpu_name():
    try:
        asked = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True,
                               text=True, timeout=30)
        return asked.stdout.strip().splitlines()[0] if asked.returncode == 0 and asked.stdout.strip() else "no GPU"
    except (OSError, subprocess.TimeoutExpired):
        return "no GPU"


def torch_command(given):
    """The peers' command, and why there is none."""
    if given == "none":
        return None, "peers left out by --torch=none"
    if given:
        return shlex.split(given), None
    if importlib.util.find_spec("torch") is None:
        return None, f"no peer: {sys.executable} has no torch"
    return [sys.executable, str(cases.HERE / "torch_gpu.py")], None


def environment(folder):
    """The vendor's libraries from Python's packages, and the driver's, where the system does not know them."""
    places = [folder / "lib"]
    for path in map(pathlib.Path, sys.path):
        places += sorted(path.glob("nvidia/*/lib")) + sorted(path.glob("nvidia/*/*/lib"))
    if known := os.environ.get("LD_LIBRARY_PATH", ""):
        places.insert(0, known)
    places += [place for place in ("/usr/local/nvidia/lib64", "/usr/local/cuda/lib64") if os.path.isdir(place)]
    tools = [os.environ.get("PATH", os.defpath), "/usr/local/cuda/bin"]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, places)), "PATH": ":".join(tools)}


def run_parts(run, names):
    """One after the other; the failure of one is a line of the table."""
    run.start_peers(names)
    for name in names:
        begin = time.monotonic()
        try:
            if run.runner.left <= 0:
                raise Failed("not started: the time was spent")
            with box(min(PARTS[name], run.runner.left)):
                run.part(name)
        except (Failed, Overrun) as error:
            run.results.fail(name, str(error))
        except Exception as error:  # what is broken here must not cost what comes after
            run.results.fail(name, f"{type(error).__name__}: {error}")
        for number in run.results.numbers.values():
            if number.part == name and number.key not in run.results.missing:
                run.results.lack(number.key, f"see the failures of {name}")
        run.results.add("Time", f"* {name}: {time.monotonic() - begin:.0f} s")


def run(folder, words):
    with tempfile.TemporaryDirectory(prefix="check-gpu-", ignore_cleanup_errors=True) as work:
        state = Run(folder, words, pathlib.Path(work))
        try:
            run_parts(state, words.parts)
        finally:
            state.runner.stop()
            for key in list(state.peers.started):
                said = state.peers.end(key)
                with open(state.runner.log, "a", encoding="utf-8") as log:
                    log.write(f"$ {' '.join(key)}\n{said}\n")
    print(state.results.text().partition("\n## ")[0])
    for part, failure in state.results.failures:
        print(f"{part}: {failure.splitlines()[0]}")
    print(f"{state.results.path}")
    return 0 if state.results.is_good else 1


def parts_of(text):
    names = text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"unknown part '{name}'; there are {', '.join(PARTS)}")
    return names


def chosen_by(patterns):
    """Cases by size: those whose name is like one of the patterns."""
    def chosen(is_small):
        return [case for case in cases.all_cases(is_small)
                if any(fnmatch.fnmatch(case.name, pattern) for pattern in patterns.split(","))]

    if not chosen(False):
        raise argparse.ArgumentTypeError(f"no case is like '{patterns}'; there are "
                                         f"{', '.join(case.name for case in cases.all_cases())}")
    return chosen


def parse():
    parser = argparse.ArgumentParser(prog="check-gpu", description="Checks and measures plans on an NVIDIA GPU.")
    halves = parser.add_subparsers(dest="half", required=True)
    first, second = halves.add_parser("prepare"), halves.add_parser("run")
    for half in (first, second):
        half.add_argument("path", type=pathlib.Path,
                          help="of a folder, or of an archive: .tar.gz, or .tar.xz, which is smaller")
        half.add_argument("--cases", dest="chosen", type=chosen_by, default=chosen_by("*"), metavar="PATTERNS",
                          help="of names, with commas between; default: all")
    first.add_argument("--machine", default="h200", help="as ds-opt knows it")
    first.add_argument("--small", action="store_true", help="tiny models in place of real ones, to try the scripts")
    second.add_argument("--results", type=pathlib.Path,
                        help="folder of the table and the log; default: results in the prepared one")
    second.add_argument("--parts", type=parts_of, default=list(PARTS), help=f"of {','.join(PARTS)}; default: all")
    second.add_argument("--minutes", type=float, default=8, help="in which all ends")
    second.add_argument("--torch", help="command in place of torch_gpu.py; none: no peers")
    return parser.parse_args()


def main():
    words = parse()
    path = words.path.resolve()
    try:
        if words.half == "prepare":
            sys.exit(prepare.prepare(path, words.machine, words.chosen(words.small), words.small))
        folder = prepare.unpack(path)
        words.results = (words.results or folder / "results").resolve()
        sys.exit(run(folder, words))
    except (RuntimeError, OSError, ValueError, KeyError) as error:
        sys.exit(f"check-gpu: error: {error}")


if __name__ == "__main__":
    main()
