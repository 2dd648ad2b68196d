# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of rows with columns that do not count."""

from families import family, of


@family
def loss_and_gradient_padded(rows, width):
    x, t, m = of(rows, width), of(rows, element="i32"), of(rows)
    classes = max(1, width - 3)
    return {"x": x, "t": f"{t} {{test.bound = {classes} : i64}}", "g": "tensor<f32>"}, f"""
  %r0 = ds.cross_entropy_rows %x, %t classes {classes} : ({x}, {t}) -> {m}
  %r1 = ds.cross_entropy_grad %x, %t, %g classes {classes} : {x}, {t}, tensor<f32>""", [m, x]
