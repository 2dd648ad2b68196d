//===- Targets.cpp - Do flags and machine fit together? -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Targets.h"

#include "base/Nearest.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/TargetParser/X86TargetParser.h"

namespace ds {

TargetProblem checkTargetCpu(const DriverOptions &o) {
  if (o.targetCpu == "host" ||
      llvm::X86::parseArchX86(o.targetCpu, /*Only64Bit=*/true) !=
          llvm::X86::CK_None)
    return {};
  llvm::SmallVector<llvm::StringRef> known;
  llvm::X86::fillValidCPUArchList(known, /*Only64Bit=*/true);
  std::vector<std::string> names(known.begin(), known.end());
  names.push_back("host");
  return {2, "expects --target-cpu to be host or a 64-bit x86 CPU, but got '" +
                 o.targetCpu + "'" + rt::didYouMean(o.targetCpu, names)};
}

TargetProblem checkTargets(const DriverOptions &o, const Machine &machine) {
  const std::string name = "--machine=" + o.machine;
  if (!machine.profile.gpu) {
    const std::string isCpu = ", but " + name +
                              " is a CPU; expects a GPU, "
                              "such as --machine=h200";
    if (o.recipe.precision.tf32)
      return {2, "--precision=tf32 is how GPUs multiply" + isCpu +
                     ", or --precision=f32"};
    if (!o.targetGpus.empty())
      return {2, "--target-gpu names GPUs" + isCpu};
    return {};
  }
  if (std::string why = whyNoGpuArch(machine.profile.gpu->arch); !why.empty())
    return {1, "machine profile '" + o.machine + "': " + why};
  for (const std::string &arch : o.targetGpus)
    if (std::string why = whyNoGpuArch(arch); !why.empty())
      return {2, "--target-gpu: " + why};
  if (o.targetCpu != "host")
    return {2, "--target-cpu names a CPU, but " + name +
                   " is a GPU; drop one of them"};
  return {};
}

TargetOptions targetOf(const DriverOptions &o, const Machine &machine) {
  TargetOptions target{o.targetCpu, 2};
  if (!machine.profile.gpu)
    return target;
  target.gpuArchs = {machine.profile.gpu->arch};
  for (const std::string &arch : o.targetGpus)
    if (!llvm::is_contained(target.gpuArchs, arch))
      target.gpuArchs.push_back(arch);
  return target;
}

} // namespace ds
