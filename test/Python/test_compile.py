#===- test_compile.py - From a model to a plan -----------------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What compile passes on, what a plan tells of itself, and errors in the
# compiler's own words.
#===----------------------------------------------------------------------===#
# RUN: %pytest %s
import gc
import os
import subprocess
import sys
import warnings

import pytest

import ds_mlir
from ds_mlir import tools


def test_a_plan_tells_of_itself(plan):
    assert (plan.world, plan.zero_stage, plan.micro_batch, plan.grad_accum, plan.global_batch) == (1, 0, 2, 2, 4)
    assert plan.precision == "f32" and plan.remat in ("none", "blocks") and plan.schedule == "constant"
    assert plan.optimizer.startswith("AdamW lr=0.0003 ") and plan.predicted_ms > 0
    assert [arena.space for arena in plan.arenas] == ["device"]
    assert plan.planned_bytes == plan.arenas[0].bytes >= plan.arenas[0].lower_bound_bytes > 0
    assert plan.entries == ("train", "evaluate")
    assert [(i.name, str(i.dtype), i.shape) for i in plan.inputs()] == [
        ("tokens", "int32", (2, 2, 8)), ("targets", "int32", (2, 2, 8))]
    assert repr(plan).startswith("Plan(gpt2-2x32: ZeRO-0, world 1, micro-batch 2, accumulation 2, ")
    assert "<th style='text-align:left'>batch</th><td style='text-align:left'>4 = 2 x 2 x 1 " in plan._repr_html_()
    chosen = [row for row in plan.candidates if row["dropped_because"] is None]
    assert len(chosen) == 1 and chosen[0]["fits"]
    assert plan.text().startswith("plan format 1.") and "program 'step'" in plan.stats()
    plan.verify()


def test_summary_is_printed(compiled, capsys):
    plan = compiled(verbose=True)
    assert capsys.readouterr().out.strip() == plan.summary
    assert "gpt.dsplan: ZeRO-0, world 1, micro-batch 2, accumulation 2" in plan.summary


def test_files(plan, tmp_path):
    copy = tmp_path / "copy.dsplan"
    plan.copy_to(copy)
    again = ds_mlir.load(copy)
    assert again.planned_bytes == plan.planned_bytes and again.candidates == []
    assert again.train("random:0", 2, progress=False).losses == plan.train("random:0", 2, progress=False).losses
    plan.report(tmp_path / "report.html")
    assert "<html" in (tmp_path / "report.html").read_text()
    with open(copy, "r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    with pytest.raises(ds_mlir.PlanError, match="damaged|checksum"):
        again.verify()


def test_the_plan_lives_as_long_as_the_object(compiled, tmp_path):
    plan = compiled()
    folder = os.path.dirname(plan.path)
    assert os.path.exists(plan.path)
    del plan
    gc.collect()
    assert not os.path.exists(folder)
    kept = compiled(output=tmp_path / "kept.dsplan")
    assert kept.path == str(tmp_path / "kept.dsplan") and os.path.exists(kept.path)


def test_options_are_passed_on(compiled):
    config = {"optimizer": {"type": "AdamW", "params": {"lr": 0.01, "weight_decay": 0.5}}, "gradient_clipping": 0}
    plan = compiled(config=config)
    assert plan.optimizer.startswith("AdamW lr=0.01 betas=(0.9, 0.999) eps=1e-08 weight_decay=0.5")
    assert compiled(config=config, lr=0.25).optimizer.startswith("AdamW lr=0.25 ")
    sharded = compiled(zero=3, world=2, micro_batch=1, grad_accum=3, seq_len=4)
    assert (sharded.world, sharded.zero_stage, sharded.global_batch) == (2, 3, 6)
    assert sharded.inputs()[0].shape == (3, 1, 4)
    schedule = compiled(lr=1e-3, warmup_steps=5, decay_steps=50, min_lr=1e-4, schedule="polynomial", stable_steps=9,
                        decay_power=3).schedule
    assert schedule == "linear from 0 to 0.001 by step 4, after step 14 power 3 to 0.0001 by step 50"
    assert compiled(micro_batch="auto", grad_accum=None, global_batch=8).global_batch == 8


def test_what_the_config_lacks_is_a_warning(compiled):
    with pytest.warns(ds_mlir.CompileWarning, match="no_such_key"):
        compiled(config={"no_such_key": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compiled()


@pytest.mark.parametrize("options, code, message", [
    (dict(zero=5), 2, "expects --zero to be auto, 0, 1, 2 or 3, but got '5'"),
    (dict(memory_limit="3 apples"), 2, "expects --memory-limit in bytes, KiB, MiB or GiB, but got '3 apples'"),
    (dict(remat="block"), 2, "expects --remat to be auto, none or blocks, but got 'block'; did you mean 'blocks'?"),
])
def test_errors_are_the_compilers(compiled, options, code, message):
    with pytest.raises(ds_mlir.CompileError) as error:
        compiled(**options)
    assert (str(error.value), error.value.exit_code) == (message, code)


def test_a_limit_that_nothing_fits(compiled):
    with pytest.raises(ds_mlir.CompileError) as error:
        compiled(memory_limit=4096)
    assert error.value.exit_code == 1 and "smallest" in str(error.value)


def test_a_file_that_is_no_model(tmp_path):
    with pytest.raises(ds_mlir.CompileError) as error:
        ds_mlir.compile(tmp_path / "none.mlir", zero=0)
    assert str(error.value) == f"cannot read '{tmp_path / 'none.mlir'}': no such file"


@pytest.mark.parametrize("arguments, message", [
    (dict(model=7), "expects a model to be a path, an ImportedModel, a torch module or a JAX function, but got int"),
    (dict(model="x.mlir", inputs=[1]),
     "inputs, params and loss are for torch, JAX and ONNX, but the model is a file of ds-opt: leave them out"),
    (dict(model=lambda p: p),
     "expects params and inputs with a JAX function: compile(loss, (tokens, targets), params=params), where "
     "loss(params, tokens, targets) is a scalar"),
    (dict(model="x.mlir", grad_accum=2),
     "grad_accum needs micro_batch: a step has micro_batch * grad_accum * world samples"),
    (dict(model="x.mlir", grad_accum=2, micro_batch=2, global_batch=5),
     "expects global_batch = micro_batch * grad_accum * world, but got 5 and 2 * 2 * 1; leave one of them out"),
])
def test_arguments_that_do_not_go_together(arguments, message):
    with pytest.raises(ds_mlir.UsageError) as error:
        ds_mlir.compile(**arguments)
    assert str(error.value) == message


def test_a_model_with_values(model):
    """An imported model's values are the first state; here a stub, since its text is in the ds dialect."""
    from conftest import MACHINE
    first = ds_mlir.compile(model, zero=0, machine=MACHINE, tune_seconds=0, verbose=False)
    values = {name: value * 2 for name, value in first.parameters().items()}
    plan = ds_mlir.Plan(first.path, values={**values, "a.buffer": values["transformer.wte.weight"]})
    got = plan.parameters()
    assert all((got[name] == values[name]).all() for name in got) and len(got) == len(values)


def test_every_error_is_one_of_ours():
    for name in ("CompileError", "DataError", "InternalError", "PlanError", "RankLost", "UsageError"):
        assert issubclass(getattr(ds_mlir, name), ds_mlir.Error)


def test_commands_of_the_wheel(plan):
    program = "import sys; from ds_mlir.tools import main; sys.argv[0] = sys.argv.pop(1); main()"
    done = subprocess.run([sys.executable, "-c", program, "/any/ds-plan", "verify", plan.path], capture_output=True,
                          text=True, check=True)
    assert done.stdout == f"{plan.path}: valid\n"
    done = subprocess.run([sys.executable, "-c", program, "ds-plam"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1, "expects to be called as one of ds-opt, ds-run, ds-plan, ds-model, but got 'ds-plam'\n")


def test_an_installation_without_tools(monkeypatch, tmp_path):
    monkeypatch.setattr(tools, "__file__", str(tmp_path / "tools.py"))
    with pytest.raises(ds_mlir.Error) as error:
        tools.path("ds-opt")
    assert str(error.value) == (f"expects the program '{tmp_path / 'bin' / 'ds-opt'}', but there is none; install "
                                "ds_mlir again")
