# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen's recurrent layers, as loops over time: a `stablehlo.while` that counts, in the form of JAX's scan.

What a step computes of the input alone is one product over all steps, in front of the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .scope import Scope, lowers

COUNTER = TensorType((), "i32")


def scan(
    b: Scope,
    step: Callable[[list[Value], Value, list[Value]], tuple[list[Value], Value]],
    carried: Sequence[Value],
    stack: Value,
    shared: Sequence[Value],
    reverse: bool = False,
) -> tuple[list[Value], Value]:
    """`step(carried, entry, shared)` of each entry of `stack`'s first dimension, from the last one on with `reverse`.

    It returns the next carried values and an entry of the result, which has the first carried value's type. The
    result: what is carried at the end, and the stacked entries.
    """
    steps = stack.shape[0]
    entry_type = stack.type.with_shape(stack.shape[1:])
    result_type = carried[0].type.with_shape((steps, *carried[0].shape))
    zero = b.scalar(0, "i32")
    values = [zero, *carried, b.splat(0, result_type), stack, *shared]
    names = [b.new_value(value.type) for value in values]

    before, constants = b.ops, dict(b._constants)
    b.ops = []
    counter, rest = names[0], names[1:]
    inside, made, tensors = rest[: len(carried)], rest[len(carried)], rest[len(carried) + 1 :]
    place = b.sub(b.scalar(steps - 1, "i32"), counter) if reverse else counter
    zeros = [b.scalar(0, "i32")] * max(entry_type.rank, result_type.rank - 1)
    entry = b.reshape(_slice(b, tensors[0], place, zeros[: entry_type.rank]), entry_type.shape)
    nexts, part = step(inside, entry, tensors[1:])
    part = b.reshape(part, (1, *part.shape))
    made = _update(b, made, part, place, zeros[: result_type.rank - 1])
    last = [b.add(counter, b.scalar(1, "i32")), *nexts, made, *tensors]
    body = "".join(f"      {line}\n" for _, line in b.ops)
    b.ops, b._constants = before, constants

    types = ", ".join(str(value.type) for value in values)
    pairs = ", ".join(f"{name.name} = {value.name}" for name, value in zip(names, values, strict=True))
    text = (
        f"stablehlo.while({pairs}) : {types}\n"
        f"    cond {{\n"
        f"      %steps = stablehlo.constant dense<{steps}> : {COUNTER}\n"
        f"      %more = stablehlo.compare LT, {counter.name}, %steps, SIGNED : ({COUNTER}, {COUNTER}) -> tensor<i1>\n"
        f"      stablehlo.return %more : tensor<i1>\n"
        f"    }} do {{\n{body}"
        f"      stablehlo.return {', '.join(value.name for value in last)} : {types}\n"
        f"    }}"
    )
    results = b.append_many(text, [value.type for value in values])
    return results[1 : 1 + len(carried)], results[1 + len(carried)]


def _slice(b: Scope, x: Value, place: Value, zeros: Sequence[Value]) -> Value:
    starts, result = [place, *zeros], x.type.with_shape((1, *x.shape[1:]))
    text = (
        f"stablehlo.dynamic_slice {', '.join(value.name for value in (x, *starts))}, sizes = {list(result.shape)} : "
        f"({', '.join(str(value.type) for value in (x, *starts))}) -> {result}"
    )
    return b.append(text, result)


def _update(b: Scope, x: Value, part: Value, place: Value, zeros: Sequence[Value]) -> Value:
    operands = (x, part, place, *zeros)
    text = (
        f"stablehlo.dynamic_update_slice {', '.join(value.name for value in operands)} : "
        f"({', '.join(str(value.type) for value in operands)}) -> {x.type}"
    )
    return b.append(text, x.type)


# ===--- Cells --------------------------------------------------------------------------------------------------=== #

# A cell: the next carried values and what the layer gives, from the input's part of the gates, the carried values and
# the weights of the hidden state.


def _product(b: Scope, x: Value, weight: Value) -> Value:
    return b.dot_general(x, weight, ([x.rank - 1], [1]))


def _hidden(b: Scope, h: Value, weights: Sequence[Value]) -> Value:
    gates = _product(b, h, weights[0])
    return b.add(gates, b.broadcast(weights[1], gates.shape, [1])) if len(weights) > 1 else gates


def _parts(b: Scope, x: Value, count: int) -> list[Value]:
    size = x.shape[1] // count
    return [b.slice_dim(x, 1, part * size, (part + 1) * size) for part in range(count)]


def lstm_cell(b: Scope, carried: list[Value], gates: Value, weights: list[Value], project: bool):
    hidden = weights[:-1] if project else weights
    i, f, g, o = _parts(b, b.add(gates, _hidden(b, carried[0], hidden)), 4)
    i, f, o = (b.unary("logistic", gate) for gate in (i, f, o))
    c = b.add(b.mul(f, carried[1]), b.mul(i, b.unary("tanh", g)))
    h = b.mul(o, b.unary("tanh", c))
    if project:
        h = _product(b, h, weights[-1])
    return [h, c], h


def gru_cell(b: Scope, carried: list[Value], gates: Value, weights: list[Value], project: bool):
    (h,) = carried
    r, z, n = _parts(b, gates, 3)
    hr, hz, hn = _parts(b, _hidden(b, h, weights), 3)
    r, z = b.unary("logistic", b.add(r, hr)), b.unary("logistic", b.add(z, hz))
    n = b.unary("tanh", b.add(n, b.mul(r, hn)))
    h = b.add(n, b.mul(z, b.sub(h, n)))
    return [h], h


def plain_cell(activation: Callable[[Scope, Value], Value]):
    def cell(b: Scope, carried: list[Value], gates: Value, weights: list[Value], project: bool):
        h = activation(b, b.add(gates, _hidden(b, carried[0], weights)))
        return [h], h

    return cell


# ===--- Layers -------------------------------------------------------------------------------------------------=== #


def recurrent(
    b: Scope, cell, x: Value, initial: Sequence[Value], params: Sequence[Value], settings: Sequence
) -> list[Value]:
    """All layers and directions: the output, and the last carried values stacked as PyTorch has them."""
    biases, layers, dropout, train, bidirectional, batch_first = settings
    if train and dropout > 0 and layers > 1:
        raise FrontendError(
            "dropout between recurrent layers draws random numbers, which cannot be imported yet; "
            "give it dropout=0, or call eval()"
        )
    directions = 2 if bidirectional else 1
    project = len(initial) == 2 and initial[0].shape[2] != initial[1].shape[2]
    size = len(params) // (layers * directions)
    if batch_first:
        x = b.transpose(x, [1, 0, 2])
    lasts = []
    for layer in range(layers):
        outputs = []
        for direction in range(directions):
            place = layer * directions + direction
            weights = list(params[place * size : (place + 1) * size])
            gates = _product(b, x, weights[0])
            if biases:
                gates = b.add(gates, b.broadcast(weights[2], gates.shape, [2]))
            shared = [weights[1], *weights[3:]] if biases else weights[1:]
            first = [b.reshape(b.slice_dim(h, 0, place, place + 1), h.shape[1:]) for h in initial]

            def step(carried, entry, tensors):
                return cell(b, carried, entry, tensors, project)

            last, output = scan(b, step, first, gates, shared, reverse=direction == 1)
            lasts.append(last)
            outputs.append(output)
        x = b.concatenate(outputs, 2)
    output = b.transpose(x, [1, 0, 2]) if batch_first else x
    stacked = [[b.reshape(h, (1, *h.shape)) for h in values] for values in zip(*lasts, strict=True)]
    return [output, *(b.concatenate(values, 0) for values in stacked)]


@lowers("aten.lstm.input")
def lstm(b: Scope, x: Value, initial: Sequence[Value], params: Sequence[Value], *settings) -> list[Value]:
    return recurrent(b, lstm_cell, x, initial, params, settings)


@lowers("aten.gru.input")
def gru(b: Scope, x: Value, initial: Value, params: Sequence[Value], *settings) -> list[Value]:
    return recurrent(b, gru_cell, x, [initial], params, settings)


@lowers("aten.rnn_tanh.input")
def rnn_tanh(b: Scope, x: Value, initial: Value, params: Sequence[Value], *settings) -> list[Value]:
    return recurrent(b, plain_cell(lambda b, h: b.unary("tanh", h)), x, [initial], params, settings)


@lowers("aten.rnn_relu.input")
def rnn_relu(b: Scope, x: Value, initial: Value, params: Sequence[Value], *settings) -> list[Value]:
    cell = plain_cell(lambda b, h: b.binary("maximum", h, b.splat(0, h.type)))
    return recurrent(b, cell, x, [initial], params, settings)


@lowers("aten.lstm.data", "aten.gru.data", "aten.rnn_tanh.data", "aten.rnn_relu.data")
def packed(b: Scope, *_, **__) -> Value:
    raise FrontendError(
        "packed sequences have lengths that depend on data; pass padded tensors and mask what is behind the end"
    )
