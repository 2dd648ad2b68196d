//===- CpuInfo.h - What this CPU is and can do --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_BACKENDS_CPU_CPUINFO_H
#define DS_RUNTIME_BACKENDS_CPU_CPUINFO_H

#include <string>
#include <vector>

namespace ds::rt {

struct CpuInfo {
  std::string name;               ///< As the maker calls it.
  std::vector<std::string> flags; ///< As /proc/cpuinfo names them.
  bool has(const std::string &flag) const;
};

/// Reads the first processor of /proc/cpuinfo.
CpuInfo readCpuInfo();

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_CPUINFO_H
