//===- Schedule.h - Passes of the Schedule group
//------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_SCHEDULE_H
#define DS_PASSES_SCHEDULE_H

#include "mlir/Pass/Pass.h"

namespace ds {
#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "ds/Passes/Schedule.h.inc"
} // namespace ds

#endif // DS_PASSES_SCHEDULE_H
