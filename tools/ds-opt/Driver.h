//===- Driver.h - From a model to a plan --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSOPT_DRIVER_H
#define DS_TOOLS_DSOPT_DRIVER_H

namespace ds {

/// Compiles.  Returns the exit code: 0 done, 1 the input or the machine is at
/// fault, 2 wrong usage.
int runDriver(int argc, char **argv);

} // namespace ds

#endif // DS_TOOLS_DSOPT_DRIVER_H
