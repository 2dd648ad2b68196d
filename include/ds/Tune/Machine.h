//===- Machine.h - The machine a plan is made for -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TUNE_MACHINE_H
#define DS_TUNE_MACHINE_H

#include "ds/Cost/Cost.h"
#include "profile/Machine.h"

#include <string>
#include <vector>

namespace ds {

/// A machine by its profile.
struct Machine {
  rt::MachineProfile profile;
  std::string note; ///< What to tell the user of how it was measured.

  /// What one of `world` ranks gets, while all of them run.
  Rates rates(int64_t world) const;

  /// Bytes that each of `world` ranks may have.
  int64_t memoryOf(int64_t world) const;

  /// Whether products of bfloat16 are faster here, or on a named CPU of LLVM's,
  /// than their operands in float32: "host" asks the profile.
  bool hasBFloatProducts(const std::string &targetCpu) const;

  /// Whether it is a GPU whose products take GELU of 16-bit numbers along at no
  /// loss.
  bool hasGeluEpilogues() const;
};

/// The machines that come with the project: h200, ...
std::vector<std::string> shippedMachines();

/// The profile of such a machine as JSON, or nothing: of `name`, or of a file's
/// name, "profiles/h200.json".
std::string shippedProfile(const std::string &name);

/// Reads a profile, as `ds-run --profile-machine` writes it, or one that comes
/// with the project, if there is no such file; on failure returns false and
/// sets `error`.
bool readMachine(const std::string &path, Machine &machine, std::string &error);

/// This machine: measured once (`rt::measureMachine`) and kept in the user's
/// cache folder; a file there that is no profile of today's version is measured
/// anew.  Free memory is asked for each time.
Machine hostMachine();

} // namespace ds

#endif // DS_TUNE_MACHINE_H
