//===- GemmDnnl.cpp - Matrix products by oneDNN -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// dnnl_sgemm is row-major and runs sequentially inside an OpenMP team, which
// is what `batch` threading relies on.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"

#include <dnnl.h>
#include <new>

namespace ds::rt {

bool gemm(const GemmShape &shape, const float *a, const float *b, float *c) {
  dnnl_status_t status =
      dnnl_sgemm(shape.transposeA ? 'T' : 'N', shape.transposeB ? 'T' : 'N',
                 shape.m, shape.n, shape.k, 1.0f, a, shape.lda, b, shape.ldb,
                 shape.beta, c, shape.ldc);
  // The same end as for a `new` that fails, and from whatever thread.
  if (status == dnnl_out_of_memory)
    if (std::new_handler handler = std::get_new_handler())
      handler();
  return status == dnnl_success;
}

bool gemm(const GemmShape &shape, const double *a, const double *b, double *c) {
  int64_t aRow = shape.transposeA ? 1 : shape.lda;
  int64_t aColumn = shape.transposeA ? shape.lda : 1;
  int64_t bRow = shape.transposeB ? 1 : shape.ldb;
  int64_t bColumn = shape.transposeB ? shape.ldb : 1;
  parallelRanges(shape.m, 1, [&](uint64_t begin, uint64_t end) {
    for (int64_t i = begin; i < static_cast<int64_t>(end); ++i)
      for (int64_t j = 0; j < shape.n; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < shape.k; ++p)
          sum += a[i * aRow + p * aColumn] * b[p * bRow + j * bColumn];
        double &out = c[i * shape.ldc + j];
        out = shape.beta != 0 ? out + sum : sum;
      }
  });
  return true;
}

} // namespace ds::rt
