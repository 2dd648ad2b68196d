# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tiny models in JAX, as (loss function, parameters, inputs by name)."""

import jax
import jax.numpy as jnp
import jax_loops
import numpy as np

VOCABULARY, WIDTH, HEADS, LENGTH, LAYERS = 31, 16, 2, 8, 2
RANDOM = np.random.default_rng(0)


def normal(*shape, std=0.2):
    return (std * RANDOM.standard_normal(shape)).astype(np.float32)


def tokens():
    return RANDOM.integers(0, VOCABULARY, (2, LENGTH)).astype(np.int32)


def norm(x, p):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * p["scale"] + p["bias"]


def attention(x, p):
    batch, length, width = x.shape
    q, k, v = jnp.split(x @ p["qkv"], 3, axis=-1)
    q, k, v = (t.reshape(batch, length, HEADS, width // HEADS).transpose(0, 2, 1, 3) for t in (q, k, v))
    scores = jnp.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(width // HEADS).astype(x.dtype)
    scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -jnp.inf)
    mixed = jnp.einsum("bhqk,bhkd->bhqd", jax.nn.softmax(scores), v)
    return mixed.transpose(0, 2, 1, 3).reshape(batch, length, width) @ p["projection"]


def block(x, p):
    x = x + attention(norm(x, p["norm_1"]), p)
    return x + jax.nn.gelu(norm(x, p["norm_2"]) @ p["up"]) @ p["down"]


def block_parameters():
    def scales():
        return {"scale": np.ones(WIDTH, np.float32), "bias": np.zeros(WIDTH, np.float32)}

    weights = {"qkv": normal(WIDTH, 3 * WIDTH), "projection": normal(WIDTH, WIDTH)}
    weights |= {"up": normal(WIDTH, 4 * WIDTH), "down": normal(4 * WIDTH, WIDTH)}
    return weights | {"norm_1": scales(), "norm_2": scales()}


def gpt_loss(params, tokens, targets):
    x = params["wte"][tokens] + params["wpe"]
    if isinstance(params["layers"], list):
        for p in params["layers"]:
            x = block(x, p)
    else:
        x, _ = jax.lax.scan(lambda x, p: (block(x, p), None), x, params["layers"])
    logs = jax.nn.log_softmax(norm(x, params["norm"]) @ params["wte"].T)
    return -jnp.take_along_axis(logs, targets[..., None], axis=-1).mean()


def gpt(scanned):
    layers = [block_parameters() for _ in range(LAYERS)]
    params = {"wte": normal(VOCABULARY, WIDTH), "wpe": normal(LENGTH, WIDTH)}
    params["layers"] = jax.tree_util.tree_map(lambda *leaves: np.stack(leaves), *layers) if scanned else layers
    params["norm"] = {"scale": np.ones(WIDTH, np.float32), "bias": np.zeros(WIDTH, np.float32)}
    return gpt_loss, params, dict(tokens=tokens(), targets=tokens())


def mlp():
    def loss(params, x, y):
        for layer in params["hidden"]:
            x = jax.nn.relu(x @ layer["w"] + layer["b"])
        return ((x @ params["out"] - y) ** 2).mean()

    hidden = [{"w": normal(5, 7), "b": np.zeros(7, np.float32)}, {"w": normal(7, 6), "b": normal(6)}]
    return loss, {"hidden": hidden, "out": normal(6, 3)}, dict(x=normal(4, 5, std=1), y=normal(4, 3, std=1))


MODELS = {"jax_mlp": mlp, "jax_gpt": lambda: gpt(False), "jax_gpt_scanned": lambda: gpt(True)}
MODELS |= {name: lambda name=name: jax_loops.make(name) for name in jax_loops.MODELS}


def make(name):
    """A model of MODELS, always the same one."""
    global RANDOM
    RANDOM = np.random.default_rng(0)
    return MODELS[name]()
