#===- engine.py - initialize: an engine of DeepSpeed's shape ---------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""For training loops that are written for DeepSpeed's engine."""
from __future__ import annotations

import math
import os
from typing import Any, Iterable, Iterator, Mapping, Optional, Sequence, Union

from .compiler import compile
from .errors import DataError, UsageError
from .history import Step, make_step
from .plan import Plan

PathLike = Union[str, "os.PathLike[str]"]
_ENDLESS = 1 << 62


def initialize(*, model: Any, config: Union[PathLike, Mapping[str, Any]], inputs: Optional[Sequence[Any]] = None,
               training_data: Optional[Iterable[Any]] = None, **options: Any) -> "Engine":
    """Compiles a model and returns an engine with the methods of DeepSpeed's.

    model, config, inputs and options: as for :func:`ds_mlir.compile`. training_data: what train_batch takes when it is
    given nothing, epoch after epoch. Raises what compile raises.

    Unlike DeepSpeed, the example `inputs` of a torch module are needed, one engine drives all ranks, and forward,
    backward and update are one call: train_batch.
    """
    plan = compile(model, inputs, config=config, **options)
    module = model if hasattr(model, "load_state_dict") else None
    return Engine(plan, module, training_data)


class _Feed:
    """An iterator that can be given something else to iterate over."""

    def __init__(self) -> None:
        self.source: Iterator[Any] = iter(())

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> Any:
        return next(self.source)


class Engine:
    """A plan behind the methods of DeepSpeed's engine; made by :func:`initialize`.

    At world > 1 the ranks stay between calls of train_batch and end for everything else, which costs a start.
    """

    def __init__(self, plan: Plan, module: Any = None, training_data: Optional[Iterable[Any]] = None):
        self.plan = plan
        self._module = module
        self._data = training_data
        self._epoch: Optional[Iterator[Any]] = None
        self._feed = _Feed()
        self._running: Optional[Iterator[Any]] = None
        self._last: Optional[Step] = None

    def train_batch(self, data_iter: Optional[Iterator[Any]] = None) -> float:
        """One update on what comes next from `data_iter` (or training_data); returns the mean loss before it.

        Items are a whole step's samples or micro-batches, as for :meth:`ds_mlir.Plan.train`; as many are taken as one
        step needs. Raises DataError where they do not fit or end.
        """
        self._feed.source = self._training_data() if data_iter is None else _iterator(data_iter)
        if self._running is None:
            self._running = self.plan.stepping(self._feed, _ENDLESS)
        try:
            number, outputs, ms = next(self._running)
        except BaseException:
            self._running = None  # it has ended with the error
            raise
        self._last = make_step(number, outputs, ms)
        return self._last.loss

    def eval_batch(self, data_iter: Iterator[Any]) -> float:
        """The mean loss on what comes next from `data_iter`; changes nothing."""
        self._end()
        return self.plan.evaluate(_iterator(data_iter), 1)

    def save_checkpoint(self, save_dir: PathLike, tag: None = None) -> bool:
        """Writes save_dir/step-<updates done>; checkpoints have no other tags."""
        if tag is not None:
            raise UsageError(f"expects no tag, but got '{tag}': checkpoints are named step-<updates done>")
        self._end()
        self.plan.save(save_dir)
        return True

    def load_checkpoint(self, load_dir: PathLike, tag: Optional[str] = None) -> tuple[str, dict]:
        """Goes on from a checkpoint: the latest, or the one that `tag` names ("step-4").

        Returns its path and an empty dict, where DeepSpeed has the client's state.
        """
        self._end()
        path = os.path.join(load_dir, tag) if tag is not None else os.fspath(load_dir)
        self.plan.reset(load=path)
        return path, {}

    @property
    def module(self) -> Any:
        """The PyTorch module, with the weights as they are now copied into it."""
        if self._module is None:
            raise UsageError("the engine was made without a PyTorch module; plan.parameters() has the weights")
        self._end()
        import torch
        own = self._module.state_dict()
        with torch.no_grad():
            for name, value in self.plan.parameters().items():
                own[name].copy_(torch.from_numpy(value))
        return self._module

    @property
    def global_steps(self) -> int:
        """Updates done."""
        return self._last.step + 1 if self._running is not None and self._last else self.plan.step

    def train_batch_size(self) -> int:
        return self.plan.global_batch

    def train_micro_batch_size_per_gpu(self) -> int:
        return self.plan.micro_batch

    def gradient_accumulation_steps(self) -> int:
        return self.plan.grad_accum

    def zero_optimization_stage(self) -> int:
        return self.plan.zero_stage

    def get_lr(self) -> list[float]:
        """The learning rate of the last update, as a list of one."""
        return [self._last.lr if self._last else math.nan]

    def get_global_grad_norm(self) -> float:
        """The norm of the gradients of the last update, before clipping."""
        return self._last.grad_norm if self._last else math.nan

    def forward(self, *_: Any, **__: Any) -> Any:
        """Not there: see train_batch."""
        raise UsageError("forward, backward and step are one compiled call: use train_batch")

    __call__ = backward = step = forward

    def _training_data(self) -> Iterator[Any]:
        if self._data is None:
            raise UsageError("train_batch needs data_iter, or training_data given to initialize")
        if self._epoch is None:
            self._epoch = _epochs(self._data)
        return self._epoch

    def _end(self) -> None:
        """Lets the ranks end, with their state kept."""
        running, self._running = self._running, None
        if running is not None:
            running.close()  # type: ignore[attr-defined]


def _iterator(data: Any) -> Iterator[Any]:
    if not hasattr(data, "__next__"):
        raise UsageError(f"expects data_iter to be an iterator, but got {type(data).__name__}; pass iter(loader), and "
                         "keep it for the next batch")
    return data


def _epochs(data: Iterable[Any]) -> Iterator[Any]:
    while True:
        empty = True
        for item in data:
            empty = False
            yield item
        if empty:
            raise DataError("the training data is empty, or was an iterator that has ended")
