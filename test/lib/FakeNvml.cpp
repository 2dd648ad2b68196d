//===- FakeNvml.cpp - The fake management library -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FakeCuda.h"
#include "backends/cuda/Nvml.h"

#include <cstring>

using namespace fake;
namespace nvml = ds::rt::nvml;

static int started = 0;

FAKE_EXPORT nvml::Status nvmlInit_v2() {
  if (option("nvml", 0))
    return 9; // no driver is loaded
  ++started;
  return nvml::kOk;
}

FAKE_EXPORT nvml::Status nvmlShutdown() {
  if (--started < 0)
    violation("nvmlShutdown without nvmlInit");
  return nvml::kOk;
}

FAKE_EXPORT nvml::Status
nvmlDeviceGetHandleByPciBusId_v2(const char *busId, nvml::Handle *device) {
  if (started == 0 || std::strncmp(busId, "0000:", 5) != 0)
    violation("nvmlDeviceGetHandleByPciBusId: '%s'", busId);
  *device = reinterpret_cast<nvml::Handle>(&started);
  return nvml::kOk;
}

FAKE_EXPORT nvml::Status nvmlDeviceGetMemoryInfo(nvml::Handle,
                                                 nvml::Memory *memory) {
  memory->total = total();
  memory->free = freeBytes();
  memory->used = memory->total - memory->free;
  return nvml::kOk;
}
