#===- same_text.py - Two modules that differ in names of values only --------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#===----------------------------------------------------------------------===#
import re
import sys


def read(path):
    """The lines, with every value called % and without what only lays them out."""
    with open(path, encoding="utf-8") as file:
        lines = [re.sub(r"%[\w]+", "%", line) for line in file.read().splitlines()]
    lines = [re.sub(r"\^bb\d+", "^bb", " ".join(line.split())) for line in lines]
    return [line for line in lines if line]


def main():
    wanted, got = (read(path) for path in sys.argv[1:3])
    for number, (a, b) in enumerate(zip(wanted, got)):
        if a != b:
            sys.exit(f"{sys.argv[1]}: line {number} was\n  {a}\nand is printed as\n  {b}")
    if len(wanted) != len(got):
        sys.exit(f"{sys.argv[1]}: {len(wanted)} lines became {len(got)}")


if __name__ == "__main__":
    main()
