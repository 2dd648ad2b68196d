# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's softmax, normalization and losses, in the way in which the compiler's raising passes know them best."""

from __future__ import annotations

import math

from .. import layers
from ..model import FrontendError
from ..stablehlo import Value
from .reductions import first_place
from .scope import Scope, axis_of, element_of, lowers

# ===--- Softmax ------------------------------------------------------------------------------------------------=== #


@lowers("Softmax")
def softmax(b: Scope, x: Value, *, axis=-1) -> Value:
    return layers.softmax(b, x, axis_of(axis, x.rank))


@lowers("LogSoftmax")
def log_softmax(b: Scope, x: Value, *, axis=-1) -> Value:
    return layers.log_softmax(b, x, axis_of(axis, x.rank))


@lowers("Hardmax")
def hardmax(b: Scope, x: Value, *, axis=-1) -> Value:
    axis = axis_of(axis, x.rank)
    place = layers.along(b, first_place(b, x, axis, "GT"), x, [axis])
    return b.convert(b.compare("EQ", b.iota(place.type, axis), place), x.type.element)


# ===--- Normalization ------------------------------------------------------------------------------------------=== #


@lowers("LayerNormalization")
def layer_norm(b: Scope, x: Value, scale: Value, bias=None, *, axis=-1, epsilon=1e-5, stash_type=1) -> list[Value]:
    dimensions = list(range(axis_of(axis, x.rank), x.rank))
    work = b.convert(x, element_of(stash_type)) if x.type.element in ("f16", "bf16") else x
    result, mean, deviation = layers.normalized(b, work, dimensions, epsilon)
    shape = [1 if d in dimensions else size for d, size in enumerate(x.shape)]
    result = _scaled(b, b.convert(result, x.type.element), scale, bias, dimensions)
    return [result, b.reshape(mean, shape), b.reshape(deviation, shape)]


def _scaled(b: Scope, x: Value, scale: Value | None, bias: Value | None, dimensions: list[int]) -> Value:
    """x * scale + bias, where these have the last dimensions of `x`, or broadcast to them."""
    if scale is not None:
        x = b.mul(x, _spread(b, scale, x, dimensions))
    return x if bias is None else b.add(x, _spread(b, bias, x, dimensions))


def _spread(b: Scope, part: Value, x: Value, dimensions: list[int]) -> Value:
    if part.shape == tuple(x.shape[d] for d in dimensions):
        return b.broadcast(part, x.shape, dimensions)
    return b.to_type(part, x.type)


@lowers("RMSNormalization")
def rms_norm(b: Scope, x: Value, scale: Value, *, axis=-1, epsilon=1e-5, stash_type=1) -> Value:
    dimensions = list(range(axis_of(axis, x.rank), x.rank))
    work = b.convert(x, element_of(stash_type)) if x.type.element in ("f16", "bf16") else x
    square_mean = layers.mean_over(b, b.mul(work, work), dimensions)
    factor = b.unary("rsqrt", b.add(square_mean, b.like(epsilon, square_mean)))
    result = b.mul(work, layers.along(b, factor, work, dimensions))
    return _scaled(b, b.convert(result, x.type.element), scale, None, dimensions)


@lowers("GroupNormalization")
def group_norm(b: Scope, x: Value, scale: Value, bias: Value, *, num_groups, epsilon=1e-5, stash_type=1) -> Value:
    """Scale and bias are one number a channel, and before opset 21 one a group."""
    batch, channels = x.shape[:2]
    if channels % num_groups:
        raise FrontendError(f"{channels} channels cannot be parted into {num_groups} groups")
    grouped = b.reshape(x, (batch, num_groups, x.type.size // (batch * num_groups)))
    result = b.reshape(layers.normalized(b, grouped, [2], epsilon)[0], x.shape)
    scale, bias = (_per_channel(b, part, channels) for part in (scale, bias))
    return layers.affine(b, result, scale, bias, [1])


def _per_channel(b: Scope, part: Value, channels: int) -> Value:
    if part.shape == (channels,):
        return part
    return b.reshape(b.broadcast(part, (part.shape[0], channels // part.shape[0]), [0]), (channels,))


@lowers("InstanceNormalization")
def instance_norm(b: Scope, x: Value, scale: Value, bias: Value, *, epsilon=1e-5) -> Value:
    result = layers.normalized(b, x, list(range(2, x.rank)), epsilon)[0]
    return layers.affine(b, result, scale, bias, [1])


@lowers("BatchNormalization")
def batch_norm(
    b: Scope, x: Value, scale, bias, mean, variance, *, epsilon=1e-5, momentum=0.9, training_mode=0
) -> Value:
    if training_mode:
        raise FrontendError(
            "batch norm in training mode changes its running statistics, which cannot be imported yet; export the "
            "model after eval(), or use group norm"
        )
    factor = b.unary("rsqrt", b.add(variance, b.like(epsilon, variance)))
    deviation = b.sub(x, b.broadcast(b.convert(mean, x.type.element), x.shape, [1]))
    factor, scale, bias = (b.convert(part, x.type.element) for part in (factor, scale, bias))
    return layers.affine(b, b.mul(deviation, b.broadcast(factor, x.shape, [1])), scale, bias, [1])


@lowers("LpNormalization")
def lp_norm(b: Scope, x: Value, *, axis=-1, p=2) -> Value:
    axis = axis_of(axis, x.rank)
    if p == 1:
        size = layers.sum_over(b, b.unary("abs", x), [axis])
    else:
        size = b.unary("sqrt", layers.sum_over(b, b.mul(x, x), [axis]))
    size = layers.along(b, size, x, [axis])
    zero = b.like(0, x)
    return b.select(b.compare("EQ", size, zero), zero, b.div(x, size))


# ===--- Losses -------------------------------------------------------------------------------------------------=== #

REDUCTIONS = {"none": 0, "mean": layers.MEAN, "sum": layers.SUM}
NOTHING = -(2**31)  # a class that no target has


def _loss(b: Scope, logs: Value, target: Value, weight: Value | None, reduction: str, ignore_index) -> Value:
    if reduction not in REDUCTIONS:
        raise FrontendError(f"there is no reduction '{reduction}'; none, mean and sum exist")
    ignored = NOTHING if ignore_index is None else ignore_index
    return layers.nll_loss(b, logs, b.convert(target, "i32"), weight, REDUCTIONS[reduction], ignored)[0]


@lowers("NegativeLogLikelihoodLoss")
def nll_loss(b: Scope, logs: Value, target: Value, weight=None, *, reduction="mean", ignore_index=None) -> Value:
    return _loss(b, logs, target, weight, reduction, ignore_index)


@lowers("SoftmaxCrossEntropyLoss")
def cross_entropy(
    b: Scope, scores: Value, target: Value, weight=None, *, reduction="mean", ignore_index=None
) -> list[Value]:
    logs = layers.log_softmax(b, scores, 1)
    return [_loss(b, logs, target, weight, reduction, ignore_index), logs]


def attached_loss(b: Scope, name: str, prediction: Value, targets: Value) -> Value:
    """The losses that can be asked for by name."""
    if name == "mse":
        difference = b.sub(prediction, targets)
        return layers.reduced(b, b.mul(difference, difference), layers.MEAN)
    logits = b.reshape(prediction, (math.prod(prediction.shape[:-1]), prediction.shape[-1]))
    logs = layers.log_softmax(b, logits, 1)
    return layers.nll_loss(b, logs, b.reshape(targets, (logits.shape[0],)), None, layers.MEAN, -100)[0]
