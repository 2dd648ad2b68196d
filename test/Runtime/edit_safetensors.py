# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""edit_safetensors.py IN rename|copy|reshape NAME TO OUT: writes a file with one tensor changed."""

import json
import sys

source, what, name, to, target = sys.argv[1:]
with open(source, "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header, data = json.loads(file.read(length)), file.read()
if what == "rename":
    header[to] = header.pop(name)
elif what == "reshape":
    header[name]["shape"] = [int(n) for n in to.split(",")]
else:
    begin, end = header[name]["data_offsets"]
    header[to] = dict(header[name], data_offsets=[len(data), len(data) + end - begin])
    data += data[begin:end]
text = json.dumps(header).encode()
with open(target, "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data)
