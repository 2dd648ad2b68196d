//===- Nvml.h - A GPU's memory before it has a context ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NVIDIA's management library comes with the driver and says how much memory of
// a GPU is free without taking any, which the driver itself cannot.  Where it
// is missing, or a container hides it, less is known.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CUDA_NVML_H
#define DS_RUNTIME_BACKENDS_CUDA_NVML_H

#include <cstdint>
#include <optional>

namespace ds::rt::nvml {

using Status = int;                // nvmlReturn_t
using Handle = struct DeviceTag *; // nvmlDevice_t

inline constexpr Status kOk = 0;

/// nvmlMemory_t: bytes.
struct Memory {
  unsigned long long total = 0, free = 0, used = 0;
};

#define DS_NVML(X)                                                             \
  X(init, nvmlInit_v2, ())                                                     \
  X(shutdown, nvmlShutdown, ())                                                \
  X(deviceByBusId, nvmlDeviceGetHandleByPciBusId_v2,                           \
    (const char *busId, Handle *device))                                       \
  X(memoryInfo, nvmlDeviceGetMemoryInfo, (Handle device, Memory * memory))

/// Free bytes of the GPU at a place of the bus, "0000:3b:00.0"; nothing when
/// the library does not say.
std::optional<uint64_t> freeBytes(const char *busId);

} // namespace ds::rt::nvml

#endif // DS_RUNTIME_BACKENDS_CUDA_NVML_H
