# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The processes that we are compared with: they start and compile while other parts run, and step when asked."""
import contextlib
import json
import os
import queue
import signal
import time

import cases  # noqa: F401, first: it says where the others are
from participants import BenchError, Process
from running import Failed


class Peer(Process):
    def __init__(self, name, command, environment):
        super().__init__(name, command, os.cpu_count(), **environment)
        self.ready, self.memory = None, {}

    def event(self, wanted, end):
        """Waits for the next event of a kind, until `end`: (when it came, the event)."""
        while True:
            try:
                when, line = self.lines.get(timeout=max(end - time.monotonic(), 0.01))
            except queue.Empty:
                raise Failed(f"{self.name} is not there in time: waited for '{wanted}'") from None
            if line is None:
                raise Failed(f"{self.name} ended with exit code {self.process.wait()}{self._last_words()}")
            with contextlib.suppress(json.JSONDecodeError):
                event = json.loads(line)
                if isinstance(event, dict) and event.get("event") == wanted:
                    return when, event

    def wait(self, end):
        if not self.ready:
            self.ready = self.event("ready", end)[1]

    def turn(self, steps, end):
        """The mean seconds of a step; one before them only begins the time."""
        try:
            self.process.stdin.write(f"{steps + 1}\n")
            self.process.stdin.flush()
        except OSError:
            raise Failed(f"{self.name} ended with exit code {self.process.wait()}{self._last_words()}") from None
        ends = [self.event("step", end)[0] for _ in range(steps + 1)]
        self.memory = self.event("turn", end)[1]
        return (ends[-1] - ends[0]) / steps

    def words(self):
        """What it wrote to standard error."""
        self.log.seek(0)
        return self.log.read()

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join(5)  # what it started may hold the pipe a while


class Peers:
    """All peers by (model, mode); those that could not start are told when they are asked for."""

    def __init__(self, cache):
        self.started, self.failed = {}, {}
        # Not the runner's: they know their own libraries.
        self.environment = {"LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
                            "TORCHINDUCTOR_CACHE_DIR": str(cache)}

    def start(self, key, command):
        name = f"torch.compile of {key[0]}, {key[1]}"
        try:
            self.started[key] = Peer(name, command, self.environment)
        except (OSError, BenchError) as error:
            self.failed[key] = f"{name} did not start: {error}"

    def get(self, key, end):
        """The peer, ready.  Failed when it is not there until `end`."""
        if key not in self.started:
            raise Failed(self.failed.get(key, "no peer was started"))
        self.started[key].wait(end)
        return self.started[key]

    @contextlib.contextmanager
    def quiet(self):
        """Nobody computes or compiles meanwhile, but who is asked."""
        waiting = [peer for peer in self.started.values() if not peer.ready]
        try:
            for peer in waiting:
                peer.signal(signal.SIGSTOP)
            if waiting:
                time.sleep(0.5)  # what is on the GPU already ends
            yield
        finally:
            for peer in waiting:
                peer.signal(signal.SIGCONT)

    def end(self, key):
        """Ends a peer and gives back what it had; returns what it said on standard error."""
        peer = self.started.pop(key, None)
        if not peer:
            return ""
        peer.end()
        return peer.words()


def commands_of(case, torch):
    """{(case, mode): command} of a case's peers."""
    more = ["--same-values"] if case.has_same_values else []
    return {(case.name, mode): [*torch, "train", f"--model={case.shape}", f"--batch={case.batch}",
                                f"--seq-len={case.length}", f"--mode={mode}", *more] for mode in case.modes}
