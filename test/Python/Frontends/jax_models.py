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


def experts_of(x, p):
    """Every expert on its own rows: (experts, rows, width)."""
    return jnp.einsum("erh,ehw->erw", jax.nn.gelu(jnp.einsum("erw,ewh->erh", x, p["up"])), p["down"])


def all_experts(x, p, gates, chosen):
    """Every expert sees every row, most of them for nothing."""
    weights = (jax.nn.one_hot(chosen, p["up"].shape[0], dtype=x.dtype) * gates[..., None]).sum(1)
    results = experts_of(jnp.broadcast_to(x, (p["up"].shape[0], *x.shape)), p)
    return jnp.einsum("ne,enw->nw", weights, results)


def chosen_experts(x, p, gates, chosen, capacity):
    """Rows sorted by expert; what is beyond an expert's capacity is dropped."""
    experts, k = p["up"].shape[0], chosen.shape[1]
    flat = chosen.reshape(-1)
    order = jnp.argsort(flat)
    row, expert = order // k, flat[order]
    counts = jax.nn.one_hot(flat, experts, dtype=jnp.int32).sum(0)
    place = jnp.arange(flat.size) - (jnp.cumsum(counts) - counts)[expert]
    slot = jnp.where(place < capacity, expert * capacity + place, experts * capacity)
    slots = jnp.zeros((experts * capacity, x.shape[1]), x.dtype).at[slot].set(x[row], mode="drop")
    results = experts_of(slots.reshape(experts, capacity, -1), p).reshape(slots.shape)
    weighted = results.at[slot].get(mode="fill", fill_value=0) * gates.reshape(-1)[order][:, None]
    return jnp.zeros_like(x).at[row].add(weighted)


def mixture(is_sorted, rows=12, experts=4, capacity=7):
    def loss(params, x, y):
        h = jnp.tanh(x @ params["in"])
        gates, chosen = jax.lax.top_k(jax.nn.sigmoid(h @ params["router"]), 2)
        gates = gates / gates.sum(-1, keepdims=True)
        p = params["experts"]
        mixed = chosen_experts(h, p, gates, chosen, capacity) if is_sorted else all_experts(h, p, gates, chosen)
        return (((h + mixed) @ params["out"] - y) ** 2).mean()

    params = {"in": normal(5, WIDTH), "router": normal(WIDTH, experts, std=1), "out": normal(WIDTH, 3)}
    params["experts"] = {"up": normal(experts, WIDTH, 2 * WIDTH), "down": normal(experts, 2 * WIDTH, WIDTH)}
    return loss, params, dict(x=normal(rows, 5, std=1), y=normal(rows, 3, std=1))


MODELS = {"jax_mlp": mlp, "jax_gpt": lambda: gpt(False), "jax_gpt_scanned": lambda: gpt(True),
          "jax_moe_dense": lambda: mixture(False), "jax_moe_sorted": lambda: mixture(True)}
MODELS |= {name: lambda name=name: jax_loops.make(name) for name in jax_loops.MODELS}


def make(name):
    """A model of MODELS, always the same one."""
    global RANDOM
    RANDOM = np.random.default_rng(0)
    return MODELS[name]()
