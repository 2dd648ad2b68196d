//===- Sort.h - Orders of rows ------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_SORT_H
#define DS_RUNTIME_EXEC_SORT_H

#include "exec/Instructions.h"

namespace ds::rt {

/// Writes the first positions of each row's order; see plan.fbs.  Rows run on
/// the threads of the team.  Allocates nothing.
void runSort(const SortOp &op);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_SORT_H
