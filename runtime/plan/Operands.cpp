//===- Operands.cpp - What an instruction may touch -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#include "plan/Operands.h"

#include <algorithm>

namespace ds::rt::verify {

Status
atLeastOne(std::initializer_list<std::pair<const char *, uint64_t>> list) {
  for (auto [what, value] : list)
    if (value == 0)
      return inputError("expects '%s' to be at least 1, but got 0", what);
  return {};
}

bool intersect(const plan::Ref &a, uint64_t aBytes, const plan::Ref &b,
               uint64_t bBytes) {
  return a.buffer() == b.buffer() && a.offset() < b.offset() + bBytes &&
         b.offset() < a.offset() + aBytes;
}

Status checkApart(const char *expected, const char *unit,
                  std::vector<std::pair<uint64_t, uint64_t>> &dims) {
  std::sort(dims.begin(), dims.end());
  uint64_t reach = 0;
  for (auto [stride, size] : dims) {
    if (size > 1 && stride <= reach)
      return inputError("expects %s, but a stride of %llu is inside the %llu "
                        "%s before it",
                        expected, ull(stride), ull(satAdd(reach, 1)), unit);
    reach = satAdd(reach, satMul(size - 1, stride));
  }
  return {};
}

} // namespace ds::rt::verify
