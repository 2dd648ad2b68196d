# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models in JAX whose loops and branches are the point, as (loss function, parameters, inputs by name)."""

import jax
import jax.numpy as jnp
import numpy as np

STEPS, BATCH, INPUTS, WIDTH, CLASSES = 400, 2, 3, 5, 4


def normal(*shape, std=0.4):
    return (std * RANDOM.standard_normal(shape)).astype(np.float32)


def lstm():
    """An LSTM by lax.scan over more steps than one writes out, with a loss at every step."""

    def step(params, carried, x):
        h, c = carried
        i, f, g, o = jnp.split(x @ params["w"] + h @ params["u"] + params["b"], 4, -1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h @ params["head"]

    def loss(params, x, y):
        zeros = jnp.zeros((BATCH, WIDTH), x.dtype)
        _, out = jax.lax.scan(lambda carried, x: step(params, carried, x), (zeros, zeros), x.transpose(1, 0, 2))
        return ((out - y.transpose(1, 0, 2)) ** 2).mean()

    params = {"w": normal(INPUTS, 4 * WIDTH), "u": normal(WIDTH, 4 * WIDTH), "b": normal(4 * WIDTH)}
    params["head"] = normal(WIDTH, CLASSES)
    return loss, params, dict(x=normal(BATCH, STEPS, INPUTS, std=1), y=normal(BATCH, STEPS, CLASSES, std=1))


def both_ways():
    """A recurrence from each end of a long sequence, one within the other's rounds, and a carried integer."""

    def loss(params, x, y):
        def inner(h, u):
            return jnp.tanh(h * params["w"] + u), None

        def step(carried, entry):
            h, n = carried
            h, _ = jax.lax.scan(inner, h, params["kernel"])
            h = jnp.sin(h + entry @ params["u"]) * jnp.asarray(params["scale"])[n]
            return (h, (n * 3 + 1) % 4), h

        first = (jnp.zeros((BATCH, WIDTH), x.dtype), 1)
        ahead = jax.lax.scan(step, first, x.transpose(1, 0, 2))[1]
        back = jax.lax.scan(step, first, x.transpose(1, 0, 2), reverse=True)[1]
        return ((ahead * back).transpose(1, 0, 2) - y).__pow__(2).mean()

    params = {"w": normal(WIDTH), "u": normal(INPUTS, WIDTH), "kernel": normal(3, WIDTH), "scale": 1 + normal(4)}
    return loss, params, dict(x=normal(BATCH, 90, INPUTS, std=1), y=normal(BATCH, 90, WIDTH, std=1))


def state_space():
    """A diagonal state-space layer by lax.associative_scan: no loop, but slices, pads and products of a tree."""

    def loss(params, x, y):
        rate = jax.nn.sigmoid(params["rate"] + x @ params["select"])
        inputs = (1 - rate) * (x @ params["in"])

        def combine(a, b):
            return a[0] * b[0], a[1] * b[0] + b[1]

        _, states = jax.lax.associative_scan(combine, (rate, inputs), axis=1)
        return (((states * jax.nn.silu(x @ params["gate"])) @ params["out"] - y) ** 2).mean()

    params = {"rate": normal(WIDTH), "select": normal(INPUTS, WIDTH), "in": normal(INPUTS, WIDTH)}
    params |= {"gate": normal(INPUTS, WIDTH), "out": normal(WIDTH, CLASSES)}
    return loss, params, dict(x=normal(BATCH, 37, INPUTS, std=1), y=normal(BATCH, 37, CLASSES, std=1))


def chunked():
    """A loss by lax.map over many chunks, with a branch in each; the one not taken has a gradient that is NaN."""

    def loss(params, x, y):
        def of_chunk(entry):
            x, y = entry
            out = jnp.tanh(x @ params["up"]) @ params["down"] - y
            total = (out**2).sum()
            root = jax.lax.cond(total < 0, lambda t: jnp.sqrt(t), lambda t: t, total)
            kind = jax.lax.switch((y[0] * 3).astype(jnp.int32), [jnp.sin, jnp.cos, lambda t: t * params["w"]], root)
            return root + kind

        return jax.lax.map(of_chunk, (x, y)).mean()

    params = {"up": normal(INPUTS, WIDTH), "down": normal(WIDTH, CLASSES), "w": np.float32(0.5)}
    return loss, params, dict(x=normal(100, INPUTS, std=1), y=normal(100, CLASSES, std=1))


MODELS = {"jax_lstm": lstm, "jax_both_ways": both_ways, "jax_state_space": state_space, "jax_chunked": chunked}
RANDOM = np.random.default_rng(0)


def make(name):
    """A model of MODELS, always the same one."""
    global RANDOM
    RANDOM = np.random.default_rng(0)
    return MODELS[name]()
