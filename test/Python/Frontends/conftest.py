# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Seeds PyTorch, lets tests import what they share, and keeps JAX on the CPU."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def pytest_configure(config):
    config.addinivalue_line("filterwarnings", "ignore:.*isinstance.treespec.*:FutureWarning")  # torch.export's own


@pytest.fixture(autouse=True)
def seeded():
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(0)
