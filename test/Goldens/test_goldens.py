#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tests of what makes and reads the golden files. Needs numpy, not torch.

    python3 test/Goldens/test_goldens.py
"""

import contextlib
import hashlib
import io
import json
import math
import os
import statistics
import tempfile
import unittest

import numpy as np

import compare
import values

HERE = os.path.dirname(os.path.abspath(__file__))


def golden_file(model):
    with open(os.path.join(HERE, model + ".json"), encoding="utf-8") as file:
        return json.load(file)


class Philox(unittest.TestCase):
    # Random123's known-answer file: counter, key, result.
    KNOWN = (
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
         (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    )

    def test_known_answers(self):
        for counter, key, result in self.KNOWN:
            lanes = values.philox4x32([np.array([c], np.uint64) for c in counter], key)
            self.assertEqual(tuple(int(lane[0]) for lane in lanes), result)

    def test_key_is_the_name_s_hash(self):
        # SHA-256("abc") begins ba7816bf 8f01cfea.
        self.assertEqual(values.key_of("abc"), (0xBF1678BA, 0xEACF018F))

    def test_any_range_equals_the_whole(self):
        whole = values.words("x", 7, 0, 100)
        for start in range(9):
            for count in (0, 1, 4, 5, 91):
                np.testing.assert_array_equal(values.words("x", 7, start, count), whole[start : start + count])

    def test_counter_words(self):
        element, seed = 4 * (5 + (3 << 32)) + 2, 11 + (13 << 32)
        counter = [np.array([c], np.uint64) for c in (5, 3, 11, 13)]
        expected = values.philox4x32(counter, values.key_of("x"))[2][0]
        self.assertEqual(values.words("x", seed, element, 1)[0], expected)


class Normal(unittest.TestCase):
    def test_equals_the_standard_library(self):
        inverse = statistics.NormalDist().inv_cdf
        p = np.concatenate((
            (np.arange(1, 20000) / 20000),
            [2.0**-33, 1 - 2.0**-33, 0.075, 0.925, 0.5, 1e-12, 1e-30, 1e-300],
            values.uniform("x", 0, 0, 20000),
        ))
        expected = np.array([inverse(x) for x in p])
        # The same polynomials: all but the logarithm is the same arithmetic.
        np.testing.assert_allclose(values.ppnd16(p), expected, rtol=1e-15, atol=0)
        centre = np.abs(p - 0.5) <= 0.425
        np.testing.assert_array_equal(values.ppnd16(p[centre]), expected[centre])

    def test_known_quantiles(self):
        np.testing.assert_allclose(
            values.ppnd16([0.975, 0.5, 0.001, 1e-20]),
            [1.9599639845400545, 0.0, -3.0902323061678132, -9.262340089798408], rtol=1e-15)

    def test_uniform_is_open(self):
        u = (np.array([0, 0xFFFFFFFF], np.float64) + 0.5) * 2.0**-32
        self.assertTrue(0 < u[0] and u[1] < 1 and np.isfinite(values.ppnd16(u)).all())

    def test_shards_equal_the_whole(self):
        whole = values.normal("x", 1, 200000, 0.5, 2.0)
        np.testing.assert_array_equal(values.normal("x", 1, 70001, 0.5, 2.0, start=99999), whole[99999:170000])

    def test_moments(self):
        z = values.normal("x", 0, 1 << 20, 0.0, 1.0).astype(np.float64)
        self.assertLess(abs(z.mean()), 4 / 1024)
        self.assertLess(abs(z.std() - 1), 4 / 1024 / math.sqrt(2))


class Data(unittest.TestCase):
    def test_samples_follow_each_other(self):
        stream = np.arange(100)
        inputs, targets = values.samples(stream, first=2, count=3, length=5)
        np.testing.assert_array_equal(inputs, [[10, 11, 12, 13, 14], [15, 16, 17, 18, 19], [20, 21, 22, 23, 24]])
        np.testing.assert_array_equal(targets, inputs + 1)

    def test_tokens_use_the_whole_vocabulary(self):
        tokens = values.tokens(0, 20000, 257)
        self.assertEqual((tokens.min(), tokens.max()), (0, 256))


class GoldenFiles(unittest.TestCase):
    """The committed files agree with values.py, so that neither changes alone."""

    def check(self, model, whole_up_to):
        golden = golden_file(model)
        tokens = values.tokens(0, golden["data_tokens"]["count"], golden["shape"]["vocab"])
        digest = hashlib.sha256(tokens.astype("<u4").tobytes()).hexdigest()
        self.assertEqual(digest, golden["data_tokens"]["sha256_u32"])
        self.assertEqual(sum(math.prod(p["shape"]) for p in golden["parameters"]), golden["parameter_count"])
        for p in golden["parameters"]:
            name, count = p["name"], math.prod(p["shape"])
            with self.subTest(model=model, parameter=name):
                if len(p["shape"]) == 1:
                    made = np.full(count, 0.0 if name.endswith("bias") else 1.0, np.float32)
                else:
                    projection = golden["shape"]["family"] == "gpt2" and name.endswith("c_proj.weight")
                    std = 0.02 / math.sqrt(2 * golden["shape"]["layers"]) if projection else 0.02
                    made = values.normal(name, golden["seed"], count if count <= whole_up_to else 4, 0.0, std)
                self.assertEqual([float(v).hex() for v in made[:4]], p["init_first"])
                if made.size == count:
                    self.assertEqual(hashlib.sha256(made.astype("<f4").tobytes()).hexdigest(), p["init_sha256"])

    def test_gpt_4l(self):
        self.check("gpt-4l", 1 << 20)

    def test_llama_4l(self):
        self.check("llama-4l", 1 << 20)

    def test_gpt2_124m(self):
        self.check("gpt2-124m", 1 << 18)


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.load("gpt-4l")

    def load(self, model):
        """Makes PyTorch's float32 numbers the run."""
        self.golden = golden_file(model)
        self.steps = [
            {"event": "step", "step": s["step"], "loss": s["loss32"], "grad_norm": s["grad_norm32"]}
            for s in self.golden["steps"]
        ]
        self.grads = {p["name"]: p["grad_sum_abs32"] for p in self.golden["parameters"]}

    def run_compare(self, *flags, grads=False):
        run = os.path.join(self.folder.name, "run.jsonl")
        with open(run, "w", encoding="utf-8") as file:
            events = [{"event": "start", "world": 1}, *self.steps, {"event": "end", "steps": len(self.steps)}]
            file.writelines(json.dumps(e) + "\n" for e in events)
        arguments = [os.path.join(HERE, self.golden["model"] + ".json"), run, *flags]
        if grads:
            path = os.path.join(self.folder.name, "grads.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(self.grads, file)
            arguments += ["--grads", path]
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = compare.main(arguments)
        return code, output.getvalue()

    def test_pytorch_float32_passes(self):
        for model in ("gpt-4l", "llama-4l", "gpt2-124m"):
            self.load(model)
            code, output = self.run_compare(grads=True)
            self.assertEqual(code, 0, output)

    def test_names_the_first_bad_step(self):
        self.steps[7]["loss"] *= 1 + 3e-5
        self.steps[11]["loss"] *= 1 - 3e-5
        code, output = self.run_compare()
        self.assertEqual(code, 1)
        self.assertIn("DIFFERS first at step 7 (loss), 2 of 40 numbers", output)
        self.assertIn("worst loss: 1.5", output)

    def test_inside_the_tolerance(self):
        for step, golden in zip(self.steps, self.golden["steps"]):
            step["loss"] = golden["loss64"] * (1 + 1.9e-5)
        self.assertEqual(self.run_compare()[0], 0)

    def test_gradient_norm(self):
        self.steps[3]["grad_norm"] *= 1 + 3e-5
        self.assertIn("first at step 3 (grad_norm)", self.run_compare()[1])
        self.assertEqual(self.run_compare("--loss-only")[0], 0)

    def test_missing_step(self):
        del self.steps[-1]
        code, output = self.run_compare()
        self.assertEqual(code, 1)
        self.assertIn("first at step 19", output)
        self.assertIn("missing", output)

    def test_more_steps_than_the_golden_are_no_error(self):
        self.steps.append({"event": "step", "step": 20, "loss": 1.0, "grad_norm": 1.0})
        self.assertEqual(self.run_compare()[0], 0)

    def test_repeated_step(self):
        self.steps.append(self.steps[0])
        code, output = self.run_compare()
        self.assertEqual(code, 1)
        self.assertIn("step 0 is there twice", output)

    def test_not_finite_and_not_a_number(self):
        for value in (math.nan, math.inf, None, "5.5", True):
            self.steps[0]["loss"] = value
            self.assertIn("first at step 0 (loss)", self.run_compare()[1])

    def test_gradients(self):
        name = "transformer.ln_f.bias"
        right = self.grads[name]
        for wrong in (right * (1 + 2e-5), math.nan, 0.0):
            self.grads[name] = wrong
            self.assertIn(f"first at {name}", self.run_compare(grads=True)[1])
        del self.grads[name]
        self.assertEqual(self.run_compare(grads=True)[0], 1)
        self.grads[name] = right
        self.assertEqual(self.run_compare(grads=True)[0], 0)
        self.grads["unknown"] = 0.0
        self.assertIn("first at unknown", self.run_compare(grads=True)[1])

    def test_unreadable(self):
        output = io.StringIO()
        with contextlib.redirect_stderr(output):
            code = compare.main([os.path.join(HERE, "gpt-4l.json"), os.path.join(self.folder.name, "none.jsonl")])
        self.assertEqual(code, 1)
        self.assertIn("none.jsonl", output.getvalue())


if __name__ == "__main__":
    unittest.main()
