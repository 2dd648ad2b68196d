# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Raises every module of a file: checks what is found, what is said, and that the program computes the same.

    raising.py MODULES FOLDER
"""

import re
import subprocess
import sys
from pathlib import Path

IMPORT = "ds-import-stablehlo,canonicalize,cse"
RAISE = ("ds-raise-embedding,ds-raise-activations,ds-raise-norms,ds-raise-cross-entropy,ds-raise-softmax,"
         "canonicalize,cse,ds-raise-attention,ds-raise-splits,canonicalize,cse")
FUSED = ["embedding", "gelu", "gelu_erf", "silu", "layer_norm", "rms_norm", "cross_entropy", "softmax", "attention"]


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def found(text):
    """The fused ops of a module, each as often as it is there."""
    return sorted(re.findall(r"= ds\.(%s) " % "|".join(FUSED), text))


def check(name, file):
    imported = run("ds-opt", file, f"-pass-pipeline=builtin.module({IMPORT})", "-o", file)
    raised = run("ds-opt", file, f"-pass-pipeline=builtin.module({RAISE})")
    if imported.returncode or raised.returncode:
        return imported.stderr + raised.stderr
    wanted = name.split("__")[0]
    ops = found(raised.stdout)
    # Of what only looks like attention the softmax is found.
    looks_like = name.startswith("none__attention") and ops == ["softmax"]
    if ops != ([] if wanted == "none" else [wanted]) and not looks_like:
        return f"found {ops}"
    remarks = [line for line in raised.stderr.splitlines() if "looks like" in line]
    if bool(remarks) != name.startswith("none__attention"):
        return f"said {remarks}"
    same = run("ds-exec", file, "--entry=loss", "--worlds=1", "--rtol=1e-6", "--before=canonicalize",
               f"--after={RAISE}")
    if same.returncode or "equal" not in same.stdout:
        return same.stdout + same.stderr
    return ""


def main():
    modules, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    faults = 0
    texts = modules.read_text().split("// -----\n")
    for text in texts:
        name = re.search(r"module @(\w+)", text).group(1)
        file = folder / (name + ".mlir")
        file.write_text(text)
        fault = check(name, str(file))
        faults += bool(fault)
        if fault:
            print(f"{name}: {fault}")
    print(f"{len(texts)} modules, {faults} faults")
    return faults != 0


sys.exit(main())
