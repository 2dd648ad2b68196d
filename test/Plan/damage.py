# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""damage.py IN OUT cut BYTES | flip BIT | set BYTE VALUE: writes a damaged copy."""

import sys

source, target, what, *numbers = sys.argv[1:]
content = bytearray(open(source, "rb").read())
if what == "cut":
    del content[int(numbers[0]):]
elif what == "flip":
    content[int(numbers[0]) // 8] ^= 1 << int(numbers[0]) % 8
else:
    content[int(numbers[0])] = int(numbers[1])
open(target, "wb").write(content)
