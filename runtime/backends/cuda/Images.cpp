//===- Images.cpp - Which of a plan's images a GPU runs -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/Images.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace ds::rt::cuda {
namespace {

/// sm_90a: 90 and 'a'.
struct Arch {
  int capability = 0;
  char feature = 0; ///< 'a': this one only; 'f': this family; 0: from here on.
};

Arch parse(const char *text) {
  const char *digits = std::strchr(text, '_');
  if (!digits)
    return {};
  char *end = nullptr;
  Arch arch;
  arch.capability = int(std::strtol(digits + 1, &end, 10));
  arch.feature = *end;
  return arch;
}

/// How well it runs on `capability`, more is better; 0: it does not.
int fitness(const plan::Image &image, int capability) {
  const Arch arch = parse(image.arch()->c_str());
  const bool ptx = image.kind() == plan::ImageKind::ptx;
  const bool sameMajor = arch.capability / 10 == capability / 10;
  if (arch.capability > capability ||
      (arch.feature == 'a' && arch.capability != capability) ||
      ((arch.feature == 'f' || !ptx) && !sameMajor))
    return 0;
  const int features = arch.feature == 'a' ? 2 : arch.feature == 'f' ? 1 : 0;
  return (ptx ? 0 : 10000) + arch.capability * 3 + features;
}

std::string listOf(const plan::Plan &plan) {
  std::string list;
  for (const auto *image : *plan.images())
    list += (list.empty() ? "" : ", ") + image->arch()->str();
  return list;
}

} // namespace

StatusOr<const plan::Image *>
chooseImage(const plan::Plan &plan, int capability, const std::string &gpu) {
  const auto *least = plan.target()->cpu();
  if (least && parse(least->c_str()).capability > capability)
    return inputError("the plan is for GPUs from %s on, but %s is sm_%d: "
                      "compile the model for it with --machine",
                      least->c_str(), gpu.c_str(), capability);
  const plan::Image *best = nullptr;
  if (plan.images())
    for (const auto *image : *plan.images())
      if (const int fit = fitness(*image, capability);
          fit > (best ? fitness(*best, capability) : 0))
        best = image;
  if (best)
    return best;
  return inputError("the plan has kernels for %s, but %s is sm_%d, which runs "
                    "none of them: compile the model for it with --machine",
                    plan.images() ? listOf(plan).c_str() : "no GPU",
                    gpu.c_str(), capability);
}

Kernels::~Kernels() {
  if (module_ && !device_.isAbandoned())
    (void)device_.driver().moduleUnload(module_);
}

Status Kernels::loadModule(const LoadedPlan &plan, const plan::Image &image) {
  // PTX is text and ends with a zero.
  std::vector<char> bytes(image.bytes() + 1);
  uint64_t done = 0;
  while (done < image.bytes()) {
    const ssize_t got =
        pread(plan.fd(), bytes.data() + done, image.bytes() - done,
              off_t(plan.code().offset + image.offset() + done));
    if (got <= 0)
      return inputError("cannot read the kernels of '%s': %s",
                        plan.path().c_str(),
                        got < 0 ? std::strerror(errno) : "the file ended");
    done += uint64_t(got);
  }
  char log[2048] = {};
  int options[] = {kJitErrorLog, kJitErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof(log) - 1)};
  const Driver &driver = device_.driver();
  const Result result =
      driver.moduleLoad(&module_, bytes.data(), 2, options, values);
  if (result == kSuccess)
    return {};
  module_ = nullptr;
  if (result == kUnsupportedPtx)
    return inputError("the driver of NVIDIA GPUs is too old for the plan: its "
                      "PTX (%s) is newer than CUDA %s: update the driver",
                      image.arch()->c_str(),
                      versionText(driver.version).c_str());
  std::string said = log;
  std::replace(said.begin(), said.end(), '\n', ' ');
  if (!said.empty())
    said = " (" + said + ")";
  return device_.error(
      result, format("cannot load the kernels for %s on %s "
                     "with a driver of CUDA %s%s",
                     image.arch()->c_str(), device_.title().c_str(),
                     versionText(driver.version).c_str(), said.c_str()));
}

Status Kernels::loadKernel(const plan::Plan &plan, uint32_t kernel) {
  const plan::Kernel &info = *plan.kernels()->Get(kernel);
  const Driver &driver = device_.driver();
  const std::string symbol = "ds_k" + std::to_string(kernel);
  Function &function = functions_[kernel];
  Result result = driver.moduleGetFunction(&function, module_, symbol.c_str());
  if (result != kSuccess)
    return device_.error(result, format("cannot find kernel '%s' (%s) in the "
                                        "plan's image",
                                        info.name()->c_str(), symbol.c_str()));
  const int shared = int(info.gpu()->shared_bytes());
  if (shared > device_.maxSharedBytes())
    return inputError("kernel '%s' needs %d bytes of shared memory, but %s has "
                      "%d for a block: compile the model for it with --machine",
                      info.name()->c_str(), shared, device_.title().c_str(),
                      device_.maxSharedBytes());
  int threads = 0;
  result = shared > 0
               ? driver.functionSet(function, kFunctionMaxSharedBytes, shared)
               : kSuccess;
  if (result == kSuccess)
    result = driver.functionGet(&threads, kFunctionMaxThreads, function);
  if (result != kSuccess)
    return device_.error(
        result, format("cannot prepare kernel '%s'", info.name()->c_str()));
  if (threads < int(info.gpu()->threads()))
    return inputError("kernel '%s' has blocks of %u threads, but %s runs at "
                      "most %d of them: compile the model for it with "
                      "--machine",
                      info.name()->c_str(), info.gpu()->threads(),
                      device_.title().c_str(), threads);
  return {};
}

Status Kernels::load(const LoadedPlan &loaded, const std::vector<bool> &used) {
  const plan::Plan &plan = loaded.plan();
  functions_.assign(used.size(), nullptr);
  if (std::find(used.begin(), used.end(), true) == used.end())
    return {};
  auto image = chooseImage(plan, device_.capability(), device_.title());
  if (!image.ok())
    return image.status();
  DS_RT_RETURN_IF_ERROR(loadModule(loaded, **image));
  for (uint32_t kernel = 0; kernel < used.size(); ++kernel)
    if (used[kernel])
      DS_RT_RETURN_IF_ERROR(loadKernel(plan, kernel));
  return {};
}

} // namespace ds::rt::cuda
