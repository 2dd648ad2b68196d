//===- Scalars.h - Single values of any type ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalars live in the arena as their own type and are computed in float64.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_SCALARS_H
#define DS_RUNTIME_EXEC_SCALARS_H

#include "plan_generated.h"

#include <cstddef>

namespace ds::rt {

double loadScalar(plan::DType dtype, const std::byte *from);
/// Rounds to nearest, ties to even; integers saturate, NaN becomes 0.
void storeScalar(plan::DType dtype, std::byte *to, double value);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_SCALARS_H
