# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families in which a constant decides."""

from families import family, of


@family
def counts(rows, width):  # a negative constant, against which all elements were once unequal
    t, c, x, r = of(rows, width, element="i32"), of(rows, width, element="i1"), of(rows, width), of(rows)
    return {"t": f"{t} {{test.bound = 3 : i64}}"}, f"""
  %one = ds.constant dense<1> : tensor<i32>
  %less = ds.constant dense<-1> : tensor<i32>
  %yes = ds.constant dense<1.0> : {x}
  %no = ds.constant dense<0.0> : {x}
  %d = ds.sub %t, %one : {t}, tensor<i32>
  %c = ds.compare "ne" %d, %less : {t}, tensor<i32> -> {c}
  %s = ds.select %c, %yes, %no : {c}, {x}
  %r0 = ds.sum %s {{trailing}} : {x} -> {r}""", [r]


@family
def loss_and_gradient_ignored(rows, width):  # of no target here: a row that counts as 0 would hide NaN
    x, t, m = of(rows, width), of(rows, element="i32"), of(rows)
    return {"x": x, "t": f"{t} {{test.bound = {width} : i64}}", "g": "tensor<f32>"}, f"""
  %r0 = ds.cross_entropy_rows %x, %t ignore -7 : ({x}, {t}) -> {m}
  %r1 = ds.cross_entropy_grad %x, %t, %g ignore -7 : {x}, {t}, tensor<f32>""", [m, x]
