#===- format.py - Files are laid out alike ---------------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# C++ is what clang-format 22 makes of it.  Other sources: lines of at most 120
# columns, no tabs, no blanks at the end of a line, a newline at the end of the
# file.
#===----------------------------------------------------------------------===#
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from house import LLVM, Finding

COLUMNS = 120
TEXT = (".cpp", ".h", ".td", ".fbs", ".py", ".mlir", ".test", ".sh", ".cmake", "CMakeLists.txt", ".in", ".cfg", ".md")
# What may be wider: a lit directive is one line, as is the message that it pins,
# and .md and .test files are prose and commands, which wrap where they read well.
WIDE = re.compile(r"^\s*(//|#)\s*(RUN|DEFINE|REDEFINE|REQUIRES|[A-Z][A-Z0-9_-]*|expected-[a-z-]+( .*)?)\s*(:|@|\{\{)")


def check_cpp(tree):
    files = tree.files(".cpp", ".h")
    if not files:
        return []
    tool = LLVM + "/bin/clang-format"

    def one(batch):
        out = subprocess.run([tool, "--dry-run", "--style=file", *batch], cwd=tree.root, capture_output=True, text=True)
        if out.returncode:
            raise ValueError(f"{tool}: {out.stderr.strip()}")
        return out.stderr
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        reports = list(pool.map(one, [files[i::workers] for i in range(min(workers, len(files)))]))
    places = {}
    for match in re.finditer(r"^(\S+?):(\d+):\d+: (?:warning|error):", "\n".join(reports), re.M):
        places.setdefault(match[1], []).append(int(match[2]))
    return [Finding(file, min(lines), f"expects what clang-format makes of the file, but got {len(lines)} "
                                      f"difference{'s' * (len(lines) > 1)}; run clang-format-22 -i {file}")
            for file, lines in places.items()]


def check_text(tree, file):
    text = tree.text(file)
    if text and not text.endswith("\n"):
        yield Finding(file, text.count("\n") + 1, "expects a newline at the end of the file, but got none; add it")
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line:
            yield Finding(file, number, "expects blanks only, but got a tab; indent with two blanks")
        if line != line.rstrip():
            yield Finding(file, number, "expects no blanks at the end of the line, but got some; remove them")
        if len(line) > COLUMNS and not file.endswith((".md", ".test")) and not WIDE.match(line):
            yield Finding(file, number, f"expects at most {COLUMNS} columns, but got {len(line)}; break the line")


def check(tree):
    files = sorted(set(tree.files(*TEXT) + tree.python() + tree.shell()))
    findings = check_cpp(tree)
    for file in files:
        findings += check_text(tree, file)
    return f"{len(files)} files", findings
