#===- make_values.py - What JAX computes, op by op --------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Writes modules without arguments that compute one number, and that number as
# JAX has it: // value = ...   Made with jax 0.10.2:
#
#   python3 make_values.py [NAME ...]
#===----------------------------------------------------------------------===#
import os
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(0)


def normal(*shape):
    return random.standard_normal(shape).astype(np.float32)


def integers(bound, *shape):
    return random.integers(-bound, bound, size=shape).astype(np.int32)


X, Y, P = normal(3, 4), normal(3, 4), (random.random((3, 4)) + 0.3).astype(np.float32)
K, M = integers(9, 3, 4), np.abs(integers(5, 3, 4)) + 1
U = np.abs(integers(1000, 5)).astype(np.uint32) * 4000000
ROWS = np.array([2, 0, -1], np.int32)

UNARY = [jnp.exp, jnp.expm1, jnp.tanh, jax.nn.sigmoid, jnp.sin, jnp.cos, jnp.tan, lax.erf, lax.erfc, jnp.floor,
         jnp.ceil, jnp.round, lax.round, jnp.abs, jnp.sign, jnp.negative, jnp.isfinite, jnp.square, jnp.sinh, jnp.cosh,
         jnp.cbrt]


def unary(x, p):
    return [f(x) for f in UNARY], [f(p) for f in (jnp.log, jnp.log1p, jnp.sqrt, lax.rsqrt)], jnp.arctanh(p * 0.5)


def binary(x, y, p):
    return (x + y, x - y, x * y, x / y, p**y, jnp.maximum(x, y), jnp.minimum(x, y), jnp.arctan2(x, y), lax.rem(x, y),
            2 - x, 3 / p, x % y)


def whole_numbers(k, m):
    return (k & m, k | m, k ^ m, k << m, k >> m, lax.shift_right_logical(k, m) >> 8, lax.div(k, m), lax.rem(k, m),
            k // m, k % m, lax.population_count(m), lax.clz(m), ~k, -k, jnp.abs(k), jnp.sign(k), jnp.maximum(k, m))


def unsigned(u):
    return ((u // 7) >> 4, (u >> 3) >> 4, u.astype(jnp.float32) * 1e-9, u % 13, jnp.maximum(u, u[::-1]) >> 8,
            u < u[::-1], u.astype(jnp.int32) >> 8, jnp.float32(7.7).astype(jnp.uint32), u.max() >> 8)


def compare(x, y, k, m):
    return (x < y, x <= y, k == m, k != m, x > y, k >= m, jnp.where(x < y, x, y), jnp.where(x[0, 0] < 0, x, y),
            lax.clamp(-0.5, x, 0.5), jnp.clip(k, -1, 3), jnp.isnan(x))


def reductions(x, k):
    return (x.sum(), x.max(0), x.min(-1), x.prod(1), x.prod(0), (x > 0).all(0), (x > 0).any(1), k.sum(1), k.max(1),
            x.argmax(-1), x.argmin(0), jnp.mean(x, 0), jnp.var(x, -1), jax.nn.logsumexp(x, -1), jnp.max(x, initial=0.5))


def middle_sums(z):
    return z.sum(1), z.sum((0, 2)), z.sum((1, 3)), z.max((0, 2)), z.sum((2, 3)), z.sum((0, 1))


def products(a, b):
    return (a @ b, jnp.einsum("bij,bjk->kib", a, b), jnp.einsum("bij,bjk->ik", a, b),
            jnp.einsum("bij,cjk->bick", a, b), jnp.vdot(a, a), jnp.outer(a[0, 0], b[0, 0]))


def moves(x):
    return (x[1:3, ::2], x[::-1], jnp.flip(x, 1), jnp.concatenate([x, x], 1), jnp.concatenate([x, x * 2], 0),
            jnp.pad(x, ((1, 2), (0, 1)), constant_values=1.5), lax.pad(x, 0.0, ((1, 1, 1), (0, -1, 0))),
            lax.pad(x, 2.0, ((-1, 0, 2), (1, 1, 1))), x.T, jnp.stack([x, x]), jnp.stack([x, x], -1),
            jnp.tile(x, (2, 3)), jnp.roll(x, 1), jnp.eye(3), jnp.tril(x), jnp.repeat(x, 2, 1),
            jnp.broadcast_to(x[:, None], (3, 2, 4)), jnp.broadcast_to(x.T[:, :, None], (4, 3, 2)), x[:, 0], x[1])


def gathers(x, k):
    return (x[k], jnp.take(x, k, 1), x[:, k[0]], jnp.take_along_axis(x, k[:, None], 1), x[k, k],
            x[jnp.array([5, -9])], jax.vmap(lambda r, i: r[i])(x, k), x.at[k].get(mode="fill", fill_value=7.0))


def scatters(x, k, y):
    return (x.at[k].add(y), x.at[k].set(y), x.at[k].mul(y), x.at[k].max(y), x.at[k].min(y),
            jax.ops.segment_sum(y, k, 4), x.at[jnp.array([7, 1])].add(1.0), jnp.zeros((3, 4)).at[k, k].add(y[0, :3]))


def dynamic(x, k):
    return (lax.dynamic_slice(x, (k, 0), (2, 2)), lax.dynamic_slice(x, (k, k), (2, 4)),
            lax.dynamic_update_slice(x, x[:2, :2] * 2, (k, k)), lax.dynamic_index_in_dim(x, k))


def loops(c, xs):
    return (lax.scan(lambda c, x: (jnp.tanh(c + x), c.sum()), c, xs, reverse=True), lax.associative_scan(jnp.add, xs),
            lax.fori_loop(0, 5, lambda k, v: v * 0.5 + k, c), lax.cond(True, lambda x: x + 1, lambda x: x * 2, c))


def activations(x):
    return (jax.nn.gelu(x), jax.nn.gelu(x, approximate=False), jax.nn.relu(x), jax.nn.silu(x), jax.nn.softplus(x),
            jax.nn.elu(x), jax.nn.softmax(x), jax.nn.log_softmax(x, 0), jax.nn.one_hot(jnp.array([1, 3]), 4),
            jax.nn.dot_product_attention(*[x.reshape(1, 3, 2, 2)] * 3, is_causal=True))


def casts(x, k):
    return x.astype(jnp.int32), k.astype(jnp.float32), (k * 50).astype(jnp.int8), k.astype(bool), (x > 0).astype(int)


def threefry(key):
    return jax.random.randint(key, (6,), 0, 100), jax.random.bits(key, (3,)) >> 16


def convolutions(x, w, v, u):
    """x: 2 images of 7 x 6 with 4 features; w: 3 x 2 x 4 x 6; v, grouped: 3 x 3 x 1 x 8 and 2 x 2 x 2 x 6."""
    nhwc, nchw = ("NHWC", "HWIO", "NHWC"), ("NCHW", "OIHW", "NCHW")
    conv = lax.conv_general_dilated
    first, turned = x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)
    return (conv(x, w, (1, 1), "SAME", dimension_numbers=nhwc), conv(x, w, (2, 1), "VALID", dimension_numbers=nhwc),
            conv(first, turned, (2, 3), [(1, 2), (0, 3)], dimension_numbers=nchw),
            conv(x, w, (1, 1), [(2, 1), (1, 1)], rhs_dilation=(2, 3), dimension_numbers=nhwc),
            conv(x, w, (1, 1), [(2, 1), (0, 1)], lhs_dilation=(2, 3), dimension_numbers=nhwc),
            conv(x, w, (2, 1), [(2, 1), (0, 1)], lhs_dilation=(3, 2), dimension_numbers=nhwc),
            conv(x, v, (1, 2), "SAME", feature_group_count=4, dimension_numbers=nhwc),
            conv(x, u, (1, 1), [(0, 1), (1, 0)], feature_group_count=2, dimension_numbers=nhwc),
            conv(x, u, (1, 1), [(1, 1), (1, 1)], lhs_dilation=(2, 2), feature_group_count=2, dimension_numbers=nhwc),
            conv(x, w, (1, 1), [(-1, 2), (1, -2)], dimension_numbers=nhwc),
            conv(x, w[:1, :1], (1, 1), "VALID", dimension_numbers=nhwc),
            conv(first, turned[:, :, :1, :1], (2, 2), "VALID", dimension_numbers=nchw),
            conv(x, w, (3, 2), "VALID", dimension_numbers=nhwc),
            conv(first, turned, (3, 2), "VALID", dimension_numbers=nchw),
            conv(first, turned, (3, 2), [(0, 2), (0, 2)], dimension_numbers=("NCHW", "OIHW", "CWNH")),
            conv(first[:, :, 0], turned[:, :, 0], (1,), [(1, 1)], dimension_numbers=("NCH", "OIH", "NCH")),
            conv(x.reshape(2, 7, 3, 2, 4), w[:, :, None], (1, 2, 1), "SAME",
                 dimension_numbers=("NDHWC", "DHWIO", "NDHWC")),
            lax.conv_transpose(x, w, (2, 2), "SAME", dimension_numbers=nhwc),
            lax.conv_transpose(x, w.swapaxes(2, 3), (3, 2), "VALID", dimension_numbers=nhwc, transpose_kernel=True),
            conv(x, w, (1, 1), [(60, -58), (0, 0)], dimension_numbers=nhwc))


def convolution_gradients(x, w, u):
    """What JAX writes for gradients: batches for features, dilated inputs, groups of batches."""
    def plain(x, w, *window, **rest):
        return lax.conv_general_dilated(x, w, *window, dimension_numbers=("NHWC", "HWIO", "NHWC"), **rest)
    windows = (((1, 1), "SAME"), {}), (((2, 3), [(1, 1), (0, 2)]), {}), (((1, 1), "VALID"), {"rhs_dilation": (2, 1)})
    losses = [(w, lambda x, w, a=a, k=k: jnp.sin(plain(x, w, *a, **k)).sum()) for a, k in windows]
    losses += [(u, lambda x, u: jnp.sin(plain(x, u, (2, 1), "SAME", feature_group_count=2)).sum())]
    return [jax.grad(loss, (0, 1))(x, kernel) for kernel, loss in losses]


def windows(x, z):
    def pool(x, how, start, *lists, **dilations):
        return lax.reduce_window(x, start, how, *lists, **dilations)

    total = jax.grad(lambda x: (pool(x, lax.max, -jnp.inf, (1, 2), (1, 1), "SAME") ** 2).sum())
    return (pool(x, lax.max, -jnp.inf, (2, 2), (1, 2), "VALID"), pool(x, lax.add, 0.0, (3, 3), (2, 1), "SAME"),
            pool(x, lax.min, jnp.inf, (1, 3), (1, 1), ((0, 0), (2, 1)), window_dilation=(1, 2)),
            pool(x, lax.mul, 1.0, (2, 1), (1, 1), "VALID"), total(x),
            pool(x, lax.add, 0.0, (2, 2), (1, 1), ((1, 1), (0, 0)), base_dilation=(2, 1)),
            jax.grad(lambda z: (pool(z, lax.max, -jnp.inf, (1, 3, 3, 1), (1, 2, 2, 1), "SAME") ** 3).sum())(z),
            jax.grad(lambda x: (-pool(-x, lax.max, -jnp.inf, (2, 2), (2, 2), "SAME") ** 3).sum())(x))


def running(x, p, k):
    return (jnp.cumsum(x, 0), jnp.cumsum(x, 1), jnp.cumprod(p, 1), lax.cummax(x, 1, reverse=True), lax.cummin(x, 0),
            lax.cumlogsumexp(x, 1), lax.cumlogsumexp(x, 0, reverse=True), jnp.cumsum(k, 1), jnp.cumsum(x > 0, 1),
            jax.grad(lambda x: (jnp.cumsum(x, 1) ** 2).sum())(x))


def sorts(x, k, specials):
    by = k % 3
    return (jnp.sort(x, 1), jnp.sort(x, 0, descending=True), jnp.argsort(x, 0), jnp.argsort(x, 1, descending=True),
            lax.sort((by, x, k), dimension=1, num_keys=2), lax.sort((x, k), dimension=0), lax.top_k(x, 2),
            lax.top_k(k.astype(jnp.float32), 3), jnp.argsort(by, 1, stable=True), jnp.sort(k.astype(jnp.uint8), 1),
            jnp.argsort(specials), lax.top_k(specials, 4)[1], jnp.median(x), jnp.argsort(x > 0, 1),
            jax.grad(lambda x: (jnp.sort(x, 1) * jnp.arange(4.0)).sum())(x),
            jax.grad(lambda x: (lax.top_k(x, 2)[0] ** 2).sum())(x))


def random_numbers(key, x):
    first, second = jax.random.split(key)
    return (jax.random.uniform(first, (3, 5)), jax.random.normal(second, (2, 7)), lax.erf_inv(jnp.tanh(x)),
            jax.random.bernoulli(first, 0.3, (11,)), jax.random.permutation(second, 9),
            jax.random.categorical(first, x),
            jax.random.gumbel(jax.random.fold_in(key, 3), (4,)), jax.random.permutation(first, x, independent=True))


def random_bits(key):
    state, results = key, []
    for algorithm in (lax.RandomAlgorithm.RNG_DEFAULT, lax.RandomAlgorithm.RNG_THREE_FRY,
                      lax.RandomAlgorithm.RNG_PHILOX):
        for shape in ((5,), (3, 4), (3, 5), (1,), ()):
            state, bits = lax.rng_bit_generator(state, shape, algorithm=algorithm)
            results += [bits >> 16, bits & 0xFFFF]
    return results, state >> 16, state & 0xFFFF


CASES = {unary: (X, P), binary: (X, Y, P), whole_numbers: (K, M), unsigned: (U,), compare: (X, Y, K, M),
         reductions: (X, K), middle_sums: (normal(2, 3, 4, 5),), products: (normal(2, 3, 4), normal(2, 4, 5)),
         moves: (X,), gathers: (X, ROWS), scatters: (X, np.array([2, 0, 0], np.int32), Y), dynamic: (X, np.int32(1)),
         loops: (X[0], X), activations: (X,), casts: (X * 3, K), threefry: (np.array([1, 2], np.uint32),),
         convolutions: (normal(2, 7, 6, 4), normal(3, 2, 4, 6), normal(3, 3, 1, 8), normal(2, 2, 2, 6)),
         convolution_gradients: (normal(2, 7, 6, 4), normal(3, 2, 4, 6), normal(2, 2, 2, 6))}
SPECIALS = np.array([1, np.nan, -0.0, np.inf, 0.0, -np.inf, -np.nan, 2, np.nan, -1], np.float32)
CASES |= {windows: (X, normal(2, 5, 6, 2)), running: (X, P, K), sorts: (X, K, SPECIALS),
          random_numbers: (np.array([1, 2], np.uint32), X),
          random_bits: (np.array([1, 2, 2**32 - 3, 2**32 - 1], np.uint32),)}


def total(values):
    """All elements, each with a weight of its own."""
    result = 0.0
    for n, value in enumerate(jax.tree.leaves(values)):
        value = jnp.asarray(value).astype(jnp.float32)
        weights = jnp.cos(lax.iota(jnp.float32, value.size) * 0.7 + n)
        result = result + jnp.sum(value.reshape(-1) * weights)
    return result


def main(names):
    for function, arguments in CASES.items():
        if names and function.__name__ not in names:
            continue
        compute = jax.jit(lambda f=function, a=arguments: total(f(*[jnp.asarray(value) for value in a])))
        with open(os.path.join(HERE, function.__name__ + ".jax"), "w", encoding="utf-8") as file:
            file.write(f"// value = {float(compute())!r}\n{compute.lower().as_text().rstrip()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
