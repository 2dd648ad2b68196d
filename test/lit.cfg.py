# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What lit tests can use: our tools, FileCheck, not, split-file and python3.
# Tests run against a private cache folder; two ranks share the machine, so
# plans of several ranks are not run by many tests at once.
import os
import shutil
import subprocess

import lit.formats

config.name = "ds-mlir"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "lib", "Codegen", "CMakeLists.txt", "README.md"]
config.test_source_root = os.path.dirname(__file__)
path = [config.ds_tools, config.llvm_tools, os.path.dirname(config.python)]
config.environment["PATH"] = os.pathsep.join(path + [os.environ["PATH"]])
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "cache")
# Tests share the cores: threads that spin for each other would starve them.
config.environment["OMP_WAIT_POLICY"] = "passive"
# A sanitizer's own memory is no part of what a plan states.
if config.ds_sanitize:
    config.available_features.add("sanitizer")
    config.available_features.add(config.ds_sanitize + "-sanitizer")
    # What a crash of a rank looks like is for the launcher to say, as without.
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
        config.environment[name] = f"{os.environ.get(name, '')}:handle_segv=0"
else:  # the sanitizers' builds have the runtime alone
    config.available_features.add("compiler")
# Faults replaces functions that a sanitizer replaces, too: not there under one.
if config.ds_faults:
    config.available_features.add("faults")
    config.substitutions.append(("%faults", config.ds_faults))
# The fake driver of NVIDIA GPUs: `%fakecuda ds-run X.dsplan`, with FAKE_CUDA="..." in front.
config.substitutions.append(("%{fakecuda_folder}", config.ds_fake_cuda))
config.substitutions.append(("%fakecuda", f"env LD_LIBRARY_PATH={config.ds_fake_cuda}"))
# A test that mounts a disk of its own; some containers forbid it.
mounts = ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
if shutil.which("unshare") and subprocess.run(mounts, stderr=subprocess.DEVNULL).returncode == 0:
    config.available_features.add("unshare")
# Products of bfloat16 as they are.
with open("/proc/cpuinfo") as cpuinfo:
    if {"avx512_bf16", "amx_bf16"} & set(cpuinfo.read().split()):
        config.available_features.add("bf16")
# NVIDIA's assembler, where the compiler looks for it.
homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
if any(home and os.access(f"{home}/bin/ptxas", os.X_OK) for home in homes) or shutil.which("ptxas"):
    config.available_features.add("ptxas")
    for name in ("CUDA_HOME", "CUDA_PATH"):
        if name in os.environ:
            config.environment[name] = os.environ[name]
if os.path.exists("/dev/nvidia0"):
    config.available_features.add("cuda")
# What the Python package imports models from: `REQUIRES: torch`.
for package in ("torch", "jax", "flax", "optax", "transformers", "onnx") if config.ds_python_package else ():
    seen = f"import importlib.util as u, sys; sys.exit(u.find_spec('{package}') is None)"
    if subprocess.run([config.ds_python, "-c", seen]).returncode == 0:
        config.available_features.add(package)
    else:
        lit_config.note(f"tests with {package} are left out: pip install {package}, or tools/setup --frontends")
