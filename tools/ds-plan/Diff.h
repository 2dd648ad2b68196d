//===- Diff.h - The lines in which two texts differ -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_PLAN_DIFF_H
#define DS_TOOLS_DS_PLAN_DIFF_H

#include <string>

namespace ds::rt {

/// Lines only in `a` after "- " and only in `b` after "+ ", in order; empty
/// when the texts are equal.  Shortest for texts whose differing middles have
/// up to a few thousand lines; longer ones are shown one after the other.
std::string diffLines(const std::string &a, const std::string &b);

} // namespace ds::rt

#endif // DS_TOOLS_DS_PLAN_DIFF_H
