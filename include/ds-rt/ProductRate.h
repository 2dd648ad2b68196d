//===- ProductRate.h - How fast a library multiplies matrices -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RT_PRODUCTRATE_H
#define DS_RT_PRODUCTRATE_H

#include "plan_generated.h"

namespace ds::plan {

/// A measurement.  C = A * B of one type, as a plan's Gemm says it: A is m x k
/// (k x m when transposed), rows lie without gaps, there are `batch` of them.
struct ProductRate {
  GemmLibrary library;
  int threads; ///< Of a GPU, its multiprocessors.
  int64_t m, n, k;
  int64_t batch; ///< 1: one product; else, on a CPU, one thread a product.
  bool transposeA, transposeB;
  double gflops;            ///< Of all threads together.
  DType dtype = DType::f32; ///< Or bf16.
  bool tf32 = false;        ///< Operands of f32 are rounded; on GPUs.
};

} // namespace ds::plan

#endif // DS_RT_PRODUCTRATE_H
