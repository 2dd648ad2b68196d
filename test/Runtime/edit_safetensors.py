# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""edit_safetensors.py IN rename|rename-all|copy|reshape|retype|drop NAME TO OUT: writes a file with tensors changed."""

import json
import sys

source, what, name, to, target = sys.argv[1:]
with open(source, "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    header, data = json.loads(file.read(length)), file.read()
if what == "rename":
    header[to] = header.pop(name)
elif what == "rename-all":
    header = {key.replace(name, to): value for key, value in header.items()}
elif what == "drop":
    del header[name]
elif what == "retype":
    header[name]["dtype"] = to
elif what == "reshape":
    header[name]["shape"] = [int(n) for n in to.split(",")]
else:
    begin, end = header[name]["data_offsets"]
    header[to] = dict(header[name], data_offsets=[len(data), len(data) + end - begin])
    data += data[begin:end]
text = json.dumps(header).encode()
with open(target, "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data)
