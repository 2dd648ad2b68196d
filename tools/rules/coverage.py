#===- coverage.py - No op without the test that its kind demands -----------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# An op with a gradient is in a function that a test in test/Execute checks
# against finite differences; an op with a kernel is in a family of
# test/Codegen/awkward.py or what it imports, at sizes of one, primes and one
# off a vector.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding, where

FOLDER, FAMILIES = "test/Codegen/", "test/Codegen/awkward.py"
CHECKED = re.compile(r"--check-gradients=(\S+)")
FUNCTION = re.compile(r"^func\.func @(\w+)(.*?)^}", re.M | re.S)


def ops_in(text, dialect):
    return set(re.findall(rf"(?<![\w.#!@])({dialect}\.\w+)\s+(?:[%\"]|dim\b)", text))


def checked_gradients(tree, dialect):
    """Ops of functions that a RUN line hands to --check-gradients."""
    ops = set()
    for file in tree.files(".mlir", under="test/Execute/"):
        names = {name for names in CHECKED.findall(tree.text(file)) for name in names.split(",")}
        for name, body in FUNCTION.findall(tree.text(file)):
            if name in names:
                ops |= ops_in(body, dialect)
    return ops


def check(tree):
    findings, gradients, kernels = [], 0, 0
    for file in tree.files("Ops.td", under="dialects/"):
        records = tree.records(file)
        for key in records["!instanceof"]["Op"]:
            op = records[key]
            dialect = records[op["opDialect"]["def"]]["name"]
            name, place = f"{dialect}.{op['opName']}", where(op, os.path.dirname(file))
            traits = {records[t["def"]].get("cppInterfaceName") for t in op["traits"]}
            if "DifferentiableOpInterface" in traits:
                gradients += 1
                if name not in checked_gradients(tree, dialect):
                    findings.append(Finding(*place, f"expects the gradient of op '{name}' to be checked against finite "
                                            "differences, but got no such test; write a function with it into "
                                            "test/Execute and name it in a --check-gradients"))
            if "KernelOpInterface" in traits:
                kernels += 1
                if not any(name in ops_in(tree.text(file), dialect) for file in tree.files(".py", under=FOLDER)):
                    findings.append(Finding(*place, f"expects the kernel of op '{name}' to be tested at awkward sizes, "
                                            f"but got no family with it in '{FAMILIES}'; write one"))
    return f"{gradients} gradients, {kernels} kernels", findings
