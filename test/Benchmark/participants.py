# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Processes that are timed in turns: each is stopped while another has its turn, so that it is alone on the machine."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from statistics import median

SETTLE = 0.02  # seconds in which the lines of a stopped process arrive
SHORTEST = 1e-6  # seconds: two lines that one look at the pipe found
PATIENCE = 900  # seconds that a step may take before a participant counts as hanging


class BenchError(Exception):
    """What the benchmark cannot go on with; one line."""


def spread(values, digits=1):
    """median [least-most]"""
    return f"{median(values):.{digits}f} [{min(values):.{digits}f}-{max(values):.{digits}f}]"


def family(pid):
    """The process and all that descend from it."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                parents.setdefault(int(file.read().rpartition(")")[2].split()[1]), []).append(int(entry))
        except (FileNotFoundError, ProcessLookupError):
            pass  # it ended meanwhile
    members = [pid]
    for member in members:
        members += parents.get(member, [])
    return members


class Process:
    """A process that prints lines, with when each came.  `more` goes into its environment."""

    def __init__(self, name, command, threads, **more):
        self.name, self.lines = name, queue.Queue()
        self.log = tempfile.TemporaryFile("w+", encoding="utf-8")
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(cores)[:threads])  # some take as many threads as they have cores
        try:
            self.begin = time.monotonic()
            self.process = subprocess.Popen(command, env=dict(os.environ, OMP_NUM_THREADS=str(threads), **more),
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True)
        finally:
            os.sched_setaffinity(0, cores)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put((time.monotonic(), line))
        self.lines.put((time.monotonic(), None))

    def line(self):
        """Waits for the next line: (when, text)."""
        try:
            when, line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise BenchError(f"{self.name} printed nothing for {PATIENCE} s") from None
        if line is None:
            raise BenchError(f"{self.name} ended with exit code {self.process.wait()}{self._last_words()}")
        return when, line

    def _last_words(self):
        self.log.seek(0)
        lines = [line.strip() for line in self.log if line.strip()]
        return f": {lines[-1]}" if lines else ""

    def signal(self, number):
        for pid in family(self.process.pid):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def peak_rss(self):
        """The peaks of the process and its children, added; pages that they share count in each."""
        total = 0
        for pid in family(self.process.pid):
            try:
                with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                    total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return total

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        for file in (self.process.stdin, self.process.stdout, self.log):
            file.close()


class Trainer(Process):
    """Prints a JSON object a step, for ever.  A step's time is what passes between two lines, for all alike."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.rounds, self.losses, self.norms = [], [], []
        try:
            self.first_step_s = self.step() - self.begin
        except BenchError:
            self.end()
            raise
        self.signal(signal.SIGSTOP)

    def step(self):
        """Waits for a step's end; returns when it was."""
        while True:
            when, line = self.line()
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(event, dict) and event.get("event") == "step":
                self.losses.append(event["loss"])
                self.norms.append(event["grad_norm"])
                return when

    def turn(self, steps):
        """One round: the median of `steps` steps, in milliseconds.  The step that the stop cut is not counted."""
        self.signal(signal.SIGCONT)
        ends = [self.step() for _ in range(self.lines.qsize() + 1)][-1:]
        ends += [self.step() for _ in range(steps)]
        self.signal(signal.SIGSTOP)
        time.sleep(SETTLE)
        self.rounds.append(median(max(b - a, SHORTEST) for a, b in zip(ends, ends[1:])) * 1e3)

    @property
    def median_ms(self):
        return median(self.rounds)


def interleave(participants, rounds, steps):
    """Every participant has a turn in each round; every second round goes backwards."""
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for participant in participants[::1 if number % 2 == 0 else -1]:
            participant.turn(steps)
