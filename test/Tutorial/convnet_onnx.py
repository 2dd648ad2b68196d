# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A convolutional network in an ONNX file, trained by ds_mlir, and the learned weights written back into the file.

    python3 test/Tutorial/convnet_onnx.py

Where the file comes from does not matter: PyTorch writes one here. PyTorch is then only asked for its losses.
"""

import os
import tempfile
import warnings

import ds_mlir
import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

BATCH, STEPS = 16, 40


class ConvNet(torch.nn.Sequential):
    def __init__(self):
        super().__init__(
            torch.nn.Conv2d(1, 8, 3, padding=1),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(8, 16, 3, stride=2, padding=1),
            torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(1),
            torch.nn.Flatten(),
            torch.nn.Linear(16, 4),
        )


# 1. The model's file. Its batch stays open; the example inputs of `compile` decide it.
torch.manual_seed(0)
module = ConvNet()
path = os.path.join(tempfile.mkdtemp(), "convnet.onnx")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # this exporter's own
    options = dict(input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "batch"}})
    torch.onnx.export(module, torch.zeros(1, 1, 12, 12), path, dynamo=False, opset_version=18, **options)

# 2. The data: in which quarter of the image is the bright spot?
random = np.random.default_rng(0)
quarter = random.integers(0, 4, (STEPS, BATCH)).astype(np.int32)
image = random.standard_normal((STEPS, BATCH, 1, 12, 12)).astype(np.float32) * 0.3
for step, sample in np.ndindex(STEPS, BATCH):
    row, column = divmod(quarter[step, sample], 2)
    image[step, sample, 0, row * 6 + 1 : row * 6 + 5, column * 6 + 1 : column * 6 + 5] += 2

# 3. Compile and train. The file has no loss, so one is attached, whose further input is `targets`.
settings = dict(lr=1e-2, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1)  # of ds_mlir, too
plan = ds_mlir.compile(path, (image[0], quarter[0]), loss="cross_entropy", zero=0, lr=1e-2, tune_seconds=0)
batches = [{"image": x, "targets": y} for x, y in zip(image, quarter)]
losses = plan.train(batches, STEPS, progress=False).losses
print(f"ds_mlir: loss {losses[0]:.4f} -> {losses[-1]:.4f}")

# 4. PyTorch, from the same weights on the same batches.
optimizer, expected = torch.optim.AdamW(module.parameters(), **settings), []
for x, y in zip(image, quarter):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(module(torch.from_numpy(x)), torch.from_numpy(y).long())
    loss.backward()
    torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    optimizer.step()
    expected.append(loss.item())
print(f"PyTorch: loss {expected[0]:.4f} -> {expected[-1]:.4f}")
print(f"the same: {'yes' if np.allclose(losses[:10], expected[:10], 1e-4) else 'no'}")

# 5. The learned weights go back into the file, under the names they have there; any runtime of ONNX can use it.
model = onnx.load(path)
learned = plan.parameters()
for tensor in model.graph.initializer:
    if tensor.name in learned:
        tensor.CopyFrom(numpy_helper.from_array(learned[tensor.name], tensor.name))
onnx.save(model, path)
(logits,) = ReferenceEvaluator(path).run(None, {"image": image[-1]})
print(f"the file is right about {(logits.argmax(1) == quarter[-1]).sum()} of {BATCH} images")
