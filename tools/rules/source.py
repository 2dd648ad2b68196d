#===- source.py - Every source says what it is -----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A banner with the file's own name and the licence's line; no TODO without an
# issue; no ending of the process and no writing to standard error by code that
# tools call: errors are values there.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding

LICENCE = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")
LIBRARY = ("include/", "dialects/", "passes/", "lib/", "runtime/")
# `_exit` is how a forked child ends; it is a rank's, not the caller's.
ENDS = re.compile(r"(?<![\w.>])(?:::|std::|llvm::)?(abort|assert|exit|report_fatal_error|errs)\s*\(")


def check_banner(tree, file):
    lines = tree.lines(file)
    if file.endswith((".cpp", ".h", ".td", ".fbs")):
        wanted = f"//===- {os.path.basename(file)} - "
        if not lines or not lines[0].startswith(wanted):
            yield Finding(file, 1, f"expects the banner '{wanted}...', but got '{lines[0] if lines else ''}'; "
                                   "say there what the file is")
    if not any(LICENCE in line for line in lines[:3]):
        yield Finding(file, 1, f"expects the line '{LICENCE}' among the first three, but got none; add it")


def check_code(tree, file):
    library = file.startswith(LIBRARY) and file.endswith((".cpp", ".h"))
    for number, line in enumerate(tree.lines(file), 1):
        todo = TODO.search(line)
        if todo and not file.startswith("tools/rules/"):
            yield Finding(file, number, f"expects '{todo[1]}(#issue)', but got '{todo[1]}' alone; name the issue, or "
                                        "do it")
        code = re.sub(r'"(?:\\.|[^"\\])*"', '""', line).split("//")[0]
        ends = library and ENDS.search(code)
        if ends:
            yield Finding(file, number, f"expects errors as values or diagnostics, but got '{ends[1]}'; a library "
                                        "neither ends the process nor writes to standard error")


def check(tree):
    files = sorted(set(tree.files(".cpp", ".h", ".td", ".fbs", ".py", ".sh", ".cmake", "CMakeLists.txt")
                       + tree.python() + tree.shell()))
    findings = []
    for file in files:
        findings += check_banner(tree, file)
        findings += check_code(tree, file)
    return f"{len(files)} files", findings
