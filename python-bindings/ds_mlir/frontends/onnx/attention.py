# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX's attention and rotary embedding."""

from __future__ import annotations

import math

import numpy as np

from .. import layers
from ..model import FrontendError
from ..stablehlo import TensorType, Value
from .indexing import take
from .scope import Scope, element_of, lowers


@lowers("Attention")
def attention(
    b: Scope,
    query: Value,
    key: Value,
    value: Value,
    mask: Value | None = None,
    past_key: Value | None = None,
    past_value: Value | None = None,
    lengths: Value | None = None,
    *,
    is_causal=0,
    kv_num_heads=None,
    q_num_heads=None,
    qk_matmul_output_mode=0,
    scale=None,
    softcap=0.0,
    softmax_precision=None,
) -> list[Value]:
    flat = query.rank == 3
    if flat:
        query = _split_heads(b, query, q_num_heads)
        key, value = (_split_heads(b, part, kv_num_heads) for part in (key, value))
    past = 0 if past_key is None else past_key.shape[2]
    if past_key is not None:
        key, value = b.concatenate([past_key, key], 2), b.concatenate([past_value, value], 2)
    keys, values = (layers.repeated_heads(b, part, query.shape[1]) for part in (key, value))
    products = b.dot_general(query, keys, ([3], [3]), ([0, 1], [0, 1]))
    factor = scale if scale else 1 / math.sqrt(query.shape[-1])
    scores = products = b.mul(products, b.like(factor, products))
    scores = _masked(b, scores, mask)
    if is_causal:
        scores = _causal(b, scores, past)
    if lengths is not None:
        positions = scores.type.with_element("i32")
        kept = b.compare("LT", b.iota(positions, 3), b.broadcast(b.convert(lengths, "i32"), scores.shape, [0]))
        scores = b.select(kept, scores, b.like(-math.inf, scores))
    biased = scores
    if softcap:
        scores = b.mul(b.unary("tanh", b.div(scores, b.like(softcap, scores))), b.like(softcap, scores))
    capped = scores
    work = scores.type.element if softmax_precision is None else element_of(softmax_precision)
    weights = b.convert(layers.softmax(b, b.convert(scores, work), 3), scores.type.element)
    result = b.dot_general(weights, values, ([3], [2]), ([0, 1], [0, 1]))
    if flat:
        result = b.transpose(result, [0, 2, 1, 3])
        result = b.reshape(result, (*result.shape[:2], result.shape[2] * result.shape[3]))
    return [result, key, value, (products, biased, capped, weights)[qk_matmul_output_mode]]


def _split_heads(b: Scope, x: Value, heads: int | None) -> Value:
    if not heads or x.shape[2] % heads:
        raise FrontendError(f"{x.shape[2]} columns cannot be parted into {heads} heads; set q_num_heads, kv_num_heads")
    return b.transpose(b.reshape(x, (*x.shape[:2], heads, x.shape[2] // heads)), [0, 2, 1, 3])


def _masked(b: Scope, scores: Value, mask: Value | None) -> Value:
    """Truth values choose, numbers are added; a mask that is too short leaves the last keys out."""
    if mask is None:
        return scores
    known, truth = b.known(mask), mask.type.element == "i1"
    if known is not None and bool(known.all() if truth else not known.any()) and mask.shape[-1] == scores.shape[-1]:
        return scores
    missing = scores.shape[-1] - mask.shape[-1]
    if missing > 0 and mask.shape[-1] != 1:
        low = b.scalar(False if truth else -math.inf, mask.type.element)
        mask = b.pad(mask, low, [0] * mask.rank, [0] * (mask.rank - 1) + [missing])
    if truth:
        kept = b.to_type(mask, scores.type.with_element("i1"))
        return b.select(kept, scores, b.like(-math.inf, scores))
    return b.add(scores, b.to_type(mask, scores.type))


def _causal(b: Scope, scores: Value, past: int) -> Value:
    """A query sees the keys of the past and those up to its own place."""
    positions = TensorType(scores.shape, "i32")
    rows = b.iota(positions, 2)
    rows = b.add(rows, b.splat(past, positions)) if past else rows
    return b.select(b.compare("GE", rows, b.iota(positions, 3)), scores, b.like(-math.inf, scores))


@lowers("RotaryEmbedding")
def rotary_embedding(
    b: Scope, x: Value, cos: Value, sin: Value, positions=None, *, interleaved=0, num_heads=0, rotary_embedding_dim=0
) -> Value:
    shape = x.shape
    if x.rank == 3:  # (batch, sequence, heads, head)
        if not num_heads or x.shape[2] % num_heads:
            raise FrontendError(f"{x.shape[2]} columns cannot be parted into {num_heads} heads; set num_heads")
        x = b.reshape(x, (*x.shape[:2], num_heads, x.shape[2] // num_heads))
        heads_at, rows = 2, [0, 1, 3]
    else:  # (batch, heads, sequence, head)
        heads_at, rows = 1, [0, 2, 3]
    width = rotary_embedding_dim or x.shape[3]
    if positions is not None:
        cos, sin = (take(b, table, positions, 0) for table in (cos, sin))
    half = [size for d, size in enumerate(x.shape) if d != heads_at][:2] + [width // 2]
    if cos.shape[-1] != width // 2 or np.prod(cos.shape[:-1]) != np.prod(half[:2]):
        raise FrontendError(f"tables of {list(cos.shape)} do not fit an input of {list(shape)}")
    rotated = b.slice_dim(x, 3, 0, width)
    parts = _pairs(b, rotated, width, interleaved)
    cos, sin = (b.broadcast(b.reshape(table, half), parts[0].shape, rows) for table in (cos, sin))
    real = b.sub(b.mul(cos, parts[0]), b.mul(sin, parts[1]))
    imaginary = b.add(b.mul(sin, parts[0]), b.mul(cos, parts[1]))
    if interleaved:
        pair = [b.reshape(part, (*part.shape, 1)) for part in (real, imaginary)]
        rotated = b.reshape(b.concatenate(pair, 4), rotated.shape)
    else:
        rotated = b.concatenate([real, imaginary], 3)
    rest = [b.slice_dim(x, 3, width, x.shape[3])] if width < x.shape[3] else []
    return b.reshape(b.concatenate([rotated, *rest], 3), shape)


def _pairs(b: Scope, x: Value, width: int, interleaved: int) -> list[Value]:
    if interleaved:
        return [b.slice_dim(x, 3, place, width, 2) for place in (0, 1)]
    return [b.slice_dim(x, 3, 0, width // 2), b.slice_dim(x, 3, width // 2, width)]
