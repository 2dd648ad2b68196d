# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: jax
# RUN: %pytest %s
"""JAX functions: names and kinds of arguments, the same loss when the text is run, gradients that stop, refusals."""

import re

import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; pip install jax")

import jax.numpy as jnp  # noqa: E402
import jax_models  # noqa: E402
import numpy as np  # noqa: E402
import stablehlo_run  # noqa: E402
from ds_mlir.frontends import FrontendError, from_jax  # noqa: E402

RANDOM = np.random.default_rng(0)


def normal(*shape):
    return RANDOM.standard_normal(shape, dtype=np.float32)


PARAMS = {"layers": [{"w": normal(4, 3), "b": normal(3)}, {"w": normal(3, 2), "b": normal(2)}], "scale": np.float32(2)}
X, Y = normal(5, 4), RANDOM.integers(0, 2, 5)


def mlp(params, x, y):
    for layer in params["layers"]:
        x = jnp.tanh(x @ layer["w"] + layer["b"])
    logs = jax.nn.log_softmax(x * params["scale"])
    return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()


def test_arguments_are_named_by_their_paths():
    model = from_jax(mlp, PARAMS, X, Y)
    assert [(a.name, a.kind, a.trainable, a.shape) for a in model.arguments] == [
        ("layers.0.b", "parameter", True, (3,)),
        ("layers.0.w", "parameter", True, (4, 3)),
        ("layers.1.b", "parameter", True, (2,)),
        ("layers.1.w", "parameter", True, (3, 2)),
        ("scale", "parameter", True, ()),
        ("x", "input", False, (5, 4)),
        ("y", "input", False, (5,)),
    ]
    assert '{ds.kind = "parameter", ds.name = "layers.1.w", ds.trainable = true}' in model.text
    assert '{ds.kind = "input", ds.name = "x"}' in model.text
    assert re.search(rf'loc\("{re.escape(__file__)}":\d+:', model.text)
    assert float(stablehlo_run.run(model, x=X, y=Y)) == pytest.approx(float(mlp(PARAMS, X, Y)), rel=1e-6)


def test_inputs_may_be_trees_and_unused_and_the_result_a_pair():
    def loss(w, batch, *more):
        return (w * batch["x"]).sum(), {"anything": batch["x"]}

    model = from_jax(loss, np.float32(3), {"x": X, "unused": Y}, X, has_aux=True)
    assert [argument.name for argument in model.arguments] == ["params", "batch.unused", "batch.x", "input_1"]
    inputs = {"batch.x": X, "batch.unused": Y, "input_1": X}
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(float(3 * X.sum()), rel=1e-5)


def test_scanned_layers_stay_a_loop():
    stacked = {"w": normal(3, 4, 4)}

    def loss(params, x):
        return jax.lax.scan(lambda x, w: (jnp.tanh(x @ w), None), x, params["w"])[0].sum()

    model = from_jax(loss, stacked, X)
    assert model.text.count("stablehlo.while") == 1
    assert float(stablehlo_run.run(model, x=X)) == pytest.approx(float(loss(stacked, X)), rel=1e-5)


@pytest.mark.parametrize("name", jax_models.MODELS)
def test_loss_is_that_of_jax(name):
    function, params, inputs = jax_models.make(name)
    model = from_jax(function, params, *inputs.values())
    assert [argument.name for argument in model.inputs()] == list(inputs)
    assert float(stablehlo_run.run(model, **inputs)) == pytest.approx(float(function(params, **inputs)), rel=3e-6)


def test_flax_module():
    linen = pytest.importorskip("flax.linen", reason="flax is not installed; pip install flax")

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            x = linen.LayerNorm()(linen.Dense(8)(x))
            return linen.MultiHeadDotProductAttention(num_heads=2)(linen.gelu(x)).mean()

    module = Net()
    params = module.init(jax.random.key(0), X[None])

    def loss(params, x):
        return module.apply(params, x)

    model = from_jax(loss, params, X[None])
    assert "params.MultiHeadDotProductAttention_0.query.kernel" in [argument.name for argument in model.arguments]
    assert "custom_call" not in model.text
    assert float(stablehlo_run.run(model, x=X[None])) == pytest.approx(float(loss(params, X[None])), rel=1e-5)


# ===--- Gradients that stop --------------------------------------------------------------------------------------=== #

stop = jax.lax.stop_gradient
HARMLESS = {
    "softmax": lambda p, x: (jax.nn.softmax(p * x) * x).sum(),
    "log_softmax": lambda p, x: (jax.nn.log_softmax(p * x) * x).sum(),
    "logsumexp": lambda p, x: jax.nn.logsumexp(p * x, axis=-1).sum(),
}
MATTERS = {
    "parameter": lambda p, x: (stop(p) * p * x).sum(),
    "scale": lambda p, x: (p / stop(abs(p).max()) * x).sum(),
    "exponential alone": lambda p, x: jnp.exp(p * x - stop((p * x).max(1, keepdims=True))).sum(),
    "other rows": lambda p, x: jnp.tanh(p * x - stop((p * x).max(0))).sum(),
    "logarithm without its maximum": lambda p, x: jnp.log(
        jnp.exp(p * x - stop((p * x).max(1, keepdims=True))).sum(1)
    ).sum(),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_stops_that_change_nothing_are_left_out(name):
    assert "custom_call" not in from_jax(HARMLESS[name], normal(4), X).text


@pytest.mark.parametrize("name", MATTERS)
def test_stops_that_matter_are_kept(name):
    p = normal(4)
    model = from_jax(MATTERS[name], p, X)
    assert len(re.findall(r"custom_call @ds\.stop_gradient\(", model.text)) == 1
    assert float(stablehlo_run.run(model, x=X)) == pytest.approx(float(MATTERS[name](p, X)), rel=1e-5)


# ===--- Refusals -------------------------------------------------------------------------------------------------=== #


def refused(function, params, *inputs, **options):
    with pytest.raises(FrontendError) as caught:
        from_jax(function, params, *inputs, **options)
    return str(caught.value)


def noisy(params, state, x):
    key, drawn = jax.random.split(state["key"])
    kept = jax.random.bernoulli(drawn, 0.5, x.shape)
    mean = 0.9 * state["mean"] + 0.1 * x.mean(0)
    new_state = {"count": state["count"] + 1, "key": key, "mean": mean}
    return ((x * kept - state["mean"]) @ params["w"]).sum(), new_state


@pytest.mark.parametrize("make_key", [jax.random.PRNGKey, jax.random.key], ids=["words", "typed"])
def test_state_is_returned(make_key):
    state = {"count": np.int32(7), "key": make_key(3), "mean": np.ones(4, np.float32)}
    params = {"w": normal(4)}
    model = from_jax(noisy, params, X, state=state)
    assert [(a.name, a.kind, a.trainable, a.dtype, a.result) for a in model.arguments] == [
        ("w", "parameter", True, "float32", None),
        ("count", "state", False, "int32", 1),
        ("key", "state", False, "uint32", 2),
        ("mean", "state", False, "float32", 3),
        ("x", "input", False, "float32", None),
    ]
    assert 'ds.kind = "state", ds.name = "key", ds.result = 2 : i64' in model.text
    expected, new_state = noisy(params, state, X)
    loss, count, key, mean = stablehlo_run.run_all(model, x=X)
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    assert count == 8
    np.testing.assert_array_equal(key, np.asarray(jax.random.key_data(new_state["key"])).reshape(2))
    np.testing.assert_allclose(mean, new_state["mean"], rtol=1e-6)


def test_state_with_a_parameters_name_and_other_results():
    def loss(params, state, x):
        return (params["w"] * x).sum(), {"w": state["w"] + 1}, "anything"

    model = from_jax(loss, {"w": normal(4)}, X, state={"w": np.float32(1)}, has_aux=True)
    assert [argument.name for argument in model.arguments] == ["w", "state.w", "x"]


def test_state_of_another_shape():
    with pytest.raises(FrontendError) as caught:
        from_jax(lambda p, s, x: (p * x.sum(), {"mean": x}), np.float32(1), X, state={"mean": np.zeros(4, np.float32)})
    assert str(caught.value) == (
        "the state 'mean' is float32 of shape (4,), but the function returns float32 of shape (5, 4) for it; "
        "return a new state of the old one's shapes and types"
    )


def test_what_is_no_loss():
    remedy = "return a floating scalar, or a pair that starts with it and has_aux"
    assert refused(lambda p, x: p * x, normal(4), X) == (
        f"the function returns float32 of shape (5, 4), not a loss; {remedy}"
    )
    assert refused(lambda p, x: (p.sum(), x), normal(4), X) == f"the function returns tuple, not a loss; {remedy}"
    assert refused(lambda p, x: jnp.argmax(p), normal(4), X) == (
        f"the function returns int32 of shape (), not a loss; {remedy}"
    )


def test_integers_are_not_trained():
    assert refused(lambda p, x: p["w"].sum(), {"w": normal(4), "step": np.int32(3)}, X) == (
        "the parameter 'step' is int32, which cannot be trained; pass it among the example inputs, or close over it"
    )
