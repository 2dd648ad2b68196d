//===- Gemm.h - Matrix products of the CPU backend ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The door to the vendor library: nothing else of the runtime includes its
// headers, so a second library is a second .cpp behind this file.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_GEMM_H
#define DS_RUNTIME_BACKENDS_CPU_GEMM_H

#include <cstdint>

namespace ds::rt {

/// C = A * B + beta * C, row-major; A is m x k (k x m when transposed).
struct GemmShape {
  int64_t m, n, k;
  int64_t lda, ldb, ldc; ///< Elements.
  bool transposeA, transposeB;
  float beta; ///< 0 or 1.
};

/// Runs on the whole team; on the calling thread when that is inside a team.
/// False when the library refuses the shape.
bool gemm(const GemmShape &shape, const float *a, const float *b, float *c);

/// Plain loops: for hand-written plans and tests, not for speed.
bool gemm(const GemmShape &shape, const double *a, const double *b, double *c);

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_GEMM_H
