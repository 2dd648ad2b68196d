#!/usr/bin/env python3
# ===- probe.py - A GPU's libraries, without a plan --------------------------=== #
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# usage: probe.py libraries | context | copies [BYTES] | nccl [ELEMENTS]
#
# Calls the driver and NCCL as the runtime does, through ctypes, and prints one JSON object: which files were found; a
# context that is there for two seconds; how fast memory is copied; what the collectives of a communicator of one rank
# make of known values.  A process of its own, because a library may take it along.
# ===----------------------------------------------------------------------=== #
import array
import ctypes
import json
import sys
import time
from ctypes import byref, c_char, c_float, c_int, c_size_t, c_uint, c_uint64, c_void_p

IN_PROGRESS, FLOAT, SUM = 7, 7, 0  # of nccl.h
PATIENCE = 30  # seconds for a communicator


class Id(ctypes.Structure):
    _fields_ = [("bytes", c_char * 128)]


class Config(ctypes.Structure):  # as runtime/comm/nccl/Nccl.h has it
    _fields_ = [("size", c_size_t), ("magic", c_uint), ("version", c_uint), ("blocking", c_int)]


class Driver:
    """The first GPU's primary context, current in this thread."""

    def __init__(self):
        self.library = ctypes.CDLL("libcuda.so.1")
        device, self.context = c_int(), c_void_p()
        self("cuInit", c_uint(0))
        self("cuDeviceGet", byref(device), c_int(0))
        self.device = device
        name = ctypes.create_string_buffer(256)
        self("cuDeviceGetName", name, c_int(256), device)
        self.name = name.value.decode()
        self("cuDevicePrimaryCtxRetain", byref(self.context), device)
        self("cuCtxSetCurrent", self.context)
        self.stream = c_void_p()
        self("cuStreamCreate", byref(self.stream), c_uint(1))

    def __call__(self, function, *arguments):
        result = getattr(self.library, function)(*arguments)
        if result:
            text = ctypes.c_char_p()
            self.library.cuGetErrorName(c_int(result), byref(text))
            raise SystemExit(f"probe.py: error: {function} returned {result} ({(text.value or b'unknown').decode()})")

    def version(self):
        version = c_int()
        self("cuDriverGetVersion", byref(version))
        return version.value

    def memory(self):
        free, total = c_size_t(), c_size_t()
        self("cuMemGetInfo_v2", byref(free), byref(total))
        return free.value, total.value

    def allocate(self, size):
        at = c_uint64()
        self("cuMemAlloc_v2", byref(at), c_size_t(size))
        return at

    def pin(self, size):
        """Memory of the host that the GPU sees."""
        at = c_void_p()
        self("cuMemHostAlloc", byref(at), c_size_t(size), c_uint(0))
        return at

    def wait(self):
        end = time.monotonic() + PATIENCE
        while (result := self.library.cuStreamQuery(self.stream)) == 600:  # not ready
            if time.monotonic() > end:
                raise SystemExit(f"probe.py: error: the GPU did not end for {PATIENCE} s")
        if result:
            raise SystemExit(f"probe.py: error: cuStreamQuery returned {result}")

    def close(self, *allocations):
        for at in allocations:
            self("cuMemFree_v2", at)
        self("cuStreamDestroy_v2", self.stream)
        self("cuDevicePrimaryCtxRelease_v2", self.device)


def libraries():
    """{name: the file that was opened for it, or why there is none}"""
    found = {}
    for name in ("libcuda.so.1", "libcublasLt.so.13", "libcublasLt.so.12", "libnccl.so.2"):
        try:
            ctypes.CDLL(name)
        except OSError as error:
            found[name] = str(error)
            continue
        with open("/proc/self/maps", encoding="utf-8") as maps:
            stem = name.partition(".so")[0]
            found[name] = next((line.split()[-1] for line in maps if f"/{stem}.so" in line), "opened")
    return found


def context():
    driver = Driver()
    time.sleep(2)
    driver.close()
    return {"name": driver.name}


def copies(size=2 << 30, rounds=10):
    """Bytes read and bytes written, a second, of copies on the GPU; each timed alone."""
    driver = Driver()
    free, total = driver.memory()
    source, target = driver.allocate(size), driver.allocate(size)
    driver("cuMemsetD8Async", source, ctypes.c_ubyte(1), c_size_t(size), driver.stream)
    events = [c_void_p() for _ in range(rounds + 3)]
    for event in events:
        driver("cuEventCreate", byref(event), c_uint(0))
        driver("cuMemcpyAsync", target, source, c_size_t(size), driver.stream)
        driver("cuEventRecord", event, driver.stream)
    driver.wait()
    rates = []
    for first, second in list(zip(events, events[1:]))[2:]:
        ms = c_float()
        driver("cuEventElapsedTime", byref(ms), first, second)
        rates.append(2 * size / (ms.value * 1e-3))
    for event in events:
        driver("cuEventDestroy_v2", event)
    driver.close(source, target)
    return {"name": driver.name, "driver": driver.version(), "free_bytes": free, "total_bytes": total,
            "bytes": size, "bytes_per_s": rates}


class Communicator:
    """One rank alone; nothing waits in the library, as in the runtime."""

    def __init__(self, library):
        self.library, self.comm = library, c_void_p()
        library.ncclGetErrorString.restype = ctypes.c_char_p
        identity, config = Id(), Config(ctypes.sizeof(Config), 0xCAFEBEEF, 21400, 0)
        self.check("ncclGetUniqueId", library.ncclGetUniqueId(byref(identity)))
        self.check("ncclCommInitRankConfig",
                   library.ncclCommInitRankConfig(byref(self.comm), c_int(1), identity, c_int(0), byref(config)))

    def check(self, what, status):
        end = time.monotonic() + PATIENCE
        while status == IN_PROGRESS and time.monotonic() < end:
            now = c_int()
            self.library.ncclCommGetAsyncError(self.comm, byref(now))
            status = now.value
        if status:
            text = self.library.ncclGetErrorString(c_int(status)) or b""
            raise SystemExit(f"probe.py: error: {what} returned {status} ({text.decode()})")

    def __call__(self, function, *arguments):
        self.check(function, getattr(self.library, function)(*arguments))

    def close(self):
        self("ncclCommFinalize", self.comm)
        self.check("ncclCommDestroy", self.library.ncclCommDestroy(self.comm))


def nccl(count=1 << 20):
    """{collective: whether one rank alone has its own values afterwards}"""
    driver, library = Driver(), ctypes.CDLL("libnccl.so.2")
    version = c_int()
    library.ncclGetVersion(byref(version))
    begin = time.monotonic()
    comm = Communicator(library)
    seconds = time.monotonic() - begin
    values = array.array("f", (number % 251 for number in range(count)))
    there, back = driver.pin(4 * count), driver.pin(4 * count)
    ctypes.memmove(there, values.tobytes(), 4 * count)
    size, source, target = c_size_t(4 * count), driver.allocate(4 * count), driver.allocate(4 * count)
    calls = {"all_reduce": ("ncclAllReduce", (c_int(FLOAT), c_int(SUM))),
             "reduce_scatter": ("ncclReduceScatter", (c_int(FLOAT), c_int(SUM))),
             "all_gather": ("ncclAllGather", (c_int(FLOAT),)), "broadcast": ("ncclBroadcast", (c_int(FLOAT), c_int(0)))}
    right = {}
    driver("cuMemcpyHtoDAsync_v2", source, there, size, driver.stream)
    for name, (function, arguments) in calls.items():
        driver("cuMemsetD8Async", target, ctypes.c_ubyte(255), size, driver.stream)
        comm(function, source, target, c_size_t(count), *arguments, comm.comm, driver.stream)
        driver("cuMemcpyDtoHAsync_v2", back, target, size, driver.stream)
        driver.wait()
        right[name] = ctypes.string_at(back, 4 * count) == values.tobytes()
    comm.close()
    for at in (there, back):
        driver("cuMemFreeHost", at)
    driver.close(source, target)
    return {"version": version.value, "start_s": seconds, "right": right}


def main():
    name, *more = sys.argv[1:] or ["libraries"]
    known = {"libraries": libraries, "context": context, "copies": copies, "nccl": nccl}
    if name not in known:
        sys.exit(f"probe.py: error: expected one of {', '.join(known)}, but got '{name}'")
    try:
        print(json.dumps(known[name](*map(int, more))))
    except OSError as error:
        sys.exit(f"probe.py: error: {error}")


if __name__ == "__main__":
    main()
