# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Commands within a time, whose every word is kept: what a machine that is lent for minutes leaves behind."""
import contextlib
import dataclasses
import os
import signal
import subprocess
import tempfile
import threading
import time

SHOWN = 15  # lines of an error that are repeated where it is reported


class Failed(Exception):
    """What a command, or a part, did not do; the first line says it all."""


class Overrun(Exception):
    """A part took longer than it may."""


@dataclasses.dataclass
class Ended:
    code: int
    begin: float  # of time.monotonic(), as the first of each line
    lines: list  # (when, text) of standard output
    errors: str  # standard error
    seconds: float

    @property
    def text(self):
        return "".join(line for _, line in self.lines)


@contextlib.contextmanager
def box(seconds):
    """What is inside ends after `seconds`, in whatever call it is; in the main thread only."""
    def stop(*_):
        raise Overrun(f"stopped after {seconds:.0f} s")

    usual = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)


class Runner:
    """Runs commands, one log for all.  Several threads may."""

    def __init__(self, log, environment, seconds):
        self.log, self.environment, self.end = log, environment, time.monotonic() + seconds
        self.lock, self.groups = threading.Lock(), set()
        log.write_text("")

    @property
    def left(self):
        return self.end - time.monotonic()

    def run(self, command, seconds, **more):
        """Runs it for at most `seconds` and what is left of all: an Ended, or Failed where it could not end."""
        if self.left <= 0:
            raise Failed("not started: the time was spent")
        # A little more than is left: at the end of all the part is cut, not the command alone.
        command, seconds = [str(word) for word in command], min(seconds, self.left + 1)
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            begin, lines, late = time.monotonic(), [], threading.Event()
            try:
                process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL,
                                           start_new_session=True, text=True, errors="replace",
                                           env={**self.environment, **more})
            except OSError as error:
                raise Failed(f"{os.path.basename(command[0])} did not start: {error}") from None
            self.groups.add(process.pid)
            timer = threading.Timer(seconds, lambda: (late.set(), kill(process.pid)))
            timer.start()
            try:
                lines += ((time.monotonic(), line) for line in process.stdout)
                process.wait()
            finally:
                timer.cancel()
                self.groups.discard(process.pid)
                kill(process.pid)
                process.wait()
                process.stdout.close()
                errors.seek(0)
                ended = Ended(process.returncode, begin, lines, errors.read(), time.monotonic() - begin)
                self.keep(command, ended)
        if late.is_set():
            raise Failed(f"{os.path.basename(command[0])} was stopped after {seconds:.0f} s\n{last_words(ended)}")
        return ended

    def keep(self, command, ended):
        with self.lock, open(self.log, "a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(command)}\n{ended.text}{ended.errors}"
                       f"=== code {ended.code}, {ended.seconds:.1f} s\n\n")

    def stop(self):
        """Ends what other threads run, and starts nothing more."""
        self.end = time.monotonic()
        for group in list(self.groups):
            kill(group)

    def must(self, command, seconds, **more):
        """The same, and Failed where it ends with another code than 0."""
        ended = self.run(command, seconds, **more)
        if ended.code:
            raise Failed(f"{os.path.basename(str(command[0]))} ended with code {ended.code}\n{last_words(ended)}")
        return ended


def kill(group):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def last_words(ended):
    lines = (ended.errors.strip() or ended.text.strip()).splitlines()
    return "\n".join(lines[-SHOWN:])
