#===- names.py - One pass name gives flag, file and tests ------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# FooBarPass in passes/G/Passes.td <-> flag ds-foo-bar <-> passes/G/FooBar.cpp
# <-> test/Passes/G/foo-bar.mlir, foo-bar-errors.mlir where it emits errors, and
# test/Execute/foo-bar* where it must not change what is computed.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding

# Phases whose passes rewrite a program that can already be executed.
EXECUTED = ("Parallel", "Memory", "Schedule", "Lower")
CHANGES_NOTHING = {"VerifyPhase"}  # a gate; it has no before and after
RECORD = re.compile(r'^def\s+(\w+)\s*:\s*\w*Pass<"([^"]*)"', re.M)
EMITS = re.compile(r"\bemit(Op)?Error\(|\bemitError\(|inputError\(")


def flag_of(name):
    return "ds-" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def check_pass(tree, group, td, line, record, flag):
    name = record[:-len("Pass")] if record.endswith("Pass") else record
    kebab = flag_of(name)[len("ds-"):]

    def bad(text):
        return Finding(td, line, text)
    if record == name:
        yield bad(f"expects a record that ends in Pass, but got '{record}'; rename it")
    if flag != flag_of(name):
        yield bad(f"expects the flag '{flag_of(name)}' of {record}, but got '{flag}'; rename one of them")
    source, test = f"passes/{group}/{name}.cpp", f"test/Passes/{group}/{kebab}.mlir"
    errors = f"test/Passes/{group}/{kebab}-errors.mlir"
    if not tree.exists(source):
        yield bad(f"expects {record} in '{source}', but there is no such file; rename the file after the pass")
    elif EMITS.search(tree.text(source)) and not tree.exists(errors):
        yield bad(f"expects the errors that '{source}' emits to be pinned in '{errors}', but there is no such file")
    own = [f for f in (test, errors) if tree.exists(f)]
    if not tree.exists(test):
        yield bad(f"expects the test '{test}' of {record}, but there is no such file; write it")
    for file in own:
        if flag not in tree.text(file):
            yield Finding(file, 1, f"expects a RUN line with '{flag}', but got none; test the pass by its flag")
    if group in EXECUTED and name not in CHANGES_NOTHING and not tree.files("", under=f"test/Execute/{kebab}"):
        yield bad(f"expects a test 'test/Execute/{kebab}*' that compares the program before and after {record}, "
                  "but there is none; write one with ds-exec")


def check_orphans(tree, passes):
    for file in tree.files(".cpp", under="passes/"):
        folder, name = os.path.split(file)
        group = os.path.relpath(folder, "passes")
        # A part of a pass has its header beside it.
        if group != "." and not tree.exists(file[:-len("cpp")] + "h") \
                and name[:-len(".cpp")] not in passes.get(group, {}):
            yield Finding(file, 1, f"expects a pass '{name[:-4]}Pass' in 'passes/{group}/Passes.td', but there is "
                                   "none; one file is one pass, or a part of one with a header beside it, and what "
                                   "passes share is in lib/")
    for file in tree.files(".mlir", ".test", under="test/Passes/"):
        group, stem = os.path.basename(os.path.dirname(file)), os.path.splitext(os.path.basename(file))[0]
        kebabs = [flag_of(name)[len("ds-"):] for name in passes.get(group, {})]
        if not any(stem == kebab or stem.startswith(kebab + "-") for kebab in kebabs):
            yield Finding(file, 1, f"expects the name of a pass of 'passes/{group}' in front, but got '{stem}'; "
                                   f"the passes are {', '.join(kebabs) or 'none'}")


def check(tree):
    passes, findings = {}, []
    for td in tree.files("/Passes.td", under="passes/"):
        group = td.split("/")[1]
        for match in RECORD.finditer(tree.text(td)):
            line = tree.text(td).count("\n", 0, match.start()) + 1
            passes.setdefault(group, {})[re.sub("Pass$", "", match[1])] = match[2]
            findings += check_pass(tree, group, td, line, match[1], match[2])
    findings += check_orphans(tree, passes)
    return f"{sum(map(len, passes.values()))} passes of {len(passes)} groups", findings
