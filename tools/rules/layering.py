#===- layering.py - Includes point downward only ---------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A file may include its own layer and those above it in the table: later rows
# build on earlier ones.  The compiler and the runtime are two towers on one
# ground, the plan's schema.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding

# Layer, and what it is made of: beginnings of paths, as files lie and, for
# generated headers, as they are spelled.  The longest beginning decides.
SCHEMA = ("schema", ["include/ds-rt/", "plan_generated.h"])
COMPILER = [
    SCHEMA,  # what compiler and runtime agree on: no LLVM
    ("Support", ["include/ds/Support/", "lib/Support/"]),  # values; knows no IR
    ("Cost", ["include/ds/Cost/", "lib/Cost/"]),  # numbers about a machine; knows no IR
    ("Planner", ["include/ds/Planner/", "lib/Planner/"]),  # placement of intervals; knows no IR
    ("dialects", ["include/ds/Dialect/", "dialects/"]),
    ("Analysis", ["include/ds/Analysis/", "lib/Analysis/"]),
    ("Raise", ["include/ds/Raise/", "lib/Raise/"]),  # what ops compute, for passes that look for it
    ("Import", ["include/ds/Import/", "lib/Import/"]),  # other front ends' modules become ds
    ("Interpreter", ["include/ds/Interpreter/", "lib/Interpreter/"]),
    ("Codegen", ["include/ds/Codegen/", "lib/Codegen/"]),  # passes ask its shapes for what fuses
    ("passes", ["include/ds/Passes/", "passes/"]),
    ("Pipelines", ["include/ds/Passes/Pipelines.h", "include/ds/Passes/Passes.h", "passes/Pipelines.cpp"]),
    ("Plan", ["include/ds/Plan/", "lib/Plan/"]),  # a lowered module becomes a plan
    ("Config", ["include/ds/Config/", "lib/Config/"]),  # a user's file becomes options of the above
    ("Tune", ["include/ds/Tune/", "lib/Tune/"]),  # runs pipelines and emits plans
    ("tools", ["tools/CommandLine.h", "tools/Diagnostics.h", "tools/ds-opt/", "tools/ds-exec/", "tools/ds-model/"]),
    ("tests", ["test/"]),
]
RUNTIME = [
    SCHEMA,
    ("bindings", ["python-bindings/"]),  # over the C interfaces only
    ("runtime base", ["runtime/base/"]),
    ("runtime plan", ["runtime/plan/", "PlanSchema.inc"]),
    ("runtime backends", ["runtime/backends/"]),
    ("runtime comm", ["runtime/comm/"]),
    # A rank's memory and its instructions: what checkpoints save and data fills.
    ("runtime state", ["runtime/exec/" + n for n in ("Arena", "Instructions", "Philox", "Resolve", "Scalars", "Sha256",
                                                     "State.", "View.")]),
    ("runtime checkpoint", ["runtime/checkpoint/"]),
    ("runtime data", ["runtime/data/"]),
    ("runtime exec", ["runtime/exec/"]),
    ("runtime session", ["runtime/session/"]),  # a rank in the caller's process: behind include/ds-rt/Session.h
    ("runtime profile", ["runtime/profile/"]),
    ("runtime tools", ["tools/CommandLine.h", "tools/ds-run/", "tools/ds-plan/"]),
    ("tests", ["test/"]),
]
TOWERS = [COMPILER, RUNTIME]

# Where the compiler may use the runtime's headers, and why.
COMPILER_USES_RUNTIME = {
    ("Plan", "runtime/plan/Plan.h"): "plans are written and checked by the code that reads them",
    ("Tune", "runtime/profile/Machine.h"): "--machine=host measures with the runtime's own kernels",
    ("Tune", "runtime/profile/Products.h"): "a profile's rates of products are read where they are written",
    ("Tune", "runtime/base/"): "profiles are read with the runtime's own errors",
    ("Config", "runtime/base/"): "an unknown key is answered with the nearest one, as a flag is",
    ("tools", "runtime/base/"): "a wrong flag is answered with the nearest one, in all tools alike",
}

# The libraries of the LLVM project are no part of the runtime and its tools;
# vendor libraries belong to the layer that wraps them.
VENDOR = {
    "dnnl": ["runtime/backends/cpu/"],
    "blis.h": ["runtime/backends/cpu/"],
    "cuda": ["runtime/backends/cuda/"],
    "omp.h": ["runtime/backends/cpu/"],
    "mpi.h": ["runtime/comm/mpi/"],
    "nccl": ["runtime/comm/nccl/"],
}
LLVM_FREE = ["runtime/", "python-bindings/", "include/ds-rt/", "tools/CommandLine.h", "tools/ds-run/", "tools/ds-plan/"]
LLVM = ("llvm/", "mlir/", "lld/", "clang/", "llvm-c/", "mlir-c/")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
ROOTS = ["", "include/", "runtime/"]


def layer_of(path, tower):
    """The row of the table that a path belongs to, as (row, name), or None."""
    best = None
    for row, (name, beginnings) in enumerate(tower):
        for beginning in beginnings:
            if path.startswith(beginning) and (best is None or len(beginning) > best[0]):
                best = (len(beginning), row, name)
    return best and best[1:]


def resolve(tree, file, spelled):
    """Where an included file lies: a path of the tree, a generated header's spelling, or None if it is not ours."""
    beside = os.path.normpath(os.path.join(os.path.dirname(file), spelled))
    for path in [beside] + [root + spelled for root in ROOTS]:
        if path in tree.known:
            return path
    if spelled.startswith(("ds/", "ds-rt/")):
        return "include/" + spelled
    return spelled if layer_of(spelled, COMPILER) or layer_of(spelled, RUNTIME) else None


def judge(file, target):
    """What is wrong with an include of `target`, or None."""
    for tower in TOWERS:
        mine, its = layer_of(file, tower), layer_of(target, tower)
        if mine and its:
            if its[0] <= mine[0]:
                return None
            return (f"expects includes of layer '{mine[1]}' to stay at or below it, but got '{target}' of layer "
                    f"'{its[1]}'; move what both need down, or the caller up")
    if layer_of(file, RUNTIME):
        return (f"expects the runtime to know include/ds-rt, runtime/ and libraries only, but got '{target}' of the "
                "compiler; put what both need into include/ds-rt")
    mine = layer_of(file, COMPILER)
    for (layer, beginning), _reason in COMPILER_USES_RUNTIME.items():
        if mine[1] == layer and target.startswith(beginning):
            return None
    return (f"expects the compiler's layer '{mine[1]}' to use no header of the runtime, but got '{target}'; a use "
            "that is meant stands with its reason in COMPILER_USES_RUNTIME of tools/rules/layering.py")


def judge_library(file, spelled):
    if spelled.startswith(LLVM) and file.startswith(tuple(LLVM_FREE)):
        return f"expects no LLVM in the runtime and its tools, but got '{spelled}'; do without it"
    for vendor, homes in VENDOR.items():
        if os.path.basename(spelled).startswith(vendor) and file.startswith("runtime/") \
                and not file.startswith(tuple(homes)):
            return f"expects '{spelled}' only in {' or '.join(homes)}, but got it here; call that layer instead"
    return None


def check(tree):
    tree.known = set(tree.all)
    files, includes, findings = tree.files(".h", ".cpp"), 0, []
    for file in files:
        if not layer_of(file, COMPILER) and not layer_of(file, RUNTIME):
            findings.append(Finding(file, 0, "expects every source file in a layer, but got none for it; add its "
                                             "folder to the table in tools/rules/layering.py"))
            continue
        for number, line in enumerate(tree.lines(file), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            includes += 1
            target = resolve(tree, file, match[2]) if match[1] == '"' else None
            wrong = judge(file, target) if target else judge_library(file, match[2])
            if wrong:
                findings.append(Finding(file, number, wrong))
    return f"{includes} includes of {len(files)} files", findings
