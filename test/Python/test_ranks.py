#===- test_ranks.py - Training on several ranks ----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# World 2: the same interface over ranks that ds-run starts, batches through
# pipes; state goes on, in and out; whatever fails leaves the state of before.
#===----------------------------------------------------------------------===#
# RUN: %pytest %s
import os

import numpy as np
import pytest
from conftest import ds_run

import ds_mlir


@pytest.fixture(scope="module")
def sharded(compiled):
    return compiled(world=2, zero=3, micro_batch=1, grad_accum=2)


@pytest.fixture
def plan(sharded):
    sharded.close()
    yield sharded
    sharded.close()


def batches(count, samples=4):
    random = np.random.default_rng(0)
    texts = [random.integers(0, 64, (samples, 9)) for _ in range(count)]
    return [{"tokens": text[:, :-1], "targets": text[:, 1:]} for text in texts]


def test_equals_world_1(plan, compiled_once):
    data = batches(3)
    compiled_once.close()
    alone, together = (p.train(data, 3, progress=False, seed=0) for p in (compiled_once, plan))
    np.testing.assert_allclose(together.losses, alone.losses, rtol=2e-6)
    assert plan.step == 3
    got, wanted = plan.parameters(), compiled_once.parameters()
    assert got.keys() == wanted.keys()
    for name, value in got.items():
        np.testing.assert_allclose(value, wanted[name], atol=1e-5, err_msg=name)
    micro = [{name: array[i:i + 1] for name, array in step.items()} for step in data for i in range(4)]
    assert plan.train(micro, 3, progress=False, seed=0).losses == together.losses


def test_random_data_is_that_of_ds_run(plan):
    history = plan.train("random:7", 2, progress=False)
    lines = ds_run(plan.path, "--data=random:7", "--steps=2")
    assert history.losses == [line["loss"] for line in lines if line["event"] == "step"]
    assert plan.hash() == lines[-1]["state_hash"]


def test_goes_on_and_saves(plan, tmp_path):
    data = batches(4)
    whole = plan.train(data, 4, progress=False, seed=0).losses
    first = plan.train(data[:2], 2, progress=False, seed=0, save=tmp_path / "out", save_every=1)
    second = plan.train(data[2:], 2, progress=False)
    assert first.losses + second.losses == whole and second.first_step == 2
    assert set(os.listdir(tmp_path / "out")) == {"step-1", "step-2", "manifest.json"}
    again = plan.train(data[2:], 2, progress=False, load=tmp_path / "out")
    assert again.first_step == 2 and again.losses == whole[2:]
    plan.save(tmp_path / "last")
    assert set(os.listdir(tmp_path / "last")) == {"step-4", "manifest.json"}


def test_parameters_go_in_and_out(plan):
    plan.train(batches(1), 1, progress=False)
    values, expected = plan.parameters(), plan.evaluate(batches(1))
    hashed = plan.hash()
    plan.reset(seed=5)
    assert plan.evaluate(batches(1)) != expected
    plan.load_parameters({"transformer.wte.weight": values.pop("transformer.wte.weight")}, strict=False)
    plan.load_parameters(values, strict=False)
    assert plan.evaluate(batches(1)) == expected
    assert plan.hash() != hashed  # moments and step are those of the beginning
    assert plan.state()["transformer.wte.weight.exp_avg"].any() == np.False_


def stop_at(number):
    def callback(step):
        if step.step == number:
            raise ds_mlir.StopTraining
    return callback


def test_stops_early_and_keeps_the_state(plan):
    data = batches(4)
    whole = plan.train(data, 4, progress=False, seed=0).losses
    assert plan.train(data, 4, callbacks=stop_at(1), progress=False, seed=0).losses == whole[:2]
    assert plan.step == 2
    assert plan.train(data[2:], 2, progress=False).losses == whole[2:]
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.train("random:0", 50, callbacks=stop_at(5), progress=False)
    assert str(error.value) == ("a training of several ranks on a path or 'random:SEED' cannot be stopped before its "
                                "last step and keep its state: pass an iterable of batches")
    assert plan.step == 4


def test_a_bad_batch_ends_the_run_and_keeps_the_steps_before(plan):
    data = batches(2)
    expected = plan.train(data, 2, progress=False, seed=0).losses
    plan.reset()
    bad = {"tokens": np.zeros((3, 8), np.int32), "targets": np.zeros((3, 8), np.int32)}
    with pytest.raises(ds_mlir.DataError, match="to have the shape"):
        plan.train([data[0], bad], 2, progress=False)
    assert plan.step == 1
    assert plan.train(data[1:], 1, progress=False).losses == expected[1:]


def test_what_ranks_refuse(plan):
    plan.train(batches(1), 1, progress=False)
    before = plan.hash()
    tokens = np.full((4, 8), 64)
    with pytest.raises(ds_mlir.PlanError) as error:
        plan.train([{"tokens": tokens, "targets": tokens}], 1, progress=False)
    assert str(error.value) == "input 'tokens' has the value 64 at element 0, but the plan takes 0 to 63"
    with pytest.raises(ds_mlir.PlanError) as error:
        plan.train("nowhere.txt", 1, progress=False)
    assert "'nowhere.txt'" in str(error.value)
    assert plan.hash() == before and plan.step == 1


def test_a_callback_that_fails(plan):
    def callback(step):
        raise RuntimeError("mine")
    with pytest.raises(RuntimeError, match="mine") as kept:  # with its traceback
        plan.train(batches(3), 3, callbacks=callback, progress=False)
    assert plan.step == 1 and kept.value


def test_folders_are_removed(compiled):
    import gc
    plan = compiled(world=2, zero=1, micro_batch=2, grad_accum=1)
    plan.train("random:0", 1, progress=False)
    folder = plan._run._folder.name
    assert len(os.listdir(folder)) == 1  # one state, nothing else
    del plan
    gc.collect()
    assert not os.path.exists(folder)
