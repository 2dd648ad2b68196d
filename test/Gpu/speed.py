# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model's step beside peers, in turns of one run; its start, its memory and its prediction."""
import contextlib
import dataclasses
import math
import shutil
import sys
import threading
import time
from statistics import median

import cases  # first: it says where the others are
import compare
import prepare
from floor import products_of
from results import spread
from running import Failed
from shapes import SHAPES

TURN = 60  # seconds that a turn may take
PATIENCE = 100  # seconds that are waited for peers, if that many are left
DROPPED = 2  # steps at a process's start that are not counted
LOSS_TOLERANCE = 1e-2  # of the first losses in bf16, relative: another order of sums, not another model


@dataclasses.dataclass
class Turn:
    """A process of ours: seconds to the end of step 1, and of a step after the first ones; all events."""
    first: float
    seconds: float
    events: list
    used_bytes: int = None  # of the GPU, by nvidia-smi

    @property
    def losses(self):
        return [event["loss"] for event in self.events if event["event"] == "step"]


class Meter:
    """The most bytes of the GPU that are used while it is open, less those before; None without nvidia-smi."""

    def __init__(self, runner):
        self.runner, self.most, self.over = runner, None, threading.Event()

    def used(self):
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", "--id=0"]
        return int(self.runner.must(query, 20).text.split()[0]) << 20

    def __enter__(self):
        if shutil.which("nvidia-smi"):
            try:
                self.before = self.most = self.used()
                self.thread = threading.Thread(target=self._watch, daemon=True)
                self.thread.start()
            except (Failed, ValueError, IndexError):
                self.most = None
        return self

    def _watch(self):
        while not self.over.wait(0.2):
            try:
                self.most = max(self.most, self.used())
            except (Failed, ValueError, IndexError):
                return

    def __exit__(self, *_):
        self.over.set()

    @property
    def bytes(self):
        return None if self.most is None else self.most - self.before


def measure_context(run):
    if run.context_bytes is None:
        with contextlib.suppress(Failed), Meter(run.runner) as meter:
            run.runner.must([sys.executable, cases.HERE / "probe.py", "context"], TURN)
            run.context_bytes = meter.bytes


def our_turn(run, case, steps):
    plan = run.folder / case.name / prepare.GPU
    ended = run.runner.must([run.folder / "ds-run", plan, f"--steps={steps + DROPPED}", "--data=random:0", "--json=-",
                             *run.flags], TURN)
    whens = [when for when, line in ended.lines if line.startswith('{"event":"step"')]
    if len(whens) != steps + DROPPED:
        raise Failed(f"expected {steps + DROPPED} steps, but got {len(whens)}")
    events = compare.events(text for _, text in ended.lines)
    own = [event["step_ms"] * 1e-3 for event in events if event["event"] == "step"][DROPPED:]
    # Between lines, as of peers; but not less than it says itself, when this process was late to read them.
    return Turn(whens[0] - ended.begin, max((whens[-1] - whens[DROPPED - 1]) / steps, sum(own) / steps), events)


def flops_of(case):
    """Of the model's products, attention counted causal; not those of somebody's plan."""
    return sum(product.count * product.flops for product in products_of(SHAPES[case.shape][1], case.batch, case.length))


def section_of(case):
    return f"{case.name}: {case.batch} x {case.length} tokens a step"


def judge_memory(run, name, turn, arena, library):
    """The runtime says what it took; the driver's own count, of all that is there, is another matter."""
    if turn.used_bytes is None or run.context_bytes is None:
        run.results.lack(f"{name}/arena", "no nvidia-smi, or no context to compare with")
        return
    off = turn.used_bytes - run.context_bytes - arena - library
    run.results.set(f"{name}/arena", abs(off) / 2**20, f"{turn.used_bytes} by nvidia-smi - {run.context_bytes} of a "
                    f"context - {library} of libraries - {arena} of arenas = {off} bytes")


def judge_alone(run, case, turns):
    """What needs no peer."""
    results, name, last = run.results, case.name, turns[-1]
    start, end = last.events[0], last.events[-1]
    arena, library = compare.memory(start)
    reserve = run.manifest["cases"][name]["reserve_bytes"]
    seconds = median(turn.seconds for turn in turns)
    graph = " (without a graph)" if run.flags else ""
    results.set(f"{name}/start", median(turn.first for turn in turns),
                f"{spread([turn.first for turn in turns], 2)} s, of {len(turns)} processes")
    if reserve:
        results.set(f"{name}/library", library / reserve, f"{library} of {reserve} bytes")
    else:
        results.lack(f"{name}/library", "the plan states no reserve")
    judge_memory(run, name, turns[0], arena, library)
    results.set(f"{name}/prediction", abs(end["predicted_step_ms"] / (seconds * 1e3) - 1),
                f"{end['predicted_step_ms']:.2f} ms predicted, {seconds * 1e3:.2f} ms measured{graph}")
    if run.peak:
        best, usual = max(run.peak), median(run.peak)
        rate = flops_of(case) / seconds * 1e-12
        how = f"{rate:.1f} TFLOP/s of {best:.1f}, the best product; the median one has {usual:.1f}"
        results.set(f"{name}/mfu", rate / best, how)
        run.notes[name] = [note for note in run.notes[name] if "the best product" not in note]
        run.notes[name].append(f"* {rate / best:.3f} of the peak: {how}")
    else:
        results.lack(f"{name}/mfu", run.no_peak)
    used = f"; nvidia-smi: +{turns[0].used_bytes}" if turns[0].used_bytes is not None else ""
    return arena + library, f"{arena} bytes in arenas and {library} of libraries{used}"


def check_losses(run, case, ours, peer):
    if not case.has_same_values:
        return
    theirs = peer.ready["losses"]
    apart = max(abs(a - b) / abs(b) for a, b in zip(ours.losses, theirs))
    run.notes[case.name].append(f"* the first {len(theirs)} losses of {peer.name} are {apart:.1e} from ours")
    if not apart <= LOSS_TOLERANCE:
        run.results.fail(case.name, f"{peer.name} computes something else: its first losses are "
                         f"{', '.join(f'{loss:.4f}' for loss in theirs)}, ours "
                         f"{', '.join(f'{loss:.4f}' for loss in ours.losses[:len(theirs)])}")


def peers_of(run, case):
    """Those that are ready in time; why not is told of the others."""
    found, end = {}, time.monotonic() + min(PATIENCE, run.runner.left - TURN)
    for mode in case.modes:
        try:
            found[mode] = run.peers.get((case.name, mode), end)
        except Failed as error:
            run.results.lack(f"{case.name}/tokens", str(error))
            run.results.lack(f"{case.name}/memory", str(error))
            run.results.fail(case.name, f"peer left out: {error}")
    return found


def take_turn(run, case, peers, number):
    """A round: our turn, and {mode: seconds of a step}; every second round goes backwards.  Who fails drops out."""
    ours, theirs = None, {}
    for who in [None, *peers][::1 if number % 2 == 0 else -1]:
        if who is None:
            ours = our_turn(run, case, case.steps)
            continue
        try:
            theirs[who] = peers[who].turn(case.steps, time.monotonic() + TURN)
        except Failed as error:
            run.results.fail(case.name, str(error))
            del peers[who]
    return ours, theirs


def rows_of(case, rounds, peers, words):
    """The table of all rounds, and {mode: ratios}."""
    tokens, ratios = case.batch * case.length, {}
    ours = [turn.seconds for turn, _ in rounds]
    rows = ["| | ms a step | tokens/s | our tokens/s over it | peak device bytes |", "|---|---|---|---|---|",
            f"| ours | {spread([one * 1e3 for one in ours], 2)} | {tokens / median(ours):.0f} | | {words} |"]
    for mode, peer in peers.items():
        times = [theirs[mode] for _, theirs in rounds]
        ratios[mode] = [theirs / one for theirs, one in zip(times, ours)]
        rows.append(f"| {peer.name} | {spread([one * 1e3 for one in times], 2)} | {tokens / median(times):.0f} | "
                    f"{spread(ratios[mode])} | {peer.memory.get('max_allocated_bytes', 'unknown')} allocated, "
                    f"{peer.memory.get('max_reserved_bytes', 'unknown')} reserved |")
    return rows, ratios


def judge_beside(run, case, rounds, peers, bytes_of_ours, words):
    rows, ratios = rows_of(case, rounds, peers, words)
    run.results.put(section_of(case), [*run.notes[case.name], *rows])
    run.results.keep(f"{case.name}/rounds", [[turn.seconds, theirs] for turn, theirs in rounds])
    if not ratios:
        return
    best = min(ratios, key=lambda mode: median(ratios[mode]))
    graph = "; ours without graphs" if run.flags else ""
    run.results.set(f"{case.name}/tokens", median(ratios[best]), f"{spread(ratios[best])} of {peers[best].name}{graph}")
    allocated = peers[best].memory.get("max_allocated_bytes")
    if allocated:
        run.results.set(f"{case.name}/memory", bytes_of_ours / allocated,
                        f"{bytes_of_ours} bytes of arenas and libraries, {allocated} allocated by the peer")
    else:
        run.results.lack(f"{case.name}/memory", "the peer said nothing of its memory")


def part(run, case):
    """Ours alone first: what is known then stays, whatever the peers do; and so after each round."""
    run.notes[case.name] = []
    with run.peers.quiet():
        measure_context(run)
        with Meter(run.runner) as meter:
            alone = our_turn(run, case, case.steps)
        alone.used_bytes = meter.bytes
    if not all(map(math.isfinite, alone.losses)) or abs(alone.losses[0] - math.log(SHAPES[case.shape][1]["vocab"])) > 1:
        run.results.fail(case.name, f"expected losses near that of a guess, but got {alone.losses}")
    judge_beside(run, case, [(alone, {})], {}, *judge_alone(run, case, [alone]))
    peers = peers_of(run, case)
    for peer in peers.values():
        check_losses(run, case, alone, peer)
    rounds = []
    with run.peers.quiet():
        while peers and len(rounds) < case.rounds:
            rounds.append(take_turn(run, case, peers, len(rounds)))
            judge_beside(run, case, rounds, peers,
                         *judge_alone(run, case, [alone, *(turn for turn, _ in rounds)]))
    for mode in case.modes:
        run.peers.end((case.name, mode))
