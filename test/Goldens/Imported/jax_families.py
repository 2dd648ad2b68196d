# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models in JAX, flax and equinox, further families, as (loss function, parameters, inputs by name)."""

import inspect

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen as nn
from flax import nnx
from jax_models import LENGTH, VOCABULARY, WIDTH
from jax_models import gpt_loss, make

RANDOM = np.random.default_rng(1)


def tokens(*shape, bound=VOCABULARY):
    return RANDOM.integers(0, bound, shape or (2, LENGTH)).astype(np.int32)


def normal(*shape):
    return RANDOM.standard_normal(shape).astype(np.float32)


def linen(module, loss, **inputs):
    """A model of flax.linen: `loss` of the module's outputs for the first inputs, and of the last one."""
    *features, _ = inputs.values()
    params = module.init(jax.random.key(0), *features)["params"]

    def of(params, *values):
        return loss(module.apply({"params": params}, *values[:-1]), values[-1])

    names = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in ("params", *inputs)]
    of.__signature__ = inspect.Signature(names)
    return of, jax.tree_util.tree_map(np.asarray, params), inputs


def cross_entropy(logits, targets):
    return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()


# ===--- flax.linen -----------------------------------------------------------------------------------------------=== #


class Mlp(nn.Module):
    inner: int

    @nn.compact
    def __call__(self, x):
        return nn.Dense(x.shape[-1])(nn.gelu(nn.Dense(self.inner)(x)))


class Mixer(nn.Module):
    @nn.compact
    def __call__(self, images):
        n, rows, columns, channels = images.shape
        x = images.reshape(n, rows // 2, 2, columns // 2, 2, channels).transpose(0, 1, 3, 2, 4, 5)
        x = nn.Dense(10)(x.reshape(n, -1, 4 * channels))
        for _ in range(2):
            x = x + Mlp(7)(nn.LayerNorm()(x).swapaxes(1, 2)).swapaxes(1, 2)
            x = x + Mlp(14)(nn.LayerNorm()(x))
        return nn.Dense(5)(nn.LayerNorm()(x).mean(1))


class Recurrent(nn.Module):
    """An LSTM and behind it a GRU, each a lax.scan over the positions."""

    @nn.compact
    def __call__(self, x):
        x = nn.Embed(VOCABULARY, 7)(x)
        x = nn.RNN(nn.OptimizedLSTMCell(9, param_dtype=x.dtype))(x)
        return nn.Dense(5)(nn.RNN(nn.GRUCell(6, param_dtype=x.dtype))(x)[:, -1])


class Dlrm(nn.Module):
    @nn.compact
    def __call__(self, numbers, first, second):
        dense = nn.relu(nn.Dense(6)(nn.relu(nn.Dense(9)(numbers))))
        bags = [nn.Embed(11, 6)(first).sum(1), nn.Embed(7, 6)(second).sum(1)]
        features = jnp.stack([dense, *bags], 1)
        products = jnp.einsum("bid,bjd->bij", features, features)
        pairs = products[:, *np.tril_indices(features.shape[1], -1)]
        return nn.Dense(1)(nn.relu(nn.Dense(8)(jnp.concatenate([dense, pairs], 1))))[:, 0]


class StateSpace(nn.Module):
    """A diagonal state-space layer: h_t = a h_(t-1) + b x_t for all t by an associative scan."""

    @nn.compact
    def __call__(self, x):
        x = nn.Embed(VOCABULARY, 6)(x)
        decay = nn.sigmoid(self.param("decay", nn.initializers.normal(1.0), (6, 4)))
        into = nn.Dense(4, use_bias=False)(x)[:, :, None, :] * x[..., None]
        over = jnp.broadcast_to(decay, into.shape)
        _, states = jax.lax.associative_scan(lambda a, b: (a[0] * b[0], b[0] * a[1] + b[1]), (over, into), axis=1)
        out = self.param("out", nn.initializers.normal(0.5), (6, 4))
        return nn.Dense(VOCABULARY)(x + (states * out).sum(-1))


class MoeLayer(nn.Module):
    """The two best of four experts, by arg-maxima; every expert sees every token, vmapped over the experts."""

    @nn.compact
    def __call__(self, x):
        probabilities = nn.softmax(nn.Dense(4, use_bias=False)(x))
        left, weights = probabilities, 0.0
        for _ in range(2):
            chosen = jax.nn.one_hot(left.argmax(-1), 4, dtype=x.dtype)
            weights, left = weights + chosen * probabilities, jnp.where(chosen > 0, -jnp.inf, left)
        weights = weights / weights.sum(-1, keepdims=True)
        experts = nn.vmap(Mlp, variable_axes={"params": 0}, split_rngs={"params": True}, in_axes=None, out_axes=-2,
                          axis_size=4)
        return jnp.einsum("bted,bte->btd", experts(9)(x), weights)


class Moe(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Embed(VOCABULARY, 8)(x)
        return nn.Dense(VOCABULARY)(x + MoeLayer()(nn.RMSNorm()(x)))


# ===--- Dropout and rematerialization ----------------------------------------------------------------------------=== #


def dropout():
    """A mask from a key of threefry, which is an input."""
    def loss(params, x, key, y):
        x = jax.nn.relu(x @ params["w1"])
        kept = jax.random.bernoulli(jax.random.wrap_key_data(key[0].astype(jnp.uint32)), np.float32(0.75), x.shape)
        x = jnp.where(kept, x / 0.75, 0.0)
        return jnp.mean((x @ params["w2"] - y) ** 2)

    params = {"w1": 0.4 * normal(5, 12), "w2": 0.4 * normal(12, 3)}
    return loss, params, dict(x=normal(4, 5), key=tokens(4, 2, bound=1000), y=normal(4, 3))


def remat():
    """The GPT of jax_models, its loss checkpointed, with a policy."""
    loss, params, inputs = make("jax_gpt")
    saved = jax.checkpoint_policies.dots_with_no_batch_dims_saveable
    return jax.checkpoint(gpt_loss, policy=saved), params, inputs


# ===--- flax.nnx: Llama ------------------------------------------------------------------------------------------=== #


class Attention(nnx.Module):
    def __init__(self, heads, groups, size, rngs):
        self.q = nnx.LinearGeneral(WIDTH, (heads, size), use_bias=False, rngs=rngs)
        self.kv = nnx.LinearGeneral(WIDTH, (2, groups, size), use_bias=False, rngs=rngs)
        self.out = nnx.LinearGeneral((heads, size), WIDTH, axis=(-2, -1), use_bias=False, rngs=rngs)

    def __call__(self, x):
        q, kv = rotated(self.q(x)), self.kv(x)
        mixed = jax.nn.dot_product_attention(q, rotated(kv[:, :, 0]), kv[:, :, 1], is_causal=True)
        return self.out(mixed)


def rotated(x):
    """Rotary positions of neighbouring elements, by complex products without complex numbers."""
    size = x.shape[-1]
    angles = jnp.arange(x.shape[1])[:, None] / 10000 ** (jnp.arange(0, size, 2) / size)
    sin, cos = (f(angles)[:, None].astype(x.dtype) for f in (jnp.sin, jnp.cos))
    even, odd = x[..., ::2], x[..., 1::2]
    return jnp.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


class LlamaBlock(nnx.Module):
    def __init__(self, rngs):
        self.norms = nnx.List([nnx.RMSNorm(WIDTH, rngs=rngs) for _ in range(2)])
        self.attention = Attention(4, 2, WIDTH // 4, rngs)
        self.gate, self.up = (nnx.Linear(WIDTH, 20, use_bias=False, rngs=rngs) for _ in range(2))
        self.down = nnx.Linear(20, WIDTH, use_bias=False, rngs=rngs)

    def __call__(self, x):
        x = x + self.attention(self.norms[0](x))
        y = self.norms[1](x)
        return x + self.down(nnx.silu(self.gate(y)) * self.up(y))


class Llama(nnx.Module):
    def __init__(self, rngs):
        self.embed = nnx.Embed(VOCABULARY, WIDTH, rngs=rngs)
        self.blocks = nnx.List([LlamaBlock(rngs) for _ in range(2)])
        self.norm, self.head = nnx.RMSNorm(WIDTH, rngs=rngs), nnx.Linear(WIDTH, VOCABULARY, use_bias=False, rngs=rngs)

    def __call__(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


def nnx_llama():
    graph, params = nnx.split(Llama(nnx.Rngs(0)), nnx.Param)

    def loss(params, tokens, targets):
        return cross_entropy(nnx.merge(graph, nnx.State(params))(tokens), targets)

    return loss, jax.tree_util.tree_map(np.asarray, nnx.to_pure_dict(params)), dict(tokens=tokens(), targets=tokens())


# ===--- equinox: BERT and GPT, written for one sample and vmapped ------------------------------------------------=== #


class Layer(eqx.Module):
    attention: eqx.nn.MultiheadAttention
    norms: list
    up: eqx.nn.Linear
    down: eqx.nn.Linear
    is_causal: bool = eqx.field(static=True)

    def __init__(self, key, is_causal):
        keys = jax.random.split(key, 3)
        self.attention = eqx.nn.MultiheadAttention(2, WIDTH, key=keys[0])
        self.norms = [eqx.nn.LayerNorm(WIDTH), eqx.nn.LayerNorm(WIDTH)]
        self.up, self.down = eqx.nn.Linear(WIDTH, 24, key=keys[1]), eqx.nn.Linear(24, WIDTH, key=keys[2])
        self.is_causal = is_causal

    def __call__(self, x):
        mask = jnp.tril(jnp.ones((x.shape[0], x.shape[0]), bool)) if self.is_causal else None
        y = jax.vmap(self.norms[0])(x)
        x = x + self.attention(y, y, y, mask=mask)
        return x + jax.vmap(lambda row: self.down(jax.nn.gelu(self.up(self.norms[1](row)))))(x)


class Transformer(eqx.Module):
    words: eqx.nn.Embedding
    places: jax.Array
    layers: list
    norm: eqx.nn.LayerNorm

    def __init__(self, key, is_causal):
        keys = jax.random.split(key, 4)
        self.words = eqx.nn.Embedding(VOCABULARY, WIDTH, key=keys[0])
        self.places = 0.02 * jax.random.normal(keys[1], (LENGTH, WIDTH))
        self.layers = [Layer(k, is_causal) for k in keys[2:]]
        self.norm = eqx.nn.LayerNorm(WIDTH)

    def __call__(self, x):
        x = jax.vmap(self.words)(x) + self.places
        for layer in self.layers:
            x = layer(x)
        return jax.vmap(self.norm)(x) @ self.words.weight.T


def equinox(is_causal):
    model = Transformer(jax.random.key(0), is_causal)
    params, static = eqx.partition(model, eqx.is_inexact_array)

    def loss(params, tokens, targets):
        logits = jax.vmap(eqx.combine(params, static))(tokens)
        return optax.softmax_cross_entropy(logits, jax.nn.one_hot(targets, VOCABULARY)).mean()

    return loss, jax.tree_util.tree_map(np.asarray, params), dict(tokens=tokens(), targets=tokens())


def vmapped_layers():
    """Layers by nn.scan over stacked parameters of linen's own attention; the loss sums a whole one-hot tensor."""
    class Block(nn.Module):
        @nn.compact
        def __call__(self, x, _):
            mask = nn.make_causal_mask(x[..., 0])
            x = x + nn.MultiHeadDotProductAttention(num_heads=2)(nn.LayerNorm()(x), mask=mask)
            return x + Mlp(24)(nn.LayerNorm()(x)), None

    class Gpt(nn.Module):
        @nn.compact
        def __call__(self, x):
            words = nn.Embed(VOCABULARY, WIDTH)
            x = words(x) + self.param("places", nn.initializers.normal(0.1), (LENGTH, WIDTH))
            layers = nn.scan(Block, variable_axes={"params": 0}, split_rngs={"params": True}, length=2)
            return words.attend(nn.LayerNorm()(layers()(x, None)[0]))

    def loss(logits, targets):
        return -(jax.nn.one_hot(targets, VOCABULARY) * jax.nn.log_softmax(logits)).sum() / targets.size

    return linen(Gpt(), loss, tokens=tokens(), targets=tokens())


MODELS = {
    "jax_mixer": lambda: linen(Mixer(), cross_entropy, images=normal(3, 4, 6, 3), labels=tokens(3, bound=5)),
    "jax_recurrent": lambda: linen(Recurrent(), cross_entropy, x=tokens(), labels=tokens(2, bound=5)),
    "jax_dlrm": lambda: linen(Dlrm(), lambda z, y: optax.sigmoid_binary_cross_entropy(z, nn.sigmoid(y)).mean(),
                              numbers=normal(8, 4), first=tokens(8, 3, bound=11), second=tokens(8, 2, bound=7),
                              clicks=normal(8)),
    "jax_linen_state_space": lambda: linen(StateSpace(), cross_entropy, tokens=tokens(2, 13), targets=tokens(2, 13)),
    "jax_moe": lambda: linen(Moe(), cross_entropy, tokens=tokens(), targets=tokens()),
    "jax_dropout": dropout,
    "jax_remat": remat,
    "jax_nnx_llama": nnx_llama,
    "jax_equinox_gpt": lambda: equinox(True),
    "jax_equinox_bert": lambda: equinox(False),
    "jax_linen_scan": vmapped_layers,
}
