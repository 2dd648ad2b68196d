# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What families of kernels are written with; awkward.py says what a family is."""


def of(shape, *rest, element="f32"):
    """tensor<3x7x13xf32>, of shapes as text and sizes."""
    return "tensor<" + "".join(f"{part}x" for part in (shape, *rest) if part != "") + element + ">"


FAMILIES = []


def family(function):
    FAMILIES.append(function)
    return function


IN_PLACE = set()


def scatter(function):
    """A family whose only result takes its first argument's place."""
    IN_PLACE.add(function)
    return family(function)
