#===- test_imported.py - Models of PyTorch and JAX, from Python ------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# compile imports them with their first values: the first loss is the
# framework's, and what was learned goes back into the module.
#===----------------------------------------------------------------------===#
# RUN: %pytest %s
import numpy as np
import pytest
from conftest import MACHINE

import ds_mlir

OPTIONS = dict(zero=0, machine=MACHINE, tune_seconds=0, verbose=False, lr=0.01)


def test_a_jax_function():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    import jax.numpy as jnp

    def loss(params, x, y):
        hidden = x @ params["first"]["w"] + params["first"]["b"]
        return jnp.mean((hidden @ params["second"] - y) ** 2)
    keys = jax.random.split(jax.random.key(0), 4)
    params = {"first": {"w": jax.random.normal(keys[0], (8, 16)), "b": jnp.zeros(16)},
              "second": jax.random.normal(keys[1], (16, 3)) * 0.1}
    x, y = jax.random.normal(keys[2], (4, 8)), jax.random.normal(keys[3], (4, 3))
    plan = ds_mlir.compile(loss, (x, y), params=params, **OPTIONS)
    assert [(i.name, i.shape) for i in plan.inputs()] == [("x", (1, 4, 8)), ("y", (1, 4, 3))]
    assert set(plan.parameters()) == {"first.w", "first.b", "second"}
    np.testing.assert_array_equal(plan.parameters()["first.w"], params["first"]["w"])
    history = plan.train([{"x": x, "y": y}], 50, progress=False)
    np.testing.assert_allclose(history.losses[0], loss(params, x, y), rtol=1e-6)
    assert history.losses[-1] < 0.5 * history.losses[0]


def test_a_torch_module():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Linear(16, 3))
    x, y = torch.randn(4, 8), torch.randn(4, 3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with torch.no_grad():
        expected = torch.nn.functional.mse_loss(module(x), y).item()
    engine = ds_mlir.initialize(model=module, inputs=(x, y), loss="mse", config={}, **OPTIONS)
    batches = [(x, y)]
    losses = [engine.train_batch(iter(batches)) for _ in range(50)]
    np.testing.assert_allclose(losses[0], expected, rtol=1e-6)
    assert losses[-1] < 0.5 * losses[0]
    assert engine.module is module and not torch.equal(module[0].weight, before["0.weight"])
    with torch.no_grad():
        after = torch.nn.functional.mse_loss(module(x), y).item()
    np.testing.assert_allclose(engine.eval_batch(iter(batches)), after, rtol=1e-6)


def test_another_micro_batch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    module = torch.nn.Linear(8, 3)
    x, y = torch.randn(4, 8), torch.randn(4, 3)
    for options in ({"micro_batch": 6}, {"config": {"train_micro_batch_size_per_gpu": 6}}):
        plan = ds_mlir.compile(module, (x, y), loss="mse", **options, **OPTIONS)
        assert plan.micro_batch == 6
        assert [i.shape for i in plan.inputs()] == [(1, 6, 8), (1, 6, 3)]
        more = torch.randn(6, 8), torch.randn(6, 3)
        history = plan.train([more], 1, progress=False)
        with torch.no_grad():
            expected = torch.nn.functional.mse_loss(module(more[0]), more[1]).item()
        np.testing.assert_allclose(history.losses[0], expected, rtol=1e-6)


def test_another_micro_batch_of_what_is_no_batch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(ds_mlir.UsageError) as error:
        ds_mlir.compile(torch.nn.Linear(8, 3), (torch.randn(4, 8), torch.randn(2, 3)), loss="mse", micro_batch=6)
    assert str(error.value) == (
        "micro_batch=6 needs example inputs whose first dimension is the batch, but they have the shapes (4, 8), "
        "(2, 3); give inputs of 6 samples instead")


@pytest.mark.parametrize("world", [1, 2])
def test_state_of_a_jax_function(world):
    jax = pytest.importorskip("jax", reason="jax is not installed")
    import jax.numpy as jnp

    def loss(params, state, x, y):
        key = state["key"] * np.uint32(1664525) + np.uint32(1013904223)
        kept = x * (key >> 31)[:, None]
        mean = 0.5 * state["mean"] + 0.5 * x.mean(0)
        return jnp.mean(((kept - mean) @ params - y) ** 2), {"count": state["count"] + 1, "key": key, "mean": mean}

    params = jax.random.normal(jax.random.key(0), (8, 3))
    state = {"count": jnp.int32(5), "key": jnp.uint32([7, 4_000_000_000, 5, 3]), "mean": jnp.zeros(8)}
    x, y = jax.random.normal(jax.random.key(1), (4, 8)), jax.random.normal(jax.random.key(2), (4, 3))
    plan = ds_mlir.compile(loss, (x, y), params=params, state=state, world=world, **OPTIONS)
    assert set(plan.parameters()) == {"params", "count", "key", "mean"}
    history = plan.train([{"x": x, "y": y}] * 3 * world, 3, progress=False)
    np.testing.assert_allclose(history.losses[0], loss(params, state, x, y)[0], rtol=1e-6)
    for _ in range(3):
        state = loss(params, state, x, y)[1]
    found = plan.parameters()
    assert found["count"] == 8
    np.testing.assert_array_equal(found["key"].view(np.uint32), state["key"])
    np.testing.assert_allclose(found["mean"], state["mean"], rtol=1e-6)


def test_a_whole_train_step_of_jax():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    import jax.numpy as jnp

    def step(params, state, x, y):
        weights, velocity, count = state["weights"], state["velocity"], state["count"]
        loss, gradient = jax.value_and_grad(lambda w: jnp.mean((jnp.tanh(x @ w) - y) ** 2))(weights)
        velocity = 0.9 * velocity + gradient
        return loss, {"weights": weights - 0.1 * velocity, "velocity": velocity, "count": count + 1}

    state = {"weights": jax.random.normal(jax.random.key(0), (8, 3)), "velocity": jnp.zeros((8, 3)),
             "count": jnp.int32(0)}
    x, y = jax.random.normal(jax.random.key(1), (4, 8)), jax.random.normal(jax.random.key(2), (4, 3))
    plan = ds_mlir.compile(step, (x, y), params={}, state=state, **OPTIONS)
    assert "the module's own update" in plan.summary
    history, expected = plan.train([{"x": x, "y": y}] * 10, 10, progress=False), []
    for _ in range(10):
        loss, state = step({}, state, x, y)
        expected.append(loss)
    np.testing.assert_allclose(history.losses, expected, rtol=1e-5)
    found = plan.parameters()
    assert found["count"] == 10
    np.testing.assert_allclose(found["weights"], state["weights"], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found["velocity"], state["velocity"], rtol=1e-5, atol=1e-6)
    with pytest.raises(ds_mlir.CompileError) as error:
        ds_mlir.compile(step, (x, y), params={}, state=state, world=2, **OPTIONS)
    assert ("trains no parameter and holds its own update: a whole training step is one micro-batch on one rank, but "
            "this plan has 2; lower the loss function alone, and ds-opt adds gradient, optimizer and ranks") in str(
                error.value)


def test_frozen_parameters_and_buffers_of_a_torch_module():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.BatchNorm1d(16), torch.nn.Linear(16, 3))
    module[0].weight.requires_grad = False
    x, y = torch.randn(4, 8), torch.randn(4, 3)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    engine = ds_mlir.initialize(model=module, inputs=(x, y), loss="mse", config={}, **OPTIONS)
    for _ in range(2):
        engine.train_batch(iter([(x, y)]))
    after = engine.module.state_dict()
    assert torch.equal(after["0.weight"], before["0.weight"]) and not torch.equal(after["0.bias"], before["0.bias"])
    assert after["1.num_batches_tracked"] == 2
    # The bias of a layer in front of a batch norm only moves its mean.
    assert not torch.equal(after["1.running_mean"], before["1.running_mean"])
    assert not any(name.startswith("0.weight.") for name in engine.plan.state())


def test_what_cannot_be_imported():
    jnp = pytest.importorskip("jax.numpy", reason="jax is not installed")
    with pytest.raises(ds_mlir.Error) as error:
        ds_mlir.compile(lambda p, x: p * x, (jnp.ones(3),), params=jnp.ones(3), **OPTIONS)
    assert isinstance(error.value, ds_mlir.FrontendError)


def test_a_torch_module_needs_inputs():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    with pytest.raises(ds_mlir.UsageError) as error:
        ds_mlir.compile(torch.nn.Linear(2, 2))
    assert str(error.value) == "expects inputs with a torch module: compile(module, (tokens, targets), ...)"
