//===- Strides.h - How elements of a tensor lie -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strides are in elements, one per dimension.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECT_DS_STRIDES_H
#define DS_DIALECT_DS_STRIDES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace ds {

llvm::SmallVector<int64_t, 5> rowMajor(llvm::ArrayRef<int64_t> shape);

/// The strides of the same storage under another shape; nothing when the
/// elements do not lie evenly.
std::optional<llvm::SmallVector<int64_t, 5>>
reshapeStrides(llvm::ArrayRef<int64_t> from, llvm::ArrayRef<int64_t> strides,
               llvm::ArrayRef<int64_t> to);

} // namespace ds

#endif // DS_DIALECT_DS_STRIDES_H
