#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Kernels of attention: forward and gradient of each shape, for check-gpu-kernels.

Shapes have parts of tiles, heads that share a key head, two positions; operands of their own or parts of one
projection, and gradients that are parts of one.  Score gradients are rounded to 16 bits and then summed with both
signs: what that leaves is a quarter of the usual tolerance in the mean, but many times that at the first positions of
a causal head, whose few terms are larger than the sums of others.  With `model` those of the sizes that models have,
for reports.
"""
import sys


def tensor(*sizes):
    return "tensor<" + "x".join(str(size) for size in sizes) + ">"


class Attention:
    """Types and text of one shape."""

    def __init__(self, name, batch, seq, heads, key_heads, d, element, causal, joined=False):
        self.name, self.joined = name, joined
        self.query = tensor(batch, seq, heads, d, element)
        self.key = tensor(batch, seq, key_heads, d, element)
        self.rows = tensor(batch, seq, heads, "f32")
        self.flat = tensor(batch, seq, heads * d, element)
        self.all = tensor(batch, seq, 3 * heads * d, element)
        self.rest = f"scale {d ** -0.5} {'{causal} ' if causal else ''}: {self.query}, {self.key}"

    def operands(self):
        """Arguments, and the text that makes %q, %k and %v of them."""
        if not self.joined:
            return f"%q: {self.query}, %k: {self.key}, %v: {self.key}", ""
        text = f"  %p:3 = ds.split %a : ({self.all}) -> ({self.flat}, {self.flat}, {self.flat})\n"
        for i, name in enumerate("qkv"):
            text += f"  %{name} = ds.reshape %p#{i} : {self.flat} -> {self.query}\n"
        return f"%a: {self.all}", text

    def forward(self):
        arguments, text = self.operands()
        output = self.flat if self.joined else self.query
        text += f"  %y, %l = ds.flash_attention %q, %k, %v {self.rest}\n"
        result = "%y"
        if self.joined:
            text += f"  %o = ds.reshape %y : {self.query} -> {self.flat}\n"
            result = "%o"
        return (f"func.func @{self.name}({arguments}) -> ({output}, {self.rows}) {{\n{text}"
                f"  return {result}, %l : {output}, {self.rows}\n}}")

    def gradient(self):
        arguments, text = self.operands()
        grad = "%g"
        if self.joined:
            text += f"  %h = ds.reshape %g : {self.flat} -> {self.query}\n"
            grad = "%h"
        text += f"  %x:3 = ds.flash_attention_grad %q, %k, %v, {grad}, %l, %e {self.rest}\n"
        if self.joined:
            for i in range(3):
                text += f"  %r{i} = ds.reshape %x#{i} : {self.query} -> {self.flat}\n"
            parts = ", ".join([self.flat] * 3)
            text += f"  %o = ds.concat %r0, %r1, %r2 : ({parts}) -> {self.all}\n"
            values, types = "%o", self.all
        else:
            values, types = "%x#0, %x#1, %x#2", f"{self.query}, {self.key}, {self.key}"
        output = self.flat if self.joined else self.query
        arguments += f", %g: {output}, %l: {self.rows}, %e: {self.rows}"
        attributes = f"test.forward = @{self.name}, test.tolerance = 4.0"
        return (f"func.func @{self.name}_grad({arguments}) -> ({types}) attributes {{{attributes}}} {{\n{text}"
                f"  return {values} : {types}\n}}")


SMALL = [  # batch, seq, heads, key_heads, d, causal, joined
    (1, 64, 1, 1, 64, False, False),
    (1, 130, 2, 1, 64, True, False),
    (2, 7, 2, 2, 16, True, False),
    (1, 100, 4, 2, 48, False, False),
    (1, 131, 2, 1, 128, True, False),
    (1, 40, 1, 1, 80, False, False),
    (1, 2, 1, 1, 32, True, False),
    (2, 70, 2, 2, 32, True, True),
    (1, 20, 1, 1, 16, False, True),
]
MODEL = [(64, 1024, 12, 12, 64, True, True), (8, 2048, 32, 8, 128, True, False), (8, 512, 12, 12, 64, False, True)]


def main():
    shapes = MODEL if sys.argv[1:] == ["model"] else SMALL
    for element in ("bf16", "f16"):
        for i, (*sizes, causal, joined) in enumerate(shapes):
            attention = Attention(f"{element}_{i}", *sizes, element, causal, joined)
            print(attention.forward())
            print(attention.gradient())


if __name__ == "__main__":
    main()
