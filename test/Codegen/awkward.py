# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints every family of kernels at awkward sizes, for `check-kernels -`.

Widths are 1, primes, and one off the vectors of 8 and 16 and the unrolled loops of 32 and 64; rows are 1, primes and
products of odd dimensions.  A family is a function of (rows, width) that returns its arguments and its ops; its results
are the values %r0, %r1, ... that the ops define, of the types that it names.
"""

ALWAYS = (1, 7, 9, 17, 33, 65, 257)
IN_TURN = (2, 3, 8, 13, 15, 16, 31, 32, 63, 64, 97, 127, 129)
ROWS = ("1", "3", "1x1", "2x3", "7", "5x1", "13", "3x5")


def of(shape, *rest, element="f32"):
    """tensor<3x7x13xf32>, of shapes as text and sizes."""
    return "tensor<" + "".join(f"{part}x" for part in (shape, *rest) if part != "") + element + ">"


FAMILIES = []


def family(function):
    FAMILIES.append(function)
    return function


IN_PLACE = set()


def scatter(function):
    """A family whose only result takes its first argument's place."""
    IN_PLACE.add(function)
    return family(function)


@family
def arithmetic(rows, width):
    x, y, s = of(rows, width), of(width), "tensor<f64>"
    return {"x": x, "y": y, "z": f"{x} {{test.positive}}", "s": s}, f"""
  %0 = ds.add %x, %y : {x}, {y}
  %1 = ds.sub %0, %z : {x}, {x}
  %2 = ds.div %1, %z : {x}, {x}
  %3 = ds.neg %2 : {x}
  %r0 = ds.mul %3, %s : {x}, {s}""", [x]


@family
def broadcast(rows, width):
    return {"x": of(width)}, f"""
  %r0 = ds.broadcast %x : {of(width)} -> {of(rows, width)}""", [of(rows, width)]


@family
def bias_gelu(rows, width):
    x, b = of(rows, width), of(width)
    return {"x": x, "b": b}, f"""
  %r0 = ds.add %x, %b : {x}, {b}
  %r1 = ds.gelu %r0 : {x}""", [x, x]


@family
def gelu_backward(rows, width):
    x, b = of(rows, width), of(width)
    return {"x": x, "g": x}, f"""
  %r0 = ds.gelu_grad %x, %g : {x}
  %r1 = ds.sum %r0 : {x} -> {b}""", [x, b]


@family
def swiglu(rows, width):
    x = of(rows, width)
    return {"x": x, "y": x}, f"""
  %0 = ds.silu %x : {x}
  %r0 = ds.mul %0, %y : {x}, {x}""", [x]


@family
def swiglu_backward(rows, width):
    x = of(rows, width)
    return {"x": x, "y": x, "g": x}, f"""
  %0 = ds.silu %x : {x}
  %r0 = ds.mul %g, %0 : {x}, {x}
  %1 = ds.mul %g, %y : {x}, {x}
  %r1 = ds.silu_grad %x, %1 : {x}""", [x, x]


@family
def sum_of_columns(rows, width):
    return {"x": of(rows, width)}, f"""
  %r0 = ds.sum %x : {of(rows, width)} -> {of(width)}""", [of(width)]


@family
def sum_of_rows(rows, width):
    return {"x": of(rows, width)}, f"""
  %r0 = ds.sum %x {{trailing}} : {of(rows, width)} -> {of(rows)}""", [of(rows)]


@family
def sum_of_squares(rows, width):
    return {"x": of(rows, width)}, f"""
  %r0 = ds.sum %x {{squares, trailing}} : {of(rows, width)} -> tensor<f64>""", ["tensor<f64>"]


@family
def residual_layer_norm(rows, width):
    x, s = of(rows, width), of(width)
    return {"x": x, "d": x, "s": s, "b": s}, f"""
  %r0 = ds.add %x, %d : {x}, {x}
  %r1 = ds.layer_norm %r0, %s, %b eps 1.0e-5 : {x}, {s}, {s}""", [x, x]


@family
def rms_norm(rows, width):
    x, s = of(rows, width), of(width)
    return {"x": x, "s": s}, f"""
  %r0 = ds.rms_norm %x, %s eps 1.0e-5 : {x}, {s}""", [x]


def norm_backward(rows, width, rms):
    x, s, m = of(rows, width), of(width), of(rows)
    return {"x": x, "s": s, "g": x, "d": x}, f"""
  %r0, %r1 = ds.norm_stats %x eps 1.0e-5 {rms} : {x} -> {m}, {m}
  %0 = ds.norm_input_grad %x, %s, %g, %r0, %r1 {rms} : {x}, {s}, {x}, {m}, {m}
  %r2 = ds.add %d, %0 : {x}, {x}""", [m, m, x]


@family
def layer_norm_backward(rows, width):
    return norm_backward(rows, width, "")


@family
def rms_norm_backward(rows, width):
    return norm_backward(rows, width, "{rms}")


@family
def norm_parameter_grads(rows, width):
    x, s, m = of(rows, width), of(width), of(rows)
    return {"x": x, "mean": m, "rstd": f"{m} {{test.positive}}", "g": x}, f"""
  %0 = ds.normalize %x, %mean, %rstd : {x}, {m}, {m}
  %1 = ds.mul %0, %g : {x}, {x}
  %r0 = ds.sum %1 : {x} -> {s}
  %r1 = ds.sum %g : {x} -> {s}""", [s, s]


@family
def softmax(rows, width):
    x = of(rows, width)
    return {"x": x}, f"""
  %r0 = ds.softmax %x scale 0.37 : {x}""", [x]


@family
def softmax_causal(_, width):
    x = of("2x3", width, width)
    return {"x": x}, f"""
  %r0 = ds.softmax %x scale 0.37 {{causal}} : {x}""", [x]


@family
def softmax_causal_of_a_block(_, width):  # the last 5 rows of more
    x = of("3", 5, width + 4)
    return {"x": x}, f"""
  %r0 = ds.softmax %x scale 0.37 {{causal}} : {x}""", [x]


@family
def softmax_backward(rows, width):
    x = of(rows, width)
    return {"p": f"{x} {{test.positive}}", "g": x}, f"""
  %r0 = ds.softmax_grad %p, %g scale 0.37 : {x}""", [x]


@family
def loss_and_gradient(rows, width):
    x, t, m = of(rows, width), of(rows, element="i32"), of(rows)
    return {"x": x, "t": f"{t} {{test.bound = {width} : i64}}", "g": "tensor<f32>"}, f"""
  %r0 = ds.cross_entropy_rows %x, %t : ({x}, {t}) -> {m}
  %r1 = ds.cross_entropy_grad %x, %t, %g : {x}, {t}, tensor<f32>""", [m, x]


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


@family
def broadcast_of_rows(rows, width):  # fused with what uses it
    x, m = of(rows, width), of(rows)
    return {"x": x, "m": m}, f"""
  %0 = ds.broadcast %m dims [{", ".join(str(i) for i in range(len(rows.split("x"))))}] : {m} -> {x}
  %r0 = ds.sub %x, %0 : {x}, {x}""", [x]


@family
def broadcast_between(_, width):
    x, y, z = of("3", width), of("5", 1), of("3x5", width)
    return {"x": x, "y": y}, f"""
  %r0 = ds.broadcast %x dims [0, 2] : {x} -> {z}
  %1 = ds.broadcast %y dims [1, 2] : {y} -> {z}
  %r1 = ds.add %1, %r0 : {z}, {z}""", [z, z]


@family
def broadcast_turned(_, width):
    x, y = of("2", width), of(width, 1, 2)
    return {"x": x}, f"""
  %r0 = ds.broadcast %x dims [2, 0] : {x} -> {y}""", [y]


@family
def transpose(_, width):
    return {"x": of("2", width, 3)}, f"""
  %0 = ds.transpose %x dims [2, 0, 1] : {of("2", width, 3)} -> {of("3x2", width)}
  %r0 = ds.neg %0 : {of("3x2", width)}""", [of("3x2", width)]


@family
def transpose_to_columns(_, width):
    return {"x": of("5", width)}, f"""
  %r0 = ds.transpose %x dims [1, 0] : {of("5", width)} -> {of(width, 5)}""", [of(width, 5)]


@family
def slice(rows, width):
    x, y = of(rows, 2 * width + 1), of(rows, width)
    zeros = "0, " * len(rows.split("x"))
    ones = "1, " * len(rows.split("x"))
    return {"x": f"{x} {{test.partly}}"}, f"""
  %0 = ds.slice %x at [{zeros}2] by [{ones}2] : {x} -> {of(rows, width - width // 2)}
  %r0 = ds.neg %0 : {of(rows, width - width // 2)}
  %r1 = ds.slice %x at [{zeros}{width + 1}] : {x} -> {y}""", [of(rows, width - width // 2), y]


@family
def slice_of_a_line(_, width):
    return {"x": f"{of(3 * width + 1)} {{test.partly}}"}, f"""
  %r0 = ds.slice %x at [2] by [3] : {of(3 * width + 1)} -> {of(width)}""", [of(width)]


@family
def pad(_, width):  # in front, between and behind
    x, y = of("2", width), of(4, 2 * width + 4)
    return {"x": x}, f"""
  %r0 = ds.pad %x low [1, 2] interior [0, 1] value 3.5 : {x} -> {y}""", [y]


@family
def pad_that_crops(_, width):
    x, y = of("2", width), of(3, 2 * width)
    return {"x": f"{x} {{test.partly}}"}, f"""
  %r0 = ds.pad %x low [0, -1] interior [1, 2] : {x} -> {y}""", [y]


@family
def pad_with_rows(_, width):
    return {"x": of("2", width)}, f"""
  %r0 = ds.pad %x : {of("2", width)} -> {of(7, width)}""", [of(7, width)]


@family
def pad_of_integers(_, width):
    x, y = of(2, width, element="i32"), of(2, width + 5, element="i32")
    return {"x": f"{x} {{test.bound = 9 : i64}}"}, f"""
  %r0 = ds.pad %x low [0, 3] value -7.0 : {x} -> {y}""", [y]


@family
def reverse(rows, width):
    x = of(rows, width)
    last = len(rows.split("x"))
    return {"x": x}, f"""
  %r0 = ds.reverse %x dims [{last}] : {x}
  %r1 = ds.reverse %x dims [0, {last}] : {x}""", [x, x]


@family
def iota(rows, width):
    x, n = of(rows, width), of(rows, width, element="i32")
    return {"x": x}, f"""
  %0 = ds.iota dim {len(rows.split("x"))} : {x}
  %r0 = ds.add %x, %0 : {x}, {x}
  %r1 = ds.iota dim 0 : {n}""", [x, n]


@family
def dynamic_slice(_, width):
    x, i = of(5, 2 * width), "tensor<i32> {test.bound = 9 : i64}"
    return {"x": f"{x} {{test.partly}}", "i": i, "j": f"tensor<i32> {{test.bound = {3 * width} : i64}}"}, f"""
  %0 = ds.dynamic_slice %x at (%i, %j) : {x}, tensor<i32>, tensor<i32> -> {of(3, width)}
  %r0 = ds.neg %0 : {of(3, width)}""", [of(3, width)]


@family
def gather_rows(rows, width):
    table, ids, x = of(5, width), of(rows, element="i32"), of(rows, width)
    last = len(rows.split("x"))
    return {"table": f"{table} {{test.partly}}", "ids": f"{ids} {{test.bound = 7 : i64}}"}, f"""
  %r0 = ds.gather %table, %ids offset [{last}] collapsed [0] map [0] vector {last} sizes [1, {width}]
    : ({table}, {ids}) -> {x}
  %r1 = ds.gather %table, %ids offset [{last}] collapsed [0] map [0] vector {last} sizes [1, {width}] {{drops}}
    : ({table}, {ids}) -> {x}""", [x, x]


@family
def gather_of_batches(_, width):  # windows of 2 in rows that are walked together with the indices
    table, ids = of(3, width + 1), of("3x2x1", element="i64")
    return {"table": f"{table} {{test.partly}}", "ids": f"{ids} {{test.bound = {width + 2} : i64}}"}, f"""
  %r0 = ds.gather %table, %ids offset [1] collapsed [] batch [0] of [0] map [1] vector 2 sizes [1, 2]
    : ({table}, {ids}) -> {of("3x2x2")}""", [of("3x2x2")]


@family
def gather_of_points(_, width):
    x, ids = of(5, width), of(2, 7, element="i32")
    return {"x": f"{x} {{test.partly}}", "ids": f"{ids} {{test.bound = {width + 5} : i64}}"}, f"""
  %r0 = ds.gather %x, %ids offset [] collapsed [0, 1] map [0, 1] vector 0 sizes [1, 1]
    : ({x}, {ids}) -> {of(7)}""", [of(7)]


@scatter
def dynamic_update(_, width):  # a window in each row, some of it beyond the end
    x, part = of(3, 5, width + 2), of(3, 2, width)
    return {"x": x, "p": part, "i": "tensor<i32> {test.bound = 9 : i64}",
            "j": "tensor<i32> {test.bound = 5 : i64}"}, f"""
  %r0 = ds.dynamic_update %x, %p at (%i, %i, %j) : {x}, {part}, tensor<i32>, tensor<i32>, tensor<i32>""", [x]


@scatter
def dynamic_update_of_rows(rows, width):
    x, part = of("7", rows, width), of("1", rows, width)
    starts = ", ".join(["%i"] * (2 + len(rows.split("x"))))
    return {"x": f"{x} {{test.partly}}", "p": part, "i": "tensor<i64> {test.bound = 7 : i64}"}, f"""
  %r0 = ds.dynamic_update %x, %p at ({starts}) : {x}, {part}, {starts.replace("%i", "tensor<i64>")}""", [x]


def rows_combined(kind, rows, width, flags=""):  # most rows more than once, some outside
    x, ids, u = of(3, width), of(rows, element="i32"), of(rows, width)
    last = len(rows.split("x"))
    partly = "{test.partly}"
    return {"x": f"{x} {partly}", "ids": f"{ids} {{test.bound = 4 : i64}}", "u": f"{u} {partly}"}, f"""
  %r0 = ds.scatter "{kind}" %x, %ids, %u window [{last}] inserted [0] map [0] vector {last} {flags}
    : ({x}, {ids}, {u}) -> {x}""", [x]


@scatter
def scatter_add(rows, width):
    return rows_combined("add", rows, width)


@scatter
def scatter_set(rows, width):
    return rows_combined("set", rows, width, "{clamps}")


@scatter
def scatter_max(rows, width):
    return rows_combined("max", rows, width)


@scatter
def scatter_mul_of_windows(_, width):  # windows of 2 that meet, in two batches that are the updates' last dimension
    x, ids, u = of(2, width + 1), of(3, 2, element="i64"), of("3x2x2")
    return {"x": f"{x} {{test.partly}}", "ids": f"{ids} {{test.bound = {width + 1} : i64}}",
            "u": f"{u} {{test.partly}}"}, f"""
  %r0 = ds.scatter "mul" %x, %ids, %u window [1] inserted [] batch [0] of [1] map [1] vector 2
    : ({x}, {ids}, {u}) -> {x}""", [x]


@scatter
def scatter_min_of_points(_, width):
    x, ids, u = of(3, width), of(2, 7, element="i32"), of(7)
    return {"x": f"{x} {{test.partly}}", "ids": f"{ids} {{test.bound = {max(width, 3)} : i64}}",
            "u": f"{u} {{test.partly}}"}, f"""
  %r0 = ds.scatter "min" %x, %ids, %u window [] inserted [0, 1] map [0, 1] vector 0
    : ({x}, {ids}, {u}) -> {x}""", [x]


def main():
    number = 0
    for build in FAMILIES:
        turn = [IN_TURN[(number + 4 * i) % len(IN_TURN)] for i in range(3)]
        for width in sorted({*ALWAYS, *turn}):
            number += 1
            rows = ROWS[number % len(ROWS)]
            arguments, ops, results = build(rows, width)
            given = ", ".join(f"%{name}: {kind}" for name, kind in arguments.items())
            returned = ", ".join(f"%r{i}" for i in range(len(results)))
            flags = "attributes {in_place = [[0, 0]]} " if build in IN_PLACE else ""
            print(f"func.func private @{build.__name__}_{rows}_{width}({given}) -> ({', '.join(results)}) {flags}"
                  f"{{{ops}\n  return {returned} : {', '.join(results)}\n}}")


if __name__ == "__main__":
    main()
