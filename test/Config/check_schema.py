#!/usr/bin/env python3
# ===- check_schema.py - The JSON Schema against the reader ----------------=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: check_schema.py SCHEMA.json FOLDER
#
# A file of FOLDER must be valid by the schema exactly if ds-opt finds no value
# of a wrong kind and no unknown key in it.  Without the package jsonschema a
# small checker of the words that the schema uses takes its place.
# ===----------------------------------------------------------------------=== #
import json
import pathlib
import re
import subprocess
import sys

# Messages about what a schema cannot know: whether something is built, what
# keys say together, names.
OTHER = re.compile(r", because (?!tensor)| is ignored: |comment$|train_batch_size to be|the same key|older way|"
                   r" beside | without z3| alone, | to be even|'zero_allow_untested|outside stage 3|is no parameter of|"
                   r"as fp16 and bf16 say|'optimizer.type' to be|expects no |under ZeRO|which .* needs|but got both|"
                   r"'elasticity.version' to be 0")


def is_valid(schema, value, root):
    """Whether `value` is valid, for the words that are used."""
    if "$ref" in schema:
        at = root
        for name in schema["$ref"].split("/")[1:]:
            at = at[name]
        return is_valid(at, value, root)
    if "anyOf" in schema and not any(is_valid(one, value, root) for one in schema["anyOf"]):
        return False
    if "enum" in schema and not any(type(value) is type(one) and value == one for one in schema["enum"]):
        return False
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    types = schema.get("type", [])
    kinds = {"object": isinstance(value, dict), "array": isinstance(value, list), "null": value is None,
             "boolean": isinstance(value, bool), "string": isinstance(value, str), "number": number,
             "integer": number and float(value).is_integer()}
    if types and not any(kinds[name] for name in ([types] if isinstance(types, str) else types)):
        return False
    if number:
        return (value >= schema.get("minimum", value) and value <= schema.get("maximum", value) and
                not value <= schema.get("exclusiveMinimum", value - 1) and
                not value >= schema.get("exclusiveMaximum", value + 1))
    if isinstance(value, list):
        return (schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)) and
                all(is_valid(schema.get("items", {}), item, root) for item in value))
    return not isinstance(value, dict) or all(is_member(schema, *member, root) for member in value.items())


def is_member(schema, name, value, root):
    known = schema.get("properties", {})
    if name in known:
        return is_valid(known[name], value, root)
    if any(re.search(pattern, name) for pattern in schema.get("patternProperties", {})):
        return True
    other = schema.get("additionalProperties", True)
    return other if isinstance(other, bool) else is_valid(other, value, root)


def count(schema):
    children = list(schema.get("properties", {}).values())
    children += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
    return len(children) + sum(count(child) for child in children)


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    validate = lambda value: is_valid(schema, value, schema)
    try:
        import jsonschema
        jsonschema.Draft202012Validator.check_schema(schema)
        theirs = jsonschema.Draft202012Validator(schema)
    except ImportError:
        theirs = None
    verdicts = []
    for file in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
        if file.stem.startswith("hjson"):
            continue  # no JSON
        value = json.loads(file.read_text())
        run = subprocess.run(["ds-opt", f"--config={file}", "--world=2", "--explain-config"], capture_output=True,
                             text=True)
        wrong = [line for line in run.stderr.splitlines() if not OTHER.search(line)]
        verdicts.append(validate(value))
        assert theirs is None or theirs.is_valid(value) == verdicts[-1], f"{file.name}: jsonschema says otherwise"
        assert verdicts[-1] == (not wrong), f"{file.name}: valid is {verdicts[-1]}, but ds-opt says {wrong}"
    assert {True, False} <= set(verdicts)
    print(f"schema of {count(schema)} keys; {len(verdicts)} files: {sum(verdicts)} valid, "
          f"{len(verdicts) - sum(verdicts)} not")


main()
