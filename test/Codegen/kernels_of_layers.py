# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of layers and their gradients."""

from families import family, of


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
