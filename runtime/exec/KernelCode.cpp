//===- KernelCode.cpp - The plan's code in memory -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/KernelCode.h"
#include "backends/cpu/CpuInfo.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <utility>

namespace ds::rt {

StatusOr<KernelCode> KernelCode::map(const LoadedPlan &plan) {
  KernelCode code;
  // Images for GPUs are read by who loads them.
  if (plan.code().bytes == 0 || isForGpu(plan.plan()))
    return code;
  code.bytes_ = plan.code().bytes;
  void *data = mmap(nullptr, code.bytes_, PROT_READ | PROT_EXEC, MAP_PRIVATE,
                    plan.fd(), off_t(plan.code().offset));
  if (data == MAP_FAILED)
    return inputError("%s: cannot map the code of the kernels: %s (is the file "
                      "on a file system mounted noexec?)",
                      plan.path().c_str(), std::strerror(errno));
  code.data_ = static_cast<const std::byte *>(data);
  return code;
}

KernelCode::KernelCode(KernelCode &&other) noexcept {
  *this = std::move(other);
}

KernelCode &KernelCode::operator=(KernelCode &&other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

KernelCode::~KernelCode() {
  if (data_)
    munmap(const_cast<std::byte *>(data_), bytes_);
}

Status checkTarget(const plan::Target &target) {
  if (target.arch()->str() == "nvidia")
    return {}; // what the GPU is, the rank finds
  if (target.arch()->str() != "x86-64" && target.arch()->str() != "x86_64")
    return inputError("the plan is for '%s', but this machine is "
                      "x86-64; compile the model anew on this machine",
                      target.arch()->c_str());
  if (!target.features() || target.features()->size() == 0)
    return {};
  CpuInfo cpu = readCpuInfo();
  std::string missing;
  for (const auto *feature : *target.features())
    if (!cpu.has(feature->str()))
      missing += (missing.empty() ? "" : ", ") + feature->str();
  if (missing.empty())
    return {};
  return inputError("the plan is for '%s' and needs %s, which this CPU "
                    "(%s) lacks; emit it anew with 'ds-opt X.dsplan "
                    "--target-cpu=host -o Y.dsplan'",
                    target.cpu() ? target.cpu()->c_str() : "another CPU",
                    missing.c_str(), cpu.name.c_str());
}

} // namespace ds::rt
