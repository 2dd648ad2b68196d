//===- Profile.h - Where the time of steps goes, by instruction ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_PROFILE_H
#define DS_RUNTIME_EXEC_PROFILE_H

#include "exec/Report.h"
#include "plan/Plan.h"

namespace ds::rt {

/// What one instruction took, over any number of calls.
struct InstrTime {
  double seconds = 0;
  uint64_t calls = 0;
};

/// Rows of instructions that do the same (one kernel, products of one shape),
/// the longest first.  `times` has one entry per instruction of the program, in
/// the order of their numbers, over `steps` steps.
std::vector<ProfileRow> profileRows(const plan::Plan &plan,
                                    const plan::Program &program,
                                    const std::vector<InstrTime> &times,
                                    uint64_t steps);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_PROFILE_H
