# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Small models as users of JAX write them: a loss of (parameters, batch), both dictionaries by name."""

import math
from dataclasses import dataclass
from typing import Callable

import jax
import jax.numpy as jnp

WIDTH, HEADS, LENGTH, VOCABULARY, BATCH, LAYERS = 16, 2, 12, 29, 3, 2


@dataclass
class Model:
    loss: Callable
    parameters: dict  # name -> (shape, mean, deviation) of its initial values
    inputs: dict  # name -> (shape, bound); bound 0: floating point


def normal(*shape):
    return shape, 0.0, 0.2


def scale(*shape):
    return shape, 1.0, 0.1


def linear(p, name, x):
    return x @ p[name + ".w"] + p[name + ".b"]


def layer_norm(p, name, x):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean)**2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + 1e-5) * p[name + ".scale"] + p[name + ".bias"]


def cross_entropy(logits, targets):
    picked = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], -1)
    return -picked.mean()


def split_heads(x, heads):
    return x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def attention(q, k, v, causal=True):
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        mask = jnp.tril(jnp.ones(scores.shape[-2:], bool))
        scores = jnp.where(mask, scores, -jnp.inf)
    mixed = jax.nn.softmax(scores) @ v
    return mixed.transpose(0, 2, 1, 3).reshape(mixed.shape[0], mixed.shape[2], -1)


# ===--- A perceptron --------------------------------------------------------------------------------------------=== #


def mlp():
    def loss(p, batch):
        hidden = jnp.tanh(linear(p, "first", batch["x"]))
        return jnp.mean((linear(p, "second", hidden) - batch["y"])**2)
    return Model(loss, {"first.w": normal(5, 7), "first.b": normal(7), "second.w": normal(7, 3), "second.b": normal(3)},
                 {"x": ((6, 5), 0), "y": ((6, 3), 0)})


# ===--- GPT -----------------------------------------------------------------------------------------------------=== #


def gpt_block(p, x):
    h = layer_norm(p, "norm1", x)
    q, k, v = (split_heads(t, HEADS) for t in jnp.split(linear(p, "qkv", h), 3, -1))
    x = x + linear(p, "proj", attention(q, k, v))
    return x + linear(p, "down", jax.nn.gelu(linear(p, "up", layer_norm(p, "norm2", x))))


def gpt_block_parameters():
    result = {"qkv.w": normal(WIDTH, 3 * WIDTH), "qkv.b": normal(3 * WIDTH), "proj.w": normal(WIDTH, WIDTH),
              "proj.b": normal(WIDTH), "up.w": normal(WIDTH, 4 * WIDTH), "up.b": normal(4 * WIDTH),
              "down.w": normal(4 * WIDTH, WIDTH), "down.b": normal(WIDTH)}
    for name in ("norm1", "norm2"):
        result |= {name + ".scale": scale(WIDTH), name + ".bias": normal(WIDTH)}
    return result


def within(p, prefix):
    return {name[len(prefix):]: value for name, value in p.items() if name.startswith(prefix)}


TOKENS = {"targets": ((BATCH, LENGTH), VOCABULARY), "tokens": ((BATCH, LENGTH), VOCABULARY)}


def gpt():
    def loss(p, batch):
        x = p["wte"][batch["tokens"]] + p["wpe"]
        for n in range(LAYERS):
            x = gpt_block(within(p, f"h{n}."), x)
        return cross_entropy(layer_norm(p, "norm", x) @ p["wte"].T, batch["targets"])
    parameters = {"wte": normal(VOCABULARY, WIDTH), "wpe": normal(LENGTH, WIDTH), "norm.scale": scale(WIDTH),
                  "norm.bias": normal(WIDTH)}
    for n in range(LAYERS):
        parameters |= {f"h{n}." + name: value for name, value in gpt_block_parameters().items()}
    return Model(loss, parameters, TOKENS)


def gpt_scan():
    """The same with equal layers in a lax.scan over stacked parameters."""
    def loss(p, batch):
        x = p["wte"][batch["tokens"]] + p["wpe"]
        x, _ = jax.lax.scan(lambda x, layer: (gpt_block(layer, x), None), x, within(p, "h."))
        return cross_entropy(layer_norm(p, "norm", x) @ p["wte"].T, batch["targets"])
    parameters = {"wte": normal(VOCABULARY, WIDTH), "wpe": normal(LENGTH, WIDTH), "norm.scale": scale(WIDTH),
                  "norm.bias": normal(WIDTH)}
    for name, (shape, mean, std) in gpt_block_parameters().items():
        parameters["h." + name] = ((LAYERS, *shape), mean, std)
    return Model(loss, parameters, TOKENS)


# ===--- Llama with grouped queries ------------------------------------------------------------------------------=== #


def rms_norm(p, name, x):
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-5) * p[name]


def rotate(x):
    size = x.shape[-1]
    frequencies = 1.0 / 10000.0**(jnp.arange(0, size, 2) / size)
    angles = jnp.arange(x.shape[-2])[:, None] * frequencies
    angles = jnp.concatenate([angles, angles], -1)
    low, high = jnp.split(x, 2, -1)
    rotated = x * jnp.cos(angles) + jnp.concatenate([-high, low], -1) * jnp.sin(angles)
    return rotated.astype(x.dtype)


def llama_block(p, x, heads, groups):
    h = rms_norm(p, "norm1", x)
    q = rotate(split_heads(h @ p["q"], heads))
    k = rotate(split_heads(h @ p["k"], groups))
    v = split_heads(h @ p["v"], groups)
    k, v = (jnp.repeat(t, heads // groups, 1) for t in (k, v))
    x = x + attention(q, k, v) @ p["o"]
    h = rms_norm(p, "norm2", x)
    return x + (jax.nn.silu(h @ p["gate"]) * (h @ p["up"])) @ p["down"]


def llama():
    heads, groups, size, hidden = 4, 2, WIDTH // 4, 20

    def loss(p, batch):
        x = p["embed"][batch["tokens"]]
        for n in range(LAYERS):
            x = llama_block(within(p, f"layers.{n}."), x, heads, groups)
        return cross_entropy(rms_norm(p, "norm", x) @ p["head"], batch["targets"])
    parameters = {"embed": normal(VOCABULARY, WIDTH), "norm": scale(WIDTH), "head": normal(WIDTH, VOCABULARY)}
    for n in range(LAYERS):
        parameters |= {f"layers.{n}." + name: value for name, value in {
            "norm1": scale(WIDTH), "norm2": scale(WIDTH), "q": normal(WIDTH, WIDTH), "k": normal(WIDTH, groups * size),
            "v": normal(WIDTH, groups * size), "o": normal(WIDTH, WIDTH), "gate": normal(WIDTH, hidden),
            "up": normal(WIDTH, hidden), "down": normal(hidden, WIDTH)}.items()}
    return Model(loss, parameters, TOKENS)


# ===--- ViT and BERT in flax -------------------------------------------------------------------------------------=== #


def flax_model(module, compute, inputs):
    """A model of flax: its parameters by dotted names, scales around 1."""
    from flax import traverse_util
    example = {name: jnp.zeros(shape, jnp.int32 if bound else jnp.float32) for name, (shape, bound) in inputs.items()}
    tree = jax.eval_shape(lambda: module.init(jax.random.key(0), example))["params"]
    shapes = traverse_util.flatten_dict(tree, sep=".")
    parameters = {name: (scale if name.endswith("scale") else normal)(*value.shape) for name, value in shapes.items()}

    def loss(p, batch):
        return compute(module.apply({"params": traverse_util.unflatten_dict(p, sep=".")}, batch), batch)
    return Model(loss, parameters, inputs)


def encoder(nn):
    """A layer with its norms in front (ViT) or behind (BERT), without dropout."""
    class Layer(nn.Module):
        first: bool

        @nn.compact
        def __call__(self, x):
            attend = nn.MultiHeadDotProductAttention(num_heads=HEADS, name="attention")
            norm1, norm2 = nn.LayerNorm(name="norm1"), nn.LayerNorm(name="norm2")
            up, down = nn.Dense(2 * WIDTH, name="up"), nn.Dense(WIDTH, name="down")

            def mlp(x):
                return down(nn.gelu(up(x), approximate=not self.first))
            if self.first:
                x = x + attend(norm1(x))
                return x + mlp(norm2(x))
            x = norm1(x + attend(x))
            return norm2(x + mlp(x))
    return Layer


def convnet():
    """Residual convolutions with group norms, a depthwise one and a transposed one, and the mean of the image."""
    from flax import linen as nn
    classes = 5

    class Block(nn.Module):
        width: int
        stride: int

        @nn.compact
        def __call__(self, x):
            strides = (self.stride, self.stride)
            h = nn.Conv(self.width, (3, 3), strides, use_bias=False, name="first")(nn.relu(nn.GroupNorm(2)(x)))
            h = nn.Conv(self.width, (3, 3), kernel_dilation=2, name="second")(nn.silu(nn.GroupNorm(4)(h)))
            return h + nn.Conv(self.width, (1, 1), strides, name="skip")(x)

    class ConvNet(nn.Module):
        @nn.compact
        def __call__(self, batch):
            x = nn.Conv(8, (3, 3), name="stem")(batch["images"])
            for i, (width, stride) in enumerate([(12, 2), (16, 1)]):
                x = Block(width, stride, name=f"block{i}")(x)
            x = nn.Conv(16, (3, 5), feature_group_count=16, name="depthwise")(x)
            x = nn.relu(nn.ConvTranspose(12, (3, 3), (2, 2), name="up")(x))
            return nn.Dense(classes, name="head")(x.mean((1, 2)))
    return flax_model(ConvNet(), lambda logits, batch: cross_entropy(logits, batch["labels"]),
                      {"images": ((BATCH, 8, 12, 3), 0), "labels": ((BATCH,), classes)})


def vit():
    from flax import linen as nn
    layer, patch, classes = encoder(nn), 4, 5

    class Vit(nn.Module):
        @nn.compact
        def __call__(self, batch):
            x = batch["images"]
            n = x.shape[0]
            x = nn.Conv(WIDTH, (patch, patch), (patch, patch), "VALID", name="patches")(x).reshape(n, -1, WIDTH)
            token = self.param("token", nn.initializers.zeros, (1, 1, WIDTH))
            x = jnp.concatenate([jnp.tile(token, (n, 1, 1)), x], 1)
            x = x + self.param("positions", nn.initializers.zeros, (1, x.shape[1], WIDTH))
            for i in range(LAYERS):
                x = layer(first=True, name=f"layer{i}")(x)
            return nn.Dense(classes, name="head")(nn.LayerNorm(name="norm")(x)[:, 0])
    return flax_model(Vit(), lambda logits, batch: cross_entropy(logits, batch["labels"]),
                      {"images": ((BATCH, 8, 12, 3), 0), "labels": ((BATCH,), classes)})


def bert():
    """Every position predicts its token: what masks it is the data's business."""
    from flax import linen as nn
    layer = encoder(nn)

    class Bert(nn.Module):
        @nn.compact
        def __call__(self, batch):
            words = nn.Embed(VOCABULARY, WIDTH, name="words")
            x = words(batch["tokens"]) + nn.Embed(LENGTH, WIDTH, name="places")(jnp.arange(LENGTH)[None])
            x = nn.LayerNorm(name="norm", epsilon=1e-12)(x + nn.Embed(2, WIDTH, name="segments")(batch["segments"]))
            for i in range(LAYERS):
                x = layer(first=False, name=f"layer{i}")(x)
            return words.attend(nn.LayerNorm(name="head_norm")(nn.gelu(nn.Dense(WIDTH, name="head")(x))))
    return flax_model(Bert(), lambda logits, batch: cross_entropy(logits, batch["targets"]),
                      TOKENS | {"segments": ((BATCH, LENGTH), 2)})


MODELS = {"mlp": mlp, "gpt": gpt, "gpt_scan": gpt_scan, "llama": llama, "convnet": convnet, "vit": vit, "bert": bert}
