//===- TunedPlan.h - A plan with the fastest products -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_TUNEDPLAN_H
#define DS_RUNTIME_EXEC_TUNEDPLAN_H

#include "plan/Plan.h"

#include <map>
#include <vector>

namespace ds::rt {

/// What a plan's Gemm has as `algorithm`, by the number of its instruction.
using FastestAlgorithms = std::map<uint32_t, std::vector<uint8_t>>;

/// Writes `loaded` with the algorithms that products of one of its programs
/// are to use; all else stays as it is.
Status writeTunedPlan(const LoadedPlan &loaded, uint32_t program,
                      const FastestAlgorithms &chosen, const std::string &path);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_TUNEDPLAN_H
