# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of ops that fold windows and prefixes, and of those that random numbers are made by."""

from families import family, of, scatter


@family
def pooled_columns(rows, width):  # windows over rows, columns side by side; fused with what uses it
    n = 1
    for part in rows.split("x"):
        n *= int(part)
    x, y = of(2 * n + 1, width), of(n, width)
    return {"x": x}, f"""
  %0 = ds.reduce_window "max" %x sizes [3, 1] by [2, 1] : {x} -> {y}
  %r0 = ds.neg %0 : {y}""", [y]


@family
def pooled_lines(_, width):  # along the line, padded, apart
    x, y = of(3, 2 * width), of(3, width)
    return {"x": x}, f"""
  %0 = ds.reduce_window "sum" %x sizes [1, 3] by [1, 2] low [0, 2] apart [1, 2] : {x} -> {y}
  %r0 = ds.neg %0 : {y}""", [y]


@family
def window_of_a_gradient(_, width):  # a sum over elements with gaps
    x, y = of(4, width), of(7, 2 * width)
    return {"x": x}, f"""
  %r0 = ds.reduce_window "sum" %x sizes [2, 3] low [1, 2] interior [1, 1] : {x} -> {y}""", [y]


@family
def long_windows(_, width):  # loops inside
    x, y = of(5, width + 3), of(5, width)
    return {"x": x}, f"""
  %0 = ds.reduce_window "min" %x sizes [1, 40] low [0, 20] : {x} -> {y}
  %r0 = ds.exp %0 : {y}""", [y]


@family
def places_of_windows(_, width):
    x, y, i = of(4, width + 2), of(3, width), of(3, width, element="i32")
    return {"x": f"{x} {{test.partly}}"}, f"""
  %r0 = ds.arg_reduce_window "max" %x sizes [2, 3] : {x} -> {i}
  %r1 = ds.arg_reduce_window "min" %x sizes [2, 20] low [0, 1] : {x} -> {i}""", [i, i]


@family
def gradient_of_windows(_, width):
    x, y, i = of(4, width + 2), of(3, width), of(3, width, element="i32")
    return {"g": y, "i": f"{i} {{test.bound = 6 : i64}}"}, f"""
  %r0 = ds.reduce_window_grad %g, %i sizes [2, 3] : ({y}, {i}) -> {x}""", [x]


@scatter
def running_sums(rows, width):  # columns side by side
    x = of(rows, 6, width)
    dim = len(rows.split("x"))
    return {"x": x}, f"""
  %r0 = ds.cumulative "sum" %x dim {dim} : {x}""", [x]


@scatter
def running_maxima(_, width):  # along the line
    x = of(3, width)
    return {"x": x}, f"""
  %r0 = ds.cumulative "max" %x dim 1 reverse : {x}""", [x]


@scatter
def running_logarithms(_, width):
    x = of(3, 5, width)
    return {"x": x}, f"""
  %r0 = ds.cumulative "logsumexp" %x dim 1 : {x}""", [x]


@scatter
def recurrence(_, width):
    x = of(5, width)
    return {"x": x, "a": x}, f"""
  %r0 = ds.cumulative "sum" %x times %a : {x} dim 0 reverse : {x}""", [x]


@family
def random_numbers(rows, width):  # as they are made of bits
    x = of(rows, width)
    return {"x": x}, f"""
  %0 = ds.sigmoid %x : {x}
  %r0 = ds.erf_inv %0 : {x}
  %1 = ds.bitcast %x : {x} -> {of(rows, width, element="i32")}
  %r1 = ds.bitcast %1 : {of(rows, width, element="i32")} -> {x}""", [x, x]


@family
def random_doubles(rows, width):
    x = of(rows, width, element="f64")
    return {"x": x}, f"""
  %0 = ds.sigmoid %x : {x}
  %r0 = ds.erf_inv %0 : {x}""", [x]
