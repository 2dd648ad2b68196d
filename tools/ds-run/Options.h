//===- Options.h - The command line of ds-run ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_RUN_OPTIONS_H
#define DS_TOOLS_DS_RUN_OPTIONS_H

#include "exec/Job.h"

namespace ds::rt {

struct CommandLine {
  std::string plan;
  RunOptions run;
  std::string json;          ///< Empty: none; "-": standard output.
  std::string trace;         ///< Empty: none.
  std::string bind = "auto"; ///< auto, none or cores.
  int np = 0;                ///< 0: the plan's world.
  bool dataGiven = false;
  bool profileMachine = false;
  std::string profileFile;  ///< Empty: standard output; or "gpu":
  bool profileGpus = false; ///< To there, of the machine's GPUs.
  bool helpPrinted = false;
};

/// Errors are of Code::Usage, with the nearest name for an unknown flag.
StatusOr<CommandLine> parseCommandLine(int argc, char **argv);

} // namespace ds::rt

#endif // DS_TOOLS_DS_RUN_OPTIONS_H
