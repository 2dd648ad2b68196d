# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""write_ints.py FILE NAME=NUMBER,NUMBER,... ...: safetensors of one entry of int32 each."""
import json
import struct
import sys

header, data = {}, b""
for argument in sys.argv[2:]:
    name, _, text = argument.partition("=")
    numbers = [int(number) for number in text.split(",")]
    content = struct.pack(f"<{len(numbers)}i", *numbers)
    header[name] = {"dtype": "I32", "shape": [1, len(numbers)], "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
with open(sys.argv[1], "wb") as file:
    file.write(len(text).to_bytes(8, "little") + text + data)
