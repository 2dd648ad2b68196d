# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Loss scales of a run against DeepSpeed's rules in plain Python.

loss_scale.py write FOLDER: a model that overflows when its input says so.
loss_scale.py case FOLDER NAME WORLD: the config and the data of a case, whose overflows are on one rank each.
loss_scale.py check FOLDER NAME FIRST RUN.jsonl [CHECKPOINT]: the steps of a run from step FIRST on.
"""
import json
import os
import struct
import sys

# power, window, hysteresis, consecutive, minimum; and whether each step overflows.
CASES = {
    "none": ((8, 2, 2, False, 1), "..........."),
    "all": ((4, 2, 1, False, 1), "xxxx"),
    "some": ((8, 2, 1, False, 1), "xx...x......x."),
    "patient": ((8, 3, 3, False, 1), "x.x.x.xx....x.xx...."),
    "forgiving": ((8, 3, 2, True, 4), "x.x.xx.x.....xx.x"),
    "minimum": ((2, 2, 2, False, 2), "xx..........x"),
}
CASES["exhausted"] = (CASES["all"][0], CASES["all"][1] + "x")
SHAPE = (2, 8)


class Scaler:
    """What DeepSpeed's dynamic scaler of ZeRO does, told step by step."""

    def __init__(self, power, window, hysteresis, consecutive, minimum):
        self.scale, self.window, self.patience = 2.0**power, window, hysteresis
        self.hysteresis, self.consecutive, self.minimum = hysteresis, consecutive, minimum
        self.step, self.last_overflow, self.exhausted = 0, -1, False

    def update(self, overflow):
        if overflow:
            if self.patience > 1:
                self.patience -= 1
            else:
                self.exhausted = self.scale == self.minimum
                self.scale = max(self.scale / 2, self.minimum)
            self.last_overflow = self.step
        else:
            calm = self.step - self.last_overflow - 1
            grows = calm > 0 and calm % self.window == 0
            if grows:
                self.scale *= 2
            if grows or self.consecutive:
                self.patience = self.hysteresis
        self.step += 1


def write(folder):
    with open(os.path.join(folder, "model.mlir"), "w") as file:
        file.write("""ds.parameter @w.weight : tensor<8x4xf32> = #ds.normal<0.1>
func.func @loss(%x: tensor<?x8xf32, #ds.dims<batch, _>> {ds.name = "x"}, %t: tensor<?xi32, #ds.dims<batch>>
    {ds.name = "t", ds.bound = 4 : i64}) -> tensor<f32> attributes {ds.loss} {
  %w = ds.read @w.weight : tensor<8x4xf32>
  %y = ds.dot "bk,kn->bn" %x, %w : (tensor<?x8xf32, #ds.dims<batch, _>>, tensor<8x4xf32>)
      -> tensor<?x4xf32, #ds.dims<batch, _>>
  %l = ds.cross_entropy %y, %t : (tensor<?x4xf32, #ds.dims<batch, _>>, tensor<?xi32, #ds.dims<batch>>)
      -> tensor<f32>
  return %l : tensor<f32>
}
""")


def case(folder, name, world):
    (power, window, hysteresis, consecutive, minimum), steps = CASES[name]
    config = {"fp16": {"enabled": True, "initial_scale_power": power, "loss_scale_window": window,
                       "hysteresis": hysteresis, "consecutive_hysteresis": consecutive, "min_loss_scale": minimum}}
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump(config, file)
    # 1e6 is infinite as fp16.
    inputs = [1e6 if step == "x" and rank == i % world else 0.5
              for i, step in enumerate(steps) for rank in range(world)]
    size = SHAPE[0] * SHAPE[1]
    x = b"".join(struct.pack("<f", value) * size for value in inputs)
    t = struct.pack("<ii", 1, 3) * len(inputs)
    header = {"x": {"dtype": "F32", "shape": [len(inputs), *SHAPE], "data_offsets": [0, len(x)]},
              "t": {"dtype": "I32", "shape": [len(inputs), SHAPE[0]], "data_offsets": [len(x), len(x) + len(t)]}}
    text = json.dumps(header).encode()
    with open(os.path.join(folder, f"{name}-{world}.safetensors"), "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + x + t)
    print(len(steps))


def scalar(checkpoint, name):
    with open(os.path.join(checkpoint, "optimizer.safetensors"), "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))[name]
        file.seek(8 + length + entry["data_offsets"][0])
        return struct.unpack({"F64": "<d", "I64": "<q"}[entry["dtype"]], file.read(8))[0]


def check(name, first, log, checkpoint=None):
    rules, steps = CASES[name]
    scaler, seen = Scaler(*rules), []
    with open(log) as file:
        events = [e for e in map(json.loads, file) if e["event"] == "step"]
    for i, overflow in enumerate(steps):
        if i >= first:
            event = events[i - first]
            got = (event["step"], event["loss_scale"], event["skipped"])
            assert got == (i, scaler.scale, overflow == "x"), (got, i, scaler.scale, overflow)
            seen.append(event["loss_scale"])
        scaler.update(overflow == "x")
    assert len(seen) == len(events), (len(seen), len(events))
    if checkpoint:
        skipped = steps.count("x")
        want = {"loss_scale": scaler.scale, "loss_scale.patience": scaler.patience, "skipped_steps": skipped,
                "step": len(steps) - skipped}
        assert {key: scalar(checkpoint, key) for key in want} == want, want
    text = " ".join(f"{scale:g}" for scale in seen)
    print(f"{name}: {text}{', exhausted' if scaler.exhausted else ''}")


if sys.argv[1] == "write":
    write(sys.argv[2])
elif sys.argv[1] == "case":
    case(sys.argv[2], sys.argv[3], int(sys.argv[4]))
else:
    check(sys.argv[3], int(sys.argv[4]), *sys.argv[5:])
