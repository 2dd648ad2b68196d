#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Edits a JSON plan, to make malformed ones from good ones.

  mutate.py BASE.json -o OUT.json path=value ... path! ... path+=value ...

A path names fields and indices: programs.0.buffers.1.offset.  `=` sets a
JSON value (or else a string), `!` removes, `+=` appends to a list.
"""
import json
import re
import sys


def parse(text):
    return json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.M))


def value_of(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def step(key):
    return int(key) if re.fullmatch(r"-?\d+", key) else key


def edit(plan, text):
    path, operator, value = re.fullmatch(r"([^=!+]+)(=|!|\+=)(.*)", text).groups()
    *parents, last = [step(key) for key in path.split(".")]
    target = plan
    for key in parents:
        target = target[key]
    if operator == "=":
        target[last] = value_of(value)
    elif operator == "!":
        del target[last]
    else:
        target.setdefault(last, []) if isinstance(target, dict) else None
        target[last].append(value_of(value))


def main():
    base, flag, out, *edits = sys.argv[1:]
    assert flag == "-o", __doc__
    plan = parse(open(base).read())
    for text in edits:
        edit(plan, text)
    with open(out, "w") as file:
        json.dump(plan, file, indent=1)


if __name__ == "__main__":
    main()
