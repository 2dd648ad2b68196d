//===- Machine.h - What this machine can do -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The few numbers that predictions rest on, measured in under ten seconds.
// Linked by the compiler too (dsrt_profile).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_MACHINE_H
#define DS_RUNTIME_PROFILE_MACHINE_H

#include "ds-rt/ProductRate.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ds::rt {

struct GemmRate {
  int threads;
  double gflops; ///< Float32 products of the size of a model's layers.
};

struct MachineProfile {
  std::string cpu;                ///< As the maker names it.
  std::vector<std::string> flags; ///< As /proc/cpuinfo names them.
  int cores;
  uint64_t memoryBytes;       ///< Free for processes now.
  std::vector<GemmRate> gemm; ///< 1, 2, 4, ... cores threads.
  std::vector<plan::ProductRate> products;
  double memoryGBps;       ///< Read + written, all cores.
  double sharedMemoryGBps; ///< Copied out of another mapping, one core.
  double barrierUs;        ///< One rendezvous of two processes.
};

/// Call from a process that has not used the thread pool otherwise; leaves the
/// pool at its default size.
MachineProfile measureMachine();

/// The profile as JSON text, newline at the end.
std::string profileJson(const MachineProfile &profile);

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_MACHINE_H
