#===- test_train.py - Training in this process -----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The same bits as ds-run, from every kind of data; state in and out by name;
# what does not fit is refused with its full message.
#===----------------------------------------------------------------------===#
# RUN: %pytest %s
import os
import sys
import threading

import numpy as np
import pytest
from conftest import ds_run

import ds_mlir


def batches(count, samples=4, seed=0):
    """Random tokens: `count` batches of `samples`."""
    random = np.random.default_rng(seed)
    for _ in range(count):
        text = random.integers(0, 64, (samples, 9))
        yield {"tokens": text[:, :-1].astype(np.int32), "targets": text[:, 1:]}  # targets: int64


def test_equals_ds_run_bit_by_bit(plan):
    history = plan.train("random:7", 3, progress=False)
    lines = ds_run(plan.path, "--data=random:7", "--steps=3")
    steps = [line for line in lines if line["event"] == "step"]
    assert history.losses == [line["loss"] for line in steps]
    assert history.grad_norms == [line["grad_norm"] for line in steps]
    assert history.lrs == [line["lr"] for line in steps]
    assert plan.hash() == lines[-1]["state_hash"]
    assert plan.step == 3 and history.first_step == 0


def test_goes_on_and_begins_anew(plan):
    whole = plan.train("random:0", 4, progress=False).losses
    plan.reset()
    first, second = (plan.train("random:0", 2, progress=False) for _ in range(2))
    assert first.losses + second.losses == whole
    assert second.first_step == 2
    assert plan.train("random:0", 4, progress=False, seed=0).losses == whole
    assert plan.train("random:0", 4, progress=False, seed=1).losses != whole


def test_a_batch_is_a_step_or_a_micro_batch(plan):
    steps = list(batches(3))
    expected = plan.train(steps, 3, progress=False, seed=0).losses
    halves = [{name: array[half:half + 2] for name, array in step.items()} for step in steps for half in (0, 2)]
    assert plan.train(halves, 3, progress=False, seed=0).losses == expected
    stacked = [{name: array.reshape(2, 2, 8) for name, array in step.items()} for step in steps]
    assert plan.train(stacked, 3, progress=False, seed=0).losses == expected
    in_order = [(step["tokens"], step["targets"]) for step in steps]
    assert plan.train(in_order, 3, progress=False, seed=0).losses == expected
    assert plan.train(iter(steps), 3, progress=False, seed=0).losses == expected


def test_a_list_is_iterated_again(plan):
    one = list(batches(1))
    assert len(plan.train(one, 3, progress=False)) == 3


def test_callbacks_see_each_step_and_stop(plan):
    seen = []

    def callback(step):
        seen.append(step)
        if step.step == 1:
            raise ds_mlir.StopTraining
    history = plan.train("random:0", 9, callbacks=callback, progress=False)
    assert [step.step for step in seen] == [0, 1] and plan.step == 2
    assert history.losses == [step.loss for step in seen]
    assert seen[0].outputs.keys() == {"loss", "grad_norm", "lr"} and seen[0].step_ms > 0


@pytest.mark.parametrize("failing", [ds_mlir.StopTraining, RuntimeError])
def test_what_ends_a_training_saves_first(plan, tmp_path, failing):
    def callback(step):
        raise failing
    try:
        plan.train("random:0", 9, callbacks=callback, progress=False, save=tmp_path / "out")
    except RuntimeError as error:  # kept alive, with its traceback
        held = error
        assert isinstance(held, failing)
    assert set(os.listdir(tmp_path / "out")) == {"step-1", "manifest.json"}
    two = [{"tokens": np.zeros((4, 8), np.int32), "targets": np.zeros((4, 8), np.int32)}] * 2
    with pytest.raises(ds_mlir.DataError):
        plan.train(iter(two), 3, progress=False, save=tmp_path / "data")
    assert set(os.listdir(tmp_path / "data")) == {"step-3", "manifest.json"}


def test_evaluate_changes_nothing(plan):
    plan.train("random:0", 1, progress=False)
    before = plan.hash()
    loss = plan.evaluate("random:5", 2)
    assert plan.hash() == before and plan.step == 1
    assert plan.evaluate("random:5", 2) == loss != plan.evaluate("random:5", 1)


def test_parameters_are_views(plan):
    parameters = plan.parameters()
    wte = parameters["transformer.wte.weight"]
    assert wte.shape == (64, 32) and wte.dtype == np.float32
    before = wte.copy()
    plan.train("random:0", 1, progress=False)
    assert not np.array_equal(wte, before)
    assert plan.parameters()["transformer.wte.weight"].ctypes.data == wte.ctypes.data
    plan.close()
    del parameters
    assert np.isfinite(wte).all()  # the memory lives as long as a view of it


def test_parameters_go_in_and_out(plan):
    plan.train("random:0", 2, progress=False)
    values = {name: value.copy() for name, value in plan.parameters().items()}
    expected = plan.evaluate("random:9")
    plan.reset(seed=3)
    assert plan.evaluate("random:9") != expected
    plan.load_parameters(values)
    assert plan.evaluate("random:9") == expected
    assert set(plan.state()) > set(values) and plan.state()["step"].shape == ()


def test_load_parameters_refuses_what_does_not_fit(plan):
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.load_parameters({"transformer.wte.weigth": np.zeros((64, 32))})
    assert str(error.value) == ("the plan has no parameter 'transformer.wte.weigth'; "
                                "did you mean 'transformer.wte.weight'?")
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.load_parameters({"transformer.wte.weight": np.zeros((32, 64))})
    assert str(error.value) == ("expects parameter 'transformer.wte.weight' to have the shape [64, 32], but got "
                                "[32, 64]")
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.load_parameters({"transformer.wte.weight": np.zeros((64, 32))})
    assert str(error.value) == ("expects all 28 parameters, but 27 are missing: 'transformer.wpe.weight', "
                                "'transformer.h.0.ln_1.weight', 'transformer.h.0.ln_1.bias', "
                                "'transformer.h.0.attn.c_attn.weight', 'transformer.h.0.attn.c_attn.bias', ...; "
                                "strict=False sets those that are given")


def test_checkpoints_are_those_of_ds_run(plan, tmp_path):
    folder = str(tmp_path / "out")
    whole = plan.train("random:0", 4, progress=False)
    plan.train("random:0", 2, progress=False, seed=0, save=folder)
    assert set(os.listdir(folder)) == {"step-2", "manifest.json"}
    lines = ds_run(plan.path, "--data=random:0", "--steps=2", f"--load={folder}")
    assert [line["loss"] for line in lines if line["event"] == "step"] == whole.losses[2:]
    again = plan.train("random:0", 2, progress=False, load=folder)
    assert again.first_step == 2 and again.losses == whole.losses[2:]


def test_save_every(plan, tmp_path):
    folder = str(tmp_path / "out")
    plan.train("random:0", 5, progress=False, save=folder, save_every=2)
    assert set(os.listdir(folder)) == {"step-2", "step-4", "step-5", "manifest.json"}


def test_threads_take_turns(plan):
    expected = [plan.evaluate("random:0"), plan.evaluate("random:1")]
    got = [[], []]

    def evaluate(which):
        for _ in range(20):
            got[which].append(plan.evaluate("random:0"))
    threads = [threading.Thread(target=evaluate, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [[expected[0]] * 20] * 2


def test_the_callers_thread_keeps_denormals(plan):
    plan.train("random:0", 1, progress=False)
    assert np.float32(1e-40) * np.float32(1) != 0


def test_a_child_is_told(plan):
    plan.train("random:0", 1, progress=False)
    child = os.fork()
    if child == 0:
        try:
            plan.evaluate("random:0")
        except ds_mlir.UsageError as error:
            wanted = ("the session was opened by the parent of this process: open the plan in the process that runs "
                      "it")
            os._exit(0 if str(error) == wanted else 1)
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("batch, message", [
    ({"tokens": np.zeros((4, 8), np.int32)},
     "batch 0 lacks the input 'targets': it has 'tokens'"),
    ({"tokens": np.zeros((4, 8), np.int32), "target": np.zeros((4, 8), np.int32)},
     "batch 0 lacks the input 'targets': it has 'tokens', 'target'; did you mean 'target'?"),
    ((np.zeros((4, 8), np.int32),),
     "expects batch 0 to have 2 arrays (tokens, targets), but got 1; give them names: a dict"),
    ({"tokens": np.zeros((3, 8), np.int32), "targets": np.zeros((3, 8), np.int32)},
     "expects 'tokens' of batch 0 to have the shape [4, 8] (a step) or [2, 8] (a micro-batch), but got [3, 8]; "
     "a DataLoader drops an incomplete batch with drop_last=True"),
    ({"tokens": np.zeros((4, 8), np.float32), "targets": np.zeros((4, 8), np.int32)},
     "expects 'tokens' of batch 0 in int32, but got float32; convert it before"),
    ({"tokens": np.full((4, 8), 1 << 40), "targets": np.zeros((4, 8), np.int32)},
     "expects 'tokens' of batch 0 to fit int32, but got values from 1099511627776 to 1099511627776"),
    ({"tokens": np.zeros((4, 8), np.int32), "targets": np.zeros((2, 8), np.int32)},
     "the inputs of batch 0 hold different numbers of micro-batches: 'tokens' 2, 'targets' 1"),
])
def test_batches_that_do_not_fit(plan, batch, message):
    with pytest.raises(ds_mlir.DataError) as error:
        plan.train([batch], 1, progress=False)
    assert str(error.value) == message


def test_integers_are_bounded(plan):
    batch = {"tokens": np.full((4, 8), 64), "targets": np.zeros((4, 8), np.int32)}
    with pytest.raises(ds_mlir.PlanError) as error:
        plan.train([batch], 1, progress=False)
    assert str(error.value) == "input 'tokens' has the value 64 at element 0, but the plan takes 0 to 63"


@pytest.mark.parametrize("data, error, message", [
    (iter([]), ds_mlir.DataError,
     "the data ended before step 0, after 0 batches; pass something that can be iterated again, such as a list or a "
     "DataLoader, or ask for fewer steps"),
    ({"tokens": 1}, ds_mlir.UsageError,
     "expects an iterable of batches, but got one dict; for the same batch in every step pass a list of it: [batch]"),
    (7, ds_mlir.UsageError, "expects data to be an iterable of batches, a path or 'random:SEED', but got int"),
    ("random:x", ds_mlir.UsageError,
     "--data=random:x: expected random:SEED with an unsigned 64-bit integer, but got 'x'"),
])
def test_data_that_is_none(plan, data, error, message):
    with pytest.raises(error) as raised:
        plan.train(data, 1, progress=False)
    assert str(raised.value) == message


def test_an_iterator_that_ends(plan):
    with pytest.raises(ds_mlir.DataError) as error:
        plan.train(batches(2), 3, progress=False)
    assert str(error.value).startswith("the data ended before step 2, after 2 batches; ")
    assert plan.step == 2


def test_arguments_of_train(plan):
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.train(steps=1.5)
    assert str(error.value) == "expects steps to be a whole number, but got 1.5"
    with pytest.raises(ds_mlir.UsageError) as error:
        plan.train(save_every=2)
    assert str(error.value) == "save_every needs save=FOLDER"
    with pytest.raises(ds_mlir.PlanError) as error:
        plan.train(load="nowhere")
    assert "'nowhere'" in str(error.value)


def test_progress_is_a_bar_or_a_line(plan, capsys, monkeypatch):
    plan.train("random:0", 2, progress=False)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)  # as if it were not installed
    loss = plan.train("random:0", 2).losses[-1]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"step 2/2: loss {loss:.4f}, ") and lines[0].endswith(" ms")
    monkeypatch.undo()
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    plan.train("random:0", 2)
    assert "2/2" in capsys.readouterr().err
