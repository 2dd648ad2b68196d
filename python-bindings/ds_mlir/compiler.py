#===- compiler.py - compile: from a model to a plan ------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The function compile: it writes what the compiler reads, calls it, and reads what it wrote."""
from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Optional, Sequence, Union

from . import tools
from .errors import CompileError, CompileWarning, UsageError
from .folder import TemporaryFolder
from .plan import Plan, file_name

PathLike = Union[str, "os.PathLike[str]"]


def compile(model: Any, inputs: Any = None, *, params: Any = None, state: Any = None,
            loss: Union[str, Callable[..., Any], None] = None, config: Union[PathLike, Mapping[str, Any], None] = None,
            zero: Union[int, str, None] = None, world: int = 1, micro_batch: Union[int, str, None] = None,
            grad_accum: Optional[int] = None, global_batch: Optional[int] = None, seq_len: Optional[int] = None,
            precision: Optional[str] = None, remat: Optional[str] = None, memory_limit: Union[int, str, None] = None,
            machine: Optional[PathLike] = None, target_cpu: Optional[str] = None, tune_seconds: Optional[int] = None,
            lr: Optional[float] = None, warmup_steps: Optional[int] = None, decay_steps: Optional[int] = None,
            min_lr: Optional[float] = None, schedule: Optional[str] = None, stable_steps: Optional[int] = None,
            decay_power: Optional[float] = None, output: Optional[PathLike] = None, verbose: bool = True) -> Plan:
    """Compiles a model's forward pass into a plan: forward, backward, optimizer, collectives, memory.

    model: the path of a module (.mlir, in the ds dialect or StableHLO) or of an ONNX model (.onnx), an ImportedModel,
        a torch.nn.Module (with `inputs`) or ExportedProgram, or a JAX function (with `params` and `inputs`, and
        `state` where it changes some).
    inputs: example inputs of one micro-batch, as :func:`ds_mlir.from_torch`, :func:`ds_mlir.from_jax` and
        :func:`ds_mlir.from_onnx` take them; shapes count, values do not. Where micro_batch (or config) asks for another
        number of samples than they have, their first dimension is cut or repeated to it. loss: as for from_torch and
        from_onnx.
    config: DeepSpeed's file, or the same as a dict; arguments given here override it.
    zero: the ZeRO stage, 0 to 3, or "auto": the compiler chooses, as it does where neither this nor config says it.
    world: ranks. micro_batch: samples of a rank at a time, or "auto". grad_accum: micro-batches of a rank in a step.
    global_batch: samples of a step; two of the three decide the third.
    precision: "f32", "bf16", "fp16", or "auto": the faster of the first two that fits.
    remat: "auto", "none" or "blocks". memory_limit: bytes per rank, or text such as "2GiB".
    machine: "host" or a profile (JSON). target_cpu: "host", "x86-64-v3", ...
    tune_seconds: the most to spend on timing the best candidates (60); 0 decides by prediction.
    lr, warmup_steps, decay_steps, min_lr: AdamW's learning rate, and its schedule in steps. schedule: how it decays,
        "constant", "linear", "cosine", "polynomial" (of decay_power) or "wsd"; stable_steps: between warm-up and decay.
    output: where to write the plan; without it, a file that lives as long as the Plan.
    verbose: print what the compiler tells of its choice.

    Raises CompileError with the compiler's message, UsageError for arguments that do not go together.
    """
    folder = TemporaryFolder()
    samples = _samples_asked(micro_batch, config)
    source, signature, values = _write_model(model, inputs, params, state, loss, samples, folder.name)
    path = os.fspath(output) if output is not None else os.path.join(folder.name, file_name(source))
    facts = os.path.join(folder.name, "outcome.json")
    arguments = [source, f"--world={world}", f"--json={facts}", "-o", path]
    if zero is None and config is None:
        zero = "auto"
    if signature is not None:
        arguments.append(f"--signature={signature}")
    if config is not None:
        arguments.append(f"--config={_write_config(config, folder.name)}")
    flags = {"zero": zero, "micro-batch": micro_batch,
             "global-batch": _global_batch(world, micro_batch, grad_accum, global_batch),
             "seq-len": seq_len, "precision": precision, "remat": remat, "memory-limit": memory_limit,
             "machine": None if machine is None else os.fspath(machine), "target-cpu": target_cpu,
             "tune-seconds": tune_seconds, "lr": lr, "warmup-steps": warmup_steps, "decay-steps": decay_steps,
             "min-lr": min_lr, "schedule": schedule, "stable-steps": stable_steps, "decay-power": decay_power}
    arguments += [f"--{name}={value}" for name, value in flags.items() if value is not None]
    summary = _call(arguments, path, verbose)
    with open(facts, encoding="utf-8") as file:
        outcome = json.load(file)
    return Plan(path, outcome=outcome, summary=summary, values=values, folder=folder)


def _call(arguments: Sequence[str], path: str, verbose: bool) -> str:
    done = tools.call("ds-opt", arguments)
    if done.returncode:
        raise CompileError(tools.message("ds-opt", done), done.returncode)
    if done.stderr.strip():
        warnings.warn(done.stderr.strip().removeprefix("ds-opt: warning: "), CompileWarning, stacklevel=3)
    summary = done.stdout.replace(path, os.path.basename(path))
    if verbose:
        print(summary, end="")
    return summary


def _global_batch(world: int, micro_batch: Union[int, str, None], grad_accum: Optional[int],
                  global_batch: Optional[int]) -> Optional[int]:
    if grad_accum is None:
        return global_batch
    if global_batch is not None:
        if micro_batch is not None and micro_batch != "auto" and global_batch != int(micro_batch) * grad_accum * world:
            raise UsageError(f"expects global_batch = micro_batch * grad_accum * world, but got {global_batch} and "
                             f"{micro_batch} * {grad_accum} * {world}; leave one of them out")
        if micro_batch is None or micro_batch == "auto":
            raise UsageError("grad_accum with global_batch leaves the micro-batch open: give micro_batch instead")
        return global_batch
    if micro_batch is None or micro_batch == "auto":
        raise UsageError("grad_accum needs micro_batch: a step has micro_batch * grad_accum * world samples")
    return int(micro_batch) * grad_accum * world


def _samples_asked(micro_batch: Union[int, str, None],
                   config: Union[PathLike, Mapping[str, Any], None]) -> Optional[int]:
    """The micro-batch, where the arguments say it; the compiler sees to everything else about the config."""
    if micro_batch is None and config is not None:
        if isinstance(config, (str, os.PathLike)):
            try:
                with open(config, encoding="utf-8") as file:
                    config = json.load(file)
            except (OSError, ValueError):
                return None
        micro_batch = config.get("train_micro_batch_size_per_gpu") if isinstance(config, Mapping) else None
    return micro_batch if isinstance(micro_batch, int) and micro_batch > 0 else None


def _at_batch(inputs: Any, samples: int) -> Any:
    """Example inputs of `samples` samples: each array's first dimension is cut, or repeated."""
    shapes = list(_shapes(inputs))
    if not shapes or all(shape[:1] == (samples,) for shape in shapes):
        return inputs
    if any(shape[:1] != shapes[0][:1] or shape[:1] in ((), (0,)) for shape in shapes):
        raise UsageError(f"micro_batch={samples} needs example inputs whose first dimension is the batch, but they "
                         f"have the shapes {', '.join(map(str, shapes))}; give inputs of {samples} samples instead")
    rows = [row % shapes[0][0] for row in range(samples)]

    def resized(value: Any) -> Any:
        if hasattr(value, "shape"):
            import numpy as np
            return value[np.array(rows)]
        if isinstance(value, Mapping):
            return {name: resized(entry) for name, entry in value.items()}
        return type(value)(map(resized, value)) if isinstance(value, (list, tuple)) else value
    return resized(inputs)


def _shapes(inputs: Any) -> Iterator[tuple[int, ...]]:
    if hasattr(inputs, "shape"):
        yield tuple(inputs.shape)
    elif isinstance(inputs, (Mapping, list, tuple)):
        for entry in inputs.values() if isinstance(inputs, Mapping) else inputs:
            yield from _shapes(entry)


def _write_config(config: Union[PathLike, Mapping[str, Any]], folder: str) -> str:
    if isinstance(config, (str, os.PathLike)):
        return os.fspath(config)
    path = os.path.join(folder, "ds_config.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(dict(config), file, indent=1)
    return path


def _write_model(model: Any, inputs: Any, params: Any, state: Any, loss: Union[str, Callable[..., Any], None],
                 samples: Optional[int], folder: str) -> tuple[str, Optional[str], Mapping[str, Any]]:
    """The module's file, its signature's (or None), and initial values."""
    if isinstance(model, (str, os.PathLike)) and not os.fspath(model).endswith(".onnx"):
        if inputs is not None or params is not None or loss is not None:
            raise UsageError("inputs, params and loss are for torch, JAX and ONNX, but the model is a file of ds-opt: "
                             "leave them out")
        return os.fspath(model), None, {}
    if samples is not None and inputs is not None:
        inputs = _at_batch(inputs, samples)
    imported = _imported(model, inputs, params, state, loss)
    source, signature = os.path.join(folder, "model.mlir"), os.path.join(folder, "signature.json")
    Path(source).write_text(imported.text, encoding="utf-8")
    with open(signature, "w", encoding="utf-8") as file:
        json.dump(imported.signature(), file)
    return source, signature, imported.values


def _imported(model: Any, inputs: Any, params: Any, state: Any,
              loss: Union[str, Callable[..., Any], None]) -> Any:
    if hasattr(model, "text") and hasattr(model, "signature") and hasattr(model, "values"):
        return model
    if isinstance(model, (str, os.PathLike)):
        if params is not None:
            raise UsageError("params are for JAX, but the model is a file: leave them out")
        from .frontends import from_onnx
        return from_onnx(model, inputs, loss)
    kind = type(model)
    names = {base.__module__.split(".")[0] + "." + base.__name__ for base in kind.__mro__}
    if names & {"torch.Module", "torch.ExportedProgram"}:
        if inputs is None and "torch.Module" in names:
            raise UsageError("expects inputs with a torch module: compile(module, (tokens, targets), ...)")
        from .frontends import from_torch
        return from_torch(model, () if inputs is None else inputs, loss=loss)
    if callable(model):
        if params is None or inputs is None:
            raise UsageError("expects params and inputs with a JAX function: compile(loss, (tokens, targets), "
                             "params=params), where loss(params, tokens, targets) is a scalar")
        from .frontends import from_jax
        return from_jax(model, params, *inputs, state=state)
    raise UsageError("expects a model to be a path, an ImportedModel, a torch module or a JAX function, but got "
                     f"{kind.__name__}")
