# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints every family of kernels at awkward sizes, for `check-kernels -`; of float32, or `awkward.py bf16`, `f16`.

Widths are 1, primes, and one off the vectors of 8 and 16 and the unrolled loops of 32 and 64; rows are 1, primes and
products of odd dimensions.  A family is a function of (rows, width) that returns its arguments and its ops; its results
are the values %r0, %r1, ... that the ops define, of the types that it names.  Families of 16 bits are those of float32
with other elements.
"""

import sys

# The order of the imports is the families' order, which their sizes depend on.
import kernels_of_layers  # noqa: F401
import kernels_of_ops  # noqa: F401
import kernels_of_moves  # noqa: F401
import kernels_of_constants  # noqa: F401
import kernels_of_windows  # noqa: F401
import kernels_of_updates  # noqa: F401
import kernels_of_padding  # noqa: F401
from families import FAMILIES, IN_PLACE

ALWAYS = (1, 7, 9, 17, 33, 65, 257)
NARROW = (1, 9, 33)  # always, of 16 bits
IN_TURN = (2, 3, 8, 13, 15, 16, 31, 32, 63, 64, 97, 127, 129)
ROWS = ("1", "3", "1x1", "2x3", "7", "5x1", "13", "3x5")


# Numbers that are taken apart into 32 bits, what ds-widen-kernels adds up in float32, what makes 16 bits of float32.
FLOAT32_ONLY = ("random_numbers", "running_sums", "recurrence", "stochastic_round")


def main(element="f32"):
    number = 0
    for build in FAMILIES:
        turn = [IN_TURN[(number + 4 * i) % len(IN_TURN)] for i in range(3)]
        for width in sorted({*ALWAYS, *turn} if element == "f32" else {*NARROW, turn[0]}):
            number += 1
            rows = ROWS[number % len(ROWS)]
            arguments, ops, results = build(rows, width)
            if element != "f32":
                if build.__name__ in FLOAT32_ONLY or "f32>" not in str((arguments, ops, results)):
                    continue
                narrow = lambda text: text.replace("f32>", f"{element}>")
                arguments = {name: narrow(kind) for name, kind in arguments.items()}
                ops, results = narrow(ops), [narrow(kind) for kind in results]
            given = ", ".join(f"%{name}: {kind}" for name, kind in arguments.items())
            returned = ", ".join(f"%r{i}" for i in range(len(results)))
            flags = "attributes {in_place = [[0, 0]]} " if build in IN_PLACE else ""
            print(f"func.func private @{build.__name__}_{rows}_{width}({given}) -> ({', '.join(results)}) {flags}"
                  f"{{{ops}\n  return {returned} : {', '.join(results)}\n}}")


if __name__ == "__main__":
    main(*sys.argv[1:])
