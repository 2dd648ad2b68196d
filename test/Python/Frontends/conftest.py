# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Finds the package in the source tree and seeds the frameworks; tests of a framework that is absent say so."""

import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path[:0] = [os.path.join(ROOT, "python-bindings"), HERE]
os.environ.setdefault("JAX_PLATFORMS", "cpu")


@pytest.fixture(autouse=True)
def seeded():
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(0)
