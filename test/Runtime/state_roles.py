# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checkpoints with state that is not trained.

state_roles.py compare FIRST A B: the files A and B have the same tensors, integers exactly, and those named in FIRST's
role `frozen` (here `table`, and the constant buffer `scale`) are FIRST's.
state_roles.py wide IN OUT VALUE: IN with `count` as one int64 of this value.
"""

import json
import struct
import sys

SIZES = {"F32": "f", "I32": "i", "I64": "q"}
BYTES = {"F32": 4, "I32": 4, "I64": 8}
CONSTANT = ("table", "scale")


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    size = int.from_bytes(content[:8], "little")
    header, data = json.loads(content[8 : 8 + size]), content[8 + size :]
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        part = data[slice(*entry["data_offsets"])]
        values = struct.unpack(f"<{len(part) // BYTES[entry['dtype']]}{SIZES[entry['dtype']]}", part)
        tensors[name] = (entry["dtype"], entry["shape"], list(values))
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, (dtype, shape, values) in tensors.items():
        part = struct.pack(f"<{len(values)}{SIZES[dtype]}", *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def compare(first, a, b):
    first, a, b = read(first), read(a), read(b)
    assert a.keys() == b.keys(), (a.keys(), b.keys())
    for name, (dtype, shape, values) in a.items():
        assert b[name][:2] == (dtype, shape), name
        largest = max(map(abs, values))
        tolerance = 2e-5 * largest if dtype == "F32" else 0
        assert all(abs(x - y) <= tolerance for x, y in zip(values, b[name][2], strict=True)), (name, values, b[name][2])
        if name in CONSTANT:
            assert values == b[name][2] == first[name][2], name
        else:
            assert values != first[name][2], f"{name} did not change"
    print(f"{len(a)} tensors equal, count {a['count'][2][0]}")


def main():
    command, *arguments = sys.argv[1:]
    if command == "compare":
        return compare(*arguments)
    source, out, value = arguments
    tensors = read(source)
    tensors["count"] = ("I64", [], [int(value)])
    write(out, tensors)


if __name__ == "__main__":
    main()
