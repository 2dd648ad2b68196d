# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of ops that move elements."""

from families import family, of, scatter


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
