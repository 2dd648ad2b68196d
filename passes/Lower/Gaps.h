//===- Gaps.h - How the elements of a value lie -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_LOWER_GAPS_H
#define DS_PASSES_LOWER_GAPS_H

#include "mlir/IR/Value.h"

namespace ds {

/// Whether the elements of a value do not lie one after the other: it is a view
/// of some of another one's.
bool hasGaps(mlir::Value value);

} // namespace ds

#endif // DS_PASSES_LOWER_GAPS_H
