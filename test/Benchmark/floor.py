# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The product floor: the time that a step's matrix products take at the best of the libraries that the runtime links.

The products are those of the model, not those of somebody's plan: each linear map's forward pass and two gradients, and
the six products of attention, counted causal. What an implementation cuts small, pads or computes twice is its own.
"""

import json
from dataclasses import dataclass

from participants import BenchError, Process, median

PAD = 16  # floats behind each row of the scores: rows that are a power of two apart are slow in some libraries


@dataclass
class Product:
    name: str
    count: float  # times a step
    variants: list  # of gemm-floor's lines: the best one counts
    flops: float  # of one


def product(name, count, m, n, k, layout):
    """One product of a linear map; `layout` is NN, NT or TN."""
    return Product(name, count, [line(m, n, k, layout)], 2.0 * m * n * k)


def line(m, n, k, layout, batch=1, pad_a=0, pad_c=0):
    ta, tb = (letter == "T" for letter in layout)
    return f"{m} {n} {k} {ta:d} {tb:d} {(m if ta else k) + pad_a} {k if tb else n} {n + pad_c} {batch}"


def linear(name, count, rows, inputs, outputs, transposed):
    """The forward pass and both gradients; weights are (outputs, inputs) when `transposed`."""
    weight = (outputs, inputs) if transposed else (inputs, outputs)
    return [product(name + " forward", count, rows, outputs, inputs, "NT" if transposed else "NN"),
            product(name + " dX", count, rows, inputs, outputs, "NN" if transposed else "NT"),
            product(name + " dW", count, *weight, rows, "TN")]


def attention(layers, batch, length, size):
    def one(name, m, n, k, layout, **padded):
        variants = [line(m, n, k, layout, batch, **{operand: pad for operand in padded}) for pad in (0, PAD)]
        causal = (length + 1) / (2 * length)
        return Product(name, 2 * layers * causal, variants, 2.0 * m * n * k * batch)

    return [one("attention QK', dO V'", length, length, size, "NT", pad_c=True),
            one("attention P V, dS K", length, size, length, "NN", pad_a=True),
            one("attention P' dO, dS' Q", length, size, length, "TN", pad_a=True)]


def products_of(shape, batch, length):
    rows, width, layers = batch * length, shape["width"], shape["layers"]
    mlp, size = shape["mlp_width"], width // shape["heads"]
    if shape["family"] == "gpt2":
        maps = [("qkv", 1, width, 3 * width, False), ("projection", 1, width, width, False),
                ("mlp up", 1, width, mlp, False), ("mlp down", 1, mlp, width, False)]
    else:
        maps = [("q, o", 2, width, width, True), ("k, v", 2, width, size * shape["kv_heads"], True),
                ("gate, up", 2, width, mlp, True), ("down", 1, mlp, width, True)]
    result = linear("vocabulary", 1, rows, width, shape["vocab"], True)
    for name, count, inputs, outputs, transposed in maps:
        result += linear(name, count * layers, rows, inputs, outputs, transposed)
    return result + attention(layers, batch * shape["heads"], length, size)


class Floor(Process):
    """Times the products once a round, in all ways that there are."""

    def __init__(self, command, products, threads):
        super().__init__("gemm-floor", command, threads)
        self.products, self.threads, self.measured, self.rounds = products, threads, [], []
        lines = [variant for p in products for variant in p.variants]
        self._say("\n".join(lines) + "\n")
        self.ways = json.loads(self.line()[1])

    def _say(self, text):
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise BenchError(f"gemm-floor ended with exit code {self.process.wait()}") from None

    def turn(self, _steps):
        self._say("go")
        rows = iter(json.loads(self.line()[1]))
        self.measured.append([[s for _ in p.variants for s in next(rows)] for p in self.products])
        self.rounds.append(sum(p.count * min(s for s in seconds if s is not None)
                               for p, seconds in zip(self.products, self.measured[-1])) * 1e3)

    def table(self):
        """For each product, its best way: the least of the medians over all rounds."""
        result = []
        for number, p in enumerate(self.products):
            by_way = zip(*(one[number] for one in self.measured))
            times = [median(way) if None not in way else float("inf") for way in by_way]
            best = min(range(len(times)), key=times.__getitem__)
            result.append({"product": p.name, "shape": p.variants[best // len(self.ways)], "a_step": p.count,
                           "best": self.ways[best % len(self.ways)], "ms": times[best] * 1e3,
                           "gflops": p.flops / times[best] * 1e-9})
        return result

    @property
    def median_ms(self):
        return sum(row["a_step"] * row["ms"] for row in self.table())
