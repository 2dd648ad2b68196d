//===- Reduce.h - Sums over ranks ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_COMM_LOCAL_REDUCE_H
#define DS_RUNTIME_COMM_LOCAL_REDUCE_H

#include "plan_generated.h"

#include <cstddef>
#include <span>

namespace ds::rt {

/// dst[i] = reduction over `sources` of source[i], in their order, on the
/// whole team.  `dst` may be one of the sources.
void reduceArrays(plan::DType dtype, plan::ReduceOp op,
                  std::span<const std::byte *const> sources, std::byte *dst,
                  uint64_t count);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_REDUCE_H
