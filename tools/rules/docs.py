#===- docs.py - Every op and pass is documented ----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A summary of at most 60 characters without a full stop; a description with
# what is required and ensured and an example in IR, of a pass before and after;
# an op with a gradient says which; a sentence for each option.
#===----------------------------------------------------------------------===#
import os
import re

from house import Finding, where

SUMMARY = 60
EXAMPLE = re.compile(r"```mlir\n(.*?)```", re.S)
BEFORE_AND_AFTER = re.compile(r"\S[^\n]*\n\s*//[^\n]*\n\s*\S")  # two states, parted by a comment
THIRD_PERSON = re.compile(r"^[A-Z][a-z]+s\b")


def check_text(kind, name, record):
    """What is wrong with summary and description, whatever they describe."""
    summary, description = record["summary"].strip(), record["description"]
    if not summary:
        yield f"expects a summary of {kind} '{name}', but got none; say in one line what it does"
    elif len(summary) > SUMMARY:
        yield (f"expects the summary of {kind} '{name}' in {SUMMARY} characters, but got {len(summary)}; leave the "
               "rest to the description")
    if summary.endswith("."):
        yield f"expects the summary of {kind} '{name}' without a full stop, but got '{summary}'; remove it"
    for word in ("**Requires:**", "**Ensures:**"):
        if word not in description:
            yield f"expects '{word}' in the description of {kind} '{name}', but got none; write it"
    if not EXAMPLE.search(description):
        yield f"expects an example in a ```mlir block in the description of {kind} '{name}', but got none; write it"


def check_op(name, op, records):
    yield from check_text("op", name, op)
    traits = {records[t["def"]].get("cppInterfaceName") for t in op["traits"]}
    if "DifferentiableOpInterface" in traits and "**Gradient:**" not in op["description"]:
        yield f"expects '**Gradient:**' in the description of op '{name}', which has one, but got none; write it"
    if name not in "".join(EXAMPLE.findall(op["description"])):
        yield f"expects '{name}' in the example of op '{name}', but got none; use the op"


def check_pass(name, record, records):
    yield from check_text("pass", name, record)
    if record["summary"] and not THIRD_PERSON.match(record["summary"]):
        yield (f"expects the summary of pass '{name}' to say what it does, as in 'Splits ...', but got "
               f"'{record['summary']}'; begin with the verb")
    blocks = EXAMPLE.findall(record["description"])
    if len(blocks) == 1 and not BEFORE_AND_AFTER.search(blocks[0]):
        yield (f"expects IR before and after in the example of pass '{name}', but got one state; put a line "
               "'// becomes' between the two")
    for option in record["options"]:
        flag, text = records[option["def"]]["argument"], records[option["def"]]["description"]
        if len(text.split()) < 2:
            yield f"expects a sentence for option '{flag}' of pass '{name}', but got '{text}'; say what it does"


def check(tree):
    findings, ops, passes = [], 0, 0
    for file in tree.files("Ops.td", under="dialects/"):
        records = tree.records(file)
        for key in records["!instanceof"]["Op"]:
            op = records[key]
            ops += 1
            place = where(op, os.path.dirname(file))
            dialect = records[op["opDialect"]["def"]]["name"]
            findings += [Finding(*place, text) for text in check_op(f"{dialect}.{op['opName']}", op, records)]
    for file in tree.files("/Passes.td", under="passes/"):
        records = tree.records(file)
        for key in records["!instanceof"]["PassBase"]:
            record = records[key]
            passes += 1
            place = where(record, os.path.dirname(file))
            findings += [Finding(*place, text) for text in check_pass(record["argument"], record, records)]
    return f"{ops} ops, {passes} passes", findings
