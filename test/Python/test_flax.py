#===- test_flax.py - Convolutional networks of flax, from Python ------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# They train as in JAX, and running statistics are those that flax has.
#===----------------------------------------------------------------------===#
# REQUIRES: jax, flax, optax
# RUN: %pytest %s
import numpy as np
import pytest
from conftest import MACHINE

import ds_mlir

jax = pytest.importorskip("jax", reason="jax is not installed")
nn = pytest.importorskip("flax.linen", reason="flax is not installed")
optax = pytest.importorskip("optax", reason="optax is not installed")
import jax.numpy as jnp  # noqa: E402

OPTIONS = dict(zero=0, machine=MACHINE, tune_seconds=0, verbose=False, lr=0.01)
STEPS = 6


class BatchNormNet(nn.Module):
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(6, (3, 3), strides=2, use_bias=False)(x)
        x = nn.relu(nn.BatchNorm(use_running_average=False, momentum=0.9)(x))
        x = nn.max_pool(x, (2, 2), strides=(2, 2))
        y = nn.BatchNorm(use_running_average=False, momentum=0.8)(nn.Conv(6, (3, 3), use_bias=False)(x))
        return nn.Dense(1)(nn.relu(x + y))


class UNet(nn.Module):
    @nn.compact
    def __call__(self, x):
        above = nn.silu(nn.GroupNorm(2)(nn.Conv(4, (3, 3))(x)))
        below = nn.silu(nn.GroupNorm(2)(nn.Conv(8, (3, 3), strides=2)(above)))
        below = nn.silu(nn.Conv(8, (3, 3), feature_group_count=2)(below))
        x = jnp.concatenate([above, nn.ConvTranspose(4, (2, 2), strides=(2, 2))(below)], -1)
        return nn.Conv(1, (1, 1))(nn.silu(nn.GroupNorm(2)(nn.Conv(4, (3, 3))(x))))


@pytest.mark.parametrize("model", [BatchNormNet(), UNet()], ids=lambda model: type(model).__name__)
def test_a_convolutional_network(model):
    random = np.random.default_rng(0)
    x = random.standard_normal((STEPS, 2, 12, 12, 2)).astype(np.float32)
    variables = model.init(jax.random.key(0), x[0])
    params, stats = variables["params"], variables.get("batch_stats", {})
    y = random.standard_normal((STEPS, *model.apply(variables, x[0], mutable=True)[0].shape)).astype(np.float32)

    def loss(params, stats, x, y):
        out, changed = model.apply({"params": params, "batch_stats": stats}, x, mutable=["batch_stats"])
        # Small enough that no gradient is clipped: optax clips by another formula.
        return 0.01 * jnp.mean((out - y) ** 2), changed.get("batch_stats", {})

    plan = ds_mlir.compile(loss, (x[0], y[0]), params=params, state=stats, **OPTIONS)
    history = plan.train([{"x": a, "y": b} for a, b in zip(x, y)], STEPS, progress=False)
    optimizer = optax.adamw(0.01, b1=0.9, b2=0.95, eps=1e-8, weight_decay=0.1)
    moments, losses = optimizer.init(params), []
    for a, b in zip(x, y):
        (value, stats), gradient = jax.value_and_grad(loss, has_aux=True)(params, stats, a, b)
        assert sum(float((leaf**2).sum()) for leaf in jax.tree.leaves(gradient)) < 1
        update, moments = optimizer.update(gradient, moments, params)
        params = optax.apply_updates(params, update)
        losses.append(float(value))
    np.testing.assert_allclose(history.losses, losses, rtol=2e-5)
    found = plan.parameters()
    for path, leaf in jax.tree_util.tree_leaves_with_path(stats):
        name = jax.tree_util.keystr(path, simple=True, separator=".")
        np.testing.assert_allclose(found[name], leaf, rtol=1e-5, atol=1e-6)
