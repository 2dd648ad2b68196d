//===- Options.h - The compile driver's flags ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_OPTIONS_H
#define DS_TOOLS_DSOPT_OPTIONS_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ds {

struct DriverOptions {
  std::string input, output, zero = "auto", microBatch, remat = "auto",
                             precision = "f32", memoryLimit, machine = "host",
                             targetCpu = "host", json, stopAfter, dumpPhases;
  int64_t world = 1, globalBatch = 0, seqLen = 0, tuneSeconds = 60;
  double lr = 3e-4;
};

/// Names of all driver flags, those that are not built yet included.
const std::vector<std::string> &driverFlags();

/// Reads the command line; returns the exit code when the program should end,
/// after one message.
std::optional<int> parseOptions(int argc, char **argv, DriverOptions &options);

/// "2GiB" or "1048576" as bytes; nothing when it is neither.
std::optional<int64_t> parseBytes(const std::string &text);

} // namespace ds

#endif // DS_TOOLS_DSOPT_OPTIONS_H
