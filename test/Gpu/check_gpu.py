#!/usr/bin/env python3
# ===- check_gpu.py - Plans on a GPU beside the same models on a CPU --------=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: check_gpu.py prepare FOLDER [--machine=h200] [--cases=PATTERN]
#        check_gpu.py run FOLDER [--cases=PATTERN]
#
# `prepare` wants ds-model, ds-opt and ds-run on the PATH, no GPU: it compiles every case for the GPU and for the CPU,
# runs the latter, and copies ds-run with the libraries that are its own.  `run` wants that folder and a GPU: it runs
# the former, compares losses, norms of gradients and trained parameters, checks the memory contract, measures, and
# writes FOLDER/results.md.  Exit code 1 when something differs.
# ===----------------------------------------------------------------------=== #
import argparse
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys

import cases
import compare


def tool(command, log, **more):
    """Runs a command; its output in a file, and in the error when it fails."""
    with open(log, "w", encoding="utf-8") as out:
        ended = subprocess.run([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT, **more)
    if ended.returncode:
        end = pathlib.Path(log).read_text()[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))}\nended with {ended.returncode}:\n{end}")


def libraries(binary):
    """What a program is linked to and a machine may not have."""
    text = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return [path for name, path in re.findall(r"(\S+) => (/\S+)", text)
            if re.match(r"lib(dnnl|blis|gomp|OpenCL)\.", name)]


def prepare(folder, machine, chosen):
    (folder / "lib").mkdir(parents=True, exist_ok=True)
    runner = shutil.which("ds-run")
    shutil.copy2(runner, folder / "ds-run")
    for path in libraries(runner):
        shutil.copy2(os.path.realpath(path), folder / "lib" / os.path.basename(path))
    for case in chosen:
        at = folder / case.name
        at.mkdir(exist_ok=True)
        print(f"{case.name} ...", flush=True)
        tool(["ds-model", *case.model, "-o", at / "model.mlir"], at / "model.log")
        options = [at / "model.mlir", "--tune-seconds=0", *case.options]
        tool(["ds-opt", *options, f"--machine={machine}", "-o", at / "gpu.dsplan"], at / "gpu-opt.log")
        if case.is_compared:
            tool(["ds-opt", *options, f"--machine={cases.CPU}", "-o", at / "cpu.dsplan"], at / "cpu-opt.log")
            run_plan("ds-run", at, "cpu", case, None)


def run_plan(runner, at, which, case, environment):
    save = [f"--save={at / which}"] if case.is_compared else []
    shutil.rmtree(at / which, ignore_errors=True)
    tool([runner, at / f"{which}.dsplan", f"--steps={case.steps}", f"--data={case.data}", *save,
          f"--json={at / which}.jsonl"], at / f"{which}-run.log", env=environment, timeout=300)


def environment(folder):
    """The vendor's libraries from Python's packages, where the system has none."""
    places = [folder / "lib"]
    for path in map(pathlib.Path, sys.path):
        places += sorted(path.glob("nvidia/*/lib")) + sorted(path.glob("nvidia/*/*/lib"))
    known = os.environ.get("LD_LIBRARY_PATH", "")
    return {**os.environ, "LD_LIBRARY_PATH": ":".join([*map(str, places), known])}


def sanitize(folder, chosen, env, failures):
    """NVIDIA's checkers of memory and of races, on one step of every small case."""
    checker = shutil.which("compute-sanitizer")
    if not checker:
        return ["compute-sanitizer is not here: memory and races were not checked"]
    small = [case for case in chosen if case.is_compared]
    for kind in "memcheck", "racecheck":
        for case in small:
            at = folder / case.name
            try:
                tool([checker, f"--tool={kind}", "--error-exitcode=9", folder / "ds-run", at / "gpu.dsplan",
                      "--steps=1"], at / f"{kind}.log", env=env, timeout=300)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                failures.append(f"{case.name}: {kind}: {error}")
    return [f"compute-sanitizer: memcheck and racecheck of {len(small)} cases"]


def device():
    if not shutil.which("nvidia-smi"):
        return "no nvidia-smi"
    question = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    return subprocess.run(question, capture_output=True, text=True).stdout.strip()


def run(folder, chosen):
    env = environment(folder)
    rows, failures = [], []
    for case in chosen:
        at = folder / case.name
        try:
            run_plan(folder / "ds-run", at, "gpu", case, env)
            row, wrong = compare.report(at, case)
        except (RuntimeError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            row, wrong = f"| {case.name} | failed | | | | | |", [str(error)]
        print(row, flush=True)
        rows.append(row)
        failures += [f"{case.name}: {text}" for text in wrong]
    notes = sanitize(folder, chosen, env, failures)
    text = "\n".join([f"# {device()}", "", *compare.HEAD, *rows, "", *(f"* {line}" for line in [*notes, *failures])])
    (folder / "results.md").write_text(text + "\n", encoding="utf-8")
    print(*failures, sep="\n")
    print(f"{len(rows)} cases, {len(failures)} differences; {folder / 'results.md'}")
    return 1 if failures else 0


def main():
    parser = argparse.ArgumentParser(prog="check-gpu", description="Checks plans on an NVIDIA GPU against a CPU.")
    parser.add_argument("half", nargs="?", choices=["prepare", "run"], help="default: both")
    parser.add_argument("folder", nargs="?", default="build/check-gpu", type=pathlib.Path)
    parser.add_argument("--machine", default="h200", help="as ds-opt knows it")
    parser.add_argument("--cases", default="*", help="a pattern of names; default: all")
    words = parser.parse_args()
    chosen = [case for case in cases.CASES if fnmatch.fnmatch(case.name, words.cases)]
    if not chosen:
        known = ", ".join(case.name for case in cases.CASES)
        sys.exit(f"check-gpu: error: no case is like '{words.cases}'; there are {known}")
    folder = words.folder.resolve()
    try:
        if words.half != "run":
            prepare(folder, words.machine, chosen)
    except (RuntimeError, OSError, TypeError) as error:
        sys.exit(f"check-gpu: error: {error}")
    sys.exit(0 if words.half == "prepare" else run(folder, chosen))


if __name__ == "__main__":
    main()
