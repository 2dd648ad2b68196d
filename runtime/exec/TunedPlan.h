//===- TunedPlan.h - A plan with the fastest products -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_TUNEDPLAN_H
#define DS_RUNTIME_EXEC_TUNEDPLAN_H

#include "exec/Backend.h"
#include "plan/Plan.h"

namespace ds::rt {

/// Writes `loaded` with the algorithms that products of one of its programs
/// are to use; all else stays as it is.
Status writeTunedPlan(const LoadedPlan &loaded, uint32_t program,
                      const FastestAlgorithms &chosen, const std::string &path);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_TUNEDPLAN_H
