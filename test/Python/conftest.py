#===- conftest.py - Models and plans that the tests share ------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
import os
import subprocess

import pytest

import ds_mlir
from ds_mlir import tools

MACHINE = os.path.join(os.path.dirname(__file__), "..", "Inputs", "machine.json")
#: Two blocks of GPT-2; quick to compile and to run.
SHAPE = ["gpt2-124m", "--layers=2", "--width=32", "--heads=2", "--vocab=64", "--seq-len=8"]


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The path of a small GPT-2."""
    path = str(tmp_path_factory.mktemp("model") / "gpt.mlir")
    subprocess.run([tools.path("ds-model"), *SHAPE, "-o", path], check=True)
    return path


@pytest.fixture(scope="session")
def compiled(model):
    """A function that compiles it, by prediction alone."""
    def make(**options):
        settings = dict(micro_batch=2, grad_accum=2, machine=MACHINE, tune_seconds=0, verbose=False)
        if "config" not in options:
            settings["zero"] = 0
        return ds_mlir.compile(model, **{**settings, **options})
    return make


@pytest.fixture(scope="session")
def compiled_once(compiled):
    """World 1, 2 samples a micro-batch, 2 micro-batches a step."""
    return compiled()


@pytest.fixture
def plan(compiled_once):
    """The same, without a state yet."""
    compiled_once.close()
    yield compiled_once
    compiled_once.close()


def ds_run(path, *flags):
    """Runs a plan with ds-run; returns the lines of its JSON."""
    import json
    done = subprocess.run([tools.path("ds-run"), path, "--json=-", *flags], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
