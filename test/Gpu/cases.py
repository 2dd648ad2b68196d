# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What check_gpu.py compiles and runs."""
import dataclasses
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TEST = HERE.parent
# Any profile does: values do not depend on it.
CPU = TEST / "Inputs" / "machine.json"
sys.path[:0] = [str(TEST / "Benchmark")]
from shapes import SHAPES  # noqa: E402


@dataclasses.dataclass
class Case:
    """A model that trains on a GPU as on a CPU."""
    name: str
    model: list  # of ds-model; or a file of Inputs; or one of Goldens/HuggingFace, which has a config
    options: list  # of ds-opt
    tolerance: float  # of losses, gradient norms and parameters, relative to the largest one
    kind: str = "losses"  # the part that it is for, or the first of them
    steps: int = 10
    golden: str = None  # a file of Goldens, whose losses are PyTorch's
    world: int = 1
    machine: str = None  # in place of prepare's


@dataclasses.dataclass
class Speed:
    """A model whose step is measured, beside peers."""
    name: str
    shape: str  # of shapes.SHAPES
    batch: int
    length: int
    steps: int  # of a turn
    rounds: int
    modes: list  # of torch_gpu.py
    kind, machine = "speed", None
    has_same_values: bool = True  # as the peer, whose losses are compared; making many takes a while
    memory_limit: str = None  # of ds-opt: where memory is what is judged, not all that is faster is wanted

    @property
    def model(self):
        return [*SHAPES[self.shape][0], f"--seq-len={self.length}"]

    @property
    def options(self):
        limit = [f"--memory-limit={self.memory_limit}"] if self.memory_limit else []
        return ["--zero=0", f"--micro-batch={self.batch}", f"--global-batch={self.batch}", "--precision=bf16",
                "--remat=none", *limit]


# A head of 64, as GPT-2 and Llama have.
GPT = ["gpt2-124m", "--layers=2", "--width=128", "--heads=2", "--vocab=256", "--seq-len=128"]
LLAMA = ["llama-tiny", "--layers=2", "--width=128", "--heads=2", "--kv-heads=1", "--mlp-width=344", "--vocab=256",
         "--seq-len=128"]
# Odd sizes: rows that are no multiple of a vector.
ODD = ["gpt2-124m", "--layers=2", "--width=60", "--heads=4", "--vocab=257", "--seq-len=33"]
BATCH = ["--zero=0", "--micro-batch=2", "--global-batch=4"]

# Float32 sums in another order: AdamW turns 1e-7 of a gradient near 0 into much more of a parameter, so that ten steps
# agree to 2e-4 of the largest.  Products of 16 bits are rounded to 8 or 11 bits of mantissa, of tf32 to 11.
TOLERANCES = {"f32": 2e-4, "tf32": 4e-3, "fp16": 4e-3, "bf16": 3e-2}


def case(name, model, precision, *options, **more):
    options = [*(options or BATCH), f"--precision={precision}"]
    return Case(f"{name}-{precision}", model, options, TOLERANCES[precision], **more)


def ladder():
    """From little to much: the first that fails says which kind of kernel or product it is."""
    return [case("bigram", ["bigram.mlir"], "f32", kind="smoke", steps=3),
            case("norm", ["norm.mlir"], "f32", kind="smoke", steps=3),
            *(case("product", ["product.mlir"], precision, kind="smoke", steps=3)
              for precision in ("f32", "tf32", "bf16", "fp16")),
            *(case("epilogue", ["epilogue.mlir"], precision, kind="smoke", steps=3)
              for precision in ("f32", "tf32", "bf16", "fp16")),
            case("block", GPT, "bf16", kind="smoke", steps=3),
            # Machine code for another GPU: the driver translates the PTX beside it.
            case("ptx", GPT, "bf16", kind="smoke", steps=3, machine="a100-80")]


def goldens():
    found = []
    for name in ("gpt-4l", "llama-4l"):
        golden = json.loads((TEST / "Goldens" / f"{name}.json").read_text())
        batch = golden["global_batch"]
        found += [case(name, golden["ds_model"], precision, "--zero=0", f"--micro-batch={batch // 2}",
                       f"--global-batch={batch}", golden=f"{name}.json", steps=len(golden["steps"]))
                  for precision in ("f32", "tf32", "bf16")]
    return found


def conformance():
    return [*(case("gpt", GPT, precision) for precision in ("f32", "bf16", "fp16")),
            *(case("llama", LLAMA, precision) for precision in ("f32", "bf16")),
            *(case("odd", ODD, precision) for precision in ("f32", "bf16")),
            case("remat", GPT, "f32", *BATCH, "--remat=blocks"),
            case("dropout", [*GPT, "--dropout=0.1"], "f32"),
            *(case(name, [f"{name}.json"], "f32") for name in ("gemma", "mixtral", "qwen3", "vit")),
            *(case(name, ODD, "f32", *BATCH, f"--optimizer={name}", "--lr=1e-3")
              for name in ("sgd", "adam", "adagrad", "lamb", "lion", "muon"))]


def worlds():
    return [case(f"zero{stage}", ODD, "f32", f"--zero={stage}", "--world=2", "--micro-batch=2", kind="worlds", steps=3,
                 world=2) for stage in range(4)]


def speeds(is_small):
    """Small ones are for trying the scripts, not GPUs."""
    if is_small:
        return [Speed("gpt2-124m", "gpt2-tiny", 4, 32, steps=4, rounds=2, modes=["cast", "autocast"]),
                Speed("gpt2-1558m", "gpt2-tiny", 2, 32, steps=4, rounds=2, modes=["cast"], has_same_values=False)]
    return [Speed("gpt2-124m", "gpt2-124m", 64, 1024, steps=10, rounds=4, modes=["cast", "autocast"]),
            Speed("gpt2-1558m", "gpt2-1558m", 8, 1024, steps=8, rounds=3, modes=["cast"], has_same_values=False,
                  memory_limit="34GiB")]


def all_cases(is_small=False):
    return [*ladder(), *goldens(), *conformance(), *worlds(), *speeds(is_small)]
