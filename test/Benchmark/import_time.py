#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints how long ds-opt takes to import a module of 2,000 StableHLO ops: read, imported, layers found.

    PATH=build/bin:$PATH python3 test/Benchmark/import_time.py [--ops=2000] [--runs=5]

The module has the functions of a golden of test/Goldens/Imported as often as it takes, and sums their losses. It is to
stay below 1 s, of which `ds-opt --version` is the part that has nothing to do with the module. A benchmark, not a test:
it depends on the machine.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

GOLDENS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Goldens", "Imported")
LIMIT = 1.0  # seconds, for 2,000 ops
OP = re.compile(r"^    \S.*= |^    return |^    func\.return ", re.M)


def functions_of(text):
    """The text of each function, by its name."""
    return {re.search(r"@(\w+)", part).group(1): part.rstrip().removesuffix("}").rstrip() + "\n"
            for part in re.split(r"(?=^  func\.func )", text, flags=re.M)[1:]}


def module_of(text, ops):
    """A module with at least so many ops, and how many it has."""
    functions = functions_of(text)
    functions = {name: body if body.endswith("  }\n") else body + "  }\n" for name, body in functions.items()}
    copies = -(-ops // sum(len(OP.findall(body)) for body in functions.values()))
    main, made = functions["main"], []
    for copy in range(copies):
        for name, body in functions.items():
            for other in functions:
                body = re.sub(rf"@{other}\b", f"@{other}__{copy}", body)
            made.append(body.replace("func.func public", "func.func private"))
    arguments = re.findall(r"(%arg\d+): (tensor<[^>]*>) \{([^}]*)\}", main[:main.index("\n")])
    types = [type for _, type, _ in arguments]
    # Parameters of its own for each copy, or all would be one.
    own = [[f"{name}_{copy}" if "parameter" in attribute else name for name, _, attribute in arguments]
           for copy in range(copies)]
    head = [f"{name}: {type} {{{attribute}}}" for name, type, attribute in arguments if "parameter" not in attribute]
    for copy in range(copies):
        for name, type, attribute in arguments:
            renamed = re.sub(r'ds\.name = "([^"]*)"', rf'ds.name = "copy{copy}.\1"', attribute)
            head += [f"{name}_{copy}: {type} {{{renamed}}}"] if "parameter" in attribute else []
    signature = f"({', '.join(types)}) -> tensor<f32>"
    calls = [f"    %c{copy} = call @main__{copy}({', '.join(own[copy])}) : {signature}" for copy in range(copies)]
    sums = [f"    %s{copy} = stablehlo.add %{'c0' if copy == 1 else f's{copy - 1}'}, %c{copy} : tensor<f32>"
            for copy in range(1, copies)]
    last = f"%s{copies - 1}" if copies > 1 else "%c0"
    first = f"  func.func public @main({', '.join(head)}) -> tensor<f32> {{"
    whole = "\n".join(["module @copies {", first, *calls, *sums, f"    return {last} : tensor<f32>", "  }", *made, "}"])
    return whole + "\n", len(OP.findall(whole))


def seconds(command):
    start = time.monotonic()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return time.monotonic() - start, said.splitlines()[0]


def main():
    parser = argparse.ArgumentParser(description="Time of importing a large module.")
    parser.add_argument("--ops", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--golden", default="jax_gpt")
    arguments = parser.parse_args()
    with open(os.path.join(GOLDENS, arguments.golden + ".stablehlo"), encoding="utf-8") as file:
        text, ops = module_of(file.read(), arguments.ops)
    with tempfile.TemporaryDirectory() as folder:
        module = os.path.join(folder, "m.mlir")
        with open(module, "w", encoding="utf-8") as file:
            file.write(text)
        command = ["ds-opt", module, "--zero=0", "--stop-after=import", "-o", os.path.join(folder, "ds.mlir")]
        imports, starts = [], []
        for _ in range(arguments.runs):
            time_of_import, found = seconds(command)
            imports.append(time_of_import)
            starts.append(seconds(["ds-opt", "--version"])[0])
    print(f"{ops} ops of {arguments.golden}: imported in {statistics.median(imports):.3f} s (least {min(imports):.3f}, "
          f"most {max(imports):.3f}; limit {LIMIT:g}), of which starting {statistics.median(starts):.3f} s; {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
