//===- Targets.h - Do flags and machine fit together? -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DSOPT_TARGETS_H
#define DS_TOOLS_DSOPT_TARGETS_H

#include "Options.h"
#include "ds/Codegen/Codegen.h"
#include "ds/Tune/Machine.h"

namespace ds {

/// What ends the program, unless `code` is 0.
struct TargetProblem {
  int code = 0;
  std::string message;
};

/// Whether LLVM knows --target-cpu.
TargetProblem checkTargetCpu(const DriverOptions &options);

/// Whether precision and targets are such as `machine` has.
TargetProblem checkTargets(const DriverOptions &options,
                           const Machine &machine);

/// What kernels are compiled for.
TargetOptions targetOf(const DriverOptions &options, const Machine &machine);

} // namespace ds

#endif // DS_TOOLS_DSOPT_TARGETS_H
