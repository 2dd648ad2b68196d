# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares the tensors of a .safetensors with the initial values of a golden file, bit for bit."""

import hashlib
import json
import sys

golden, path = json.load(open(sys.argv[1])), sys.argv[2]
with open(path, "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header = json.loads(file.read(length))
    wrong = []
    for parameter in golden["parameters"]:
        entry = header[parameter["name"]]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        if entry["shape"] != parameter["shape"]:
            wrong.append(parameter["name"] + ": shape")
        elif hashlib.sha256(file.read(end - begin)).hexdigest() != parameter["init_sha256"]:
            wrong.append(parameter["name"])
print(f"{len(golden['parameters']) - len(wrong)} of {len(golden['parameters'])} tensors equal")
sys.exit("\n".join(wrong) if wrong else 0)
