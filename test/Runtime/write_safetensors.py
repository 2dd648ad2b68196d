# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""write_safetensors.py OUT NAME=TYPE:SHAPE[:VALUE] ...: writes tensors of one value (0)."""

import json
import math
import struct
import sys

FORMATS = {"I32": "<i", "I64": "<q", "F32": "<f"}
header, data = {}, b""
for text in sys.argv[2:]:
    name, description = text.split("=")
    dtype, sizes, value = (description + ":0").split(":")[:3]
    shape = [int(n) for n in sizes.split("x")]
    content = struct.pack(FORMATS[dtype], int(value)) * math.prod(shape)
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data)
