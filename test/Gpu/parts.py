# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is checked on a GPU, part by part.  A part says what it found as it finds it; none needs another's success."""
import concurrent.futures
import contextlib
import json
import pathlib
import re
import shutil
import sys
from statistics import median

import compare
import prepare
from results import spread
from running import Failed

HERE = pathlib.Path(__file__).resolve().parent
PROFILES = HERE.parents[1] / "lib" / "Tune" / "Profiles"
PROBE = [sys.executable, HERE / "probe.py"]
GRAPHLESS = "--profile"  # of ds-run: each instruction is timed, so a step is no graph
BIG = 256e6  # bytes that a kernel moves for its speed to be memory's
BOUND = 8  # flops for a byte, above which a kernel is not judged by memory's speed
AT_ONCE = 4  # runs under a sanitizer
SOON = 20  # seconds for a small plan that may hang


def device(run):
    """What the machine is, and the two rates that shares are taken of."""
    found = json.loads(run.runner.must([*PROBE, "libraries"], 60).text)
    run.results.add("Machine", f"* {run.gpu}",
                    f"* LD_LIBRARY_PATH={run.runner.environment.get('LD_LIBRARY_PATH', '')}",
                    *(f"* {name}: {where}" for name, where in found.items()))
    with run.peers.quiet():
        try:
            copied = json.loads(run.runner.must([*PROBE, "copies", *run.probe_size], 60).text)
            run.copy_rate = median(copied["bytes_per_s"])
            rates = spread([rate * 1e-9 for rate in copied["bytes_per_s"]], 0)
            run.results.add("Machine", f"* driver {copied['driver']}; {copied['free_bytes']} of "
                            f"{copied['total_bytes']} bytes free; copies of {copied['bytes']} bytes: {rates} GB/s "
                            "read and written")
        except Failed as error:
            run.results.fail("device", str(error))
        products(run)


def products(run):
    if not run.torch:
        return
    try:
        found = json.loads(run.runner.must([*run.torch, "peak"], 90, **run.peers.environment).text.splitlines()[-1])
    except (Failed, IndexError, ValueError) as error:
        run.no_peak = f"no product was measured: {error}"
        run.results.fail("device", run.no_peak)
        return
    run.peak = found["tflops"]
    run.copy_rate = run.copy_rate or median(found["copy_bytes_per_s"])
    run.results.add("Machine", f"* torch {found['torch']}: bf16 products of {found['size']}^3: best "
                    f"{max(run.peak):.1f}, {spread(run.peak, 1)} TFLOP/s; copies "
                    f"{spread([rate * 1e-9 for rate in found['copy_bytes_per_s']], 0)} GB/s")
    run.results.keep("products_tflops", run.peak)


def profile(run):
    """What ds-run measures of this machine, beside what is shipped of it: how wrong predictions are from the start."""
    with run.peers.quiet():
        measured = json.loads(run.runner.must([run.folder / "ds-run", "--profile-machine=gpu"], 30).text)
    run.results.keep("machine", measured)
    name = run.manifest["machine"].removesuffix(".json")
    path = PROFILES / f"{name}.json"
    name, path = (name, path) if path.exists() else ("h200", PROFILES / "h200.json")
    shipped = json.loads(path.read_text())
    section = "The machine's profile"
    run.results.add(section, f"| figure | measured | {name} | measured over {name} |", "|---|---|---|---|")
    rows = [("memory_bytes", measured["memory_bytes"], shipped["memory_bytes"])]
    rows += [(key, value, shipped["gpu"].get(key)) for key, value in measured["gpu"].items()]
    for key, value, stated in rows:
        is_known = isinstance(value, (int, float)) and stated
        run.results.add(section, f"| {key} | {value:.6g} | {stated:.6g} | {value / stated:.3f} |" if is_known
                        else f"| {key} | {value} | {stated} | |")
    shares = sorted((row["gflops"] * 1e-3 / measured["gpu"][f"{row.get('dtype', 'f32')}_tflops"], product_name(row))
                    for row in measured["products"])
    run.results.add(section, f"* {len(shares)} products reach {spread([share for share, _ in shares], 2)} of the large "
                    "square's rate; the slowest:", *(f"* {name}: {share:.2f}" for share, name in shares[:5]))


def product_name(row):
    """bf16 96 x 1024 x 64 x 1024 NN: type, batch, m, n, k, and which operands are transposed."""
    sizes = " x ".join(str(row[key]) for key in ("batch", "m", "n", "k"))
    return f"{row.get('dtype', 'f32')} {sizes} {'NT'[row['transpose_a']]}{'NT'[row['transpose_b']]}"


def train(run, case, seconds, *more):
    """A run of a case's plan: its events, and its standard error."""
    at = run.folder / case.name
    ended = run.runner.must([run.folder / "ds-run", at / prepare.GPU, f"--steps={case.steps}", "--data=random:0",
                             "--json=-", *more], seconds)
    return compare.events(text for _, text in ended.lines), ended.errors


def compiled(run, case, part):
    """Whether there is a plan; fails where there is none."""
    found = run.manifest["cases"][case.name]
    if "error" in found:
        run.results.fail(part, f"{case.name}: no plan: {found['error']}")
    return "error" not in found


def compared(run, case, *more):
    """Trains and compares: a row, and what is wrong."""
    saved = run.work / case.name
    shutil.rmtree(saved, ignore_errors=True)
    events, errors = train(run, case, SOON, f"--save={saved}", *more)
    last = max(saved.glob("step-*"), key=lambda step: int(step.name[5:]), default=None)
    if not last:
        raise Failed(f"{case.name} saved nothing")
    row, wrong = compare.report(case, run.folder / case.name, events, last / "model.safetensors")
    return row, wrong + re.findall(r"steps run without a graph.*", errors)


# What makes libraries talk, and names the call at fault.
TALK = {"CUDA_LOG_FILE": "stderr", "CUDA_LAUNCH_BLOCKING": "1", "CUBLASLT_LOG_LEVEL": "2", "NCCL_DEBUG": "WARN"}


def diagnose(run, case, flags):
    """The first plan that fails, once more: what driver and libraries say of it, and what memcheck does."""
    section, at = f"What {case.name} says", run.folder / case.name / prepare.GPU
    command = [run.folder / "ds-run", at, "--steps=1", "--data=random:0", *flags]
    checker = shutil.which("compute-sanitizer", path=run.runner.environment.get("PATH"))
    for name, before, talk in (("with " + " ".join(f"{key}={value}" for key, value in TALK.items()), [], TALK),
                               ("under memcheck", [checker, "--tool=memcheck", "--target-processes=all"], {})):
        if None not in before:
            with contextlib.suppress(Failed):
                ended = run.runner.run([*before, *command], SOON, **talk)
                lines = (ended.errors + ended.text).strip().splitlines()
                run.results.add(section, f"* code {ended.code} {name}:", *(f"      {line}" for line in lines[:25]))


def try_way(run, case, flags):
    """What is wrong with a plan when it runs so."""
    try:
        return compared(run, case, *flags)[1]
    except (Failed, OSError, ValueError) as error:
        return [str(error)]


def smoke(run):
    """Small plans, as a graph and launch by launch: what does not work is known in a minute, with its words."""
    run.results.add("Smoke", "| plan | as a graph | launch by launch |", "|---|---|---|")
    ways, right, hung, diagnosed = [[], [GRAPHLESS]], [0, 0], [False, False], False
    known = [case for case in run.of("smoke") if compiled(run, case, "smoke")]
    for number, case in enumerate(known):
        cells = []
        for way, flags in enumerate(ways):
            wrong = ["not tried again"] if hung[way] else try_way(run, case, flags)
            right[way] += not wrong
            cells.append("right" if not wrong else wrong[0].splitlines()[0].replace("|", "/"))
            if wrong and not hung[way]:
                run.results.fail("smoke", f"{case.name}{' without a graph' if way else ''}: " + "; ".join(wrong))
            hung[way] |= any("was stopped after" in text for text in wrong)
        run.results.add("Smoke", f"| {case.name} | {' | '.join(cells)} |")
        run.flags = [GRAPHLESS] if right[1] > right[0] else []
        if cells != ["right", "right"] and not diagnosed:
            diagnosed = True
            diagnose(run, case, ways[cells[1] != "right"])
        run.results.lack("graph", f"stopped behind {case.name}; {right[0]} of {number + 1} right as a graph")
    if known:
        run.results.set("graph", len(known) - right[0],
                        f"{right[0]} of {len(known)} right as a graph, {right[1]} without")
    if run.flags:
        run.results.add("Smoke", "Graphs failed: all that follows runs launch by launch, which is slower.")


def losses(run):
    known = [case for case in run.of("losses") if compiled(run, case, "losses")]
    run.results.add("Losses, relative distance", *compare.HEAD)
    bad = len(run.of("losses")) - len(known)
    for case in known:
        try:
            row, wrong = compared(run, case, *run.flags)
        except (Failed, OSError, ValueError) as error:
            row, wrong = f"| {case.name} | failed | | | | | | |", [str(error)]
        run.results.add("Losses, relative distance", row)
        bad += bool(wrong)
        if wrong:
            run.results.fail("losses", f"{case.name}: {'; '.join(wrong)}")
        run.results.lack("losses", f"stopped at {case.name}, {bad} were apart")
    run.results.set("losses", bad, f"of {len(run.of('losses'))} cases")


def worlds(run):
    """NCCL alone, for a plan of one rank calls none; then two ranks on one GPU, if that is built."""
    try:
        found = json.loads(run.runner.must([*PROBE, "nccl"], 60).text)
        wrong = [name for name, right in found["right"].items() if not right]
        run.results.set("nccl", len(wrong), f"NCCL {found['version']}, a communicator in {found['start_s']:.1f} s; "
                        f"{', '.join(found['right'])}" + (f"; wrong: {', '.join(wrong)}" if wrong else ""))
    except (Failed, ValueError, KeyError) as error:
        run.results.fail("worlds", f"NCCL at world 1: {error}")
    known = [case for case in run.of("worlds") if compiled(run, case, "worlds")]
    for number, case in enumerate(known):
        try:
            _, wrong = compared(run, case, "--timeout=20")
        except (Failed, OSError, ValueError) as error:
            reason = str(error).splitlines()[-1]
            run.results.lack("world 2", f"{number} of {len(known)} stages ran; {case.name}: {reason}")
            raise
        if wrong:
            raise Failed(f"{case.name}: {'; '.join(wrong)}")
    if known and len(known) == len(run.of("worlds")):
        run.results.set("world 2", 0, f"{len(known)} stages")


def kernels(run):
    """Each kernel of the largest plan that moves much, by events, beside a copy."""
    case = next((case for case in run.of("speed") if case.name == "gpt2-124m"), None)
    if not case or not compiled(run, case, "kernels"):
        raise Failed("there is no plan of gpt2-124m")
    if not run.copy_rate:
        raise Failed("no copy was measured")
    with run.peers.quiet():
        events, _ = train(run, case, 40, GRAPHLESS)
    run.results.keep("profile", events[-1].get("profile"))
    rows = []
    for row in events[-1].get("profile", []):
        size = row["bytes"] / max(row["calls"], 1)
        if row["what"].startswith("kernel ") and row["ms"] > 0 and size >= run.big:
            rows.append((row["bytes"] / row["ms"] * 1e3 / run.copy_rate, row, size))
    section = "Kernels that move at least 256 MB, events around each"
    run.results.add(section, "| kernel | share of a copy | GB/s | calls | ms | MB a call | flops a byte |",
                    "|---|---|---|---|---|---|---|")
    judged = []
    for share, row, size in sorted(rows, key=lambda entry: entry[0]):
        density = row["flops"] / row["bytes"]
        shown = f"{share:.2f}" if density <= BOUND else "bound by arithmetic"
        if density <= BOUND:
            judged.append((share, row["what"]))
        run.results.add(section, f"| {row['what'][7:]} | {shown} | "
                        f"{row['bytes'] / row['ms'] * 1e-6:.0f} | {row['calls']:.0f} | {row['ms']:.3f} | "
                        f"{size * 1e-6:.0f} | {density:.1f} |")
    if not judged:
        raise Failed(f"no kernel is bound by memory and moves {run.big * 1e-6:.0f} MB")
    run.results.set("kernels", judged[0][0], f"{judged[0][1]}; {sum(share >= 0.85 for share, _ in judged)} of "
                    f"{len(judged)} kernels reach 0.85, median {median(share for share, _ in judged):.2f}")


# What a clean run says; nothing of it is said where nothing was checked.
CLEAN = {"memcheck": r"ERROR SUMMARY: 0 errors", "racecheck": r"RACECHECK SUMMARY: 0 hazards"}


def sanitize_one(run, checker, kind, case):
    """What is wrong, or nothing."""
    ended = run.runner.run([checker, f"--tool={kind}", "--target-processes=all", "--error-exitcode=9",
                            run.folder / "ds-run", run.folder / case.name / prepare.GPU, "--steps=1",
                            "--data=random:0"], 120)
    text = ended.text + ended.errors
    if ended.code == 0 and re.search(CLEAN[kind], text):
        return None
    said = [line for line in text.splitlines() if line.startswith("=========")] or text.splitlines()
    return f"{kind} of {case.name} ended with code {ended.code}\n" + "\n".join(said[:20])


def sanitize(run):
    """NVIDIA's checkers of memory and of races, on one step of every small plan."""
    checker = shutil.which("compute-sanitizer", path=run.runner.environment.get("PATH"))
    if not checker:
        raise Failed("compute-sanitizer is not here: memory and races were not checked")
    known = [case for case in [*run.of("smoke"), *run.of("losses")]
             if "error" not in run.manifest["cases"][case.name]]
    bad, ended = dict.fromkeys(CLEAN, 0), dict.fromkeys(CLEAN, 0)
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        jobs = {pool.submit(sanitize_one, run, checker, kind, case): kind for case in known for kind in CLEAN}
        for job in concurrent.futures.as_completed(jobs):
            kind = jobs[job]
            try:
                wrong = job.result()
            except Failed as error:
                run.results.fail("sanitize", f"{kind}: {error}")
                continue
            ended[kind] += 1
            bad[kind] += bool(wrong)
            if wrong:
                run.results.fail("sanitize", wrong)
            run.results.lack(kind, f"not finished: {ended[kind]} of {len(known)} plans, errors in {bad[kind]}")
            if ended[kind] == len(known):
                run.results.set(kind, bad[kind], f"{len(known)} plans, a step each")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
