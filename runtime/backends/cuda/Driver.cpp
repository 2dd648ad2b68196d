//===- Driver.cpp - The functions of NVIDIA's driver --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/Driver.h"
#include "backends/cuda/Library.h"

namespace ds::rt::cuda {
namespace {

constexpr int kOldestVersion = 12000;
constexpr const char *kRemedy =
    "install NVIDIA's driver 525 or later, and in a container hand it in";

StatusOr<Driver> openDriver() {
  Driver driver;
#define DS_CUDA_SYMBOL(name, symbol, parameters)                               \
  {#symbol, reinterpret_cast<void **>(&driver.name)},
  DS_RT_RETURN_IF_ERROR(
      openLibrary({"the driver of NVIDIA GPUs", {"libcuda.so.1"}, kRemedy},
                  {DS_CUDA_DRIVER(DS_CUDA_SYMBOL)}));
#undef DS_CUDA_SYMBOL
  if (driver.driverGetVersion(&driver.version) != kSuccess)
    driver.version = 0;
  if (driver.version < kOldestVersion)
    return inputError("the driver of NVIDIA GPUs is too old: expected one for "
                      "CUDA %s or later, but got CUDA %s: %s",
                      versionText(kOldestVersion).c_str(),
                      versionText(driver.version).c_str(), kRemedy);
  const Result result = driver.init(0);
  int count = 0;
  if (result == kNoDevice ||
      (result == kSuccess &&
       (driver.deviceGetCount(&count) != kSuccess || count == 0)))
    return inputError("expected an NVIDIA GPU, but this machine shows none: go "
                      "where there is one (CUDA_VISIBLE_DEVICES may hide it), "
                      "or compile plans for the CPU with --machine=host");
  if (result != kSuccess)
    return inputError("cannot start the driver of NVIDIA GPUs: %s: restart the "
                      "machine if 'nvidia-smi' fails, too",
                      driver.text(result).c_str());
  return driver;
}

} // namespace

StatusOr<const Driver *> Driver::open() {
  static const StatusOr<Driver> driver = openDriver();
  if (!driver.ok())
    return driver.status();
  return &*driver;
}

std::string Driver::text(Result error) const {
  const char *name = nullptr, *words = nullptr;
  if (getErrorName(error, &name) != kSuccess || !name)
    return "error " + std::to_string(error);
  (void)getErrorString(error, &words);
  return format("%s (%d: %s)", name, error, words ? words : "unknown");
}

bool isFatal(Result error) {
  switch (error) {
  case kEccUncorrectable:
  case kNvlinkUncorrectable:
  case kContained:
  case kIllegalAddress:
  case kLaunchTimeout:
  case kContextDestroyed:
  case kAssert:
  case kExternalDevice:
  case kUnknown: // often a GPU that is gone from the bus
    return true;
  default: // the hardware's: bad instruction, address space, counter, ...
    return (error >= kHardwareStackError && error <= kLaunchFailed) ||
           error == kTensorMemoryLeak;
  }
}

std::string versionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

} // namespace ds::rt::cuda
