#===- examples.py - Examples in the ops' documentation parse ---------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# ds-opt parses and verifies each example of a description.  Statements that
# belong to a module stand in one, all others in a function; values that an
# example uses and does not define become the function's arguments.  Their types
# are taken from what the parser says when the type is wrong.
#===----------------------------------------------------------------------===#
import os
import re
import subprocess

from docs import EXAMPLE
from house import Finding, where

AT_MODULE = re.compile(r"^(ds\.parameter|ds\.unit|func\.func)\b")
WRONG_TYPE = re.compile(r"use of value '%(\w+)' expects different type than prior uses: '(.*?)' vs ")
ERROR = re.compile(r":(\d+):\d+: error: (.*)")
UNKNOWN = "none"  # a type that no example has
SPLIT = "// -----\n"


class Example:
    def __init__(self, place, op, text):
        self.place, self.op, self.error = place, op, None
        self.module, self.body = split(text)
        code = re.sub(r'"[^"]*"', "", self.body)
        used = re.findall(r"%([A-Za-z_]\w*)", code)
        defined = {name for line in code.splitlines() if re.match(r"\s*%[^=]*=", line)
                   for name in re.findall(r"%(\w+)", line.split("=")[0])}
        # Arguments of regions: of a block's head, and of a loop's `(%i = %start`.
        for line in code.splitlines():
            defined.update(re.findall(r"%(\w+):", line) if line.lstrip().startswith("^")
                           else re.findall(r"[(,] *%(\w+) = ", line))
        self.types = {name: UNKNOWN for name in dict.fromkeys(used) if name not in defined}

    def text(self):
        arguments = ", ".join(f"%{name}: {type_}" for name, type_ in self.types.items())
        return f"{self.module}\nfunc.func @example({arguments}) {{\n{self.body}\nreturn\n}}\n"

    def learn(self, error):
        """Takes a type from an error; false when the error is the example's own."""
        wrong = WRONG_TYPE.match(error)
        if not wrong or self.types.get(wrong[1]) != UNKNOWN:
            return False
        self.types[wrong[1]] = wrong[2]
        return True


def split(text):
    """The statements of a module's top, and those of a function."""
    top, body, into = [], [], None
    for line in text.splitlines():
        if not line.startswith((" ", "}")):
            into = top if AT_MODULE.match(line) else body
        (body if into is None else into).append(line)
    return "\n".join(top), "\n".join(body)


def parse(ds_opt, examples):
    """Parses all examples at once; returns the first error of each that has one."""
    source, starts, line = "", [], 1
    for example in examples:
        starts.append(line)
        source += example.text() + SPLIT
        line = source.count("\n") + 1
    made = subprocess.run([ds_opt, "--split-input-file", "-o", os.devnull], input=source, capture_output=True,
                          text=True)
    errors = {}
    for match in ERROR.finditer(made.stderr):
        owner = max(i for i, start in enumerate(starts) if start <= int(match[1]))
        errors.setdefault(owner, match[2])
    if made.returncode and not errors:
        raise ValueError(f"{ds_opt}: {made.stderr.strip()}")
    return errors


def collect(tree):
    for file in tree.files("Ops.td", under="dialects/"):
        records = tree.records(file)
        for key in records["!instanceof"]["Op"]:
            for text in EXAMPLE.findall(records[key]["description"]):
                indent = re.match(r" *", text)[0]
                yield Example(where(records[key], os.path.dirname(file)), records[key]["opName"],
                              re.sub("^" + indent, "", text, flags=re.M))


def check(tree):
    ds_opt = os.path.join(tree.build, "bin", "ds-opt")
    examples = list(collect(tree))
    open_ones = examples
    while open_ones:
        errors = parse(ds_opt, open_ones)
        again = []
        for index, error in errors.items():
            example = open_ones[index]
            if example.learn(error):
                again.append(example)
            else:
                example.error = error
        open_ones = again
    findings = [Finding(*e.place, f"expects the example of op '{e.op}' to parse, but got: {e.error}; mend the example")
                for e in examples if e.error]
    return f"{len(examples)} examples", findings
