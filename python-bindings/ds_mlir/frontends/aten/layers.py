# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ATen's layers: normalization, softmax, losses, attention, dropout.

Each is written in the way in which the compiler's raising passes know it best; any other way that a model is written in
reaches them as it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..layers import MEAN, affine, log_softmax, nll_loss, normalized, reduced, repeated_heads, softmax
from ..model import FrontendError
from ..stablehlo import Value
from . import indexing, reductions
from .scope import Scope, lowers, wrap

# ===--- Normalization ------------------------------------------------------------------------------------------=== #


@lowers("aten.native_layer_norm.default")
def native_layer_norm(b: Scope, x: Value, shape: Sequence[int], weight, bias, eps: float) -> list[Value]:
    dimensions = list(range(x.rank - len(shape), x.rank))
    result, mean, scale = normalized(b, x, dimensions, eps)
    statistics = [b.reshape(part, type.shape) for part, type in zip((mean, scale), b.results[1:], strict=True)]
    return [affine(b, result, weight, bias, dimensions), *statistics]


@lowers("aten.rms_norm.default")
def rms_norm(b: Scope, x: Value, shape: Sequence[int], weight=None, eps: float | None = None) -> Value:
    dimensions = list(range(x.rank - len(shape), x.rank))
    if eps is None:
        eps = 2.0**-52 if x.type.element == "f64" else 2.0**-23
    square_mean = reductions.mean_over(b, b.mul(x, x), dimensions)
    scale = b.unary("rsqrt", b.add(square_mean, b.splat(eps, square_mean.type)))
    return affine(b, b.mul(x, reductions.along(b, scale, x, dimensions)), weight, None, dimensions)


@lowers("aten.native_group_norm.default")
def native_group_norm(
    b: Scope, x: Value, weight, bias, batch: int, channels: int, pixels: int, groups: int, eps: float
) -> list[Value]:
    grouped = b.reshape(x, (batch, groups, channels // groups * pixels))
    result, mean, scale = normalized(b, grouped, [2], eps)
    statistics = [b.reshape(part, type.shape) for part, type in zip((mean, scale), b.results[1:], strict=True)]
    return [affine(b, b.reshape(result, x.shape), weight, bias, [1]), *statistics]


@lowers("aten._native_batch_norm_legit_no_training.default")
def batch_norm_evaluated(b: Scope, x: Value, weight, bias, mean, variance, momentum: float, eps: float) -> list[Value]:
    scale = b.unary("rsqrt", b.add(variance, b.splat(eps, variance.type)))
    deviation = b.sub(x, b.broadcast(mean, x.shape, [1]))
    result = affine(b, b.mul(deviation, b.broadcast(scale, x.shape, [1])), weight, bias, [1])
    return [result, *(b.splat(0, type) for type in b.results[1:])]


@lowers("aten._native_batch_norm_legit.no_stats")
def batch_norm_of_batch(b: Scope, x: Value, weight, bias, training: bool, momentum: float, eps: float) -> list[Value]:
    dimensions = [d for d in range(x.rank) if d != 1]
    result, mean, scale = normalized(b, x, dimensions, eps)
    statistics = [b.reshape(part, type.shape) for part, type in zip((mean, scale), b.results[1:], strict=True)]
    return [affine(b, result, weight, bias, [1]), *statistics]


@lowers("aten._native_batch_norm_legit_functional.default")
def batch_norm_trained(
    b: Scope, x: Value, weight, bias, mean: Value, variance: Value, training: bool, momentum: float, eps: float
) -> list[Value]:
    """By the batch's statistics, which are also mixed into the running ones: new values, without a gradient."""
    if not training:
        return [*batch_norm_evaluated(b, x, weight, bias, mean, variance, momentum, eps), mean, variance]
    dimensions = [d for d in range(x.rank) if d != 1]
    count = math.prod(x.shape[d] for d in dimensions)
    center, deviation = reductions.centered(b, x, dimensions)
    spread = reductions.mean_over(b, b.mul(deviation, deviation), dimensions)
    scale = b.unary("rsqrt", b.add(spread, b.splat(eps, spread.type)))
    result = b.mul(deviation, b.broadcast(scale, x.shape, [1]))
    unbiased = b.mul(spread, b.splat(count / (count - 1), spread.type)) if count > 1 else spread
    mixed = [
        b.add(b.mul(old, b.splat(1 - momentum, old.type)), b.mul(new, b.splat(momentum, new.type)))
        for old, new in ((mean, center), (variance, unbiased))
    ]
    statistics = [b.reshape(part, type.shape) for part, type in zip((center, scale), b.results[1:3], strict=True)]
    return [affine(b, result, weight, bias, [1]), *statistics, *mixed]


# ===--- Softmax ------------------------------------------------------------------------------------------------=== #


def _along_dimension(b: Scope, function, x: Value, dim: int) -> Value:
    x = b.to_element(x, b.result.element)
    shape = x.shape
    x = b.reshape(x, shape or (1,))
    return b.reshape(function(b, x, wrap(dim, x.rank)), shape)


@lowers("aten._softmax.default", "aten._safe_softmax.default", "aten.softmax.int")
def softmax_op(b: Scope, x: Value, dim: int, *_, **__) -> Value:
    return _along_dimension(b, softmax, x, dim)


@lowers("aten._log_softmax.default", "aten.log_softmax.int")
def log_softmax_op(b: Scope, x: Value, dim: int, *_, **__) -> Value:
    return _along_dimension(b, log_softmax, x, dim)


# ===--- Losses -------------------------------------------------------------------------------------------------=== #

@lowers("aten.nll_loss_forward.default", "aten.nll_loss2d_forward.default")
def nll_loss_forward(b: Scope, logs: Value, target: Value, weight, reduction: int, ignore_index: int) -> list[Value]:
    loss, weights = nll_loss(b, logs, target, weight, reduction, ignore_index)
    return [loss, reductions.sum_over(b, weights, list(range(weights.rank)))]


@lowers("aten.cross_entropy_loss.default")
def cross_entropy(
    b: Scope,
    logits: Value,
    target: Value,
    weight: Value | None = None,
    reduction: int = MEAN,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> Value:
    dimension = 0 if logits.rank == 1 else 1
    logs = log_softmax(b, logits, dimension)
    if target.type.is_float:
        return _cross_entropy_of_probabilities(b, logs, target, weight, reduction, label_smoothing, dimension)
    loss, weights = nll_loss(b, logs, target, weight, reduction, ignore_index)
    if label_smoothing == 0:
        return loss
    if weight is not None:
        raise FrontendError("cross_entropy with both weight and label_smoothing cannot be imported; drop one of them")
    zero = b.splat(0, weights.type)
    smooth = b.unary("negate", reductions.sum_over(b, logs, [dimension]))
    smooth = b.select(b.compare("NE", weights, zero), b.reshape(smooth, weights.shape), zero)
    smooth = b.reshape(reduced(b, smooth, reduction, weights), loss.shape)
    rest = b.splat(label_smoothing / logits.shape[dimension], loss.type)
    return b.add(b.mul(loss, b.splat(1 - label_smoothing, loss.type)), b.mul(smooth, rest))


def _cross_entropy_of_probabilities(b: Scope, logs, target, weight, reduction, smoothing, dimension) -> Value:
    if smoothing:
        kept = b.mul(target, b.splat(1 - smoothing, target.type))
        target = b.add(kept, b.splat(smoothing / target.shape[dimension], target.type))
    parts = b.mul(logs, target)
    if weight is not None:
        parts = b.mul(parts, b.broadcast(weight, parts.shape, [dimension]))
    return reduced(b, b.unary("negate", reductions.sum_over(b, parts, [dimension])), reduction)


@lowers("aten.mse_loss.default")
def mse_loss(b: Scope, x: Value, y: Value, reduction: int = MEAN) -> Value:
    x, y = b.together(x, y)
    difference = b.sub(x, y)
    return reduced(b, b.mul(difference, difference), reduction)


@lowers("aten.binary_cross_entropy_with_logits.default")
def bce_with_logits(b: Scope, x: Value, y: Value, weight=None, pos_weight=None, reduction: int = MEAN) -> Value:
    """max(x, 0) - x y + log(1 + exp(-|x|)), which no logit makes overflow."""
    if weight is not None or pos_weight is not None:
        raise FrontendError(
            "binary_cross_entropy_with_logits with weights cannot be imported; multiply the losses yourself"
        )
    powers = b.unary("exponential", b.unary("negate", b.unary("abs", x)))
    losses = b.sub(b.binary("maximum", x, b.splat(0, x.type)), b.mul(x, y))
    return reduced(b, b.add(losses, b.unary("log_plus_one", powers)), reduction)


# ===--- Attention ----------------------------------------------------------------------------------------------=== #


@lowers("aten.scaled_dot_product_attention.default")
def attention(
    b: Scope,
    query: Value,
    key: Value,
    value: Value,
    attn_mask: Value | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Value:
    if enable_gqa:
        key, value = (repeated_heads(b, x, query.shape[-3]) for x in (key, value))
    batch = b.result.shape[:-2]
    key, value, query = (b.to_type(x, x.type.with_shape((*batch, *x.shape[-2:]))) for x in (key, value, query))
    ones, last = list(range(len(batch))), len(batch) + 1
    scores = b.dot_general(query, key, ([last], [last]), (ones, ones))
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = b.mul(scores, b.splat(factor, scores.type))
    scores = _masked(b, scores, attn_mask, is_causal)
    probabilities = softmax(b, scores, last)
    if dropout_p:
        probabilities = dropped(b, probabilities, dropout_p)
    return b.dot_general(probabilities, value, ([last], [last - 1]), (ones, ones))


def _masked(b: Scope, scores: Value, mask: Value | None, is_causal: bool) -> Value:
    if is_causal:
        positions = scores.type.with_element("i32")
        kept = b.compare("GE", *(b.iota(positions, scores.rank - place) for place in (2, 1)))
        return b.select(kept, scores, b.splat(-math.inf, scores.type))
    if mask is None:
        return scores
    if mask.type.element != "i1":
        return b.add(scores, b.to_type(mask, scores.type))
    constant = b.constant_of(mask)
    if constant is not None and bool(constant.all()):
        return scores
    kept = b.to_type(mask, scores.type.with_element("i1"))
    return b.select(kept, scores, b.splat(-math.inf, scores.type))


# ===--- Dropout ------------------------------------------------------------------------------------------------=== #


def dropped(b: Scope, x: Value, p: float) -> Value:
    """Elements are zero with probability `p`, by the mask of ds-mlir: PyTorch's own has no definition."""
    if p == 0:
        return x
    return b.splat(0, x.type) if p == 1 else b.dropout(x, p)


@lowers("aten.dropout.default", "aten.native_dropout.default")
def dropout(b: Scope, x: Value, p: float, train: bool = True) -> Value | list[Value]:
    """The identity where nothing is dropped. Only a gradient reads the mask."""
    result = x if train is False else dropped(b, x, p)
    return result if len(b.results) == 1 else [result, b.splat(True, b.results[1])]


@lowers("aten.bernoulli.p")
def bernoulli(b: Scope, x: Value, p: float = 0.5, **_) -> Value:
    """Ones with probability `p`, else zeros, as stochastic depth and dropout in place draw them."""
    kept = dropped(b, b.splat(1, x.type), 1 - p)
    return b.convert(b.compare("NE", kept, b.splat(0, x.type)), x.type.element)


@lowers("aten.embedding.default")
def embedding(b: Scope, weight: Value, indices: Value, padding_idx: int = -1, *_, **__) -> Value:
    """Rows of `weight`. Row `padding_idx` has no gradient: where it is zero and nothing else trains it, it stays so."""
    rows = indexing.take(b, weight, indices, 0)
    initial = b.initial_of(weight)
    if padding_idx < 0 or initial is None or not initial.requires_grad:
        return rows
    stays_zero = b.is_used_once(weight) and not bool(initial[padding_idx].any())
    padding = b.compare("EQ", indices, b.splat(padding_idx, indices.type))
    padding = b.broadcast(padding, rows.shape, range(indices.rank))
    return b.select(padding, b.splat(0, rows.type) if stays_zero else b.stop_gradient(rows), rows)


@lowers("aten._embedding_bag.default", "aten._embedding_bag_forward_only.default")
def embedding_bag(
    b: Scope,
    weight: Value,
    indices: Value,
    offsets: Value,
    scale_grad_by_freq: bool = False,
    mode: int = 0,
    sparse: bool = False,
    per_sample_weights: Value | None = None,
    include_last_offset: bool = False,
    padding_idx: int = -1,
) -> list[Value]:
    """Rows of `weight` by bags of one size: what F.embedding_bag makes of indices in two dimensions."""
    starts = b.constant_of(offsets)
    bags = b.result.shape[0]
    size = indices.type.size // max(bags, 1)
    if starts is None or starts[:bags].tolist() != [bag * size for bag in range(bags)] or padding_idx >= 0:
        raise FrontendError(
            "bags of different sizes, or with a padding_idx, cannot be imported; pass indices in two dimensions, "
            "a bag a row, and per_sample_weights of 0 for what is to be left out"
        )
    rows = b.reshape(indexing.take(b, weight, indices, 0), (bags, size, weight.shape[1]))
    if per_sample_weights is not None:
        weights = b.reshape(per_sample_weights, (bags, size))
        rows = b.mul(rows, b.broadcast(weights, rows.shape, [0, 1]))
    if mode == 2:
        bag = reductions.reduce(b, "maximum", rows, [1])
    else:
        bag = (reductions.sum_over, reductions.mean_over)[mode](b, rows, [1])
    return [bag, *(b.splat(0, type) for type in b.results[1:])]
