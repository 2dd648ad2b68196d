# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Functions that use one ATen op each, with tensors of uneven sizes to call them on."""

import torch
from torch.nn import functional as F


def reals(*shape):
    return torch.randn(*shape, dtype=torch.float64)


def positive(*shape):
    return torch.rand(*shape, dtype=torch.float64) + 0.1


def ints(*shape, low=-5, high=6):
    return torch.randint(low, high, shape)


def bools(*shape):
    return torch.rand(*shape) > 0.5


def index(size, *shape):
    return torch.randint(0, size, shape)


SPECIAL = torch.tensor([0.0, -0.0, 1.5, -2.5, float("inf"), float("-inf"), float("nan")], dtype=torch.float64)

TOPICS = {}  # topic -> {name of a case -> makes (function, tensors...)}


def topic(name):
    TOPICS[name] = {}


def case(name, make):
    cases = list(TOPICS.values())[-1]
    assert name not in cases, name
    cases[name] = make


def on_reals(*functions):
    for function in functions:
        case(function.__name__, lambda function=function: (function, reals(3, 5)))


# ===--- Elementwise --------------------------------------------------------------------------------------------=== #

topic("elementwise")
on_reals(torch.abs, torch.ceil, torch.cos, torch.erf, torch.exp, torch.expm1, torch.floor, torch.neg, torch.round)
on_reals(torch.sigmoid, torch.sign, torch.sin, torch.tan, torch.tanh, torch.trunc, torch.square, torch.reciprocal)
on_reals(F.relu, F.leaky_relu, F.elu, F.silu, F.gelu, F.softplus, F.mish, F.hardswish, F.hardsigmoid, F.logsigmoid)
on_reals(F.selu, F.celu, F.relu6, F.hardtanh, F.tanhshrink, F.softsign, torch.sinh, torch.cosh, torch.atan, torch.erfc)
for _function in (torch.asin, torch.acos):
    case(_function.__name__, lambda function=_function: (function, reals(3, 5).tanh()))
for _function in (torch.log, torch.log1p, torch.log2, torch.log10, torch.sqrt, torch.rsqrt):
    case(_function.__name__, lambda function=_function: (function, positive(3, 5)))
for _function in (torch.isnan, torch.isinf, torch.isfinite):
    case(_function.__name__, lambda function=_function: (function, SPECIAL))

case("add_alpha", lambda: (lambda x, y: torch.add(x, y, alpha=2), reals(3, 5), reals(5)))
case("add_bools", lambda: (lambda x, y: x + y, bools(3, 5), bools(5)))
case("sub_number", lambda: (lambda x: 3 - x, reals(3, 5)))
case("sub_alpha", lambda: (lambda x, y: torch.sub(x, y, alpha=0.5), reals(3, 5), reals(3, 1)))
case("mul_int_and_float", lambda: (lambda x, y: x * y, ints(3, 5), reals(3, 5)))
case("mul_bools", lambda: (lambda x, y: x * y, bools(3, 5), bools(5)))
case("div_ints", lambda: (lambda x, y: x.double() / y, ints(3, 5), ints(5, low=1)))
case("div_floor", lambda: (lambda x, y: x // y, reals(3, 5), reals(5)))
case("div_floor_ints", lambda: (lambda x, y: (x // y, x // 3, x // -3), ints(30), ints(30, low=1)))
case("div_trunc", lambda: (lambda x, y: torch.div(x, y, rounding_mode="trunc"), reals(3, 5), reals(5)))
case("div_trunc_ints", lambda: (lambda x: torch.div(x, 3, rounding_mode="trunc"), ints(30)))
case("fmod", lambda: (torch.fmod, reals(3, 5), positive(5)))
case("remainder", lambda: (lambda x, y: (x % y, x % -0.7), reals(3, 5), reals(5)))
case("remainder_ints", lambda: (lambda x: (x % 3, x % -3), ints(30)))
case("power", lambda: (lambda x, y: (x**y, x**2, x**3, x**0.5, x**-1.5, 2.0**y), positive(3, 5), reals(5)))
case("power_of_ints", lambda: (lambda x: (x**2, x**3), ints(3, 5)))
case("maximum_minimum", lambda: (lambda x, y: (torch.maximum(x, y), torch.minimum(x, y)), reals(3, 5), reals(5)))
case("atan2", lambda: (torch.atan2, reals(3, 5), reals(3, 5)))
case("logic", lambda: (lambda x, y: (x & y, x | y, x ^ y, ~x, x.logical_and(y), x.logical_not()), bools(9), bools(9)))
case("bits", lambda: (lambda x, y: (x & y, x | 3, x ^ y, ~x, x << 2, x >> 1), ints(9), ints(9)))
case("comparisons", lambda: (lambda x, y: (x == y, x != y, x < y, x <= y, x > y, x >= y), ints(9), ints(9)))
case("comparison_with_nan", lambda: (lambda x: (x == x, x != x, x < 1, x >= x), SPECIAL))
case("compare_int_with_float", lambda: (lambda x: (x > 0.5, x == 1.0), ints(9)))
case("where", lambda: (lambda c, x: (torch.where(c, x, 0.0), torch.where(c, x.sum(), x)), bools(3, 5), reals(3, 5)))
case("masked_fill", lambda: (lambda x, m: x.masked_fill(m, -1e9), reals(3, 5), bools(5)))
case("clamp", lambda: (lambda x: (x.clamp(-0.5, 0.5), x.clamp(min=0), x.clamp_max(0.1)), reals(3, 5)))
case("gelu_tanh", lambda: (lambda x: F.gelu(x, approximate="tanh"), reals(3, 5)))
case("addcmul", lambda: (lambda x, y, z: torch.addcmul(x, y, z, value=0.5) + torch.lerp(x, y, 0.3), *[reals(5)] * 3))
case("casts", lambda: (lambda x: (x.int(), x.bool(), x.int().double(), (x > 0).double(), x.float()), reals(3, 5)))
case("glu", lambda: (lambda x: F.glu(x, dim=1), reals(3, 6)))

# ===--- Reductions ---------------------------------------------------------------------------------------------=== #

topic("reductions")
case("sum", lambda: (lambda x: (x.sum(), x.sum(1), x.sum((0, 2), keepdim=True), x.sum(-1)), reals(3, 5, 2)))
case("sum_of_bools", lambda: (lambda x: (x.sum(), x.sum(0)), bools(3, 5)))
case("mean", lambda: (lambda x: (x.mean(), x.mean(-1, keepdim=True), x.mean((0, 1))), reals(3, 5, 2)))
case("extremes", lambda: (lambda x: (x.amax(1), x.amin((0, 1)), x.max(), x.min(), x.amax(-1, True)), reals(3, 5)))
case("any_all", lambda: (lambda x: (x.any(), x.all(1), x.any(0), x.all()), bools(3, 5)))
case("prod", lambda: (lambda x: (x.prod(), x.prod(1)), reals(3, 4)))
case("variance", lambda: (lambda x: (x.var(1), x.std(0, unbiased=False), x.var(), x.var((0, 1), True)), reals(3, 5)))
case("var_mean", lambda: (lambda x: torch.var_mean(x, 1, keepdim=True), reals(3, 5)))
case("argmax", lambda: (lambda x: (x.argmax(1), x.argmin(0), x.argmax(), x.argmax(1, True)), reals(3, 5)))
case("argmax_of_ties", lambda: (lambda x: (x.argmax(1), x.argmin(1)), ints(6, 9, low=0, high=3)))
case("max_with_positions", lambda: (lambda x: (*x.max(1), *x.min(0, keepdim=True)), reals(3, 5)))
case("cumsum", lambda: (lambda x: (x.cumsum(1), x.cumsum(0)), reals(3, 5)))
case("cumprod", lambda: (lambda x: (x.cumprod(1), x.cumprod(0)), reals(3, 5)))
case("logcumsumexp", lambda: (lambda x: (x.logcumsumexp(1), x.logcumsumexp(0)), reals(3, 5)))
case("cumsum_of_bools", lambda: (lambda x: x.cumsum(-1), bools(3, 5)))
case(
    "norms",
    lambda: (lambda x: (x.logsumexp(1), x.norm(), x.norm(1, 1), x.norm(3), x.norm(float("inf"), 0)), reals(3, 5)),
)

# ===--- Views --------------------------------------------------------------------------------------------------=== #

topic("views")
case("permutations", lambda: (lambda x: (x.permute(2, 0, 1), x.transpose(0, -1), x[0].T, x.flatten(1)), reals(3, 5, 2)))
case(
    "shapes", lambda: (lambda x: (x.view(5, -1), x.unsqueeze(1), x[:1].squeeze(0), x.unflatten(1, (5, 1))), reals(3, 5))
)
case("expand", lambda: (lambda x: (x.expand(3, 5), x.expand(2, -1, 5), x.broadcast_to(3, 5)), reals(3, 1)))
case("repeat", lambda: (lambda x: (x.repeat(2, 1, 3), x.tile(2), x.repeat_interleave(2, dim=0)), reals(3, 5)))
case(
    "slices",
    lambda: (lambda x: (x[1:], x[:, ::2], x[:, -2:], x[..., 3], x[-1], x[2:1], x.narrow(1, 1, 3)), reals(3, 5)),
)
case("splits", lambda: (lambda x: (*x.split(2, 1), *x.chunk(2, 1), *x.split([1, 4], 1), *x.unbind(0)), reals(3, 5)))
case("diagonal", lambda: (lambda x: (x.diagonal(), x.diagonal(1), x.diagonal(-1), x.diagonal(3)), reals(3, 5)))
case("diagonal_of_batch", lambda: (lambda x: (x.diagonal(0, 0, 2), x.diagonal(1, 1, 2)), reals(4, 3, 5)))
case("cat", lambda: (lambda x, y: (torch.cat([x, y], 1), torch.cat([y, y.float()])), reals(3, 5), reals(3, 2)))
case("cat_with_nothing", lambda: (lambda x: torch.cat([torch.zeros(0, dtype=torch.float64), x], 1), reals(3, 5)))
case("stack", lambda: (lambda x, y: (torch.stack([x, y], 1), torch.stack([x, y], -1)), reals(3, 5), reals(3, 5)))
case("flip_roll", lambda: (lambda x: (x.flip(0, 1), x.roll(2, 1), x.roll((1, -2), (0, 1)), x.roll(3)), reals(3, 5)))
case("pad", lambda: (lambda x: (F.pad(x, (1, 2)), F.pad(x, (1, 0, 0, 2), value=3.0), F.pad(x, (-1, 1))), reals(3, 5)))
case("triangles", lambda: (lambda x: (x.tril(), x.triu(1), x.tril(-1), x.triu(-2)), reals(4, 3, 5)))
case("slice_scatter", lambda: (lambda x, y: x.slice_scatter(y, 1, 1, 5, 2), reals(3, 6), reals(3, 2)))
case("select_scatter", lambda: (lambda x, y: x.select_scatter(y, 1, -2), reals(3, 6), reals(3)))
case(
    "copy_into_slice",
    lambda: (lambda x: torch.zeros(4, 7, dtype=torch.float64).index_fill(0, torch.tensor(1), 2) + x, reals(7)),
)
case("pixel_shuffle", lambda: (lambda x: F.pixel_shuffle(x, 2), reals(2, 8, 3, 3)))
case(
    "creation",
    lambda: (lambda x: (x * 0 + torch.eye(4), torch.linspace(0, 1, 4) + x, torch.full((4,), 2.0) * x), reals(4)),
)
case(
    "likes",
    lambda: (lambda x: (torch.zeros_like(x), torch.ones_like(x), torch.full_like(x, 3), x.new_zeros(2)), reals(4)),
)

# ===--- Indices ------------------------------------------------------------------------------------------------=== #

topic("indices")
case("embedding", lambda: (F.embedding, index(7, 2, 3), reals(7, 4)))
for mode in ("sum", "mean", "max"):
    case(f"embedding_bag_{mode}", lambda mode=mode: (lambda i, w: F.embedding_bag(i, w, mode=mode), index(7, 3, 4),
                                                     reals(7, 5)))
case(
    "pairs",
    lambda: (
        lambda x: (x[:, *torch.tril_indices(3, 3, -1)], x[:, *torch.triu_indices(3, 4, 1)]),
        reals(2, 3, 4),
    ),
)
case(
    "embedding_bag_weighted",
    lambda: (lambda i, w, s: F.embedding_bag(i, w, per_sample_weights=s, mode="sum"), index(7, 3, 4), reals(7, 5),
             reals(3, 4)),
)
case("index_select", lambda: (lambda x, i: (x.index_select(1, i), x.index_select(0, i % 3)), reals(3, 5), index(5, 4)))
case("gather", lambda: (lambda x, i: (x.gather(1, i), x.gather(0, i[:2, :2] % 3)), reals(3, 5), index(5, 3, 2)))
case("take_along_dim", lambda: (lambda x, i: x.take_along_dim(i, 2), reals(2, 3, 5), index(5, 2, 3, 1)))
case("index_rows", lambda: (lambda x, i: (x[i], x[:, i % 5], x[i - 7]), reals(7, 5), index(7, 2, 3)))
case("index_pairs", lambda: (lambda x, i, j: (x[i, j], x[:, i % 5, j % 2]), reals(7, 5, 2), index(7, 4), index(5, 4)))
case("index_apart", lambda: (lambda x, i, j: x[i, :, j], reals(7, 5, 2), index(7, 4), index(2, 4)))
case("index_broadcast", lambda: (lambda x, i, j: x[i[:, None], j], reals(7, 5), index(7, 3), index(5, 4)))
case("scatter", lambda: (lambda x, y: x.scatter(1, torch.tensor([[0, 2], [3, 1]]), y), reals(3, 5), reals(2, 2)))
case("scatter_value", lambda: (lambda x: x.scatter(1, torch.tensor([[0], [3], [1]]), 1.5), reals(3, 5)))
case("scatter_add", lambda: (lambda x, i, y: x.scatter_add(1, i, y), reals(3, 5), index(5, 3, 7), reals(3, 7)))
case(
    "scatter_amax",
    lambda: (lambda x, i, y: x.scatter_reduce(1, i, y, "amax"), reals(3, 5), index(5, 3, 7), reals(3, 7)),
)
case("index_add", lambda: (lambda x, i, y: x.index_add(0, i, y, alpha=2), reals(5, 3), index(5, 7), reals(7, 3)))
case("index_put", lambda: (lambda x, y: x.index_put((torch.tensor([4, 0]),), y), reals(5, 3), reals(2, 3)))
case("put_under_mask", lambda: (lambda x, m: x.index_put((m,), torch.tensor(2.0).double()), reals(3, 5), bools(3)))
case("index_put_add", lambda: (lambda x, i, y: x.index_put((i, i % 3), y, True), reals(5, 3), index(5, 7), reals(7)))
case("one_hot", lambda: (lambda i: F.one_hot(i, 5), index(5, 3)))
case("sort", lambda: (lambda x: (*x.sort(1), *x.sort(0, descending=True), x.argsort(1)), reals(3, 5)))
case(
    "sort_of_equals",
    lambda: (
        lambda x: (
            *x.round().sort(stable=True, dim=1),
            *x.round().sort(stable=True, dim=0, descending=True),
        ),
        reals(3, 7),
    ),
)
case("topk", lambda: (lambda x: (*x.topk(2), *x.topk(1, 0, largest=False)), reals(3, 5)))

# ===--- Products -----------------------------------------------------------------------------------------------=== #

topic("products")
case(
    "matrix_products",
    lambda: (lambda x, y: (x @ y, torch.mm(x, y), x @ y[:, 0], x[0] @ y, x[0] @ y[:, 0]), reals(3, 5), reals(5, 2)),
)
case(
    "batched_products",
    lambda: (lambda x, y: (x @ y, torch.bmm(x, y), x[0, 0] @ y, x @ y[0]), reals(4, 3, 5), reals(4, 5, 2)),
)
case("broadcast_products", lambda: (lambda x, y: x @ y, reals(2, 1, 3, 5), reals(4, 5, 2)))
case("addmm", lambda: (lambda b, x, y: torch.addmm(b, x, y, beta=0.5, alpha=2), reals(2), reals(3, 5), reals(5, 2)))
case("baddbmm", lambda: (torch.baddbmm, reals(4, 3, 2), reals(4, 3, 5), reals(4, 5, 2)))
case(
    "linear", lambda: (lambda x, w, b: (F.linear(x, w, b), F.linear(x[0, 0], w)), reals(2, 3, 5), reals(4, 5), reals(4))
)
case("einsum", lambda: (lambda x, y: torch.einsum("bhqd,bkhd->bhqk", x, y), reals(2, 3, 4, 5), reals(2, 6, 3, 5)))
case("outer", lambda: (lambda x, y: (torch.outer(x, y), torch.dot(x, x)), reals(3), reals(5)))

# ===--- Layers -------------------------------------------------------------------------------------------------=== #

topic("layers")
case(
    "embedding_of_positions",
    lambda: (lambda w: (F.embedding(torch.arange(1, 4).expand(2, 3), w), w[torch.zeros(2, dtype=int)]), reals(7, 4)),
)
case("spread_mask", lambda: (lambda x: x[torch.arange(3)[:, None, None], torch.arange(1, 5)], reals(3, 5)))
case(
    "layer_norm",
    lambda: (
        lambda x, w, b: (F.layer_norm(x, (5,), w, b), F.layer_norm(x, (3, 5))),
        reals(2, 3, 5),
        reals(5),
        reals(5),
    ),
)
case("rms_norm", lambda: (lambda x, w: (F.rms_norm(x, (5,), w, 1e-5), F.rms_norm(x, (3, 5))), reals(2, 3, 5), reals(5)))
case("group_norm", lambda: (lambda x, w, b: F.group_norm(x, 2, w, b), reals(3, 4, 5, 2), reals(4), reals(4)))
case("instance_norm", lambda: (F.instance_norm, reals(3, 4, 5, 2)))
case("batch_norm_evaluated", lambda: (F.batch_norm, reals(3, 4, 5), reals(4), positive(4)))
case("softmaxes", lambda: (lambda x: (x.softmax(-1), x.softmax(0), x.log_softmax(1), F.softmin(x, 1)), reals(3, 5)))
case(
    "nll_loss",
    lambda: (
        lambda x, y: (F.nll_loss(x, y), F.nll_loss(x, y, reduction="none")),
        reals(3, 5),
        torch.tensor([0, -100, 4]),
    ),
)
case(
    "nll_loss_weights",
    lambda: (
        lambda x, y, w: (F.nll_loss(x, y, w), F.nll_loss(x, y, w, reduction="sum")),
        reals(3, 5),
        index(5, 3),
        positive(5),
    ),
)
case("nll_loss_pixels", lambda: (F.nll_loss, reals(3, 5, 2, 2), index(5, 3, 2, 2)))
case(
    "cross_entropy",
    lambda: (lambda x, y: (F.cross_entropy(x, y), F.cross_entropy(x[0], y[0])), reals(3, 5), index(5, 3)),
)
case(
    "cross_entropy_smooth",
    lambda: (lambda x, y: F.cross_entropy(x, y, label_smoothing=0.1), reals(3, 5), torch.tensor([0, -100, 4])),
)
case(
    "cross_entropy_of_probabilities",
    lambda: (
        lambda x, y: (F.cross_entropy(x, y.softmax(1)), F.cross_entropy(x, y, label_smoothing=0.2)),
        reals(3, 5),
        reals(3, 5),
    ),
)
case(
    "losses",
    lambda: (
        lambda x, y: (F.mse_loss(x, y), F.l1_loss(x, y), F.smooth_l1_loss(x, y), F.huber_loss(x, y)),
        reals(3, 5),
        reals(3, 5),
    ),
)
case("kl_div", lambda: (lambda x, y: F.kl_div(x.log_softmax(1), y, reduction="batchmean"), reals(3, 5), positive(3, 5)))
case(
    "binary_cross_entropy",
    lambda: (
        lambda x, y: (F.binary_cross_entropy_with_logits(x, y), F.binary_cross_entropy(x.sigmoid(), y)),
        reals(3, 5),
        torch.rand(3, 5).double(),
    ),
)
case("attention", lambda: (F.scaled_dot_product_attention, *[reals(2, 3, 4, 5) for _ in range(3)]))
case(
    "attention_causal",
    lambda: (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True, scale=0.3),
        *[reals(2, 3, 4, 5) for _ in range(3)],
    ),
)
case(
    "attention_masked",
    lambda: (
        F.scaled_dot_product_attention,
        reals(2, 3, 4, 5),
        reals(2, 3, 6, 5),
        reals(2, 3, 6, 5),
        torch.arange(6)[None, :] < torch.arange(4)[:, None] + 2,
    ),
)
case(
    "attention_bias",
    lambda: (F.scaled_dot_product_attention, reals(2, 3, 4, 5), reals(2, 3, 6, 5), reals(2, 3, 6, 5), reals(4, 6)),
)
case(
    "attention_grouped",
    lambda: (
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, enable_gqa=True),
        reals(2, 6, 4, 5),
        reals(2, 3, 4, 5),
        reals(2, 3, 4, 5),
    ),
)
case("dropout_of_evaluation", lambda: (lambda x: F.dropout(x, 0.5, training=False) + F.dropout(x, 0.0), reals(3, 5)))

# ===--- Recurrent layers ---------------------------------------------------------------------------------------=== #

topic("recurrent")


def weights(gates, *inputs):
    """Of a cell of 4 hidden values, for each size of input."""
    rows = 4 * gates
    return [reals(*shape) for size in inputs for shape in ((rows, size), (rows, 4), (rows,), (rows,))]


def lstm_of(x, h, c, *params):
    return torch.lstm(x, (h, c), params, True, 2, 0.0, False, True, True)


def lstm_projected(x, h, c, *params):
    return torch.lstm(x, (h, c), params, False, 1, 0.0, True, False, False)


def gru_of(x, h, *params):
    return torch.gru(x, h, params, True, 2, 0.5, False, False, True)


def gru_without_biases(x, h, *params):
    return torch.gru(x, h, params, False, 1, 0.0, True, True, False)


def rnn_of(x, h, *params):
    return *torch.rnn_tanh(x, h, params, True, 1, 0.0, False, False, True), *torch.rnn_relu(
        x, h, params, True, 1, 0.0, False, False, True
    )


case("lstm", lambda: (lstm_of, reals(2, 5, 3), reals(4, 2, 4), reals(4, 2, 4), *weights(4, 3, 3, 8, 8)))
case(
    "lstm_projected",
    lambda: (lstm_projected, reals(5, 2, 3), reals(1, 2, 2), reals(1, 2, 4), reals(16, 3), reals(16, 2), reals(2, 4)),
)
case("gru", lambda: (gru_of, reals(2, 5, 3), reals(2, 2, 4), *weights(3, 3, 4)))
case(
    "gru_without_biases",
    lambda: (gru_without_biases, reals(5, 2, 3), reals(2, 2, 4), *[w for w in weights(3, 3, 3) if w.dim() == 2]),
)
case("rnn", lambda: (rnn_of, reals(2, 5, 3), reals(1, 2, 4), *weights(1, 3)))

# ===--- Convolution --------------------------------------------------------------------------------------------=== #

topic("convolution")
case(
    "conv2d",
    lambda: (lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), reals(2, 3, 7, 8), reals(4, 3, 3, 3), reals(4)),
)
case(
    "conv2d_groups",
    lambda: (lambda x, w: F.conv2d(x, w, groups=2, dilation=(1, 2)), reals(2, 4, 7, 8), reals(6, 2, 3, 3)),
)
case("conv2d_same", lambda: (lambda x, w: F.conv2d(x, w, padding="same"), reals(2, 3, 7, 8), reals(4, 3, 3, 5)))
case("conv1d", lambda: (lambda x, w: F.conv1d(x, w, padding=2), reals(2, 3, 9), reals(4, 3, 3)))
case(
    "patches",
    lambda: (lambda x, w, b: F.conv2d(x, w, b, stride=(3, 2)), reals(2, 3, 7, 8), reals(4, 3, 3, 2), reals(4)),
)
case("patches1d", lambda: (lambda x, w: F.conv1d(x, w, stride=2), reals(2, 3, 8), reals(4, 3, 2)))
case("conv3d", lambda: (F.conv3d, reals(1, 2, 4, 5, 4), reals(3, 2, 2, 3, 2)))
case(
    "conv_transpose2d",
    lambda: (
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1),
        reals(2, 3, 4, 5),
        reals(3, 4, 3, 3),
    ),
)
case(
    "conv_transpose2d_groups",
    lambda: (
        lambda x, w, b: F.conv_transpose2d(x, w, b, groups=2, dilation=2),
        reals(2, 4, 4, 5),
        reals(4, 3, 2, 3),
        reals(6),
    ),
)
case(
    "max_pool2d",
    lambda: (
        lambda x: (F.max_pool2d(x, 2), F.max_pool2d(x, 3, 2, 1), F.max_pool2d(x, 2, 2, ceil_mode=True)),
        reals(2, 3, 7, 8),
    ),
)
case("max_pool1d", lambda: (lambda x: F.max_pool1d(x, 3, 2), reals(2, 3, 9)))
case(
    "avg_pool2d",
    lambda: (
        lambda x: (F.avg_pool2d(x, 2), F.avg_pool2d(x, 3, 2, 1), F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
        reals(2, 3, 7, 8),
    ),
)
case(
    "avg_pool_beyond_the_edge",
    lambda: (
        lambda x: (
            F.avg_pool2d(x, 3, 2, ceil_mode=True),
            F.avg_pool2d(x, 3, 2, 1, ceil_mode=True),
            F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False),
            F.avg_pool2d(x, 2, divisor_override=3),
        ),
        reals(2, 3, 6, 8),
    ),
)
case("pool3d", lambda: (lambda x: (F.max_pool3d(x, 2), F.avg_pool3d(x, 2, 1, 1)), reals(1, 2, 3, 4, 5)))
case(
    "adaptive_avg_pool_of_rest",
    lambda: (lambda x: (F.adaptive_avg_pool2d(x, (4, 3)), F.adaptive_avg_pool2d(x, (None, 5))), reals(2, 3, 6, 8)),
)
case("avg_pool1d", lambda: (lambda x: F.avg_pool1d(x, 3, 2), reals(2, 3, 9)))
case(
    "adaptive_avg_pool2d",
    lambda: (lambda x: (F.adaptive_avg_pool2d(x, 1), F.adaptive_avg_pool2d(x, (2, 4))), reals(2, 3, 6, 8)),
)
case("upsample_nearest", lambda: (lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), reals(2, 3, 4, 5)))
case("unfold", lambda: (lambda x: F.unfold(x, 2, stride=2), reals(2, 3, 4, 6)))
