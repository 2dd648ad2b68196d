//===- Options.h - The compile driver's flags ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_OPTIONS_H
#define DS_TOOLS_DSOPT_OPTIONS_H

#include "ds/Config/Explain.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ds {

struct DriverOptions {
  std::string input, output, zero, microBatch,
      remat = "auto", precision, memoryLimit, machine = "host",
      targetCpu = "host", config, signature, json, stopAfter, dumpPhases,
      schedule;
  int64_t world = 1, globalBatch = 0, seqLen = 0, tuneSeconds = 60;
  std::optional<double> lr, minLr, decayPower, weightDecay, clipValue;
  std::string optimizer;
  std::vector<std::string> noDecay, freeze, targetGpus;
  std::optional<int64_t> warmupSteps, stableSteps, decaySteps;
  bool strict = false;
  /// Empty: not asked for.  "given" or "all"; a prefix of keys, or "all".
  std::string explainConfig, helpConfig;
  bool printConfigSchema = false;
  std::vector<Precision> precisions; ///< To choose from, by settle().
  Recipe recipe;                     ///< Of flags and file, by settle().
  Config file;                       ///< What --config says.
  std::vector<ConfigOrigin> origins; ///< Of keys that flags override.
};

/// Names of all driver flags, those that are not built yet included.
const std::vector<std::string> &driverFlags();

/// Whether the command line asks for a plan: by a driver flag or a `.dsplan`.
bool isDriverCall(int argc, char **argv);

/// Reads the command line; returns the exit code when the program should end,
/// after one message.
std::optional<int> parseOptions(int argc, char **argv, DriverOptions &options);

/// Reads --config and fills in `recipe`, `zero` and the batch, flags first;
/// returns the exit code when the program should end, after its messages.
std::optional<int> settle(DriverOptions &options);

/// Makes the schedule that the flags say, up to the peak of `schedule`;
/// returns the exit code when the program should end, after one message.
std::optional<int> settleSchedule(const DriverOptions &options,
                                  Schedule &schedule);

/// The answer to --explain-config, with what became of the search.
std::string explain(const DriverOptions &options,
                    const std::vector<ConfigOrigin> &found,
                    const std::string &hfConfig);

/// "2GiB" or "1048576" as bytes; nothing when it is neither.
std::optional<int64_t> parseBytes(const std::string &text);

} // namespace ds

#endif // DS_TOOLS_DSOPT_OPTIONS_H
