# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A vision transformer in flax, trained by ds_mlir to tell which way stripes run.

    python3 test/Tutorial/vit_flax.py

A JAX function of (parameters, inputs) is all that is needed: any library that gives one will do. At the end the same
steps are taken by JAX and optax.
"""

import ds_mlir
import jax
import numpy as np
import optax
from flax import linen as nn

BATCH, SIZE, PATCH, WIDTH, HEADS, LAYERS, STEPS = 8, 8, 4, 16, 2, 2, 40


# 1. The model. Patches lie side by side, so that they are a reshape; flax's own layers do the rest.
class Block(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = x + nn.MultiHeadDotProductAttention(num_heads=HEADS)(nn.LayerNorm()(x))
        return x + nn.Dense(WIDTH)(nn.gelu(nn.Dense(2 * WIDTH)(nn.LayerNorm()(x))))


class Vit(nn.Module):
    @nn.compact
    def __call__(self, images):
        count = SIZE // PATCH
        x = images.reshape(-1, count, PATCH, count, PATCH).swapaxes(2, 3).reshape(-1, count * count, PATCH * PATCH)
        x = nn.Dense(WIDTH)(x) + self.param("positions", nn.initializers.normal(0.02), (count * count, WIDTH))
        for _ in range(LAYERS):
            x = Block()(x)
        return nn.Dense(2)(nn.LayerNorm()(x).mean(1))


def loss(params, images, labels):
    logits = Vit().apply({"params": params}, images)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


# 2. The data: stripes that lie or stand, under noise.
random = np.random.default_rng(0)


def batch():
    labels = random.integers(0, 2, BATCH).astype(np.int32)
    stripes = np.sin(np.arange(SIZE) * np.pi / 2 + random.uniform(0, 2 * np.pi, (BATCH, 1)))
    images = np.where(labels[:, None, None], stripes[:, None, :], stripes[:, :, None])
    images = images + 0.3 * random.standard_normal((BATCH, SIZE, SIZE))
    return {"images": images.astype(np.float32), "labels": labels}


batches = [batch() for _ in range(STEPS)]
params = Vit().init(jax.random.key(0), batches[0]["images"])["params"]

# 3. Compile for one micro-batch's shapes. zero=0 and tune_seconds=0: one rank, and nothing to search for.
plan = ds_mlir.compile(loss, tuple(batches[0].values()), params=params, lr=3e-3, zero=0, tune_seconds=0)

# 4. Train.
history = plan.train(batches, steps=STEPS, progress=False)
print(f"ds_mlir: loss {history.losses[0]:.4f} -> {history.losses[-1]:.4f}")

# 5. The same in JAX: the recipe is ds_mlir's default.
optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(3e-3, 0.9, 0.95, 1e-8, weight_decay=0.1))


@jax.jit
def step(params, state, images, labels):
    value, gradient = jax.value_and_grad(loss)(params, images, labels)
    updates, state = optimizer.update(gradient, state, params)
    return optax.apply_updates(params, updates), state, value


state, losses = optimizer.init(params), []
for data in batches:
    params, state, value = step(params, state, *data.values())
    losses.append(float(value))
print(f"JAX:     loss {losses[0]:.4f} -> {losses[-1]:.4f}")
difference = np.max(np.abs(np.array(history.losses) - losses))
print(f"the same: {'yes' if difference < 1e-3 else 'no'}, to {difference:.0e}")
assert history.losses[-1] < 0.5 * history.losses[0]

# 6. The parameters have the names of the tree: Block_0.LayerNorm_0.scale, ...
trained = plan.parameters()
print(f"{len(trained)} parameters, {sum(value.size for value in trained.values())} numbers")
