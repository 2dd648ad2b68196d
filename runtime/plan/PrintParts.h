//===- PrintParts.h - What the parts of the printer share -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to runtime/plan.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_PRINTPARTS_H
#define DS_RUNTIME_PLAN_PRINTPARTS_H

#include "plan/Text.h"
#include "plan/Verify.h"

namespace ds::rt {

inline std::string text(const flatbuffers::String *string) {
  return string ? string->str() : "";
}

inline std::string quoted(const flatbuffers::String *string) {
  return "'" + text(string) + "'";
}

/// Rank lists as ranges: "0-3,6".
std::string ranksText(const std::vector<uint32_t> &ranks);

/// What belongs to no program: target, facts, groups, images and kernels.
void printHeader(TextOut &out, const LoadedPlan &loaded);

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_PRINTPARTS_H
