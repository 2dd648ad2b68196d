# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of elementwise ops and folds, of lookups, rotations, dropout and updates."""

from families import family, of, scatter


@family
def exponentials(rows, width):
    x = of(rows, width)
    return {"x": x}, f"""
  %r0 = ds.exp %x : {x}
  %r1 = ds.expm1 %x : {x}
  %r2 = ds.tanh %x : {x}
  %r3 = ds.sigmoid %x : {x}
  %r4 = ds.erf %x : {x}
  %r5 = ds.gelu_erf %x : {x}""", [x] * 6


@family
def logarithms_and_roots(rows, width):
    x = of(rows, width)
    return {"x": f"{x} {{test.positive}}", "y": x}, f"""
  %r0 = ds.log %x : {x}
  %r1 = ds.log1p %x : {x}
  %r2 = ds.sqrt %x : {x}
  %r3 = ds.rsqrt %x : {x}
  %r4 = ds.cbrt %y : {x}""", [x] * 5


@family
def angles(rows, width):
    x, y = of(rows, width), of(width)
    return {"x": x, "y": y}, f"""
  %r0 = ds.sin %x : {x}
  %r1 = ds.cos %x : {x}
  %r2 = ds.tan %x : {x}
  %r3 = ds.atan2 %x, %y : {x}, {y}""", [x] * 4


@family
def rounding(rows, width):
    x = of(rows, width)
    return {"x": x}, f"""
  %r0 = ds.floor %x : {x}
  %r1 = ds.ceil %x : {x}
  %r2 = ds.round %x : {x}
  %r3 = ds.round_away %x : {x}
  %r4 = ds.abs %x : {x}
  %r5 = ds.sign %x : {x}""", [x] * 6


@family
def powers_and_remainders(rows, width):
    x, y = of(rows, width), of(width)
    return {"x": f"{x} {{test.positive}}", "y": y, "z": x}, f"""
  %r0 = ds.pow %x, %y : {x}, {y}
  %r1 = ds.rem %z, %y : {x}, {y}
  %r2 = ds.max %z, %x : {x}, {x}
  %r3 = ds.min %z, %y : {x}, {y}""", [x] * 4


def of_doubles(rows, width):
    x = of(rows, width, element="f64")
    return x, {"x": f"{x} {{test.positive}}", "y": x}


@family
def doubles(rows, width):
    x, arguments = of_doubles(rows, width)
    return arguments, f"""
  %r0 = ds.exp %y : {x}
  %r1 = ds.log %x : {x}
  %r2 = ds.tanh %y : {x}
  %r3 = ds.erf %y : {x}
  %r4 = ds.sin %y : {x}
  %r5 = ds.pow %x, %y : {x}, {x}
  %r6 = ds.expm1 %y : {x}""", [x] * 7


@family
def gelu_erf_backward(rows, width):
    x = of(rows, width)
    return {"x": x, "g": x}, f"""
  %r0 = ds.gelu_erf_grad %x, %g : {x}""", [x]


def of_integers(rows, width, element):
    """Numbers from -9 to 9, with zeros."""
    x, s = of(rows, width, element=element), of("", element=element)
    return x, {"a": f"{x} {{test.bound = 19 : i64}}", "b": f"{x} {{test.bound = 19 : i64}}"}, f"""
  %nine = ds.constant dense<9> : {s}
  %x = ds.sub %a, %nine : {x}, {s}
  %y = ds.sub %b, %nine : {x}, {s}"""


def integers_of(rows, width, element):
    x, arguments, ops = of_integers(rows, width, element)
    return arguments, ops + f"""
  %0 = ds.add %x, %y : {x}, {x}
  %r0 = ds.mul %0, %y : {x}, {x}
  %r1 = ds.div %x, %y : {x}, {x}
  %r2 = ds.rem %x, %y : {x}, {x}
  %r3 = ds.div %x, %y unsigned : {x}, {x}
  %r4 = ds.max %x, %y : {x}, {x}
  %r5 = ds.min %x, %y unsigned : {x}, {x}
  %1 = ds.neg %x : {x}
  %2 = ds.abs %1 : {x}
  %3 = ds.sign %1 : {x}
  %r6 = ds.add %2, %3 : {x}, {x}""", [x] * 7


@family
def integers(rows, width):
    return integers_of(rows, width, "i32")


@family
def integers_of_a_byte(rows, width):
    return integers_of(rows, width, "i8")


@family
def bits(rows, width):
    x, arguments, ops = of_integers(rows, width, "i32")
    return arguments, ops + f"""
  %0 = ds.and %x, %y : {x}, {x}
  %1 = ds.or %0, %y : {x}, {x}
  %2 = ds.not %1 : {x}
  %r0 = ds.xor %x, %2 : {x}, {x}
  %r1 = ds.shift_left %x, %y : {x}, {x}
  %r2 = ds.shift_right %x, %y : {x}, {x}
  %r3 = ds.shift_right %x, %y unsigned : {x}, {x}
  %r4 = ds.popcount %x : {x}
  %r5 = ds.count_leading_zeros %x : {x}
  %r6 = ds.pow %x, %y : {x}, {x}""", [x] * 7


@family
def long_integers(rows, width):
    x, arguments, ops = of_integers(rows, width, "i64")
    return arguments, ops + f"""
  %r0 = ds.rem %x, %y unsigned : {x}, {x}
  %r1 = ds.shift_left %x, %b : {x}, {x}
  %r2 = ds.popcount %y : {x}""", [x] * 3


@family
def choices(rows, width):  # truth values that are read, stored, and neither
    x, y, c = of(rows, width), of(width), of(rows, width, element="i1")
    return {"x": f"{x} {{test.partly}}", "y": f"{y} {{test.partly}}", "c": c}, f"""
  %0 = ds.compare "lt" %x, %y : {x}, {y} -> {c}
  %1 = ds.not %0 : {c}
  %r0 = ds.or %1, %c : {c}, {c}
  %r1 = ds.is_finite %x : {x} -> {c}
  %2 = ds.neg %x : {x}
  %r2 = ds.select %0, %x, %2 : {c}, {x}
  %r3 = ds.compare "ge" %x, %x : {x}, {x} -> {c}""", [c, c, x, c]


@family
def casts(rows, width):
    x, i, n, b, c = (of(rows, width, element=element) for element in ("f32", "i32", "i64", "i8", "i1"))
    return {"x": f"{x} {{test.partly}}", "c": c}, f"""
  %big = ds.constant dense<4294967296.0> : tensor<f32>
  %0 = ds.mul %x, %big : {x}, tensor<f32>
  %r0 = ds.cast %0 : {x} -> {i}
  %r1 = ds.cast %x unsigned : {x} -> {b}
  %r2 = ds.cast %r1 : {b} -> {n}
  %r3 = ds.cast %r1 unsigned : {b} -> {x}
  %r4 = ds.cast %c : {c} -> {x}
  %r5 = ds.cast %r2 : {n} -> {c}""", [i, b, n, x, x, c]


@family
def folds(rows, width):
    x, m, c, t = of(rows, width), of(rows), of(rows, width, element="i1"), of(rows, element="i1")
    return {"x": x, "c": c}, f"""
  %r0 = ds.reduce "max" %x : {x} -> {m}
  %r1 = ds.reduce "min" %x : {x} -> {m}
  %small = ds.constant dense<0.0625> : tensor<f32>
  %one = ds.constant dense<1.0> : tensor<f32>
  %0 = ds.mul %x, %small : {x}, tensor<f32>
  %1 = ds.add %0, %one : {x}, tensor<f32>
  %r2 = ds.reduce "mul" %1 : {x} -> {m}
  %r3 = ds.reduce "and" %c : {c} -> {t}
  %r4 = ds.reduce "or" %c : {c} -> {t}""", [m, m, m, t, t]


@family
def folds_of_integers(rows, width):
    x, arguments, ops = of_integers(rows, width, "i32")
    m, i = of(rows, element="i32"), of(rows, element="i64")
    return arguments, ops + f"""
  %r0 = ds.reduce "max" %x : {x} -> {m}
  %r1 = ds.reduce "min" %x unsigned : {x} -> {m}
  %r2 = ds.reduce "or" %y : {x} -> {m}
  %r3 = ds.arg_reduce "max" %x unsigned : {x} -> {i}""", [m, m, m, i]


@family
def places(rows, width):
    x, i = of(rows, width), of(rows, element="i32")
    return {"x": f"{x} {{test.partly}}"}, f"""
  %r0 = ds.arg_reduce "max" %x : {x} -> {i}
  %r1 = ds.arg_reduce "min" %x : {x} -> {i}""", [i, i]


@family
def folds_backward(rows, width):  # of halves, so that some are equal
    x, m = of(rows, width), of(rows)
    return {"x": x, "g": m}, f"""
  %two = ds.constant dense<2.0> : tensor<f32>
  %0 = ds.mul %x, %two : {x}, tensor<f32>
  %1 = ds.round %0 : {x}
  %r0 = ds.reduce_grad "max" %1, %g : {x}, {m}
  %r1 = ds.reduce_grad "min" %1, %g : {x}, {m}
  %small = ds.constant dense<0.0625> : tensor<f32>
  %one = ds.constant dense<1.0> : tensor<f32>
  %2 = ds.mul %x, %small : {x}, tensor<f32>
  %3 = ds.add %2, %one : {x}, tensor<f32>
  %r2 = ds.reduce_grad "mul" %3, %g : {x}, {m}""", [x, x, x]


@family
def embedding(rows, width):
    table, ids, x = of(5, width), of(rows, element="i32"), of(rows, width)
    return {"table": f"{table} {{test.partly}}", "ids": f"{ids} {{test.bound = 6 : i64}}"}, f"""
  %r0 = ds.embedding %table, %ids : ({table}, {ids}) -> {x}""", [x]


@scatter
def embedding_backward(rows, width):  # most tokens come more than once, some are outside
    table, ids, x = of(3, width), of(rows, element="i32"), of(rows, width)
    return {"into": table, "ids": f"{ids} {{test.bound = 4 : i64}}", "g": f"{x} {{test.partly}}"}, f"""
  %r0 = ds.embedding_grad %into, %ids, %g : ({table}, {ids}, {x}) -> {table}""", [table]


def rotation(width, heads, flags):
    x, table = of("2x3", heads, 2 * width), of(5, width)
    return {"x": x, "c": f"{table} {{test.partly}}", "s": f"{table} {{test.partly}}"}, f"""
  %r0 = ds.rotary %x, %c, %s {flags} : {x}, {table}, {table}""", [x]


@family
def rotary_of_three_heads(_, width):
    return rotation(width, 3, "")


@family
def rotary_back_of_five_heads(_, width):
    return rotation(width, 5, "{inverse}")


@family
def dropout(rows, width):  # samples of rows x width, after a sum so that it is fused
    x, number = of("3", rows, width), "tensor<i64> {test.bound = 4294967296 : i64}"
    sample = ", ".join([*rows.split("x"), str(width)])
    return {"x": x, "y": x, "k": "tensor<2xi32> {test.bound = 2147483648 : i64}", "seed": number, "step": number,
            "n": "tensor<i64> {test.bound = 1000 : i64}"}, f"""
  %0 = ds.add %x, %y : {x}, {x}
  %r0 = ds.dropout_rows %0 key %k at (%seed, %step, %n) of [{sample}] from 0 probability 0.3 : {x}""", [x]


@family
def adamw(_, width):
    x, s = of(width), "tensor<f64>"
    return {"p": x, "m": x, "v": f"{x} {{test.positive}}", "g": x, "scale": s, "d": s, "size": s,
            "c": f"{s} {{test.positive}}"}, f"""
  %r0, %r1, %r2 = ds.adamw_update %p, %m, %v, %g scale %scale decay %d step_size %size correction %c
    {{beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8}} : {x}""", [x, x, x]
