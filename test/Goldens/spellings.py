#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes test/Inputs/spellings.stablehlo: what raising is to find, as people write it, and what only looks like it.

    python3 test/Goldens/spellings.py > test/Inputs/spellings.stablehlo

Each module is one function of JAX; its name says what is to be found ("none": nothing) and how it is written.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

F, I = jnp.float32, jnp.int32
X = jax.ShapeDtypeStruct((2, 6, 8), F)
D = jax.ShapeDtypeStruct((8,), F)
SQRT = jax.ShapeDtypeStruct((8, 8), F)
LOGITS, TARGETS = jax.ShapeDtypeStruct((2, 6, 11), F), jax.ShapeDtypeStruct((2, 6), I)
HEADS = jax.ShapeDtypeStruct((2, 6, 4, 8), F)
GROUPS = jax.ShapeDtypeStruct((2, 6, 2, 8), F)
written = []


def case(name, function, *arguments):
    """The loss is a sum of squares, so that gradients are not constant."""
    def loss(*values):
        return jnp.sum(jnp.square(function(*values)))
    loss.__name__ = name
    written.append(jax.jit(loss).lower(*arguments).as_text().replace("module @jit_", "module @"))


def scalar(name, function, *arguments):
    function.__name__ = name
    written.append(jax.jit(function).lower(*arguments).as_text().replace("module @jit_", "module @"))


# Activation functions.
case("gelu__jax", lambda x: jax.nn.gelu(x), X)
case("gelu__powers", lambda x: x * 0.5 * (1 + jnp.tanh(0.7978845608 * x * (1 + 0.044715 * x * x))), X)
case("gelu__sigmoid", lambda x: x * jax.nn.sigmoid(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)), X)
case("gelu_erf__jax", lambda x: jax.nn.gelu(x, approximate=False), X)
case("gelu_erf__plain", lambda x: 0.5 * x * (1 + jax.lax.erf(x / np.sqrt(2.0))), X)
case("gelu_erf__erfc", lambda x: x * 0.5 * jax.lax.erfc(-x * np.sqrt(0.5)), X)
case("silu__jax", lambda x: jax.nn.silu(x), X)
case("silu__exp", lambda x: x / (1 + jnp.exp(-x)), X)
case("silu__tanh", lambda x: 0.5 * x * (1 + jnp.tanh(0.5 * x)), X)
case("none__gelu_constant", lambda x: 0.5 * x * (1 + jnp.tanh(0.7978845608 * (x + 0.0447 * x**3))), X)
case("none__quick_gelu", lambda x: x * jax.nn.sigmoid(1.702 * x), X)
case("none__mish", lambda x: x * jnp.tanh(jax.nn.softplus(x)), X)


# Norms.
def moments(x):
    mean = x.mean(-1, keepdims=True)
    return mean, ((x - mean) ** 2).mean(-1, keepdims=True)


def two_passes(x, g, b, eps=1e-5):
    mean, variance = moments(x)
    return (x - mean) / jnp.sqrt(variance + eps) * g + b


def one_pass(x, g, b):
    mean = jnp.sum(x, -1) / x.shape[-1]
    variance = jnp.maximum(0, jnp.mean(x * x, -1) - mean * mean)
    factor = jax.lax.rsqrt(variance + 1e-6)[..., None] * g
    return (x - mean[..., None]) * factor + b


case("layer_norm__two_passes", two_passes, X, D, D)
case("layer_norm__one_pass", one_pass, X, D, D)
case("layer_norm__var", lambda x, g, b: b + g * (x - x.mean(-1, keepdims=True))
     * (x.var(-1, keepdims=True) + 1e-5) ** -0.5, X, D, D)
case("layer_norm__no_affine", lambda x: two_passes(x, 1.0, 0.0), X)
case("layer_norm__no_bias", lambda x, g: two_passes(x, g, 0.0), X, D)
case("layer_norm__square", lambda x, g, b: two_passes(x, g, b), SQRT, D, D)
case("rms_norm__jax", lambda x, g: x * jax.lax.rsqrt(jnp.mean(jnp.square(x), -1, keepdims=True) + 1e-6) * g, X, D)
case("rms_norm__sqrt", lambda x, g: g * (x / jnp.sqrt((x * x).sum(-1, keepdims=True) / 8 + 1e-5)), X, D)
case("rms_norm__plus_one", lambda x, g: x * (jnp.mean(x**2, -1, keepdims=True) + 1e-6) ** -0.5 * (1 + g), X, D)
case("none__norm_unbiased", lambda x, g, b: (x - x.mean(-1, keepdims=True))
     / jnp.sqrt(x.var(-1, ddof=1, keepdims=True) + 1e-5) * g + b, X, D, D)
case("none__norm_eps_outside", lambda x, g, b: (x - x.mean(-1, keepdims=True))
     / (x.std(-1, keepdims=True) + 1e-5) * g + b, X, D, D)
case("none__norm_other_axis", lambda x, g, b: (x - x.mean(1, keepdims=True))
     / jnp.sqrt(x.var(1, keepdims=True) + 1e-5) * g + b, X, D, D)

# Softmax.
case("softmax__jax", lambda x: jax.nn.softmax(x, -1), X)
case("softmax__plain", lambda x: jnp.exp(x) / jnp.exp(x).sum(-1, keepdims=True), X)
case("softmax__log", lambda x: jnp.exp(3 * x - jax.nn.logsumexp(3 * x, -1, keepdims=True)), X)
case("none__softmax_one", lambda x: jnp.exp(x) / (1 + jnp.exp(x).sum(-1, keepdims=True)), X)
case("none__softmax_axis", lambda x: jax.nn.softmax(x, 1), X)


# Cross-entropy.
def picked(x, t):
    return jnp.take_along_axis(x, t[..., None], -1)[..., 0]


scalar("cross_entropy__log_softmax", lambda x, t: -jnp.mean(picked(jax.nn.log_softmax(x), t)), LOGITS, TARGETS)
scalar("cross_entropy__logsumexp", lambda x, t: (jax.nn.logsumexp(x, -1) - picked(x, t)).sum() / 12, LOGITS, TARGETS)
scalar("cross_entropy__one_hot",
       lambda x, t: jnp.mean(-jnp.sum(jax.nn.one_hot(t, 11) * jax.nn.log_softmax(x), -1)), LOGITS, TARGETS)
scalar("cross_entropy__means", lambda x, t: -jnp.mean(jnp.mean(picked(jax.nn.log_softmax(x), t), -1)), LOGITS, TARGETS)
scalar("cross_entropy__optax",
       lambda x, t: optax.softmax_cross_entropy_with_integer_labels(x, t).mean(), LOGITS, TARGETS)
scalar("none__entropy_smooth",
       lambda x, t: jnp.mean(-jnp.sum((0.9 * jax.nn.one_hot(t, 11) + 0.1 / 11) * jax.nn.log_softmax(x), -1)),
       LOGITS, TARGETS)
scalar("none__entropy_weights",
       lambda x, t: -jnp.mean(picked(jax.nn.log_softmax(x), t) * jnp.arange(6.0)), LOGITS, TARGETS)


# Attention.
def attention(q, k, v, mask=None, scale=8**-0.5, hidden=-1e9):
    s = jnp.einsum("bqhd,bkhd->bhqk", q, k) * scale
    if mask is not None:
        s = jnp.where(mask, s, hidden)
    return jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(s, -1), v)


def transposed(q, k, v):
    q, k, v = (jnp.swapaxes(x, 1, 2) for x in (q, k, v))
    s = (q * 8**-0.5) @ jnp.swapaxes(k, -1, -2)
    s = s + (1 - jnp.tril(jnp.ones((6, 6), F))) * -1e10
    return jnp.swapaxes(jax.nn.softmax(s, -1) @ v, 1, 2)


def grouped(q, k, v):
    q = q.reshape(2, 6, 2, 2, 8)
    s = jnp.einsum("bqkgd,btkd->bkgqt", q, k) / np.sqrt(8)
    rows = jnp.arange(6)
    s = jnp.where(rows[:, None] >= rows[None, :], s, jnp.finfo(F).min)
    return jnp.einsum("bkgqt,btkd->bqkgd", jax.nn.softmax(s, -1), v).reshape(2, 6, 4, 8)


tril = np.tril(np.ones((6, 6), bool))
case("attention__whole", attention, HEADS, HEADS, HEADS)
case("attention__causal", lambda q, k, v: attention(q, k, v, jnp.tril(jnp.ones((6, 6), bool))), HEADS, HEADS, HEADS)
case("attention__constant_mask", lambda q, k, v: attention(q, k, v, tril, hidden=-jnp.inf), HEADS, HEADS, HEADS)
case("attention__transposed", transposed, HEADS, HEADS, HEADS)
case("attention__grouped", grouped, HEADS, GROUPS, GROUPS)
case("attention__jax_grouped", lambda q, k, v: jax.nn.dot_product_attention(q, k, v), HEADS, GROUPS, GROUPS)
case("attention__repeated",
     lambda q, k, v: attention(q, jnp.repeat(k, 2, 2), jnp.repeat(v, 2, 2), tril), HEADS, GROUPS, GROUPS)
case("attention__jax", lambda q, k, v: jax.nn.dot_product_attention(q, k, v, is_causal=True), HEADS, HEADS, HEADS)
case("none__attention_window", lambda q, k, v: attention(q, k, v, tril & ~np.tril(tril, -3)), HEADS, HEADS, HEADS)
case("none__attention_capped", lambda q, k, v: jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(
    30 * jnp.tanh(jnp.einsum("bqhd,bkhd->bhqk", q, k) / 30), -1), v), HEADS, HEADS, HEADS)
case("none__attention_padding",
     lambda q, k, v, t: attention(q, k, v, (t > 0)[:, None, None, :]), HEADS, HEADS, HEADS, TARGETS)
case("none__attention_one_hole",
     lambda q, k, v: attention(q, k, v, tril & (np.arange(36).reshape(6, 6) != 18)), HEADS, HEADS, HEADS)

# Rows of tables, and parts of one product.
case("embedding__index", lambda w, t: w[t], SQRT, TARGETS)
case("embedding__take", lambda w, t: jnp.take(w, t, axis=0), SQRT, TARGETS)

print("// Written by test/Goldens/spellings.py.\n\n" + "\n// -----\n\n".join(written), end="")
