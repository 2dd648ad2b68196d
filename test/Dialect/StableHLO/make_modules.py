#===- make_modules.py - StableHLO as JAX prints it --------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes Inputs/*.jax and *.generic, the two spellings of modules that together
# have every op that JAX lowers the usual functions to.  Made with jax 0.10.2:
#
#   python3 make_modules.py
#===----------------------------------------------------------------------===#
import os

import jax
import jax.numpy as jnp
from jax import lax
from jax.ad_checkpoint import checkpoint_name

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Inputs")


def f32(*shape):
    return jnp.zeros(shape, jnp.float32)


def i32(*shape):
    return jnp.zeros(shape, jnp.int32)


def u32(*shape):
    return jnp.zeros(shape, jnp.uint32)


def i1(*shape):
    return jnp.zeros(shape, bool)


FUNCTIONS = [
    jnp.exp, jnp.expm1, jnp.log, jnp.log1p, jnp.tanh, jax.nn.sigmoid, jnp.sqrt, lax.rsqrt, jnp.cbrt, jnp.sin, jnp.cos,
    jnp.tan, lax.erf, lax.erfc, lax.erf_inv, jnp.floor, jnp.ceil, jnp.round, lax.round, jnp.abs, jnp.sign, jnp.negative,
    jnp.isfinite, jnp.square, jnp.sinh, jnp.cosh, jnp.arcsin, jnp.arccos, jnp.arctan, jnp.arcsinh, jnp.arccosh,
    jnp.arctanh, lax.lgamma, lax.digamma, lax.bessel_i1e]


def elementwise(x, y):
    exact = lax.exp(x, accuracy=lax.AccuracyMode.HIGHEST), lax.tanh(
        x, accuracy=lax.Tolerance(atol=1e-5, rtol=0.0, ulps=1))
    two = (x + y, x - y, x * y, x / y, x**y, jnp.maximum(x, y), jnp.minimum(x, y), jnp.arctan2(x, y), lax.rem(x, y),
           lax.nextafter(x, y))
    return [g(x) for g in FUNCTIONS], two, exact, lax.reduce_precision(x, 8, 7), lax.complex(x, y)


def integers(x, y, u, c):
    return (x & y, x | y, x ^ y, x << y, x >> y, lax.shift_right_logical(x, y), x // y, lax.population_count(x),
            lax.clz(x), ~x, jnp.logical_not(c), -x, u & u, u // u, u >> u, u.astype(jnp.float32),
            lax.bitcast_convert_type(u, jnp.float32), x.astype(jnp.int8), x.astype(bool))


def compare(x, y, k, c):
    return (x < y, x <= y, k == k, x != y, x > y, k >= k, jnp.where(c, x, y), jnp.where(c[0], x, y),
            lax.clamp(0.0, x, 1.0), jnp.clip(k, 0, 1), jnp.isnan(x))


def reductions(x, k, c):
    custom = lax.reduce(x, 0.0, lambda a, b: a * b + 1, (0,))
    pair = lax.reduce((x, x), (0.0, 0.0), lambda a, b: (a[0] + b[0], a[1] * b[1]), (0,))
    return (x.sum(), x.max(0), x.min(-1), x.prod(), c.all(), c.any(), k.sum(), x.argmax(-1), x.argmin(0), custom, pair,
            jax.nn.logsumexp(x, -1))


def products(x, y):
    preset = lax.DotAlgorithmPreset.BF16_BF16_F32
    return (x @ y, jnp.einsum("bij,bkj->bki", x[None], x[None]),
            lax.dot_general(x, y, (((1,), (0,)), ((), ())), precision=lax.Precision.HIGHEST),
            lax.dot_general(x, y, (((1,), (0,)), ((), ())), precision=preset),
            x.astype(jnp.bfloat16) @ y.astype(jnp.bfloat16), jnp.fft.rfft(x))


def convolutions(x, w, v):
    groups = lax.conv_general_dilated(x, v, (2, 2), ((1, 1), (0, 2)), lhs_dilation=(2, 1), rhs_dilation=(1, 2),
                                      dimension_numbers=("NHWC", "HWIO", "NHWC"), feature_group_count=3)
    loss = jax.grad(lambda w: lax.conv(x.transpose(0, 3, 1, 2), w, (1, 1), "SAME").sum())
    return groups, loss(w)


def windows(x):
    def pool(x):
        return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    return (lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "SAME"), jnp.cumsum(x, 1),
            jax.grad(lambda x: pool(x).sum())(x))


def moves(x):
    return (x[1:3, ::2], x[::-1], jnp.flip(x, 1), jnp.concatenate([x, x], 1), jnp.pad(x, ((1, 2), (0, 0))),
            lax.pad(x, 0.0, ((1, 1, 1), (0, -1, 0))), x.T, x.reshape(-1), jnp.stack([x, x]), jnp.tile(x, (2, 1)),
            jnp.arange(4), jnp.eye(3), jnp.tril(jnp.ones((3, 3))), jnp.array([[1.5, -2], [jnp.nan, jnp.inf]]))


def places(x, k, y, at):
    return (x[k], jnp.take(x, k, 1), jnp.take_along_axis(x, k[:, None], 1), x.at[k].add(y), x.at[k].set(y),
            x.at[k].max(y), lax.dynamic_slice(x, (at, 0), (2, 2)), lax.dynamic_update_slice(x, x[:2, :2], (at, at)))


def sorts(x):
    return jnp.argsort(x), lax.sort((x, x), num_keys=1), lax.top_k(x, 2)


def control(x, xs, p, i):
    scan = lax.scan(lambda c, x: (c * x + 1, c), x, xs)
    loop = lax.while_loop(lambda v: v.sum() < 10, lambda v: v + 1, x)
    return (scan, loop, lax.fori_loop(0, 5, lambda k, v: v * 2 + k, x), lax.cond(p, lambda x: x + 1, lambda x: -x, x),
            lax.switch(i, [lambda x: x + 1, lambda x: x * 2, lambda x: -x], x))


def calls(x, a):
    named = jax.checkpoint(lambda x: jnp.sin(checkpoint_name(jnp.sin(x), "a")).sum(),
                           policy=jax.checkpoint_policies.save_only_these_names("a"))
    return (jnp.linalg.cholesky(a), lax.composite(lambda x: jnp.sin(x) * 2, "my.op")(x), jax.grad(named)(x),
            jax.nn.silu(x), lax.optimization_barrier((x, a)))


def randoms(k, s, a):
    return jax.random.uniform(k, (3,)), lax.rng_bit_generator(s, (4,)), lax.rng_uniform(a, a + 1, (4,))


MODULES = {
    elementwise: (f32(3, 4), f32(3, 4)), integers: (i32(3), i32(3), u32(3), i1(3)),
    compare: (f32(3), f32(3), i32(3), i1(3)), reductions: (f32(3, 4), i32(3), i1(3)),
    products: (f32(3, 4), f32(4, 5)), convolutions: (f32(2, 8, 8, 3), f32(4, 3, 3, 3), f32(3, 3, 1, 6)),
    windows: (f32(2, 8, 8, 3),), moves: (f32(3, 4),), places: (f32(3, 4), i32(3), f32(3, 4), i32()),
    sorts: (f32(3, 4),), control: (f32(4), f32(3, 4), i1(), i32()), calls: (f32(3), f32(3, 3)),
    randoms: (jax.random.PRNGKey(0), u32(4), f32())}


def write(name, text):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as file:
        file.write(text.rstrip("\n") + "\n")


def main():
    for function, arguments in MODULES.items():
        lowered = jax.jit(function).lower(*arguments)
        write(function.__name__ + ".jax", lowered.as_text())
        module = lowered.compiler_ir("stablehlo").operation
        write(function.__name__ + ".generic", module.get_asm(print_generic_op_form=True))


if __name__ == "__main__":
    main()
