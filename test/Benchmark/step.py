#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times a training step of ours and of each installed peer, interleaved in one run.

    PATH=build/bin:$PATH python3 test/Benchmark/step.py [--model=gpt2-124m] [--batch=4] [--seq-len=256] [--threads=2]

All have the same shape, initial distribution, optimizer and number of threads. Every participant is a process that
prints one JSON line a step, as ds-run does; between its turns it is stopped (SIGSTOP), so that each is alone on the
machine and a disturbance hits all alike. The first step after a stop is not counted. Ratios are taken round by round:
their spread is that of the comparison, not of the machine. A benchmark, not a test.
"""

import argparse
import importlib.util
import json
import os
import queue
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from shapes import SHAPES

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = {  # name: (module that must be there, arguments)
    "torch.compile": ("torch", ["peers/torch_step.py", "--mode=compile"]),
    "torch eager": ("torch", ["peers/torch_step.py", "--mode=eager"]),
}
OURS = "ds-mlir"


class Participant:
    """A process that prints a JSON line a step, and runs only in its turns."""

    def __init__(self, name, command, environment, log):
        self.name, self.rounds = name, []
        self.lines = queue.Queue()
        self.begin = time.monotonic()
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
                                        start_new_session=True)
        threading.Thread(target=self._read, daemon=True).start()
        self.loss = self.step()["loss"]
        self.first_step_seconds = time.monotonic() - self.begin

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def step(self):
        """Waits for a step's line."""
        while True:
            line = self.lines.get(timeout=900)
            if line is None:
                raise RuntimeError(f"{self.name} ended with {self.process.wait()}; see its log")
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if event.get("event") == "step":
                return event

    def turn(self, steps):
        self.signal(signal.SIGCONT)
        for _ in range(self.lines.qsize() + 1):  # the one that the stop cut, and what was under way
            self.step()
        self.rounds.append(statistics.median(self.step()["step_ms"] for _ in range(steps)))
        self.signal(signal.SIGSTOP)

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def peak_rss(self):
        """The peaks of all processes of the session: ds-run's rank is a child."""
        total = 0
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.getsid(int(pid)) == self.process.pid:
                    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                        total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))
            except (ProcessLookupError, FileNotFoundError):
                pass
        return total

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait()


def commands(arguments, folder):
    """What to run: name, command."""
    shape = [f"--model={arguments.model}", f"--batch={arguments.batch}", f"--seq-len={arguments.seq_len}"]
    model, plan = os.path.join(folder, "m.mlir"), os.path.join(folder, "m.dsplan")
    subprocess.run(["ds-model", *SHAPES[arguments.model][0], f"--seq-len={arguments.seq_len}", "-o", model], check=True)
    subprocess.run(["ds-opt", model, "--zero=0", f"--global-batch={arguments.batch}", "--remat=none", "-o", plan],
                   check=True, stdout=subprocess.DEVNULL)
    yield OURS, ["ds-run", plan, "--json=-", "--data=random:0", "--steps=1000000", "--timeout=100000"]
    for name, (module, command) in PEERS.items():
        if name in arguments.without or importlib.util.find_spec(module) is None:
            print(f"{name}: left out", file=sys.stderr)
            continue
        yield name, [sys.executable, os.path.join(HERE, command[0]), *command[1:], *shape,
                     f"--threads={arguments.threads}"]


def spread(values):
    return f"{statistics.median(values):.3f} [{min(values):.3f}-{max(values):.3f}]"


def table(participants, tokens):
    ours = participants[0]
    print(f"{'':16}{'ms a step, median [range]':>30}{'tokens/s':>10}{'ours / its':>24}{'peak RSS':>12}{'to step 1':>11}"
          f"{'loss 0':>10}")
    rows = []
    for p in participants:
        median = statistics.median(p.rounds)
        ratios = [a / b for a, b in zip(ours.rounds, p.rounds)]
        rows.append({"name": p.name, "step_ms": p.rounds, "median_ms": median, "tokens_per_s": tokens / median * 1e3,
                     "ratio": ratios, "peak_rss_bytes": p.peak_rss(), "first_step_s": p.first_step_seconds,
                     "first_loss": p.loss})
        print(f"{p.name:16}{median:10.1f} [{min(p.rounds):.1f}-{max(p.rounds):.1f}]".ljust(46) +
              f"{tokens / median * 1e3:10.0f}{spread(ratios):>24}{p.peak_rss() / 2**20:8.0f} MiB"
              f"{p.first_step_seconds:9.1f} s{p.loss:10.5f}")
    return rows


def main():
    parser = argparse.ArgumentParser(description="Step times beside peers'.")
    parser.add_argument("--model", choices=SHAPES, default="gpt2-124m")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--seq-len", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3, help="steps of a turn")
    parser.add_argument("--without", action="append", default=[], help="a peer to leave out")
    parser.add_argument("--json", help="file for the result")
    arguments = parser.parse_args()
    environment = dict(os.environ, OMP_NUM_THREADS=str(arguments.threads))
    participants = []
    with tempfile.TemporaryDirectory() as folder, open(os.path.join(folder, "log.txt"), "w+", encoding="utf-8") as log:
        try:
            for name, command in commands(arguments, folder):
                participants.append(Participant(name, command, environment, log))
                participants[-1].signal(signal.SIGSTOP)
                print(f"{name}: first step after {participants[-1].first_step_seconds:.1f} s", file=sys.stderr)
            for number in range(arguments.rounds):
                for p in participants if number % 2 == 0 else participants[::-1]:
                    p.turn(arguments.steps)
            rows = table(participants, arguments.batch * arguments.seq_len)
        except RuntimeError as error:
            log.seek(0)
            sys.exit(f"{log.read()}step.py: error: {error}")
        finally:
            for p in participants:
                p.end()
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"arguments": vars(arguments), "participants": rows}, file, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
