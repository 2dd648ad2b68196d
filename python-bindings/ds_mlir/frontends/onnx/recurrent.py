# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's recurrent layers, step by step: each step is written out."""

from __future__ import annotations

from collections.abc import Callable

from ..model import FrontendError
from ..stablehlo import Value
from . import activations as functions
from .elementwise import UNARY
from .scope import Scope, lowers, written_out

FUNCTIONS: dict[str, Callable[[Scope, Value], Value]] = {
    "sigmoid": lambda b, x: b.unary("logistic", x),
    "tanh": lambda b, x: b.unary(UNARY["Tanh"], x),
    "relu": functions.relu,
    "softsign": functions.softsign,
    "softplus": functions.softplus,
}


class Layer:
    """One direction of a layer: its weights, and how it steps."""

    def __init__(self, b: Scope, gates: int, names: list[str], clip: float | None, parts: dict[str, Value | None]):
        self.b, self.gates, self.clip = b, gates, clip
        for name in names:
            if name.lower() not in FUNCTIONS:
                raise FrontendError(f"the activation '{name}' cannot be imported; {', '.join(FUNCTIONS)} can")
        self.functions = [FUNCTIONS[name.lower()] for name in names]
        self.w, self.r, self.bias, self.peepholes = (parts[name] for name in ("w", "r", "bias", "peepholes"))
        self.size = self.r.shape[1]

    def apply(self, place: int, x: Value) -> Value:
        if self.clip:
            x = self.b.clamp(
                *(self.b.scalar(v, x.type.element) if v is not x else x for v in (-self.clip, x, self.clip))
            )
        return self.functions[place](self.b, x)

    def gate(self, x: Value, number: int) -> Value:
        return self.b.slice_dim(x, x.rank - 1, number * self.size, (number + 1) * self.size)

    def product(self, x: Value, weight: Value, bias_half: int | None) -> Value:
        """x weight^T, plus one half of the bias: 0 is the input's, 1 the state's."""
        made = self.b.dot_general(x, weight, ([x.rank - 1], [1]))
        if self.bias is None or bias_half is None:
            return made
        rows = weight.shape[0]
        half = self.b.slice_dim(
            self.bias, 0, bias_half * self.gates * self.size, bias_half * self.gates * self.size + rows
        )
        return self.b.add(made, self.b.to_type(half, made.type))


def _rnn_step(layer: Layer, x: Value, state: list[Value], options: dict) -> list[Value]:
    return [layer.apply(0, layer.b.add(x, layer.product(state[0], layer.r, 1)))]


def _gru_step(layer: Layer, x: Value, state: list[Value], options: dict) -> list[Value]:
    b, (h,) = layer.b, state
    if options.get("linear_before_reset"):
        part = layer.product(h, layer.r, 1)
        z, r = (layer.apply(0, b.add(layer.gate(x, g), layer.gate(part, g))) for g in (0, 1))
        inner = b.add(layer.gate(x, 2), b.mul(r, layer.gate(part, 2)))
    else:
        rows = [b.slice_dim(layer.r, 0, 0, 2 * layer.size), b.slice_dim(layer.r, 0, 2 * layer.size, 3 * layer.size)]
        part = layer.product(h, rows[0], 1)
        z, r = (layer.apply(0, b.add(layer.gate(x, g), layer.gate(part, g))) for g in (0, 1))
        last = layer.product(b.mul(r, h), rows[1], None)
        if layer.bias is not None:
            bias = b.slice_dim(layer.bias, 0, 5 * layer.size, 6 * layer.size)
            last = b.add(last, b.to_type(bias, last.type))
        inner = b.add(layer.gate(x, 2), last)
    new = layer.apply(1, inner)
    return [b.add(b.mul(b.sub(b.like(1, z), z), new), b.mul(z, h))]


def _lstm_step(layer: Layer, x: Value, state: list[Value], options: dict) -> list[Value]:
    b, (h, c) = layer.b, state
    gates = b.add(x, layer.product(h, layer.r, 1))
    i, o, f, g = (layer.gate(gates, number) for number in range(4))
    peep = [None] * 3
    if layer.peepholes is not None:
        peep = [layer.gate(layer.peepholes, number) for number in range(3)]  # of i, o, f

    def seen(gate: Value, weight: Value | None, cell: Value) -> Value:
        return gate if weight is None else b.add(gate, b.mul(b.to_type(weight, cell.type), cell))

    i = layer.apply(0, seen(i, peep[0], c))
    f = b.sub(b.like(1, i), i) if options.get("input_forget") else layer.apply(0, seen(f, peep[2], c))
    c = b.add(b.mul(f, c), b.mul(i, layer.apply(1, g)))
    o = layer.apply(0, seen(o, peep[1], c))
    return [b.mul(o, layer.functions[2](b, c)), c]


KINDS = {
    "RNN": (1, ["Tanh"], _rnn_step),
    "GRU": (3, ["Sigmoid", "Tanh"], _gru_step),
    "LSTM": (4, ["Sigmoid", "Tanh", "Tanh"], _lstm_step),
}


def _direction(layer: Layer, x: Value, lengths: Value | None, state: list[Value], step, backwards: bool, options):
    """All outputs, (sequence, 1, batch, hidden), and the last state."""
    b, steps = layer.b, written_out(x.shape[0], "steps")
    projected = layer.product(x, layer.w, 0)
    outputs: list[Value] = [None] * steps
    for t in range(steps)[:: -1 if backwards else 1]:
        row = b.slice_dim(projected, 0, t, t + 1)
        new = step(layer, b.reshape(row, row.shape[1:]), state, options)
        output = new[0]
        if lengths is not None:  # a sequence that is over keeps its state, and gives zeros
            inside = b.compare("LT", b.splat(t, lengths.type), lengths)
            inside = b.broadcast(inside, output.shape, [0])
            output = b.select(inside, output, b.like(0, output))
            new = [b.select(inside, after, before) for after, before in zip(new, state, strict=True)]
        state = new
        outputs[t] = b.reshape(output, (1, 1, *output.shape))
    return b.concatenate(outputs, 0), state


def _register(name: str) -> None:
    gates, defaults, step = KINDS[name]

    @lowers(name)
    def lower(
        b: Scope,
        x: Value,
        w: Value,
        r: Value,
        bias=None,
        lengths=None,
        h=None,
        c=None,
        peepholes=None,
        *,
        direction="forward",
        hidden_size=None,
        layout=0,
        clip=None,
        activations=None,
        activation_alpha=None,
        activation_beta=None,
        **options,
    ) -> list[Value]:
        if activation_alpha or activation_beta:
            raise FrontendError(
                "its activations have parameters, which cannot be imported; leave them at their defaults"
            )
        states = [h] if name != "LSTM" else [h, c]
        if layout:
            x = b.transpose(x, [1, 0, 2])
            states = [None if s is None else b.transpose(s, [1, 0, 2]) for s in states]
        count = w.shape[0]
        names = list(activations or defaults * count)
        lengths = None if lengths is None else b.convert(lengths, "i32")
        outputs, lasts = [], []
        for place in range(count):
            parts = dict(w=w, r=r, bias=bias, peepholes=peepholes)
            own = {key: None if part is None else _row(b, part, place) for key, part in parts.items()}
            layer = Layer(b, gates, names[place * len(defaults) : (place + 1) * len(defaults)], clip, own)
            zero = b.splat(0, x.type.with_shape((x.shape[1], layer.size)))
            state = [zero if s is None else _row(b, s, place) for s in states]
            backwards = direction == "reverse" or place == 1
            made, last = _direction(layer, x, lengths, state, step, backwards, options)
            outputs.append(made)
            lasts.append([b.reshape(s, (1, *s.shape)) for s in last])
        results = [b.concatenate(outputs, 1), *(b.concatenate(list(part), 0) for part in zip(*lasts, strict=True))]
        if layout:
            results = [b.transpose(results[0], [2, 0, 1, 3]), *(b.transpose(s, [1, 0, 2]) for s in results[1:])]
        return results


def _row(b: Scope, x: Value, place: int) -> Value:
    return b.reshape(b.slice_dim(x, 0, place, place + 1), x.shape[1:])


for _name in KINDS:
    _register(_name)
