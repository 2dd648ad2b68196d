//===- DSStrides.cpp - How elements of a tensor lie ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/Strides.h"

#include "llvm/ADT/STLExtras.h"

llvm::SmallVector<int64_t, 5> ds::rowMajor(llvm::ArrayRef<int64_t> shape) {
  llvm::SmallVector<int64_t, 5> strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

std::optional<llvm::SmallVector<int64_t, 5>>
ds::reshapeStrides(llvm::ArrayRef<int64_t> from,
                   llvm::ArrayRef<int64_t> strides,
                   llvm::ArrayRef<int64_t> to) {
  llvm::SmallVector<int64_t, 5> result(to.size(), 1);
  // Dimensions of size 1 lie anywhere.
  llvm::SmallVector<std::pair<int64_t, int64_t>> dims;
  for (auto [size, stride] : llvm::zip_equal(from, strides))
    if (size != 1)
      dims.push_back({size, stride});
  // From the innermost on: groups of dimensions with equal products.
  int64_t i = static_cast<int64_t>(dims.size()) - 1;
  int64_t j = static_cast<int64_t>(to.size()) - 1;
  while (j >= 0) {
    if (to[j] == 1) {
      --j;
      continue;
    }
    if (i < 0)
      return std::nullopt;
    // One even run of the old dimensions ...
    int64_t run = dims[i].first, base = dims[i].second, upper = i - 1;
    int64_t covered = 1, stride = base;
    while (j >= 0 && covered < run) {
      result[j] = stride;
      stride *= to[j];
      covered *= to[j];
      --j;
      // ... grows as long as the next dimension continues it.
      while (covered > run && upper >= 0 &&
             dims[upper].second ==
                 dims[upper + 1].second * dims[upper + 1].first) {
        run *= dims[upper].first;
        --upper;
      }
    }
    if (covered != run)
      return std::nullopt;
    i = upper;
  }
  return i < 0 ? std::optional(result) : std::nullopt;
}
