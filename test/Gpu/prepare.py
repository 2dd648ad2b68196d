# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All that needs the compiler: plans, what CPUs computed with the same models, and ds-run; one archive of them."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import time

import cases

MOST_BYTES = 40 << 20  # of the archive
# How tarfile writes each: quickly, or small.
ARCHIVES = {".tar.gz": {"mode": "w:gz", "compresslevel": 1}, ".tar.xz": {"mode": "w:xz", "preset": 6}}
GPU, CPU, STATE = "gpu.dsplan", "cpu.jsonl", "cpu.safetensors"


def tool(command, log):
    """Runs a command; its output in a file, and in the error when it fails."""
    with open(log, "w", encoding="utf-8") as out:
        ended = subprocess.run([str(word) for word in command], stdout=out, stderr=subprocess.STDOUT)
    if ended.returncode:
        lines = pathlib.Path(log).read_text(errors="replace").strip().splitlines()
        raise RuntimeError(next((line for line in lines if "error:" in line), f"{command[0]} ended with code "
                                f"{ended.returncode}: {lines[-1] if lines else 'no word'}"))


def libraries(binary):
    """What a program is linked to and a machine may not have."""
    text = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return [path for name, path in re.findall(r"(\S+) => (/\S+)", text)
            if re.match(r"lib(dnnl|blis|gomp|OpenCL)\.", name)]


def copy_runner(folder):
    (folder / "lib").mkdir()
    runner = shutil.which("ds-run")
    if not runner:
        raise RuntimeError("expected ds-run, ds-opt and ds-model on the PATH: build them first ('tools/check')")
    shutil.copy2(runner, folder / "ds-run")
    for path in libraries(runner):
        shutil.copy2(os.path.realpath(path), folder / "lib" / os.path.basename(path))


def facts_of(plan):
    """What the plan states that a run is compared with."""
    text = subprocess.run(["ds-plan", "print", plan], capture_output=True, text=True, check=True).stdout
    reserve = re.search(r"libraries up to (\d+) bytes", text)
    arenas = [int(size) for size in re.findall(r"^arena \d+ device: (\d+) bytes", text, re.MULTILINE)]
    return {"reserve_bytes": int(reserve[1]) if reserve else None, "arena_bytes": sum(arenas),
            "plan_bytes": plan.stat().st_size}


def run_on_cpu(at, work, case):
    tool(["ds-run", work / "cpu.dsplan", f"--steps={case.steps}", "--data=random:0", f"--save={work / 'saved'}",
          f"--json={at / CPU}"], work / "cpu-run.log")
    last = max((work / "saved").glob("step-*"), key=lambda step: int(step.name[5:]))
    shutil.copy2(last / "model.safetensors", at / STATE)


def model_of(case, work):
    first = case.model[0]
    if first.endswith(".mlir"):
        return cases.HERE / "Inputs" / first
    words = case.model
    if first.endswith(".json"):
        golden = json.loads((cases.TEST / "Goldens" / "HuggingFace" / first).read_text())
        (work / "config.json").write_text(json.dumps(golden["config"]))
        words = [f"--hf={work / 'config.json'}"]
    tool(["ds-model", *words, "-o", work / "model.mlir"], work / "model.log")
    return work / "model.mlir"


def compile_case(folder, work, case, machine):
    """Returns what the manifest says of it."""
    at, work, machine = folder / case.name, work / case.name, case.machine or machine
    at.mkdir()
    work.mkdir(parents=True)
    model = model_of(case, work)
    options = [model, "--tune-seconds=0", *case.options]
    tool(["ds-opt", *options, f"--machine={machine}", "-o", at / GPU], work / "gpu-opt.log")
    if case.kind != "speed":
        # CPUs have no tf32: what it comes near to is float32.
        options = ["--precision=f32" if option == "--precision=tf32" else option for option in options]
        tool(["ds-opt", *options, f"--machine={cases.CPU}", "-o", work / "cpu.dsplan"], work / "cpu-opt.log")
        run_on_cpu(at, work, case)
    return {**facts_of(at / GPU), "command": " ".join(["ds-opt", *case.options, f"--machine={machine}"])}


def folder_of(path):
    """The folder that an archive holds: of the same name, beside it.  Any other path is a folder's."""
    suffix = next((suffix for suffix in ARCHIVES if path.name.endswith(suffix)), "")
    return path.with_name(path.name.removesuffix(suffix)), suffix


def pack(folder, archive, how):
    with tarfile.open(archive, **how) as file:
        file.add(folder, folder.name)
    size = archive.stat().st_size
    print(f"{archive}: {size / 2**20:.1f} MiB")
    if size > MOST_BYTES:
        raise RuntimeError(f"expected an archive of at most {MOST_BYTES >> 20} MiB: write a .tar.xz, or fewer cases")


def prepare(path, machine, chosen, is_small):
    """Makes a folder anew, or its archive.  Returns the exit code: 1 where a case could not be compiled."""
    folder, suffix = folder_of(path)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    copy_runner(folder)
    made = {"machine": os.path.basename(str(machine)), "small": is_small, "made": time.strftime("%Y-%m-%d"),
            "cases": {}}
    failed = 0
    with tempfile.TemporaryDirectory() as work:
        for case in chosen:
            try:
                facts = compile_case(folder, pathlib.Path(work), case, machine)
                print(f"{case.name}: {facts['plan_bytes']} bytes", flush=True)
            except RuntimeError as error:
                facts = {"error": str(error)}
                print(f"{case.name}: not compiled: {error}", flush=True)
                failed += 1
            made["cases"][case.name] = facts
    (folder / "manifest.json").write_text(json.dumps(made, indent=1))
    print(f"{len(chosen) - failed} of {len(chosen)} cases compiled")
    if suffix:
        pack(folder, path, ARCHIVES[suffix])
    return 1 if failed else 0


def manifest(folder):
    path = folder / "manifest.json"
    try:
        return json.loads(path.read_text())
    except OSError:
        raise RuntimeError(f"cannot read '{path}': make it by 'check-gpu prepare'") from None


def unpack(path):
    """The folder of what was prepared; an archive is unpacked beside itself, whatever it is called by now."""
    if not folder_of(path)[1]:
        return path
    with tarfile.open(path) as file:
        file.extractall(path.parent, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        return path.parent / file.getnames()[0]
