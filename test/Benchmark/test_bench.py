#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests what the benchmark decides by itself: which products a step has, and when participants do not compare."""

import os
import sys
import tempfile
import time
import types
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from floor import products_of
from kernels import row_of
from participants import BenchError, Trainer, family
from shapes import SHAPES
from steps import check_agreement, missing_peers

STEPS = "import itertools, json, time\nfor n in itertools.count():\n" \
        "    print(json.dumps(dict(event='step', loss=n, grad_norm=1)), flush=True)\n    time.sleep(0.01)\n"


def trainer(name, losses, norms):
    return types.SimpleNamespace(name=name, losses=losses, norms=norms)


def state_of(pid):
    """As in /proc: Z until somebody waits for it, then nothing."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


class Agreement(unittest.TestCase):
    def test_distance_over_the_steps_that_all_made(self):
        ours, peer = trainer("ds-mlir", [4.0, 2.0], [1.0, 2.0]), trainer("peer", [4.0, 2.00002, 9.0], [1.0, 2.01, 7.0])
        apart = check_agreement([ours, peer])
        self.assertEqual(apart["steps"], 2)
        self.assertAlmostEqual(apart["loss"], 1e-5)
        self.assertAlmostEqual(apart["grad_norm"], 5e-3)

    def refused(self, losses, norms, message):
        with self.assertRaises(BenchError) as raised:
            check_agreement([trainer("ds-mlir", [4.0, 2.0], [1.0, 2.0]), trainer("peer", losses, norms)])
        self.assertEqual(str(raised.exception), message)

    def test_another_loss(self):
        self.refused([4.0, 2.001], [1.0, 2.0], "peer computes something else: at step 1 its loss is 2.001 and ours 2, "
                                               "more than 2e-05 apart")

    def test_another_norm(self):
        self.refused([4.0, 2.0], [1.02, 2.0], "peer computes something else: at step 0 its grad_norm is 1.02 and "
                                              "ours 1, more than 0.01 apart")

    def test_nan_is_no_agreement(self):
        self.refused([float("nan"), 2.0], [1.0, 2.0], "peer computes something else: at step 0 its loss is nan and "
                                                      "ours 4, more than 2e-05 apart")


class Missing(unittest.TestCase):
    def test_says_how_to_install_a_peer(self):
        with unittest.mock.patch("importlib.util.find_spec", lambda module: None if module == "jax" else object()):
            self.assertEqual(missing_peers(["torch eager"]), {
                "torch eager": "left out by --without", "jax": f"not installed: {sys.executable} -m pip install jax"})


class Products(unittest.TestCase):
    def test_work_of_a_step(self):
        """Six times parameters that multiply and tokens, and attention's share, which is half of it causal."""
        for model, width, kv_width in (("gpt2-124m", 768, 768), ("llama-100m", 768, 256)):
            shape = SHAPES[model][1]
            mlps = 2 if shape["family"] == "gpt2" else 3
            weights = shape["vocab"] * width + 12 * (2 * width * width + 2 * width * kv_width
                                                     + mlps * width * shape["mlp_width"])
            linear = 6 * weights * 4 * 256
            attention = 12 * 6 * 2 * 4 * 256 * 257 / 2 * width
            total = sum(p.count * p.flops for p in products_of(shape, 4, 256))
            self.assertAlmostEqual(total / (linear + attention), 1.0, places=12)

    def test_lines_say_how_matrices_lie(self):
        by_name = {p.name: p.variants for p in products_of(SHAPES["gpt2-124m"][1], 4, 256)}
        self.assertEqual(by_name["vocabulary forward"], ["1024 50257 768 0 1 768 768 50257 1"])
        self.assertEqual(by_name["qkv dW"], ["768 2304 1024 1 0 768 2304 2304 1"])
        self.assertEqual(by_name["attention P' dO, dS' Q"],
                         ["256 64 256 1 0 256 64 64 48", "256 64 256 1 0 272 64 64 48"])


class Kernels(unittest.TestCase):
    def test_shares_and_ratios_are_of_rounds(self):
        row = row_of({"kernel": "k", "bytes": 8e9, "stream_bytes_per_s": [8e9, 16e9],
                      "seconds": {"ds-mlir": [2.0, 1.0], "gcc": [3.0, 3.0], "clang": [2.0, 2.0]}})
        self.assertEqual(row["of_stream"], [0.5, 0.5])
        self.assertEqual((row["best_compiler"], row["faster_than_best"]), ("clang", [1.0, 2.0]))
        self.assertEqual(row["gb_per_s"], 8 / 1.5)


class Processes(unittest.TestCase):
    def test_takes_steps_only_in_its_turns(self):
        t = Trainer("steps", [sys.executable, "-c", STEPS], 1)
        try:
            t.turn(2)
            self.assertEqual(state_of(t.process.pid), "T")
            self.assertEqual(t.losses, list(range(len(t.losses))))
            self.assertGreater(t.peak_rss(), 1 << 20)
        finally:
            t.end()

    def test_says_why_a_participant_ended(self):
        with self.assertRaises(BenchError) as raised:
            Trainer("peer", [sys.executable, "-c", "import sys; sys.exit('no such model')"], 1)
        self.assertEqual(str(raised.exception), "peer ended with exit code 1: no such model")

    def test_a_family_has_grandchildren(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "pid")
            t = Trainer("family", ["sh", "-c", f"sh -c 'sleep 60 & echo $! > {path}; echo $0; wait' "
                                               "'{\"event\": \"step\", \"loss\": 1, \"grad_norm\": 1}'; true"], 1)
            with open(path, encoding="utf-8") as file:
                sleeper = int(file.read())
            self.assertIn(sleeper, family(t.process.pid))
            t.end()
            deadline = time.monotonic() + 30
            while state_of(sleeper) not in "Z" and time.monotonic() < deadline:
                time.sleep(0.01)
            self.assertIn(state_of(sleeper), "Z")


if __name__ == "__main__":
    unittest.main()
