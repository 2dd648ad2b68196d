#===- test_engine.py - DeepSpeed's engine over a plan ----------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# train_batch takes what one step needs from an iterator, on one rank and on
# two; checkpoints, evaluation and the PyTorch module see the state between.
#===----------------------------------------------------------------------===#
# RUN: %pytest %s
import math

import numpy as np
import pytest
from conftest import MACHINE

import ds_mlir

CONFIG = {"train_micro_batch_size_per_gpu": 1, "gradient_accumulation_steps": 2,
          "zero_optimization": {"stage": 1}, "optimizer": {"type": "AdamW", "params": {"lr": 0.01}}}


def micro_batches(count):
    random = np.random.default_rng(0)
    for _ in range(count):
        text = random.integers(0, 64, (1, 9))
        yield {"tokens": text[:, :-1], "targets": text[:, 1:]}


@pytest.fixture(params=[1, 2])
def engine(request, model):
    return ds_mlir.initialize(model=model, config=CONFIG, world=request.param, machine=MACHINE, tune_seconds=0,
                              verbose=False)


def test_train_batch_takes_what_a_step_needs(engine, tmp_path):
    world = engine.plan.world
    assert engine.train_batch_size() == 2 * world and engine.train_micro_batch_size_per_gpu() == 1
    assert engine.gradient_accumulation_steps() == 2 and engine.zero_optimization_stage() == 1
    assert math.isnan(engine.get_global_grad_norm()) and engine.global_steps == 0
    data = list(micro_batches(4 * 2 * world))
    expected = engine.plan.train(data, 4, progress=False).losses
    engine.plan.reset()

    stream = iter(data)
    losses = [engine.train_batch(stream) for _ in range(2)]
    assert len(list(stream)) == 2 * 2 * world  # no batch was taken too many
    assert engine.global_steps == 2 and engine.get_lr() == [0.01] and engine.get_global_grad_norm() > 0

    before = engine.eval_batch(iter(data))
    assert engine.save_checkpoint(tmp_path) is True
    rest = iter(data[4 * world:])
    losses += [engine.train_batch(rest) for _ in range(2)]
    assert losses == expected
    with pytest.raises(ds_mlir.DataError, match="the data ended before step 4"):
        engine.train_batch(rest)
    assert engine.global_steps == 4

    assert engine.load_checkpoint(tmp_path) == (str(tmp_path), {})
    assert engine.global_steps == 2 and engine.eval_batch(iter(data)) == before
    rest = iter(data[4 * world:])
    assert [engine.train_batch(rest) for _ in range(2)] == expected[2:]
    assert engine.load_checkpoint(tmp_path, "step-2")[0] == str(tmp_path / "step-2")


def test_training_data(model):
    data = list(micro_batches(2))
    engine = ds_mlir.initialize(model=model, config=CONFIG, training_data=data, machine=MACHINE, tune_seconds=0,
                                verbose=False)
    assert engine.train_batch() > engine.train_batch()  # the same step again, epoch after epoch
    with pytest.raises(ds_mlir.UsageError) as error:
        engine.train_batch(data)
    assert str(error.value) == ("expects data_iter to be an iterator, but got list; pass iter(loader), and keep it for "
                                "the next batch")
    with pytest.raises(ds_mlir.UsageError) as error:
        engine(1)
    assert str(error.value) == "forward, backward and step are one compiled call: use train_batch"
    with pytest.raises(ds_mlir.UsageError) as error:
        engine.save_checkpoint("x", tag="best")
    assert str(error.value) == "expects no tag, but got 'best': checkpoints are named step-<updates done>"
    with pytest.raises(ds_mlir.UsageError) as error:
        engine.module
    assert str(error.value) == ("the engine was made without a PyTorch module; plan.parameters() has the weights")
    none = ds_mlir.Engine(engine.plan)
    with pytest.raises(ds_mlir.UsageError) as error:
        none.train_batch()
    assert str(error.value) == "train_batch needs data_iter, or training_data given to initialize"


def test_weights_go_back_into_the_module(plan):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    module = torch.nn.Module()
    for name, value in plan.parameters().items():
        parent = module
        *path, last = name.split(".")
        for part in path:
            if not hasattr(parent, part):
                parent.add_module(part, torch.nn.Module())
            parent = getattr(parent, part)
        parent.register_parameter(last, torch.nn.Parameter(torch.zeros(value.shape)))
    engine = ds_mlir.Engine(plan, module)
    engine.train_batch(_pairs())
    got = engine.module.state_dict()
    assert all(np.array_equal(got[name].numpy(), value) for name, value in plan.parameters().items())
    held = got["transformer.wte.weight"].clone()
    engine.train_batch(_pairs())
    assert torch.equal(module.state_dict()["transformer.wte.weight"], held)  # a copy, made when asked for
    assert not torch.equal(engine.module.state_dict()["transformer.wte.weight"], held)


def _pairs():
    text = np.random.default_rng(1).integers(0, 64, (4, 9))
    return iter([{"tokens": text[:, :-1], "targets": text[:, 1:]}])
