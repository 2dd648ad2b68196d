# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's sequences of tensors, which are gone after import: each is a list of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import NodeProto

from .model import FrontendError
from .onnx import LOWERINGS
from .onnx.scope import axis_of, written_out
from .onnx.views import split

if TYPE_CHECKING:
    from .onnx_import import Importer


def lower_sequence(importer: Importer, node: NodeProto) -> None:
    attributes = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    made = FUNCTIONS[node.op_type](importer, list(node.input), attributes)
    if isinstance(made, list):
        importer.sequences[node.output[0]] = made
    else:
        importer.alias(node.output[0], made)


def _place(importer: Importer, name: str, count: int) -> int:
    if name not in importer.known:
        raise FrontendError("its position depends on data, but what a sequence holds must be known at import")
    place = int(importer.known[name].reshape(-1)[0])
    if not -count <= place <= count:
        raise FrontendError(f"position {place} is not in a sequence of {count}")
    return place + count if place < 0 else place


def _split(importer: Importer, inputs: list[str], attributes: dict) -> list[str]:
    x, b = importer.value_of(inputs[0]), importer.scope
    axis = axis_of(attributes.get("axis", 0), x.rank)
    sizes, keep = None, True
    if len(inputs) > 1:
        sizes = b.numbers(importer.value_of(inputs[1]), "split")
        if importer.known[inputs[1]].ndim == 0:
            each = max(1, sizes[0])
            written_out(-(-x.shape[axis] // each), "parts")
            sizes = [min(each, x.shape[axis] - start) for start in range(0, x.shape[axis], each)]
    else:
        sizes, keep = [1] * written_out(x.shape[axis], "parts"), bool(attributes.get("keepdims", 1))
    parts = split(b, x, sizes, axis=axis)
    if not keep:
        parts = [b.reshape(part, [size for d, size in enumerate(part.shape) if d != axis]) for part in parts]
    return [importer.lowered_name(part) for part in parts]


def _at(importer: Importer, inputs: list[str], attributes: dict) -> str:
    names = importer.sequence(inputs[0])
    place = _place(importer, inputs[1], len(names))
    if place == len(names):
        raise FrontendError(f"position {place} is not in a sequence of {place}")
    return names[place]


def _insert(importer: Importer, inputs: list[str], attributes: dict) -> list[str]:
    names = list(importer.sequence(inputs[0]))
    place = _place(importer, inputs[2], len(names)) if len(inputs) > 2 else len(names)
    return [*names[:place], importer.fresh(inputs[1]), *names[place:]]


def _erase(importer: Importer, inputs: list[str], attributes: dict) -> list[str]:
    names = list(importer.sequence(inputs[0]))
    del names[_place(importer, inputs[1], len(names)) if len(inputs) > 1 else -1]
    return names


def _concat(importer: Importer, inputs: list[str], attributes: dict) -> str:
    values = [importer.value_of(name) for name in importer.sequence(inputs[0])]
    b, axis = importer.scope, attributes["axis"]
    if attributes.get("new_axis"):
        axis = axis_of(axis, values[0].rank + 1)
        values = [b.reshape(value, (*value.shape[:axis], 1, *value.shape[axis:])) for value in values]
    return importer.lowered_name(LOWERINGS["Concat"](b, *values, axis=axis))


FUNCTIONS = {
    "ConcatFromSequence": _concat,
    "SequenceAt": _at,
    "SequenceConstruct": lambda importer, inputs, _: [importer.fresh(name) for name in inputs],
    "SequenceEmpty": lambda *_: [],
    "SequenceErase": _erase,
    "SequenceInsert": _insert,
    "SequenceLength": lambda importer, inputs, _: importer.constant(np.array(len(importer.sequence(inputs[0])))),
    "SplitToSequence": _split,
}
