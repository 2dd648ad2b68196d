#!/usr/bin/env python3
# ===- torch_gpu.py - PyTorch's step and its best product --------------------=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: torch_gpu.py train --model=gpt2-124m --batch=64 --seq-len=1024 [--mode=cast|autocast] [--same-values]
#        torch_gpu.py peak [--size=8192]
#
# `train`: a compiled bf16 step with PyTorch's fused attention and AdamW and float32 masters.  Prints a line when it is
# ready; then, for each line "N" of standard input, the lines of N steps and one of memory.  In mode `cast` the model
# computes with bf16 copies of the parameters, as our plans do; in mode `autocast` PyTorch says what is bf16.
# `peak`: products of square bf16 matrices and copies, each timed alone.
# ===----------------------------------------------------------------------=== #
import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "Benchmark", "peers"))
import data  # noqa: E402, first of these: it says where the others are
import make_goldens as models  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from shapes import SHAPES  # noqa: E402

BATCHES = 8  # made before; again from the first after them
WARM = 3
TRIES, NAP = 10, 3  # and seconds between them: others that start have the memory for a moment


def fused_attention(q, k, v):
    batch, heads, length, size = q.shape
    mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return mixed.transpose(1, 2).reshape(batch, length, heads * size)


def say(**event):
    print(json.dumps(event), flush=True)


def parameters_of(options, shape):
    """The values that ds-run makes, or others of the same distribution, which is quicker."""
    if options.same_values:
        made = models.initial_values(shape, seed=0)
        named = ((name, torch.from_numpy(value).to(options.device)) for name, value in made.items())
    else:
        generator = torch.Generator(options.device).manual_seed(0)
        named = ((name, torch.empty(dims, device=options.device).normal_(0, number, generator=generator)
                  if kind == "normal" else torch.full(dims, number, device=options.device))
                 for name, dims, (kind, number) in models.FAMILIES[shape.family][0](shape))
    return {name: value.requires_grad_() for name, value in named}


def loss_function(options, shape):
    logits_of = models.FAMILIES[shape.family][1]

    def cast(parameters, inputs, targets):
        narrow = {name: value.to(torch.bfloat16) for name, value in parameters.items()}
        logits = logits_of(narrow, shape, inputs)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

    def autocast(parameters, inputs, targets):
        with torch.autocast(options.device, torch.bfloat16):
            logits = logits_of(parameters, shape, inputs)
        return F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten())

    chosen = cast if options.mode == "cast" else autocast
    return torch.compile(chosen) if options.compile else chosen


def batches_of(options):
    shape, pinned = SHAPES[options.model][1], options.device == "cuda"
    made = [[torch.from_numpy(part) for part in data.batch_of(step, shape, options.batch, options.seq_len)]
            for step in range(BATCHES)]
    return [[part.pin_memory() for part in pair] for pair in made] if pinned else made


def make_step(options):
    models.causal_attention = fused_attention
    shape = models.Shape(seq_len=options.seq_len, **SHAPES[options.model][1])
    parameters, forward, batches = parameters_of(options, shape), loss_function(options, shape), batches_of(options)
    o = data.OPTIMIZER
    optimizer = torch.optim.AdamW(parameters.values(), lr=o["lr"], betas=(o["beta1"], o["beta2"]), eps=o["eps"],
                                  weight_decay=o["weight_decay"], fused=True)

    def step(number):
        inputs, targets = (part.to(options.device, non_blocking=True) for part in batches[number % BATCHES])
        loss = forward(parameters, inputs, targets)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), o["max_norm"])
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return {"loss": loss.item(), "grad_norm": norm.item()}  # waits

    return step


def memory():
    if not torch.cuda.is_available():
        return {}
    return {"max_allocated_bytes": torch.cuda.max_memory_allocated(),
            "max_reserved_bytes": torch.cuda.max_memory_reserved()}


def give_back():
    """To others what only the next step needs; the peak is kept."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def patient(step):
    """The first step, again when there was too little memory."""
    for _ in range(TRIES):
        try:
            return step(0)
        except torch.OutOfMemoryError as error:
            print(f"torch_gpu.py: {error}", file=sys.stderr)
        give_back()
        time.sleep(NAP)
    return step(0)


def train(options):
    begin, step = time.monotonic(), make_step(options)
    first = [patient(step)]
    say(event="compiled", seconds=time.monotonic() - begin)
    first += [step(count) for count in range(1, WARM)]
    count = WARM - 1
    give_back()
    say(event="ready", torch=torch.__version__, losses=[one["loss"] for one in first],
        grad_norms=[one["grad_norm"] for one in first])
    for line in sys.stdin:
        for _ in range(int(line)):
            count += 1
            say(event="step", **step(count))
        say(event="turn", **memory())
        give_back()


def timed(device, rounds, work):
    """Seconds of each round."""
    seconds = []
    for number in range(rounds + 3):
        if device == "cuda":
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            begin.record()
            work()
            end.record()
            end.synchronize()
            passed = begin.elapsed_time(end) * 1e-3
        else:
            start = time.monotonic()
            work()
            passed = time.monotonic() - start
        if number >= 3:  # those before warm up
            seconds.append(passed)
    return seconds


def peak(options):
    size, device = options.size, options.device
    a, b = (torch.randn(size, size, device=device).to(torch.bfloat16) for _ in range(2))
    c = torch.empty_like(a)
    tflops = [2e-12 * size**3 / seconds for seconds in timed(device, 20, lambda: torch.mm(a, b, out=c))]
    source = torch.ones(size * size * 8, dtype=torch.float32, device=device)  # 2 GiB at 8192
    target = torch.empty_like(source)
    rates = [2 * 4 * source.numel() / seconds for seconds in timed(device, 10, lambda: target.copy_(source))]
    say(event="peak", torch=torch.__version__, size=size, tflops=tflops, copy_bytes_per_s=rates)


def main():
    parser = argparse.ArgumentParser(prog="torch_gpu.py")
    parser.add_argument("what", choices=["train", "peak"])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--model", choices=SHAPES, default="gpt2-124m")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seq-len", type=int, default=1024)
    parser.add_argument("--mode", choices=["cast", "autocast"], default="cast")
    parser.add_argument("--same-values", action="store_true", help="start from the values that ds-run makes")
    parser.add_argument("--eager", dest="compile", action="store_false")
    parser.add_argument("--size", type=int, default=8192)
    options = parser.parse_args()
    (train if options.what == "train" else peak)(options)


if __name__ == "__main__":
    main()
