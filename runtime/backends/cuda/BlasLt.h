//===- BlasLt.h - The functions of cuBLASLt -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As Driver.h: what is used of cublasLt.h, declared here and compared with
// NVIDIA's own by test/Runtime/cuda_headers_test.cpp.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CUDA_BLASLT_H
#define DS_RUNTIME_BACKENDS_CUDA_BLASLT_H

#include "backends/cuda/Driver.h"

namespace ds::rt::cuda {

using LtStatus = int; // cublasStatus_t
using LtHandle = struct LtHandleTag *;
using LtDesc = struct LtDescTag *;             // cublasLtMatmulDesc_t
using LtLayout = struct LtLayoutTag *;         // cublasLtMatrixLayout_t
using LtPreference = struct LtPreferenceTag *; // cublasLtMatmulPreference_t

inline constexpr LtStatus kLtSuccess = 0;

/// cublasLtMatmulAlgo_t
struct LtAlgorithm {
  uint64_t data[8];
};
/// cublasLtMatmulHeuristicResult_t
struct LtChoice {
  LtAlgorithm algorithm;
  size_t workspaceBytes;
  LtStatus state;
  float waves;
  int reserved[4];
};

// cudaDataType_t
inline constexpr int kTypeF32 = 0, kTypeF64 = 1, kTypeF16 = 2, kTypeBf16 = 14;
// cublasComputeType_t
inline constexpr int kComputeF32 = 68, kComputeF64 = 70, kComputeTf32 = 77;
// cublasLtMatmulDescAttributes_t; a value of it is a cublasOperation_t
inline constexpr int kDescTransposeA = 3, kDescTransposeB = 4, kTranspose = 1;
// ... or a cublasLtEpilogue_t (uint32_t), a pointer, or its rows' distance in
// elements (int64_t) or type (int32_t).
inline constexpr int kDescEpilogue = 7, kDescBias = 8, kDescAux = 11,
                     kDescAuxLd = 12, kDescBiasType = 26;
// cublasLtEpilogue_t: bits; of GELU's gradient those of reading `aux`, too.
inline constexpr uint32_t kEpilogueBias = 4, kEpilogueGelu = 32,
                          kEpilogueAux = 128, kEpilogueGeluGrad = 64 | 128;
// cublasLtMatrixLayoutAttribute_t: int32_t, int64_t
inline constexpr int kLayoutBatchCount = 5, kLayoutBatchStride = 6;
// cublasLtMatmulPreferenceAttributes_t: size_t, uint32_t of A, B, C and D
inline constexpr int kPreferWorkspaceBytes = 1, kPreferAlignmentA = 5;

#define DS_CUDA_BLASLT(X)                                                      \
  X(create, cublasLtCreate, (LtHandle * handle))                               \
  X(destroy, cublasLtDestroy, (LtHandle handle))                               \
  X(descCreate, cublasLtMatmulDescCreate,                                      \
    (LtDesc * desc, int computeType, int scaleType))                           \
  X(descSet, cublasLtMatmulDescSetAttribute,                                   \
    (LtDesc desc, int attribute, const void *value, size_t bytes))             \
  X(descDestroy, cublasLtMatmulDescDestroy, (LtDesc desc))                     \
  X(layoutCreate, cublasLtMatrixLayoutCreate,                                  \
    (LtLayout * layout, int type, uint64_t rows, uint64_t columns,             \
     int64_t ld))                                                              \
  X(layoutSet, cublasLtMatrixLayoutSetAttribute,                               \
    (LtLayout layout, int attribute, const void *value, size_t bytes))         \
  X(layoutDestroy, cublasLtMatrixLayoutDestroy, (LtLayout layout))             \
  X(preferenceCreate, cublasLtMatmulPreferenceCreate,                          \
    (LtPreference * preference))                                               \
  X(preferenceSet, cublasLtMatmulPreferenceSetAttribute,                       \
    (LtPreference preference, int attribute, const void *value, size_t bytes)) \
  X(preferenceDestroy, cublasLtMatmulPreferenceDestroy,                        \
    (LtPreference preference))                                                 \
  X(heuristic, cublasLtMatmulAlgoGetHeuristic,                                 \
    (LtHandle handle, LtDesc desc, LtLayout a, LtLayout b, LtLayout c,         \
     LtLayout d, LtPreference preference, int wanted, LtChoice *choices,       \
     int *found))                                                              \
  X(check, cublasLtMatmulAlgoCheck,                                            \
    (LtHandle handle, LtDesc desc, LtLayout a, LtLayout b, LtLayout c,         \
     LtLayout d, const LtAlgorithm *algorithm, LtChoice *choice))              \
  X(multiply, cublasLtMatmul,                                                  \
    (LtHandle handle, LtDesc desc, const void *alpha, const void *a,           \
     LtLayout aLayout, const void *b, LtLayout bLayout, const void *beta,      \
     const void *c, LtLayout cLayout, void *d, LtLayout dLayout,               \
     const LtAlgorithm *algorithm, void *workspace, size_t workspaceBytes,     \
     Stream stream))

/// libcublasLt.so.
struct BlasLt {
#define DS_CUDA_MEMBER(name, symbol, parameters) LtStatus(*name) parameters;
  DS_CUDA_BLASLT(DS_CUDA_MEMBER)
#undef DS_CUDA_MEMBER
  const char *(*statusName)(LtStatus status);
  size_t (*version)();

  static StatusOr<const BlasLt *> open();
};

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_BLASLT_H
