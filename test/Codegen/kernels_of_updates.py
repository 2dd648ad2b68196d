# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Families of the elementwise parts of optimizers."""

import re

from families import family, of, scatter

S = "tensor<f64>"


def updates(name, results, op, attributes, positive=""):
    """A family of one op: its tensors stand before `scale`, scalars behind it."""
    tensors, scalars = (re.findall(r"%(\w+)", part) for part in op.split(" scale "))

    def build(_, width):
        kinds = dict.fromkeys(tensors, of(width)) | dict.fromkeys(scalars, S)
        # In a step that is skipped nothing of the rest shows.
        partly = ["test.partly"] if "%skip" in op else []
        words = {key: partly + ["test.positive"] * (key in positive.split()) for key in kinds}
        marked = {key: f"{kinds[key]} {{{', '.join(words[key])}}}" for key in kinds if words[key]}
        made = ", ".join(f"%r{i}" for i in range(results))
        return kinds | marked, f"""
  {made} = {op}
    {{{attributes}}} : {of(width)}""", [of(width)] * results

    build.__name__ = name
    family(build)


updates("sgd", 2, "ds.sgd_update %p, %b, %g scale %s lr %lr gain %gain",
        "momentum = 0.9, nesterov, weight_decay = 0.1, clip_value = 0.5")
updates("sgd_plain", 1, "ds.sgd_update %p, %g scale %s lr %lr gain %lr", "momentum = 0.0, weight_decay = 0.0")
updates("sgd_skip", 2, "ds.sgd_update %p, %b, %g scale %s lr %lr gain %gain momentum %now skip %skip",
        "momentum = 0.9, weight_decay = 0.1")
updates("adagrad", 2, "ds.adagrad_update %p, %sum, %g scale %s step_size %size",
        "eps = 1.0e-8, weight_decay = 0.1", "sum")
updates("adagrad_skip", 2, "ds.adagrad_update %p, %sum, %g scale %s step_size %size skip %skip",
        "eps = 1.0e-8, weight_decay = 0.0", "sum")
updates("lion", 2, "ds.lion_update %p, %m, %g scale %s decay %d lr %lr", "beta1 = 0.9, beta2 = 0.99")
updates("lion_skip", 2, "ds.lion_update %p, %m, %g scale %s decay %d lr %lr momentum %now skip %skip",
        "beta1 = 0.9, beta2 = 0.99, clip_value = 0.5")
updates("adam", 3, "ds.adamw_update %p, %m, %v, %g scale %s decay %d step_size %size correction %c",
        "beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, l2 = 0.1, clip_value = 0.5", "v c")
updates("adamw_skip", 3, "ds.adamw_update %p, %m, %v, %g scale %s decay %d step_size %size correction %c momentum %now "
        "skip %skip", "beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8", "v c")
updates("lamb", 3, "ds.lamb_direction %p, %m, %v, %g scale %s correction %a, %c",
        "beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1", "v a c")
updates("lamb_skip", 3, "ds.lamb_direction %p, %m, %v, %g scale %s correction %a, %c momentum %now skip %skip",
        "beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1", "v a c")
updates("muon", 2, "ds.muon_direction %b, %g scale %s", "momentum = 0.95, nesterov")
updates("muon_skip", 2, "ds.muon_direction %b, %g scale %s momentum %now skip %skip", "momentum = 0.95")


@family
def no_skip(_, width):
    x = of(width)
    return {"p": x, "b": x, "g": x, "s": S}, f"""
  %skip = ds.constant dense<0.0> : {S}
  %r0, %r1 = ds.sgd_update %p, %b, %g scale %s lr %s gain %s skip %skip
    {{momentum = 0.9, weight_decay = 0.1}} : {x}""", [x, x]


@family
def trust_ratio(_, width):
    x = of(width)
    return {"w": f"{x} {{test.positive}}", "u": f"{x} {{test.positive}}"}, f"""
  %r0 = ds.trust_ratio %w, %u {{max_coeff = 1.2, min_coeff = 0.8}} : {x}""", [x]


@family
def descend(rows, width):
    x, size = of(rows, width), of(rows)
    return {"p": x, "d": x, "size": size, "decay": f"{S} {{test.partly}}", "skip": f"{S} {{test.partly}}"}, f"""
  %r0 = ds.descend %p, %d by %size : {x}, {x}, {size}
  %r1 = ds.descend %p, %d by %decay decay %decay skip %skip : {x}, {x}, {S}""", [x, x]


@family
def stochastic_round(_, width):
    x, number = of("3", width), "tensor<i64> {test.bound = 4294967296 : i64}"
    narrow = of("3", width, element="bf16")
    return {"x": x, "k": "tensor<2xi32> {test.bound = 2147483648 : i64}", "seed": number, "step": number,
            "first": "tensor<i64> {test.bound = 1000 : i64}"}, f"""
  %r0 = ds.stochastic_round_rows %x key %k at (%seed, %step) from %first : {x} -> {narrow}""", [narrow]


@scatter
def copy_turned(_, width):
    into, x = of(5 * (width + 2)), of(3 * width * 5)
    return {"into": f"{into} {{test.partly}}", "x": f"{x} {{test.partly}}"}, f"""
  %r0 = ds.strided_copy %x into %into sizes [{width}, 5] from [1, {width}] to [5, 1] : {x}, {into}""", [into]
