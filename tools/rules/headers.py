#===- headers.py - Every header compiles alone -----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A file that includes one header and nothing else compiles with the flags that
# the build gives to the sources beside it, without the precompiled header.
# ccache makes unchanged headers free.
#===----------------------------------------------------------------------===#
import json
import os
import re
import shlex
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from house import Finding

# Which headers, and whose flags they are compiled with: those of the first
# source below a folder.  Headers beside their sources have one user or two.
FLAGS_OF = {"include/ds-rt/": "runtime/plan/", "include/ds/": "lib/Tune/", "runtime/": "runtime/profile/"}
DROP_WITH_VALUE = ("-o", "-MF", "-MT", "-include", "-c")


def flags(command):
    """The compiler with its flags, behind ccache where there is one, without source, outputs and precompiled header."""
    words, skip = shlex.split(command), False
    kept = ["ccache"] if shutil.which("ccache") and "ccache" not in words[0] else []
    for word, after in zip(words, words[1:] + [""]):
        if skip:
            skip = False
        elif word in DROP_WITH_VALUE:
            skip = True
        elif word == "-Xclang" and ("cmake_pch" in after or after.startswith(("-include", "-fno-pch"))):
            skip = True
        elif word not in ("-MD", "-MMD", "-Winvalid-pch"):
            kept.append(word)
    return kept


def commands(tree):
    with open(os.path.join(tree.build, "compile_commands.json"), encoding="utf-8") as stream:
        return sorted((os.path.relpath(os.path.realpath(c["file"]), os.path.realpath(tree.root)), c["command"],
                       c["directory"]) for c in json.load(stream))


def compile_alone(tree, header, command, directory):
    """The compiler's first error, or None."""
    folder = os.path.join(tree.build, "headers")
    os.makedirs(folder, exist_ok=True)
    source = os.path.join(folder, re.sub(r"\W", "_", header) + ".cpp")
    text = f'#include "{tree.path(header)}"\n'
    if not os.path.exists(source) or open(source, encoding="utf-8").read() != text:
        with open(source, "w", encoding="utf-8") as stream:
            stream.write(text)
    made = subprocess.run(flags(command) + ["-O0", "-g0", "-c", source, "-o", source[:-len(".cpp")] + ".o"],
                          cwd=directory, capture_output=True, text=True)
    if made.returncode == 0:
        return None
    error = re.search(r"^(\S+?):(\d+):\d+: (?:fatal )?error: (.*)$", made.stderr, re.M)
    if not error:
        raise ValueError(f"{header}: {made.stderr.strip()}")
    at = os.path.relpath(error[1], tree.root)
    return Finding(header, int(error[2]) if at == header else 1,
                   f"expects the header to compile alone, but got: {error[3]}; include what it uses")


def check(tree):
    known, jobs, findings = commands(tree), [], []
    for header in tree.files(".h"):
        folder = next((s for below, s in FLAGS_OF.items() if header.startswith(below)), None)
        if not folder:
            continue
        found = next((c for c in known if c[0].startswith(folder)), None)
        if found:
            jobs.append((header, found[1], found[2]))
        else:
            findings.append(Finding(header, 1, f"expects the build to compile a source below '{folder}', whose flags "
                                               "the header is compiled with, but got none; configure all of it"))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        findings += filter(None, pool.map(lambda job: compile_alone(tree, *job), jobs))
    return f"{len(jobs)} headers", findings
