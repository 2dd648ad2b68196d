//===- Gemm.cpp - Matrix products of the CPU backend --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"

namespace ds::rt {

static std::unique_ptr<GemmKernel> make(GemmLibrary library, GemmTeam team,
                                        const GemmShape &shape) {
  switch (library) {
  case GemmLibrary::onednn_gemm:
    return makeDnnlGemm(shape);
  case GemmLibrary::onednn_matmul:
    return makeDnnlMatmul(shape, team);
  case GemmLibrary::blis:
    return makeBlisGemm(shape, team);
  case GemmLibrary::cublaslt:
    break; // of GPUs
  }
  return nullptr;
}

/// How a message calls a product.
static std::string typeOf(const GemmShape &shape) {
  return shape.dtype == plan::DType::f32
             ? ""
             : std::string(" of ") + plan::EnumNameDType(shape.dtype);
}

StatusOr<GemmKernel *> GemmKernels::get(GemmLibrary library, GemmTeam team,
                                        const GemmShape &shape) {
  std::unique_ptr<GemmKernel> &kernel = made_[{library, team, shape}];
  if (!kernel)
    kernel = make(library, team, shape);
  if (!kernel)
    return inputError("%s cannot compute a product of %lld x %lld x %lld%s "
                      "here: compile the plan with this machine's profile",
                      plan::EnumNameGemmLibrary(library), (long long)shape.m,
                      (long long)shape.n, (long long)shape.k,
                      typeOf(shape).c_str());
  return kernel.get();
}

void gemm(const GemmShape &shape, const double *a, const double *b, double *c) {
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
}

} // namespace ds::rt
