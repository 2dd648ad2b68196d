//===- Limits.h - How fast this machine could be ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_LIMITS_H
#define DS_RUNTIME_EXEC_LIMITS_H

#include "exec/Arena.h"
#include "exec/Report.h"

#include <vector>

namespace ds::rt {

/// Bytes a second of a STREAM triad (a[i] = b[i] + s * c[i], three arrays, at
/// most 64 MiB each) on the whole team; 0 for an arena below 192 KiB, which has
/// no bandwidth of its own.  Overwrites the arena.  Takes 0.1 s.
double triadBandwidth(const Arena &arena);

/// Sets `limitMs` of each row: its flops at the rate of the run's best product
/// or its bytes at `bandwidth`, whichever takes longer.  Returns both limits.
Limits setLimits(std::vector<ProfileRow> &rows, double bandwidth);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_LIMITS_H
