# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO ops with a body or with dimension numbers: gather, scatter, windows, convolution, sort, argmax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .stablehlo import Builder, TensorType, Value, integers


def array(values: Sequence[int]) -> str:
    return "array<i64" + (": " + ", ".join(str(value) for value in values) if values else "") + ">"


def matrix(pairs: Sequence[tuple[int, int]]) -> str:
    """Pairs as the attribute `padding`."""
    rows = ", ".join(f"[{low}, {high}]" for low, high in pairs)
    return f"dense<[{rows}]> : tensor<{len(pairs)}x2xi64>" if pairs else "dense<> : tensor<0x2xi64>"


@dataclass(frozen=True)
class Windows:
    """Windows of a convolution, one entry for each spatial dimension."""

    strides: Sequence[int]
    padding: Sequence[tuple[int, int]]
    input_dilation: Sequence[int]
    kernel_dilation: Sequence[int]
    reverse: bool = False
    """Whether kernels are read from their end."""


class StructuredBuilder(Builder):
    # ===--- Indices --------------------------------------------------------------------------------------------=== #

    def gather(
        self,
        x: Value,
        indices: Value,
        offset_dims: Sequence[int],
        collapsed: Sequence[int],
        start_index_map: Sequence[int],
        slice_sizes: Sequence[int],
        batching: tuple[Sequence[int], Sequence[int]] = ((), ()),
    ) -> Value:
        """Slices of `x`; the last dimension of `indices` is one start. What is out of range is clamped."""
        sizes = [s for d, s in enumerate(slice_sizes) if d not in (*collapsed, *batching[0])]
        batch = list(indices.shape[:-1])
        rank = len(sizes) + len(batch)
        shape = [sizes.pop(0) if d in offset_dims else batch.pop(0) for d in range(rank)]
        numbers = [f"offset_dims = {integers(offset_dims)}", f"collapsed_slice_dims = {integers(collapsed)}"]
        if batching[0]:
            numbers += [f"operand_batching_dims = {integers(batching[0])}"]
            numbers += [f"start_indices_batching_dims = {integers(batching[1])}"]
        numbers += [f"start_index_map = {integers(start_index_map)}", f"index_vector_dim = {indices.rank - 1}"]
        result = x.type.with_shape(shape)
        text = (
            f'"stablehlo.gather"({x.name}, {indices.name}) <{{dimension_numbers = '
            f"#stablehlo.gather<{', '.join(numbers)}>, indices_are_sorted = false, "
            f"slice_sizes = {array(slice_sizes)}}}> : ({x.type}, {indices.type}) -> {result}"
        )
        return self.append(text, result)

    def take(self, x: Value, indices: Value, dimension: int) -> Value:
        """x[.., indices, ..]: the dimensions of `indices` stand in place of one of `x`."""
        starts = self.reshape(indices, (*indices.shape, 1))
        result_rank = x.rank - 1 + indices.rank
        offsets = [d for d in range(result_rank) if not dimension <= d < dimension + indices.rank]
        sizes = [1 if d == dimension else size for d, size in enumerate(x.shape)]
        return self.gather(x, starts, offsets, [dimension], [dimension], sizes)

    def scatter(
        self,
        op: str | None,
        x: Value,
        indices: Value,
        updates: Value,
        update_window_dims: Sequence[int],
        inserted: Sequence[int],
        scattered: Sequence[int],
        batching: tuple[Sequence[int], Sequence[int]] = ((), ()),
    ) -> Value:
        """`x` with `updates` put in place, or combined with what is there by `op`. What is out of range is dropped."""
        numbers = [f"update_window_dims = {integers(update_window_dims)}"] if update_window_dims else []
        numbers += [f"inserted_window_dims = {integers(inserted)}"] if inserted else []
        if batching[0]:
            numbers += [f"input_batching_dims = {integers(batching[0])}"]
            numbers += [f"scatter_indices_batching_dims = {integers(batching[1])}"]
        numbers += [f"scatter_dims_to_operand_dims = {integers(scattered)}", f"index_vector_dim = {indices.rank - 1}"]
        scalar = TensorType((), x.type.element)
        body = "" if op is None else f"\n      %r = stablehlo.{op} %a, %b : {scalar}"
        text = (
            f'"stablehlo.scatter"({x.name}, {indices.name}, {updates.name}) <{{indices_are_sorted = false, '
            f"scatter_dimension_numbers = #stablehlo.scatter<{', '.join(numbers)}>, unique_indices = false}}> ({{\n"
            f"    ^bb0(%a: {scalar}, %b: {scalar}):{body}\n"
            f"      stablehlo.return {'%b' if op is None else '%r'} : {scalar}\n"
            f"    }}) : ({x.type}, {indices.type}, {updates.type}) -> {x.type}"
        )
        return self.append(text, x.type)

    # ===--- Windows --------------------------------------------------------------------------------------------=== #

    def reduce_window(
        self,
        op: str,
        x: Value,
        initial: Value,
        window: Sequence[int],
        strides: Sequence[int],
        padding: Sequence[tuple[int, int]],
        dilations: Sequence[int] = (),
    ) -> Value:
        """The reduction of each window; padding counts as `initial`."""
        dilations = tuple(dilations) or (1,) * x.rank
        spans = [(size - 1) * dilation + 1 for size, dilation in zip(window, dilations, strict=True)]
        padded = [low + size + high for size, (low, high) in zip(x.shape, padding, strict=True)]
        result = x.type.with_shape(
            [max(0, (p - s) // step + 1) for p, s, step in zip(padded, spans, strides, strict=True)]
        )
        scalar = initial.type
        text = (
            f'"stablehlo.reduce_window"({x.name}, {initial.name}) <{{base_dilations = {array([1] * x.rank)}, '
            f"padding = {matrix(padding)}, window_dilations = {array(dilations)}, "
            f"window_dimensions = {array(window)}, window_strides = {array(strides)}}}> ({{\n"
            f"    ^bb0(%a: {scalar}, %b: {scalar}):\n"
            + "".join(f"      {line}\n" for line in _combination(op, scalar))
            + f"      stablehlo.return %r : {scalar}\n"
            f"    }}) : ({x.type}, {scalar}) -> {result}"
        )
        return self.append(text, result)

    def convolution(
        self, x: Value, kernel: Value, windows: Windows, groups: int, numbers: str, shape: Sequence[int]
    ) -> Value:
        """`numbers` is the layout of input, kernel and result, such as "[b, f, 0]x[o, i, 0]->[b, f, 0]"."""
        result = x.type.with_shape(shape)
        pad = integers([integers(pair) for pair in windows.padding])
        reverse = integers([str(windows.reverse).lower()] * len(windows.strides))
        text = (
            f"stablehlo.convolution({x.name}, {kernel.name}) dim_numbers = {numbers}, window = {{stride = "
            f"{integers(windows.strides)}, pad = {pad}, lhs_dilate = {integers(windows.input_dilation)}, rhs_dilate = "
            f"{integers(windows.kernel_dilation)}, reverse = {reverse}}} {{batch_group_count = 1 : i64, "
            f"feature_group_count = {groups} : i64}} : ({x.type}, {kernel.type}) -> {result}"
        )
        return self.append(text, result)

    # ===--- Order ----------------------------------------------------------------------------------------------=== #

    def reduce_first(
        self, x: Value, positions: Value, start: Value, zero: Value, dimension: int, direction: str
    ) -> tuple[Value, Value]:
        """The extreme of each row (`direction` GT or LT) and its first position, as JAX writes argmax; NaN wins."""
        scalar, place = start.type, zero.type
        flag = scalar.with_element("i1")
        kind = "FLOAT" if scalar.is_float else "SIGNED"
        results = [
            value.type.with_shape([size for d, size in enumerate(x.shape) if d != dimension])
            for value in (x, positions)
        ]
        text = (
            f"stablehlo.reduce({x.name} init: {start.name}), ({positions.name} init: {zero.name}) across dimensions = "
            f"[{dimension}] : ({x.type}, {positions.type}, {scalar}, {place}) -> ({results[0]}, {results[1]})\n"
            f"     reducer(%a: {scalar}, %b: {scalar}) (%i: {place}, %j: {place}) {{\n"
            f"      %above = stablehlo.compare {direction}, %a, %b, {kind} : ({scalar}, {scalar}) -> {flag}\n"
            f"      %nan = stablehlo.compare NE, %a, %a, {kind} : ({scalar}, {scalar}) -> {flag}\n"
            f"      %wins = stablehlo.or %above, %nan : {flag}\n"
            f"      %equal = stablehlo.compare EQ, %a, %b, {kind} : ({scalar}, {scalar}) -> {flag}\n"
            f"      %earlier = stablehlo.compare LT, %i, %j, SIGNED : ({place}, {place}) -> {flag}\n"
            f"      %tie = stablehlo.and %equal, %earlier : {flag}\n"
            f"      %first = stablehlo.or %wins, %tie : {flag}\n"
            f"      %value = stablehlo.select %wins, %a, %b : {flag}, {scalar}\n"
            f"      %index = stablehlo.select %first, %i, %j : {flag}, {place}\n"
            f"      stablehlo.return %value, %index : {scalar}, {place}\n"
            f"    }}"
        )
        first, second = self.append_many(text, results)
        return first, second

    def sort(self, x: Value, positions: Value, dimension: int, descending: bool, stable: bool) -> tuple[Value, Value]:
        """`x` in order along a dimension, and `positions` in the same order."""
        scalar, place = TensorType((), x.type.element), TensorType((), positions.type.element)
        kind = "TOTALORDER" if scalar.is_float else "SIGNED"
        lines = [line for side in "ab" for line in _comparable(side, scalar)] if scalar.is_float else []
        sides = "%a_key, %b_key" if scalar.is_float else "%a, %b"
        body = "".join(f"      {line}\n" for line in lines)
        text = (
            f'"stablehlo.sort"({x.name}, {positions.name}) <{{dimension = {dimension} : i64, '
            f"is_stable = {'true' if stable else 'false'}}}> ({{\n"
            f"    ^bb0(%a: {scalar}, %b: {scalar}, %i: {place}, %j: {place}):\n{body}"
            f"      %r = stablehlo.compare {'GT' if descending else 'LT'}, {sides}, {kind} : "
            f"({scalar}, {scalar}) -> tensor<i1>\n"
            f"      stablehlo.return %r : tensor<i1>\n"
            f"    }}) : ({x.type}, {positions.type}) -> ({x.type}, {positions.type})"
        )
        first, second = self.append_many(text, [x.type, positions.type])
        return first, second


def _comparable(side: str, scalar: TensorType) -> list[str]:
    """One zero and one NaN, as JAX compares: the largest of all, and no sign counts."""
    nan = {"f64": "0x7FF8000000000000", "f32": "0x7FC00000", "bf16": "0x7FC0", "f16": "0x7E00"}[scalar.element]
    flags = f"({scalar}, {scalar}) -> tensor<i1>"
    return [
        f"%{side}_zero = stablehlo.constant dense<0.0> : {scalar}",
        f"%{side}_is_zero = stablehlo.compare EQ, %{side}, %{side}_zero, FLOAT : {flags}",
        f"%{side}_one_zero = stablehlo.select %{side}_is_zero, %{side}_zero, %{side} : tensor<i1>, {scalar}",
        f"%{side}_is_nan = stablehlo.compare NE, %{side}, %{side}, FLOAT : {flags}",
        f"%{side}_nan = stablehlo.constant dense<{nan}> : {scalar}",
        f"%{side}_key = stablehlo.select %{side}_is_nan, %{side}_nan, %{side}_one_zero : tensor<i1>, {scalar}",
    ]


def _combination(op: str, scalar: TensorType) -> list[str]:
    """%r of %a and %b, by a binary op or by log(e^a + e^b) as JAX writes it."""
    if op != "log_add_exp":
        return [f"%r = stablehlo.{op} %a, %b : {scalar}"]
    return [
        f"%larger = stablehlo.maximum %a, %b : {scalar}",
        f"%apart = stablehlo.subtract %a, %b : {scalar}",
        f"%is_nan = stablehlo.compare NE, %apart, %apart, FLOAT : ({scalar}, {scalar}) -> tensor<i1>",
        f"%total = stablehlo.add %a, %b : {scalar}",
        f"%size = stablehlo.abs %apart : {scalar}",
        f"%below = stablehlo.negate %size : {scalar}",
        f"%ratio = stablehlo.exponential %below : {scalar}",
        f"%more = stablehlo.log_plus_one %ratio : {scalar}",
        f"%sum = stablehlo.add %larger, %more : {scalar}",
        f"%r = stablehlo.select %is_nan, %total, %sum : tensor<i1>, {scalar}",
    ]
