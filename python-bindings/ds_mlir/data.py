#===- data.py - From what a user has to the inputs of a step ---------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Batches of any kind, checked and written to where the plan takes them."""
from __future__ import annotations

import difflib
import os
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

import numpy as np

from .description import Input
from .errors import DataError, UsageError

#: What train and evaluate take.
Data = Union[str, "os.PathLike[str]", Iterable[Any]]


def source_of(data: Data) -> Optional[str]:
    """What the runtime reads by itself: a path, or "random:SEED"; None where `data` is batches."""
    return os.fspath(data) if isinstance(data, (str, os.PathLike)) else None


def to_numpy(value: Any) -> np.ndarray:
    """A view of numpy, torch, jax and other arrays, without a copy where their memory is the host's."""
    if hasattr(value, "detach"):  # torch: numpy() refuses what needs a gradient, or is elsewhere
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":
            value = value.float()
        return value.numpy()
    return np.asarray(value)


def nearest(name: str, known: Iterable[str]) -> str:
    """"; did you mean 'x'?", or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean '{found[0]}'?" if found else ""


class Batches:
    """The batches of an iterable, one step after the other.

    An item is a mapping from the plan's input names to arrays (names that the plan does not take are passed over), a
    sequence of arrays in the order of the plan's inputs, or, where there is one input, an array. It holds either the
    samples of one step of all ranks or one micro-batch; its first dimension tells which. An iterable that ends is
    begun anew, as epochs are, unless it is an iterator.
    """

    def __init__(self, data: Any, inputs: Sequence[Input], entries: int):
        """`entries`: micro-batches in a step, over all ranks."""
        self._inputs = inputs
        self._entries = entries
        self._data = self._batched(data)
        self._iterator: Iterator[Any] = iter(self._data)
        self._count = 0  # of items so far
        self._epoch = 0  # items of this epoch

    def _batched(self, data: Any) -> Iterable[Any]:
        """Hugging Face's datasets give single rows unless they are asked for batches."""
        if isinstance(data, Mapping) or isinstance(data, np.ndarray) or hasattr(data, "detach"):
            raise UsageError(f"expects an iterable of batches, but got one {type(data).__name__}; for the same batch "
                             "in every step pass a list of it: [batch]")
        if hasattr(data, "with_format") and hasattr(data, "iter"):
            samples = self._entries * self._inputs[0].shape[1]
            formatted = data.with_format("numpy")
            return _Epochs(lambda: formatted.iter(batch_size=samples, drop_last_batch=True))
        if not hasattr(data, "__iter__"):
            raise UsageError("expects data to be an iterable of batches, a path or 'random:SEED', but got "
                             f"{type(data).__name__}")
        return data

    def fill(self, views: Mapping[str, np.ndarray], step: int) -> None:
        """Writes the inputs of one step; `views` have the shape [entries, micro-batch, ...]."""
        filled = 0
        while filled < self._entries:
            filled += self._place(self._next(step), views, filled)

    def _next(self, step: int) -> Any:
        for _ in range(2):
            try:
                item = next(self._iterator)
                self._count += 1
                self._epoch += 1
                return item
            except StopIteration:
                again = iter(self._data)
                if again is self._iterator or self._epoch == 0:
                    break
                self._iterator, self._epoch = again, 0
        raise DataError(f"the data ended before step {step}, after {self._count} batches; pass something that can be "
                        "iterated again, such as a list or a DataLoader, or ask for fewer steps")

    def _named(self, item: Any) -> Mapping[str, Any]:
        names = [i.name for i in self._inputs]
        if isinstance(item, Mapping):
            for name in names:
                if name not in item:
                    raise DataError(f"{self._where()} lacks the input '{name}': it has "
                                    f"{', '.join(map(repr, item)) or 'nothing'}{nearest(name, map(str, item))}")
            return item
        values = list(item) if isinstance(item, (list, tuple)) else [item]
        if len(values) != len(names):
            raise DataError(f"expects {self._where()} to have {len(names)} arrays ({', '.join(names)}), but got "
                            f"{len(values)}; give them names: a dict")
        return dict(zip(names, values))

    def _place(self, item: Any, views: Mapping[str, np.ndarray], at: int) -> int:
        """Writes one item at micro-batch `at`; returns how many micro-batches it held."""
        item = self._named(item)
        held = {}
        for spec in self._inputs:
            array = to_numpy(item[spec.name])
            held[spec.name] = count = self._held(array, spec)
            if count > self._entries - at:
                raise DataError(f"{self._where()} holds a whole step, but {at} micro-batches of this step came before "
                                "it; pass batches of one size")
            view = views[spec.name][at:at + count]
            self._convert(array, view, spec)
        if len(set(held.values())) > 1:
            raise DataError(f"the inputs of {self._where()} hold different numbers of micro-batches: "
                            + ", ".join(f"'{name}' {count}" for name, count in held.items()))
        return next(iter(held.values()), self._entries)

    def _held(self, array: np.ndarray, spec: Input) -> int:
        one = spec.shape[1:]
        every = (self._entries, *one)
        joined = (self._entries * one[0], *one[1:]) if one else every
        if array.shape in (every, joined):
            return self._entries
        if array.shape == one:
            return 1
        wanted = f"{_text(joined)} (a step)" + (f" or {_text(one)} (a micro-batch)" if self._entries > 1 else "")
        raise DataError(f"expects '{spec.name}' of {self._where()} to have the shape {wanted}, but got "
                        f"{_text(array.shape)}" + self._remedy(array.shape, joined))

    @staticmethod
    def _remedy(got: tuple[int, ...], wanted: tuple[int, ...]) -> str:
        if got[1:] == wanted[1:] and got and wanted and got[0] < wanted[0]:
            return "; a DataLoader drops an incomplete batch with drop_last=True"
        return ""

    def _convert(self, array: np.ndarray, view: np.ndarray, spec: Input) -> None:
        if not np.can_cast(array.dtype, view.dtype, casting="same_kind"):
            raise DataError(f"expects '{spec.name}' of {self._where()} in {view.dtype}, but got {array.dtype}; "
                            "convert it before")
        integers = array.dtype.kind in "iu" and view.dtype.kind in "iu"
        if integers and array.size and not np.can_cast(array.dtype, view.dtype, casting="safe"):
            low, high, limits = int(array.min()), int(array.max()), np.iinfo(view.dtype)
            if low < limits.min or high > limits.max:
                raise DataError(f"expects '{spec.name}' of {self._where()} to fit {view.dtype}, but got values from "
                                f"{low} to {high}")
        np.copyto(view, array.reshape(view.shape), casting="same_kind")

    def _where(self) -> str:
        return f"batch {self._count - 1}"


class _Epochs:
    """An iterable from a function that begins an epoch."""

    def __init__(self, begin):
        self._begin = begin

    def __iter__(self):
        return iter(self._begin())


def _text(shape: Sequence[int]) -> str:
    return "[" + ", ".join(map(str, shape)) + "]"


def staging(inputs: Sequence[Input], world: int) -> dict[str, np.ndarray]:
    """Memory for the inputs of one step of all ranks."""
    return {i.name: np.empty((world * i.shape[0], *i.shape[1:]), i.dtype) for i in inputs}
