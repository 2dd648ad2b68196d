#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kills runs at random and checks what they promise: kill_drill.py BIN [--count=200] [--seed=4] [--work=DIR]

BIN holds ds-model, ds-opt, ds-plan and ds-run.  A small GPT is trained on 1, 2 and 4 ranks, saved every few steps, and
in each trial something befalls a rank, the launcher or all at a random moment from the start to the end.  Afterwards

  - the run has ended within two seconds (a stopped rank: and --timeout), with the right exit code,
  - the message names the rank, where it was and what happened,
  - no process, shared memory or unfinished file is left (a killed launcher leaves a draft until the next save),
  - `--load` of the folder goes on, and all that follows has the same bits as in a run that nobody disturbed.

The table at the end counts where the blows fell; a phase that none hit is a failure, too.  Exit code 0: all held.
"""

import argparse
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from leftovers import left_over, unfinished

STEPS, SAVE_EVERY, TIMEOUT, LIMIT = 60, 20, 0.75, 2.0
WORLDS = (1, 2, 4)
# What befalls whom, and how often.
BLOWS = [("SIGKILL", "rank", 4), ("SIGSEGV", "rank", 3), ("SIGBUS", "rank", 1), ("SIGABRT", "rank", 1),
         ("SIGSTOP", "rank", 2), ("SIGKILL", "launcher", 2), ("SIGINT", "group", 2), ("SIGTERM", "launcher", 1)]
PHASES = {
    "load": r"while loading the plan",
    "initial values": r"while making initial values",
    "restore": r"while reading the checkpoint",
    "inputs": r"at step \d+, before instruction \d+ \('.*'\)",
    "instruction": r"at step \d+, instruction \d+ \('.*'\)",
    "collective": None,  # an instruction that is one
    "report": r"at step \d+, after instruction \d+ \('.*'\)",
    "saving": r"while saving step-\d+",
    "end": r"at the end",
}
REQUIRED = ("load", "initial values", "instruction", "collective", "saving", "end")


class Failure(Exception):
    pass


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def events_of(path):
    """The whole lines of a --json file."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def results_of(path):
    """What must not depend on disturbance: by step the loss and gradient norm, and the state's hash."""
    events = events_of(path)
    steps = {event["step"]: (event["loss"], event["grad_norm"]) for event in events if event["event"] == "step"}
    end = [event["state_hash"] for event in events if event["event"] == "end"]
    return steps, end[0] if end else None


class World:
    """A plan, what an undisturbed run of it gives, and how long its parts take."""

    def __init__(self, drill, world):
        self.world, self.drill = world, drill
        self.plan = drill.path(f"gpt-{world}.dsplan")
        drill.tool("ds-opt", drill.path("gpt.mlir"), "--zero=2", f"--world={world}",
                   f"--machine={os.path.dirname(__file__)}/../Inputs/machine.json", "-o", self.plan)
        self.collectives = self.find_collectives()
        log = drill.path("calm.jsonl")
        begin = time.monotonic()
        drill.tool("ds-run", self.plan, f"--steps={STEPS}", f"--save={drill.path('calm')}",
                   f"--save-every={SAVE_EVERY}", f"--json={log}")
        self.seconds = time.monotonic() - begin
        self.steps, self.hash = results_of(log)
        shutil.rmtree(drill.path("calm"))

    def find_collectives(self):
        plan = json.loads(self.drill.tool("ds-plan", "print", "--json", self.plan))
        number, found = 0, set()
        for block in plan["programs"][0]["blocks"]:
            for instruction in block["instrs"]:
                if instruction["op_type"] in ("Collective", "Send", "Recv"):
                    found.add(number)
                number += 1
        return found

    def phase_of(self, message):
        for phase, pattern in PHASES.items():
            if pattern and re.search(pattern, message):
                number = re.search(r", instruction (\d+)", message)
                return "collective" if number and int(number[1]) in self.collectives else phase
        return None


class Trial:
    """One run, one blow."""

    def __init__(self, drill, number, world):
        self.drill, self.world = drill, world
        self.random = random.Random(f"{drill.seed}/{number}")
        names = [blow[:2] for blow in BLOWS]
        self.kind, self.target = self.random.choices(names, [blow[2] for blow in BLOWS])[0]
        self.rank = self.random.randrange(world.world)
        self.save, self.log = drill.path(f"save-{number}"), drill.path(f"run-{number}.jsonl")
        self.moment = self.draw_moment()
        self.phase, self.took, self.finished = None, None, False

    def draw_moment(self):
        """Half of the blows fall at any time of a run; the rest near its short phases, start and end."""
        kind = self.random.choices(["any", "start", "last save"], [4, 2, 2])[0]
        if kind == "any":
            return "start", self.random.uniform(0, self.world.seconds)
        if kind == "start":
            return "start", 0.03 * self.random.random() ** 4
        return "last save", self.random.uniform(0, 0.003)

    def describe(self):
        whom = f"rank {self.rank}" if self.target == "rank" else self.target
        return f"{self.kind} for {whom} of {self.world.world}, {self.moment[1] * 1e3:.1f} ms after the {self.moment[0]}"

    def start(self):
        flags = [f"--steps={STEPS}", f"--save={self.save}", f"--save-every={SAVE_EVERY}", f"--json={self.log}",
                 f"--timeout={TIMEOUT if self.kind == 'SIGSTOP' else 60}"]
        return subprocess.Popen([self.drill.binary("ds-run"), self.world.plan] + flags, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)

    def wait_for_moment(self, process):
        anchor, delay = self.moment
        if anchor == "last save":
            mark = f'"step":{STEPS}}}'.encode()
            while process.poll() is None:
                if os.path.exists(self.log) and mark in open(self.log, "rb").read():
                    break
                time.sleep(0.0005)
        while len(children(process.pid)) < self.world.world and process.poll() is None:
            pass
        time.sleep(delay)

    def strike(self, process):
        """Whether there still was somebody to strike."""
        number = getattr(signal, self.kind)
        try:
            if self.target == "group":
                os.killpg(process.pid, number)
            elif self.target == "launcher":
                os.kill(process.pid, number)
            else:
                os.kill(children(process.pid)[self.rank], number)
        except (ProcessLookupError, IndexError):
            return False
        return True

    def run(self):
        process = self.start()
        try:
            self.wait_for_moment(process)
            ranks = children(process.pid)
            whole = len(ranks) == self.world.world
            struck = whole and self.strike(process)
            begin = time.monotonic()
            _, error = process.communicate(timeout=60)
            self.took = time.monotonic() - begin
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failure("did not end in 60 s") from None
        self.check_end(process.returncode, error.strip(), struck)
        deadline = time.monotonic() + LIMIT  # the kernel may still be taking a killed rank down
        while (left := left_over(process.pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        if left:
            raise Failure(f"processes {left} are left")
        self.check_files()

    def check_end(self, code, error, struck):
        if code == 0:  # it was done, or its victim was: the blow fell on nobody
            self.finished, self.phase = True, "after it"
            return
        if not struck:
            raise Failure(f"failed before the blow: exit {code}: {error}")
        limit = LIMIT + (TIMEOUT if self.kind == "SIGSTOP" else 0)
        if self.took > limit:
            raise Failure(f"took {self.took:.2f} s to end, the limit is {limit:.2f} s")
        expected, pattern = self.expected()
        if code != expected or not re.fullmatch(pattern, error):
            raise Failure(f"expected exit {expected} and {pattern!r}, but got exit {code} and {error!r}")
        self.phase = self.world.phase_of(error) or "not told"
        if self.target == "rank" and self.phase == "not told":
            raise Failure(f"does not say where the rank was: {error!r}")

    def expected(self):
        number = getattr(signal, self.kind)
        name = re.escape(f"{number:d} ({signal.strsignal(number)})")
        if self.target != "rank":
            if self.kind == "SIGKILL":
                return -9, ""
            return 128 + number, f"ds-run: error: ended by signal {name}"
        if self.kind == "SIGSTOP":
            return 3, f"ds-run: error: rank {self.rank} was stopped .* and did not go on for {TIMEOUT} s"
        return 3, f"ds-run: error: rank {self.rank} was ended by signal {name} .*"

    def check_files(self):
        left = unfinished(self.save)
        if left and not (self.target == "launcher" and self.kind == "SIGKILL"):
            raise Failure(f"files {left} are left")
        steps, _ = results_of(self.log)
        for step, result in steps.items():
            if result != self.world.steps[step]:
                raise Failure(f"step {step} gave {result}, undisturbed {self.world.steps[step]}")
        saved = [event["step"] for event in events_of(self.log) if event["event"] == "save"]
        first = self.go_on(max(saved, default=0))
        if unfinished(self.save):
            raise Failure(f"files {unfinished(self.save)} are left after the next save")
        if saved and first < max(saved):
            raise Failure(f"goes on from step {first}, but step {max(saved)} was saved")

    def go_on(self, least):
        """Runs the rest from what is saved; returns where that began."""
        log, flags = self.log + ".on", []
        if os.path.exists(f"{self.save}/manifest.json"):
            latest = json.load(open(f"{self.save}/manifest.json"))["latest"]
            least, flags = int(latest.removeprefix("step-")), [f"--load={self.save}"]
        elif least:
            raise Failure(f"step {least} was saved, but there is no manifest")
        flags += [f"--steps={STEPS - least}", f"--save={self.save}", f"--json={log}"]
        self.drill.tool("ds-run", self.world.plan, *flags)
        steps, end = results_of(log)
        if any(steps[step] != self.world.steps[step] for step in steps) or end != self.world.hash:
            raise Failure(f"goes on from step {least} with other bits than undisturbed")
        return least


class Drill:
    def __init__(self, args, work):
        self.bin, self.count, self.seed, self.work = args.bin, args.count, args.seed, work

    def path(self, name):
        return os.path.join(self.work, name)

    def binary(self, name):
        return os.path.join(self.bin, name)

    def tool(self, name, *args):
        done = subprocess.run([self.binary(name), *args], capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{name} {' '.join(args)}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def run(self):
        shape = ["--layers=2", "--width=128", "--heads=2", "--vocab=4096", "--seq-len=32"]
        self.tool("ds-model", "gpt2-124m", *shape, "-o", self.path("gpt.mlir"))
        worlds = [World(self, world) for world in WORLDS]
        shared = set(os.listdir("/dev/shm"))
        trials, failures = [], []
        for number in range(self.count):
            trial = Trial(self, number, worlds[number % len(worlds)])
            try:
                trial.run()
            except Failure as failure:
                failures.append(f"trial {number} ({trial.describe()}): {failure}")
                print("FAILED:", failures[-1], flush=True)
            trials.append(trial)
            shutil.rmtree(trial.save, ignore_errors=True)
        if new := set(os.listdir("/dev/shm")) - shared:
            failures.append(f"shared memory {sorted(new)} is left")
        return self.report(trials, failures)

    def report(self, trials, failures):
        print_table(trials)
        print_times(trials)
        missed = [phase for phase in REQUIRED if not any(trial.phase == phase for trial in trials)]
        if missed:
            failures.append(f"no blow fell in: {', '.join(missed)}")
        for failure in failures:
            print("FAILED:", failure)
        print(f"kill drill: {self.count} trials, seed {self.seed}: {'FAILED' if failures else 'passed'}")
        return 1 if failures else 0


def print_table(trials):
    columns = [*PHASES, "not told", "after it"]
    columns = [phase for phase in columns if phase in REQUIRED or any(trial.phase == phase for trial in trials)]
    print(f"{'blow':<18}" + "".join(f"{phase:>16}" for phase in columns) + f"{'all':>8}")
    for kind, target, _ in BLOWS:
        hit = [trial.phase for trial in trials if (trial.kind, trial.target) == (kind, target)]
        print(f"{kind + ' ' + target:<18}" + "".join(f"{hit.count(phase):>16}" for phase in columns) + f"{len(hit):>8}")
    phases = [trial.phase for trial in trials]
    print(f"{'all':<18}" + "".join(f"{phases.count(phase):>16}" for phase in columns) + f"{len(trials):>8}")


def print_times(trials):
    for label, stops in (("from the blow to the end", False), ("the same for a stopped rank", True)):
        times = sorted(trial.took for trial in trials
                       if trial.took is not None and not trial.finished and (trial.kind == "SIGSTOP" and
                                                                            trial.target == "rank") == stops)
        if times:
            picked = [times[min(len(times) - 1, int(len(times) * part))] * 1e3 for part in (0.5, 0.9, 0.99)]
            print(f"{label}: median {picked[0]:.0f} ms, 90% {picked[1]:.0f} ms, 99% {picked[2]:.0f} ms, "
                  f"most {times[-1] * 1e3:.0f} ms (limit {(LIMIT + TIMEOUT * stops) * 1e3:.0f} ms)")


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # crashes are meant here
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bin", help="folder of the tools")
    parser.add_argument("--count", type=int, default=200, help="trials (200)")
    parser.add_argument("--seed", type=int, default=4, help="of the random choices (4)")
    parser.add_argument("--work", help="folder to work in (a temporary one)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.work) as work:
        sys.exit(Drill(args, work).run())


if __name__ == "__main__":
    main()
