# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Step times beside peers', and one thread beside several: participants take turns within one run."""

import importlib.util
import json
import os
import sys
import time
from dataclasses import dataclass
from statistics import median

from floor import Floor, products_of
from participants import BenchError, Trainer, interleave, spread
from shapes import SHAPES

HERE = os.path.dirname(os.path.abspath(__file__))
OURS = "ds-mlir"
# Of the first steps, relative: sums in another order change less, another optimizer, mask or clip more.  Later steps
# would need more, for PyTorch's sake: it adds the squares of a tensor in float32, so that the norm by which it clips
# is up to 0.6 % small when a gradient has 38.6 million elements.  JAX's losses stay within 3e-7 for 21 steps.
COMPARED, LOSS_TOLERANCE, NORM_TOLERANCE = 8, 2e-5, 1e-2


@dataclass(frozen=True)
class Peer:
    module: str  # what must be installed
    script: str
    mode: str
    caches: dict  # variables that say where compiled code is kept, if it is


PEERS = {
    "torch.compile": Peer("torch", "torch_step.py", "compile", {"TORCHINDUCTOR_CACHE_DIR": "{cache}"}),
    "torch eager": Peer("torch", "torch_step.py", "eager", {}),
    "jax": Peer("jax", "jax_step.py", "", {"JAX_COMPILATION_CACHE_DIR": "{cache}", "JAX_PLATFORMS": "cpu",
                                           "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}),
}


@dataclass(frozen=True)
class Case:
    model: str
    batch: int
    length: int

    def __str__(self):
        return f"{self.model}:{self.batch}x{self.length}"

    @property
    def tokens(self):
        return self.batch * self.length

    @property
    def products(self):
        return products_of(SHAPES[self.model][1], self.batch, self.length)


class Ours:
    """A case's plan, and how to run it.  `flags` are ds-opt's, beside the case's or in place of them."""

    def __init__(self, case, tools, folder, *flags):
        self.tools, self.plan = tools, os.path.join(folder, "m.dsplan")
        model, report = os.path.join(folder, "m.mlir"), os.path.join(folder, "m.json")
        tools.run("ds-model", *SHAPES[case.model][0], f"--seq-len={case.length}", "-o", model)
        begin = time.monotonic()
        usual = ["--zero=0", f"--global-batch={case.batch}", "--remat=none", "--tune-seconds=0",
                 "--machine=" + tools.machine]
        given = {flag.partition("=")[0] for flag in flags}
        tools.run("ds-opt", model, *(flag for flag in usual if flag.partition("=")[0] not in given), *flags,
                  "--json=" + report, "-o", self.plan)
        self.compile_s = time.monotonic() - begin
        with open(report, encoding="utf-8") as file:
            self.report = json.load(file)

    def initial_values(self, folder):
        """A file with the values that training starts from."""
        self.tools.run("ds-run", self.plan, "--steps=0", "--data=random:0", "--save=" + folder)
        return os.path.join(folder, "step-0", "model.safetensors")

    def start(self, name, threads):
        command = [self.tools.path("ds-run"), self.plan, "--json=-", "--data=random:0", "--steps=1000000",
                   "--timeout=100000"]
        return Trainer(name, command, threads)


def missing_peers(without):
    """{name: why it is not there}"""
    result = {}
    for name, peer in PEERS.items():
        if name in without:
            result[name] = "left out by --without"
        elif importlib.util.find_spec(peer.module) is None:
            result[name] = f"not installed: {sys.executable} -m pip install {peer.module}"
    return result


def start_peer(name, case, threads, initial, cache):
    peer = PEERS[name]
    command = [sys.executable, os.path.join(HERE, "peers", peer.script), f"--mode={peer.mode}", f"--model={case.model}",
               f"--batch={case.batch}", f"--seq-len={case.length}", f"--threads={threads}", "--initial=" + initial]
    return Trainer(name, command, threads, **{key: value.format(cache=cache) for key, value in peer.caches.items()})


def start_twice(name, case, threads, initial, cache):
    """A peer that keeps compiled code starts without it, and then once more with it."""
    cold = None
    if any("{cache}" in value for value in PEERS[name].caches.values()):
        first = start_peer(name, case, threads, initial, cache)
        first.end()
        cold = first.first_step_s
    trainer = start_peer(name, case, threads, initial, cache)
    trainer.cold_s = cold or trainer.first_step_s
    return trainer


def check_agreement(trainers):
    """All trained alike, or there is nothing to compare.  Returns how far they are apart."""
    steps = min(COMPARED, *(len(trainer.losses) for trainer in trainers))
    apart = {"steps": steps, "loss": 0.0, "grad_norm": 0.0}
    for trainer in trainers[1:]:
        for what, ours, theirs, tolerance in (("loss", trainers[0].losses, trainer.losses, LOSS_TOLERANCE),
                                              ("grad_norm", trainers[0].norms, trainer.norms, NORM_TOLERANCE)):
            for step, (a, b) in enumerate(zip(ours[:steps], theirs[:steps])):
                distance = abs(a - b) / abs(a)
                if not distance <= tolerance:
                    raise BenchError(f"{trainer.name} computes something else: at step {step} its {what} is {b:.6g} "
                                     f"and ours {a:.6g}, more than {tolerance:g} apart")
                apart[what] = max(apart[what], distance)
    return apart


def row_of(trainer, ours, floor, tokens):
    ms = trainer.median_ms
    return {"name": trainer.name, "step_ms": trainer.rounds, "median_ms": ms, "tokens_per_s": tokens / ms * 1e3,
            "ours_over_it": [a / b for a, b in zip(ours.rounds, trainer.rounds)],
            "peak_rss_bytes": trainer.peak_rss(), "first_step_cold_s": trainer.cold_s,
            "first_step_warm_s": trainer.first_step_s,
            "floor_share": [a / b for a, b in zip(floor.rounds, trainer.rounds)],
            "losses": trainer.losses, "grad_norms": trainer.norms}


def print_case(case, rows, floor, result):
    print(f"\n{case}, {case.tokens} tokens a step, {floor.threads} threads; medians [range] of the rounds")
    print(f"{'':15}{'ms a step':>26}{'ours / its':>21}{'floor / its':>21}{'tokens/s':>10}{'peak RSS':>11}"
          f"{'first step: cold':>18}{'warm':>9}{'in steps':>10}")
    for row in rows:
        print(f"{row['name']:15}{spread(row['step_ms']):>26} {spread(row['ours_over_it'], 3):>20}"
              f" {spread(row['floor_share'], 3):>20}{row['tokens_per_s']:10.0f}{row['peak_rss_bytes'] / 2**20:7.0f} MiB"
              f"{row['first_step_cold_s']:16.1f} s{row['first_step_warm_s']:7.1f} s"
              f"{row['first_step_warm_s'] / row['median_ms'] * 1e3:10.2f}")
    print(f"{'product floor':15}{spread(floor.rounds):>26}")
    for name, why in result["missing"].items():
        print(f"{name:15} {why}")
    ours, apart = rows[0], result["apart"]
    best = min(rows[1:], key=lambda row: row["median_ms"], default=None)
    if best:
        print(f"beside {best['name']}, the best peer: {spread(best['ours_over_it'], 3)} of its time, "
              f"{ours['peak_rss_bytes'] / best['peak_rss_bytes']:.3f} of its peak RSS")
        print(f"all compute the same: the first {apart['steps']} losses within {apart['loss']:.1e} (allowed "
              f"{LOSS_TOLERANCE:g}), gradient norms within {apart['grad_norm']:.1e} (allowed {NORM_TOLERANCE:g})")
    predicted = result["predicted_step_ms"]
    print(f"predicted {predicted:.1f} ms, {predicted / ours['median_ms'] - 1:+.1%}; stated arena "
          f"{result['arena_bytes'] / 2**20:.1f} MiB; compiled in {result['compile_s']:.2f} s, part of our cold start")


def run_case(case, options, tools, folder):
    """One case: its table, printed, and what goes into the JSON."""
    ours, missing = Ours(case, tools, folder), missing_peers(options.without)
    started = []
    try:
        peers = [name for name in PEERS if name not in missing]
        initial = ours.initial_values(os.path.join(folder, "initial")) if peers else None
        started.append(ours.start(OURS, options.threads))
        started[0].cold_s = started[0].first_step_s + ours.compile_s
        for name in peers:
            print(f"{case}: {name} compiles and starts", file=sys.stderr)
            started.append(start_twice(name, case, options.threads, initial, os.path.join(folder, name)))
        trainers, floor = started[:], Floor([tools.path("gemm-floor")], case.products, options.threads)
        started.append(floor)
        interleave(started, options.rounds, options.steps)
        result = {"case": str(case), "threads": options.threads, "missing": missing,
                  "apart": check_agreement(trainers), "predicted_step_ms": ours.report["predicted_step_ms"],
                  "arena_bytes": sum(arena["bytes"] for arena in ours.report["arenas"]), "compile_s": ours.compile_s,
                  "floor": {"median_ms": floor.median_ms, "rounds_ms": floor.rounds, "products": floor.table()},
                  "participants": [row_of(t, trainers[0], floor, case.tokens) for t in trainers]}
    finally:
        for process in started:
            process.end()
    print_case(case, result["participants"], floor, result)
    return result


def run_scaling(case, options, tools, folder):
    """Our step and the products alone, on one thread and on all."""
    ours, started = Ours(case, tools, folder), []
    try:
        for threads in (1, options.threads):
            started.append(ours.start(f"step, {threads}", threads))
            started.append(Floor([tools.path("gemm-floor")], case.products, threads))
        interleave(started, options.rounds, options.steps)
    finally:
        for process in started:
            process.end()
    one, floor_one, many, floor_many = (process.rounds for process in started)
    step = [a / b for a, b in zip(one, many)]
    products = [a / b for a, b in zip(floor_one, floor_many)]
    print(f"\n{case}, 1 thread / {options.threads}: the step {spread(step, 3)}, its products alone "
          f"{spread(products, 3)}, the one over the other {median(step) / median(products):.3f}")
    return {"case": str(case), "threads": options.threads, "one_thread_ms": one, "threads_ms": many,
            "products_one_thread_ms": floor_one, "products_threads_ms": floor_many,
            "step_over_products": median(step) / median(products)}
