//===- Machine.h - The machine a plan is made for -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TUNE_MACHINE_H
#define DS_TUNE_MACHINE_H

#include "ds/Cost/Cost.h"

#include <map>
#include <string>

namespace ds {

/// A machine profile, as `ds-run --profile-machine` writes it.
struct Machine {
  std::string cpu;
  int64_t cores = 1;
  int64_t memoryBytes = 0;          ///< Free for all ranks together.
  std::map<int64_t, double> gflops; ///< Products by number of threads.
  std::vector<plan::ProductRate> products;
  double memoryGBps = 0; ///< All cores together.
  double sharedGBps = 0; ///< One core.
  double rendezvousUs = 30;

  /// What one of `world` ranks gets.
  Rates rates(int64_t world) const;
};

/// Reads a profile; on failure returns false and sets `error`.
bool readMachine(const std::string &path, Machine &machine, std::string &error);

/// This machine: measured once (in 10 s) and kept in the user's cache folder.
/// Free memory is asked for anew each time.
Machine hostMachine();

} // namespace ds

#endif // DS_TUNE_MACHINE_H
