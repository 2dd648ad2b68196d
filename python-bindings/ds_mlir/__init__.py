#===- __init__.py - ds_mlir: compile a model into a plan and train it ------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiles a model's forward pass into a whole training step, and runs it.

    plan = ds_mlir.compile(model, inputs, memory_limit="2GiB")
    history = plan.train(loader, steps=100)
"""
from .compiler import compile
from .engine import Engine, initialize
from .errors import (CompileError, CompileWarning, DataError, Error, InternalError, PlanError, RankLost,
                     UsageError)
from .frontends import Argument, FrontendError, ImportedModel, from_jax, from_onnx, from_torch
from .history import History, Step, StopTraining
from .plan import Plan, load

__all__ = ["Argument", "CompileError", "CompileWarning", "DataError", "Engine", "Error", "FrontendError", "History",
           "ImportedModel", "InternalError", "Plan", "PlanError", "RankLost", "Step", "StopTraining", "UsageError",
           "compile", "from_jax", "from_onnx", "from_torch", "initialize", "load"]
