//===- GemmBlis.cpp - Matrix products by BLIS ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Through BLIS's typed interface, which takes the number of threads with each
// call.  BLIS chooses its kernels by the chip's family and falls back to plain
// C, six times slower, on any that is newer than itself: so we choose by what
// the chip can do, unless the user did (BLIS_ARCH_TYPE).
//===--------------------------------------------------------------------===//
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"

#include <blis.h>
#include <cstdlib>

#ifndef BLIS_ENABLE_OPENMP
#error "expects the OpenMP flavour of BLIS: libblis-openmp-dev on Debian"
#endif

namespace ds::rt {
namespace {

/// The name of a configuration of BLIS; null where its own choice is good.
const char *configuration() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return "skx";
  if (__builtin_cpu_is("amdfam17h") || __builtin_cpu_is("amdfam19h"))
    return nullptr; // BLIS 0.9 knows all Zen without AVX-512
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return "haswell";
#endif
  return nullptr;
}

/// Before BLIS's first call, which reads the variable and initializes it.
void chooseConfiguration() {
  if (const char *name = configuration())
    setenv("BLIS_ARCH_TYPE", name, /*overwrite=*/0);
  bli_init();
}

class BlisGemm final : public GemmKernel {
public:
  BlisGemm(const GemmShape &shape, GemmTeam team)
      : shape_(shape), beta_(shape.beta) {
    bli_rntm_init(&runtime_);
    bli_rntm_set_num_threads(team == GemmTeam::whole ? threads() : 1,
                             &runtime_);
  }

  bool run(const void *a, const void *b, void *c) override {
    // BLIS writes into the description of the threads and takes operands
    // without const.
    rntm_t runtime = runtime_;
    float one = 1;
    auto rowStride = [](bool transposed, int64_t leading) {
      return inc_t(transposed ? 1 : leading);
    };
    auto columnStride = [](bool transposed, int64_t leading) {
      return inc_t(transposed ? leading : 1);
    };
    bli_sgemm_ex(BLIS_NO_TRANSPOSE, BLIS_NO_TRANSPOSE, shape_.m, shape_.n,
                 shape_.k, &one, operand(a),
                 rowStride(shape_.transposeA, shape_.lda),
                 columnStride(shape_.transposeA, shape_.lda), operand(b),
                 rowStride(shape_.transposeB, shape_.ldb),
                 columnStride(shape_.transposeB, shape_.ldb), &beta_,
                 operand(c), shape_.ldc, 1,
                 /*cntx=*/nullptr, &runtime);
    return true;
  }

private:
  static float *operand(const void *data) {
    return static_cast<float *>(const_cast<void *>(data));
  }

  GemmShape shape_;
  float beta_;
  rntm_t runtime_;
};

} // namespace

std::unique_ptr<GemmKernel> makeBlisGemm(const GemmShape &shape,
                                         GemmTeam team) {
  if (shape.dtype != plan::DType::f32)
    return nullptr;
  chooseConfiguration();
  return std::make_unique<BlisGemm>(shape, team);
}

} // namespace ds::rt
