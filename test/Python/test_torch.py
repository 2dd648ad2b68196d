#===- test_torch.py - PyTorch and JAX in the same process ------------------===#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Whichever is imported first, there is one OpenMP library, the bits are those
# of ds-run, and PyTorch's threads are its own.  Batches come from tensors.
#===----------------------------------------------------------------------===#
# REQUIRES: torch
# RUN: %pytest %s
import subprocess
import sys

import numpy as np
import pytest
from conftest import ds_run

import ds_mlir

torch = pytest.importorskip("torch", reason="torch is not installed")

PROGRAM = """
import sys
def use_torch():
    import torch
    torch.set_num_threads(2)
    torch.nn.functional.gelu(torch.ones(1 << 20))
    return torch
plan_path, first = sys.argv[1:]
if first == "torch":
    torch = use_torch()
import ds_mlir
plan = ds_mlir.load(plan_path)
plan.train("random:0", 2, progress=False)
torch = use_torch()
plan.train("random:0", 2, progress=False)
use_torch()
with open("/proc/self/maps") as file:
    loaded = {line.split()[-1] for line in file if "omp" in line.split("/")[-1]}
print(plan.hash(), len(loaded), torch.get_num_threads(), float(torch.tensor(1e-40) * 1) > 0)
"""


@pytest.mark.parametrize("first", ["torch", "ds_mlir"])
def test_one_openmp_library(plan, first):
    done = subprocess.run([sys.executable, "-c", PROGRAM, plan.path, first], check=True, capture_output=True, text=True)
    expected = ds_run(plan.path, "--data=random:0", "--steps=4")[-1]["state_hash"]
    assert done.stdout.split() == [expected, "1", "2", "True"]


class Texts(torch.utils.data.Dataset):
    def __init__(self, count):
        self.texts = torch.randint(0, 64, (count, 9), generator=torch.Generator().manual_seed(0))

    def __len__(self):
        return len(self.texts)

    def __getitem__(self, index):
        return self.texts[index, :-1], self.texts[index, 1:]


@pytest.mark.parametrize("workers", [0, 2])
def test_data_loader(plan, workers):
    data = Texts(12)
    text = data.texts.numpy()
    arrays = [{"tokens": text[i:i + 4, :-1], "targets": text[i:i + 4, 1:]} for i in range(0, 12, 4)]
    expected = plan.train(arrays, 5, progress=False, seed=0).losses
    loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=workers)
    assert plan.train(loader, 5, progress=False, seed=0).losses == expected
    uneven = torch.utils.data.DataLoader(Texts(6), batch_size=4)
    with pytest.raises(ds_mlir.DataError, match="a DataLoader drops an incomplete batch with drop_last=True") as error:
        plan.train([tuple(part[:3] for part in batch) for batch in uneven], 2, progress=False)
    assert "'tokens' of batch 0" in str(error.value)


def test_tensors_go_in(plan):
    wte = torch.nn.Parameter(torch.full((64, 32), 0.5))
    plan.load_parameters({"transformer.wte.weight": wte}, strict=False)
    assert (plan.parameters()["transformer.wte.weight"] == 0.5).all()
    view = torch.from_numpy(plan.parameters()["transformer.wte.weight"])
    view.fill_(0.25)  # torch writes into the plan's memory
    assert (plan.parameters()["transformer.wte.weight"] == 0.25).all()


def test_jax_arrays(plan):
    jnp = pytest.importorskip("jax.numpy", reason="jax is not installed")
    text = np.random.default_rng(0).integers(0, 64, (4, 9))
    expected = plan.train([(text[:, :-1], text[:, 1:])], 1, progress=False, seed=0).losses
    arrays = jnp.asarray(text)
    assert plan.train([(arrays[:, :-1], arrays[:, 1:])], 1, progress=False, seed=0).losses == expected


def test_hugging_face_datasets(plan):
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    text = np.random.default_rng(0).integers(0, 64, (10, 9))
    arrays = [{"tokens": text[i:i + 4, :-1], "targets": text[i:i + 4, 1:]} for i in (0, 4)]
    expected = plan.train(arrays, 3, progress=False, seed=0).losses
    columns = {"tokens": text[:, :-1].tolist(), "targets": text[:, 1:].tolist(), "name": ["x"] * 10}
    rows = datasets.Dataset.from_dict(columns)  # 2 rows are left over in each epoch
    assert plan.train(rows, 3, progress=False, seed=0).losses == expected
    assert plan.train(rows.to_iterable_dataset(), 3, progress=False, seed=0).losses == expected
