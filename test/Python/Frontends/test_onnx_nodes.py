# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# REQUIRES: onnx
# RUN: %pytest %s
"""ONNX's own node tests give what they should, in the reference interpreter; which ones do not is listed, with reasons.

onnx_nodes.json has the op types that are left out and the tests of others that fail. A listed test that passes or that
is gone fails here: `python3 onnx_nodes.py`, with ds-exec in PATH, writes the list anew.
"""

import json

import pytest

onnx = pytest.importorskip("onnx", reason="onnx is not installed; pip install onnx")

import onnx_nodes  # noqa: E402

with open(onnx_nodes.LIST, encoding="utf-8") as file:
    LISTED = json.load(file)
FAILING = {name: reason for reason, names in LISTED["failing"].items() for name in names}


@pytest.fixture(scope="module")
def tests():
    if onnx.__version__ != LISTED["onnx"]:
        pytest.skip(f"the list is of the tests of onnx {LISTED['onnx']}, but {onnx.__version__} is installed")
    return onnx_nodes.cases()


@pytest.fixture(scope="module")
def outcomes(tests):
    return onnx_nodes.outcomes(tests)


def of_supported(tests):
    return [case for case in tests if not case.ops.intersection(LISTED["left_out"])]


def test_supported_ops(tests, outcomes):
    """Of supported op types nothing fails but what is listed."""
    wrong = [f"{c.name}: {outcomes[c.name]}" for c in of_supported(tests) if outcomes[c.name] and c.name not in FAILING]
    assert not wrong, "\n".join(wrong)


def test_list(tests, outcomes):
    """What is listed exists, is of a supported op type, and fails."""
    names = {case.name for case in of_supported(tests)}
    assert sorted(set(FAILING) - names) == []
    assert [name for name in FAILING if outcomes[name] is None] == []
    assert all(FAILING.values())


def test_left_out_ops(tests, outcomes):
    """Op types that are left out exist, and none of their tests passes."""
    used = set().union(*(case.ops for case in tests))
    assert sorted(set(LISTED["left_out"]) - used) == []
    passing = [case.name for case in tests if case.ops.intersection(LISTED["left_out"]) and outcomes[case.name] is None]
    assert passing == []


def test_share(tests):
    """At least 95 of 100 tests of supported op types pass."""
    counted = [case.name for case in of_supported(tests)]
    passing = [name for name in counted if name not in FAILING]
    assert len(passing) >= 0.95 * len(counted)
