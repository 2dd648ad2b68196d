# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""make_seeds.py SOURCE OUT [MAKE-PLAN-SEED]: writes the fuzzers' first inputs.

OUT/<target>/* are made from the inputs of the other tests and from what runs learned, corpus/<target>.txt with an
input in base64 a line (of a run's corpus that `fuzz-<target> -set_cover_merge=1` made small); OUT/<target>.dict
has the words of the format: names of ops and attributes, keys of JSON.  Plans are made when the tool for it is given.
"""

import base64
import json
import pathlib
import re
import subprocess
import sys


def folder(out, name):
    path = out / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def dictionary(out, target, words):
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    (out / f"{target}.dict").write_text("".join(f'"{word}"\n' for word in escaped))


def modules(source, out):
    """The small parts of the lit tests, which are separated by // -----."""
    target, words = folder(out, "module"), set()
    for path in sorted((source / "test").rglob("*.mlir")):
        for number, part in enumerate(re.split(r"^// -----.*$", path.read_text(), flags=re.M)):
            text = re.sub(r"^\s*//.*\n", "", part, flags=re.M).strip() + "\n"
            words.update(re.findall(r"#?ds\.[a-z_.]+", text))
            if len(text) < 2500:
                (target / f"{path.parent.name}-{path.stem}-{number}.mlir").write_text(text)
    dictionary(out, "module", sorted(words))


def imports(source, out):
    """Small parts of the importer's tests, and whole models."""
    target, words = folder(out, "import"), set()
    for path in sorted((source / "test").rglob("*.mlir")):
        for number, part in enumerate(re.split(r"^// -----.*$", path.read_text(), flags=re.M)):
            text = re.sub(r"^\s*//.*\n", "", part, flags=re.M).strip() + "\n"
            words.update(re.findall(r"(?:stablehlo|chlo)\.[a-z_]+", text))
            if "stablehlo." in text and len(text) < 4000:
                (target / f"{path.stem}-{number}.mlir").write_text(text)
    for ending in "stablehlo", "jax":
        for path in sorted((source / "test").rglob(f"*.{ending}")):
            (target / f"{path.stem}.mlir").write_text(path.read_text())
    dictionary(out, "import", sorted(words))


def safetensors(tensors, metadata=None):
    """A file whose tensors are {name: (dtype, shape, bytes)}."""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


# What JSON has, and what hurts its readers.
JSON = ['":', '{"', '"}', "\\n", "\\u0000", "\\ud800", "-1", "1e999", "null", "NaN", "18446744073709551615", "[[[[[[[["]
INDEX = ["weight_map", "metadata", "model-00001-of-00002.safetensors", "../", "/"]
SAFETENSORS = [
    *INDEX, "dtype", "shape", "data_offsets", "__metadata__", '"F32"', '"BF16"', '"I64"', '"U8"', "[0,", *JSON
]


def checkpoints(out):
    target = folder(out, "safetensors")
    dictionary(out, "safetensors", SAFETENSORS)
    files = {
        "empty": safetensors({}),
        "model": safetensors({"w": ("F32", [2, 3], bytes(24)), "b": ("BF16", [3], bytes(6))}),
        "step": safetensors({"w.exp_avg": ("F64", [2], bytes(16)), "s": ("I64", [], bytes(8))}, {"step": "7"}),
        "types": safetensors({t: (t, [1], bytes(n)) for t, n in
                              [("U8", 1), ("U16", 2), ("U32", 4), ("I32", 4), ("F16", 2)]}),
    }
    for name, content in files.items():
        (target / name).write_bytes(content)
    shards = {"a.weight": "model-00001-of-00002.safetensors", "b.weight": "model-00002-of-00002.safetensors"}
    for name, index in {
        "index": {"metadata": {"total_size": 24}, "weight_map": shards},
        "index-outside": {"weight_map": {"w": "../model.safetensors", "v": ".."}},
        "index-types": {"weight_map": {"w": 2**63, "v": None, "u": ["x"]}},
        "index-none": {"weight_map": []},
    }.items():
        (target / name).write_text(json.dumps(index))


def data(out):
    """The first byte chooses the kind of file, see DataTarget.cpp."""
    target = folder(out, "data")
    dictionary(out, "data", SAFETENSORS)
    (target / "text").write_bytes(b"\x00" + bytes(range(40)))
    (target / "bin16").write_bytes(b"\x01" + b"".join(i.to_bytes(2, "little") for i in range(40)))
    (target / "bin32").write_bytes(b"\x05" + b"".join((i * 7).to_bytes(4, "little") for i in range(40)))
    ints = b"".join(i.to_bytes(8, "little") for i in range(12))
    named = safetensors({"x": ("F32", [3, 2, 3], bytes(72)), "y": ("I64", [3, 2, 2][:2], ints[:48])})
    (target / "named").write_bytes(b"\x1a" + named)
    tokens = {name: ("I64", [1, 2, 5], bytes(80)) for name in ("tokens", "targets")}
    (target / "stacked").write_bytes(b"\x02" + safetensors(tokens))


def profiles(source, out):
    target = folder(out, "profile")
    keys = ["gpu", "arch", "sm_90a", "multiprocessors", "cache_bytes", "reserve_bytes", "memory_gbps", "cache_gbps",
            "f32_tflops", "tf32_tflops", "bf16_tflops", "vector_tflops", "launch_us", "host_gbps", "link_gbps",
            "version", "cpu", "cores", "memory_bytes", "busy", "gemm_gflops", "threads", "gflops", "products",
            "library", "cublaslt", "batch", "transpose_a", "transpose_b", "dtype", "tf32", "bf16",
            "bandwidth", "bytes", "read_gbps", "update_gbps", "strided_gbps", "arithmetic", "simple_gops",
            "exponential_gops", "division_gops", "loop_ns", "team_us", "collectives", "kind", "ranks", "us"]
    dictionary(out, "profile", [*keys, *JSON])
    for path in [*sorted((source / "test" / "Inputs").glob("machine*.json")),
                 *sorted((source / "lib" / "Tune" / "Profiles").glob("*.json"))]:
        (target / path.name).write_bytes(path.read_bytes())


def configs(source, out):
    """The files inside the tests of --config, and the keys of the reader's table."""
    target, parts = folder(out, "config"), 0
    for path in sorted((source / "test" / "Config" / "Files").glob("*.json")):
        (target / path.name).write_bytes(path.read_bytes())
    tests = [*(source / "test" / "Tools").glob("ds-opt-config*.test"), *(source / "test" / "Config").glob("*.test")]
    for path in sorted(tests):
        for part in re.split(r"^#--- .*$", path.read_text(), flags=re.M)[1:]:
            parts += 1
            (target / f"{parts:03}.json").write_text(part.strip() + "\n")
    keys = set()
    for path in sorted((source / "lib" / "Config").glob("*.cpp")):
        keys.update(re.findall(r'"([a-z_0-9]{3,}(?:\.[a-z_0-9]+)*)"', path.read_text()))
    words = {word for key in keys for word in key.split(".")}
    dictionary(out, "config", [*sorted(words), "//", "#", "/*", "*/", "auto", *JSON])


def learned(source, out):
    for path in sorted((source / "test" / "Fuzz" / "corpus").glob("*.txt")):
        target = folder(out, path.stem)
        for number, line in enumerate(path.read_text().split()):
            (target / f"learned-{number:04}").write_bytes(base64.b64decode(line))


def plans(source, out, tool):
    tests, target = source / "test", folder(out, "plan")
    made = out / "state.json"
    with open(made, "w") as file:
        subprocess.run([sys.executable, tests / "Runtime" / "state_plan.py", tests / "Goldens" / "gpt-4l.json",
                        "--world=2", "--tokens=1x2x24"], stdout=file, check=True)
    subprocess.run([tool, target, *sorted((tests / "Plan").glob("*.json")), made], check=True)


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    modules(source, out)
    imports(source, out)
    checkpoints(out)
    data(out)
    profiles(source, out)
    configs(source, out)
    learned(source, out)
    if len(sys.argv) > 3:
        plans(source, out, sys.argv[3])


if __name__ == "__main__":
    main()
