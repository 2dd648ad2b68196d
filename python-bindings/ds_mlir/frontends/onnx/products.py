# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's matrix products."""

from __future__ import annotations

from ..model import FrontendError
from ..stablehlo import Value
from .scope import Scope, lowers


@lowers("MatMul")
def matmul(b: Scope, x: Value, y: Value) -> Value:
    """Products of the last two dimensions; those before are a batch, broadcast where only one operand has them."""
    if not x.rank or not y.rank or x.shape[-1] != y.shape[max(y.rank - 2, 0)]:
        raise FrontendError(f"its inputs have the shapes {list(x.shape)} and {list(y.shape)}, which do not fit")
    if y.rank <= 2:
        return b.dot_general(x, y, ([x.rank - 1], [max(y.rank - 2, 0)]))
    matrix = x if x.rank > 1 else b.reshape(x, (1, *x.shape))
    outer = [b.splat(0, value.type.with_shape(value.shape[:-2])) for value in (matrix, y)]
    batch = b.together(*outer)[0].shape
    matrix, y = (b.to_type(value, value.type.with_shape((*batch, *value.shape[-2:]))) for value in (matrix, y))
    ones, rank = list(range(len(batch))), len(batch) + 2
    product = b.dot_general(matrix, y, ([rank - 1], [rank - 2]), (ones, ones))
    return product if x.rank > 1 else b.reshape(product, (*batch, y.shape[-1]))


@lowers("Gemm")
def gemm(b: Scope, x: Value, y: Value, c: Value | None = None, *, alpha=1.0, beta=1.0, transA=0, transB=0) -> Value:
    """No transpose is made: the product contracts the dimension that the attributes name."""
    product = b.dot_general(x, y, ([0 if transA else 1], [1 if transB else 0]))
    if alpha != 1:
        product = b.mul(product, b.like(alpha, product))
    if c is None:
        return product
    c = b.to_type(c, product.type)
    return b.add(product, c if beta == 1 else b.mul(c, b.like(beta, c)))


@lowers("Einsum")
def einsum(b: Scope, *operands: Value, equation: str) -> Value:
    """Operands from the left, two at a time; letters that neither the rest nor the result have are summed."""
    terms, result = _terms(equation.replace(" ", ""), operands)
    values = list(operands)
    for place, (term, value) in enumerate(zip(terms, values, strict=True)):
        terms[place], values[place] = _without_repeats(b, term, value)
    while len(values) > 1:
        kept = set(result).union(*terms[2:])
        term, value = _multiplied(b, terms[0], values[0], terms[1], values[1], kept)
        terms[:2], values[:2] = [term], [value]
    term, value = _summed(b, terms[0], values[0], set(result))
    return b.transpose(value, [term.index(letter) for letter in result])


def _terms(equation: str, operands: tuple[Value, ...]) -> tuple[list[str], str]:
    """The letters of each operand and of the result; dimensions under an ellipsis get letters of their own."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(operands):
        raise FrontendError(f"the equation '{equation}' has {len(terms)} operands, but there are {len(operands)}")
    hidden = [value.rank - len(term.replace("...", "")) for term, value in zip(terms, operands, strict=True)]
    letters = [chr(0x3B1 + number) for number in range(max([*hidden, 0]))]  # from the right, in Greek
    for place, term in enumerate(terms):
        own = letters[: hidden[place]][::-1] if "..." in term else []
        terms[place] = term.replace("...", "".join(own))
        if len(terms[place]) != operands[place].rank:
            raise FrontendError(f"the equation '{equation}' does not fit an operand of {operands[place].type}")
    if not arrow:
        once = sorted(letter for letter in set("".join(terms)) if "".join(terms).count(letter) == 1)
        right = "..." + "".join(letter for letter in once if letter not in letters)
    return terms, right.replace("...", "".join(letters[::-1]))


def _without_repeats(b: Scope, term: str, value: Value) -> tuple[str, Value]:
    """The diagonal where a letter stands twice."""
    for place, letter in enumerate(term):
        again = term.find(letter, place + 1)
        if again < 0:
            continue
        positions = value.type.with_element("i32")
        same = b.compare("EQ", b.iota(positions, place), b.iota(positions, again))
        diagonal = b.select(same, value, b.like(0, value))
        return _without_repeats(
            b, term[:again] + term[again + 1 :], b.reduce("add", diagonal, b.scalar(0, value.type.element), [again])
        )
    return term, value


def _summed(b: Scope, term: str, value: Value, kept: set[str]) -> tuple[str, Value]:
    dropped = [place for place, letter in enumerate(term) if letter not in kept]
    value = b.reduce("add", value, b.scalar(0, value.type.element), dropped)
    return "".join(letter for letter in term if letter in kept), value


def _multiplied(b: Scope, left: str, x: Value, right: str, y: Value, kept: set[str]) -> tuple[str, Value]:
    left, x = _summed(b, left, x, kept | set(right))
    right, y = _summed(b, right, y, kept | set(left))
    batch = [letter for letter in left if letter in right and letter in kept]
    inner = [letter for letter in left if letter in right and letter not in kept]
    places = [[term.index(letter) for letter in letters] for letters in (inner, batch) for term in (left, right)]
    product = b.dot_general(x, y, (places[0], places[1]), (places[2], places[3]))
    rest = [letter for letter in left + right if letter not in batch and letter not in inner]
    return "".join(batch + rest), product
