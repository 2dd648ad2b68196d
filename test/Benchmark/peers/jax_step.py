#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A training step in JAX: one jitted function with donated parameters and state.  One JSON line a step, forever."""

import data  # first: it says where the others are
import jax
import jax.numpy as jnp
from shapes import SHAPES

EPSILON, THETA = 1e-5, 10000.0


def attention(q, k, v):
    batch, length = q.shape[:2]
    return jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(batch, length, -1)


def heads(x, count):
    return x.reshape(*x.shape[:2], count, -1)


def gpt2_logits(p, s, tokens):
    def norm(x, name):
        centred = x - x.mean(-1, keepdims=True)
        variance = jnp.square(centred).mean(-1, keepdims=True)
        return centred * jax.lax.rsqrt(variance + EPSILON) * p[name + ".weight"] + p[name + ".bias"]

    def linear(x, name):  # (in, out)
        return x @ p[name + ".weight"] + p[name + ".bias"]

    x = p["transformer.wte.weight"][tokens] + p["transformer.wpe.weight"][: tokens.shape[1]]
    for n in range(s["layers"]):
        h = f"transformer.h.{n}."
        q, k, v = jnp.split(linear(norm(x, h + "ln_1"), h + "attn.c_attn"), 3, axis=-1)
        x = x + linear(attention(*(heads(t, s["heads"]) for t in (q, k, v))), h + "attn.c_proj")
        hidden = jax.nn.gelu(linear(norm(x, h + "ln_2"), h + "mlp.c_fc"), approximate=True)
        x = x + linear(hidden, h + "mlp.c_proj")
    return norm(x, "transformer.ln_f") @ p["transformer.wte.weight"].T


def rotate(x):
    length, size = x.shape[1], x.shape[-1]
    frequencies = 1.0 / THETA ** (jnp.arange(0, size, 2, dtype=jnp.float32) / size)
    angles = jnp.outer(jnp.arange(length, dtype=jnp.float32), frequencies)
    angles = jnp.concatenate((angles, angles), axis=-1)[:, None, :]  # (length, 1, size); x: (.., head, size)
    low, high = jnp.split(x, 2, axis=-1)
    return x * jnp.cos(angles) + jnp.concatenate((-high, low), axis=-1) * jnp.sin(angles)


def llama_logits(p, s, tokens):
    def norm(x, name):
        return p[name + ".weight"] * (x * jax.lax.rsqrt(jnp.square(x).mean(-1, keepdims=True) + EPSILON))

    def linear(x, name):  # (out, in)
        return x @ p[name + ".weight"].T

    x = p["model.embed_tokens.weight"][tokens]
    for n in range(s["layers"]):
        h = f"model.layers.{n}."
        y = norm(x, h + "input_layernorm")
        q = rotate(heads(linear(y, h + "self_attn.q_proj"), s["heads"]))
        k = rotate(heads(linear(y, h + "self_attn.k_proj"), s["kv_heads"]))
        v = heads(linear(y, h + "self_attn.v_proj"), s["kv_heads"])
        x = x + linear(attention(q, k, v), h + "self_attn.o_proj")
        y = norm(x, h + "post_attention_layernorm")
        hidden = jax.nn.silu(linear(y, h + "mlp.gate_proj")) * linear(y, h + "mlp.up_proj")
        x = x + linear(hidden, h + "mlp.down_proj")
    return linear(norm(x, "model.norm"), "lm_head")


LOGITS = {"gpt2": gpt2_logits, "llama": llama_logits}


def make_step(shape):
    o = data.OPTIMIZER

    def loss_of(p, inputs, targets):
        logits = LOGITS[shape["family"]](p, shape, inputs)
        chosen = jnp.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
        return (jax.nn.logsumexp(logits, axis=-1) - chosen).mean()

    def adamw(state, g, scale, t):
        p, m, v = state
        g = g * scale
        m = o["beta1"] * m + (1 - o["beta1"]) * g
        v = o["beta2"] * v + (1 - o["beta2"]) * g * g
        root = jnp.sqrt(v / (1 - o["beta2"] ** t)) + o["eps"]
        p = p * (1 - o["lr"] * o["weight_decay"]) - o["lr"] / (1 - o["beta1"] ** t) * m / root
        return p, m, v

    def step(state, t, inputs, targets):
        loss, g = jax.value_and_grad(loss_of)({n: s[0] for n, s in state.items()}, inputs, targets)
        norm = jnp.sqrt(sum(jnp.vdot(x, x) for x in g.values()))
        scale = jnp.minimum(1.0, o["max_norm"] / (norm + 1e-6))
        return {n: adamw(s, g[n], scale, t) for n, s in state.items()}, loss, norm

    return jax.jit(step, donate_argnums=0)


def main():
    options = data.arguments()
    step_of = make_step(SHAPES[options.model][1])
    state = {n: (jnp.asarray(x), jnp.zeros(x.shape), jnp.zeros(x.shape)) for n, x in data.parameters(options.initial)}
    count = 0

    def step(inputs, targets):
        nonlocal state, count
        count += 1
        state, loss, norm = step_of(state, jnp.float32(count), inputs.astype("int32"), targets.astype("int32"))
        jax.block_until_ready(state)
        return loss, norm

    data.train(options, step)


main()
