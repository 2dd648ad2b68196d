//===- Nvml.cpp - A GPU's memory before it has a context ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/Nvml.h"
#include "backends/cuda/Library.h"

namespace ds::rt::nvml {

namespace {
struct Library {
#define DS_NVML_MEMBER(name, symbol, parameters) Status(*name) parameters;
  DS_NVML(DS_NVML_MEMBER)
#undef DS_NVML_MEMBER
};
} // namespace

std::optional<uint64_t> freeBytes(const char *busId) {
  Library library;
#define DS_NVML_SYMBOL(name, symbol, parameters)                               \
  {#symbol, reinterpret_cast<void **>(&library.name)},
  const auto opened = cuda::openLibrary(
      {"NVIDIA's management library", {"libnvidia-ml.so.1"}, ""},
      {DS_NVML(DS_NVML_SYMBOL)});
#undef DS_NVML_SYMBOL
  if (!opened.ok() || library.init() != kOk)
    return std::nullopt;
  Handle device = nullptr;
  Memory memory;
  const bool known = library.deviceByBusId(busId, &device) == kOk &&
                     library.memoryInfo(device, &memory) == kOk;
  (void)library.shutdown();
  return known ? std::optional<uint64_t>(memory.free) : std::nullopt;
}

} // namespace ds::rt::nvml
