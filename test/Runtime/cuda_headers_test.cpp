//===- cuda_headers_test.cpp - Our declarations against NVIDIA's --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime declares what it uses of NVIDIA's headers itself.  Where there
// are headers, this compares every function, struct and constant with them.
// It is compiled, not run: nothing of the libraries is linked.
//===--------------------------------------------------------------------===//
#include "backends/cuda/BlasLt.h"
#include "backends/cuda/Nvml.h"
#include "comm/nccl/Nccl.h"

#include <type_traits>

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#define DS_HAS_BLASLT
#endif
#include <cuda.h>
#if __has_include(<nvml.h>)
#include <nvml.h>
#define DS_HAS_NVML
#endif
#if __has_include(<nccl.h>)
#include <nccl.h>
#define DS_HAS_NCCL
#endif

namespace cuda = ds::rt::cuda;
namespace nccl = ds::rt::nccl;

/// Whether a value is passed in the same way: a pointer, an integer (or an
/// enumeration) of the same size, or a struct of the same size.
template <typename A, typename B> constexpr bool isSame() {
  constexpr bool bothPointers = std::is_pointer_v<A> && std::is_pointer_v<B>;
  constexpr bool bothNumbers = (std::is_integral_v<A> || std::is_enum_v<A>) &&
                               (std::is_integral_v<B> || std::is_enum_v<B>);
  constexpr bool bothStructs = std::is_class_v<A> && std::is_class_v<B>;
  return sizeof(A) == sizeof(B) && alignof(A) == alignof(B) &&
         (bothPointers || bothNumbers || bothStructs);
}

template <typename Ours, typename Theirs> struct SameFunction;
template <typename R, typename... A, typename S, typename... B>
struct SameFunction<R (*)(A...), S (*)(B...)> {
  static constexpr bool value() {
    if constexpr (sizeof...(A) == sizeof...(B))
      return isSame<R, S>() && (isSame<A, B>() && ...);
    else
      return false;
  }
};

// cuda.h names some functions by macros; what they stand for is what is meant.
#define DS_SAME(name, symbol, parameters)                                      \
  static_assert(                                                               \
      SameFunction<decltype(Table::name), decltype(&::symbol)>::value(),       \
      #symbol " is declared otherwise");

namespace driver_functions {
using Table = cuda::Driver;
DS_CUDA_DRIVER(DS_SAME)
} // namespace driver_functions

static_assert(cuda::kSuccess == CUDA_SUCCESS);
static_assert(cuda::kInvalidValue == CUDA_ERROR_INVALID_VALUE);
static_assert(cuda::kOutOfMemory == CUDA_ERROR_OUT_OF_MEMORY);
static_assert(cuda::kNoDevice == CUDA_ERROR_NO_DEVICE);
static_assert(cuda::kInvalidImage == CUDA_ERROR_INVALID_IMAGE);
static_assert(cuda::kEccUncorrectable == CUDA_ERROR_ECC_UNCORRECTABLE);
static_assert(cuda::kNvlinkUncorrectable == CUDA_ERROR_NVLINK_UNCORRECTABLE);
static_assert(cuda::kUnsupportedPtx == CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
#if CUDA_VERSION >= 13000
static_assert(cuda::kContained == CUDA_ERROR_CONTAINED);
static_assert(cuda::kTensorMemoryLeak == CUDA_ERROR_TENSOR_MEMORY_LEAK);
#endif
static_assert(cuda::kNotReady == CUDA_ERROR_NOT_READY);
static_assert(cuda::kIllegalAddress == CUDA_ERROR_ILLEGAL_ADDRESS);
static_assert(cuda::kOutOfResources == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
static_assert(cuda::kLaunchTimeout == CUDA_ERROR_LAUNCH_TIMEOUT);
static_assert(cuda::kContextDestroyed == CUDA_ERROR_CONTEXT_IS_DESTROYED);
static_assert(cuda::kAssert == CUDA_ERROR_ASSERT);
static_assert(cuda::kExternalDevice == CUDA_ERROR_EXTERNAL_DEVICE);
static_assert(cuda::kUnknown == CUDA_ERROR_UNKNOWN);
static_assert(cuda::kHardwareStackError == CUDA_ERROR_HARDWARE_STACK_ERROR);
static_assert(cuda::kLaunchFailed == CUDA_ERROR_LAUNCH_FAILED);
static_assert(cuda::kNotSupported == CUDA_ERROR_NOT_SUPPORTED);
static_assert(cuda::kMajor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
static_assert(cuda::kMinor == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
static_assert(cuda::kMaxPitch == CU_DEVICE_ATTRIBUTE_MAX_PITCH);
static_assert(cuda::kMultiprocessors ==
                  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT &&
              cuda::kL2Bytes == CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
static_assert(cuda::kMaxSharedBytesOptin ==
              CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
static_assert(cuda::kFunctionMaxThreads ==
              CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
static_assert(cuda::kFunctionMaxSharedBytes ==
              CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
static_assert(cuda::kJitErrorLog == CU_JIT_ERROR_LOG_BUFFER);
static_assert(cuda::kJitErrorLogBytes == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
static_assert(cuda::kStreamNonBlocking == CU_STREAM_NON_BLOCKING);
static_assert(cuda::kEventNoTiming == CU_EVENT_DISABLE_TIMING);
static_assert(cuda::kHostPortable == CU_MEMHOSTALLOC_PORTABLE &&
              cuda::kHostPortable == CU_MEMHOSTREGISTER_PORTABLE);
static_assert(cuda::kCaptureRelaxed == CU_STREAM_CAPTURE_MODE_RELAXED);
static_assert(cuda::kMemoryUnified == CU_MEMORYTYPE_UNIFIED);
static_assert(CU_STREAM_WRITE_VALUE_DEFAULT == 0);

#define DS_SAME_FIELD(ours, mine, theirs, its)                                 \
  static_assert(offsetof(ours, mine) == offsetof(theirs, its))
static_assert(sizeof(cuda::Copy2D) == sizeof(CUDA_MEMCPY2D));
DS_SAME_FIELD(cuda::Copy2D, srcType, CUDA_MEMCPY2D, srcMemoryType);
DS_SAME_FIELD(cuda::Copy2D, src, CUDA_MEMCPY2D, srcDevice);
DS_SAME_FIELD(cuda::Copy2D, srcPitch, CUDA_MEMCPY2D, srcPitch);
DS_SAME_FIELD(cuda::Copy2D, dstX, CUDA_MEMCPY2D, dstXInBytes);
DS_SAME_FIELD(cuda::Copy2D, dstType, CUDA_MEMCPY2D, dstMemoryType);
DS_SAME_FIELD(cuda::Copy2D, dst, CUDA_MEMCPY2D, dstDevice);
DS_SAME_FIELD(cuda::Copy2D, dstPitch, CUDA_MEMCPY2D, dstPitch);
DS_SAME_FIELD(cuda::Copy2D, width, CUDA_MEMCPY2D, WidthInBytes);
DS_SAME_FIELD(cuda::Copy2D, height, CUDA_MEMCPY2D, Height);

#ifdef DS_HAS_BLASLT
namespace blas_functions {
using Table = cuda::BlasLt;
DS_CUDA_BLASLT(DS_SAME)
DS_SAME(statusName, cublasLtGetStatusName, )
DS_SAME(version, cublasLtGetVersion, )
} // namespace blas_functions

static_assert(cuda::kLtSuccess == CUBLAS_STATUS_SUCCESS);
static_assert(sizeof(cuda::LtAlgorithm) == sizeof(cublasLtMatmulAlgo_t));
static_assert(sizeof(cuda::LtChoice) ==
              sizeof(cublasLtMatmulHeuristicResult_t));
DS_SAME_FIELD(cuda::LtChoice, workspaceBytes, cublasLtMatmulHeuristicResult_t,
              workspaceSize);
DS_SAME_FIELD(cuda::LtChoice, state, cublasLtMatmulHeuristicResult_t, state);
static_assert(cuda::kTypeF32 == CUDA_R_32F && cuda::kTypeF64 == CUDA_R_64F &&
              cuda::kTypeF16 == CUDA_R_16F && cuda::kTypeBf16 == CUDA_R_16BF);
static_assert(cuda::kComputeF32 == CUBLAS_COMPUTE_32F &&
              cuda::kComputeF64 == CUBLAS_COMPUTE_64F &&
              cuda::kComputeTf32 == CUBLAS_COMPUTE_32F_FAST_TF32);
static_assert(cuda::kDescTransposeA == CUBLASLT_MATMUL_DESC_TRANSA &&
              cuda::kDescTransposeB == CUBLASLT_MATMUL_DESC_TRANSB &&
              cuda::kTranspose == CUBLAS_OP_T);
static_assert(cuda::kDescEpilogue == CUBLASLT_MATMUL_DESC_EPILOGUE &&
              cuda::kDescBias == CUBLASLT_MATMUL_DESC_BIAS_POINTER &&
              cuda::kDescAux == CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER &&
              cuda::kDescAuxLd == CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD &&
              cuda::kDescBiasType == CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE);
static_assert(cuda::kEpilogueBias == CUBLASLT_EPILOGUE_BIAS &&
              cuda::kEpilogueGelu == CUBLASLT_EPILOGUE_GELU &&
              (cuda::kEpilogueGelu | cuda::kEpilogueBias) ==
                  CUBLASLT_EPILOGUE_GELU_BIAS &&
              (cuda::kEpilogueGelu | cuda::kEpilogueAux) ==
                  CUBLASLT_EPILOGUE_GELU_AUX &&
              (cuda::kEpilogueGelu | cuda::kEpilogueAux |
               cuda::kEpilogueBias) == CUBLASLT_EPILOGUE_GELU_AUX_BIAS &&
              cuda::kEpilogueGeluGrad == CUBLASLT_EPILOGUE_DGELU);
static_assert(cuda::kLayoutBatchCount == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT &&
              cuda::kLayoutBatchStride ==
                  CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET);
static_assert(
    cuda::kPreferWorkspaceBytes == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES &&
    cuda::kPreferAlignmentA == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES &&
    cuda::kPreferAlignmentA + 1 == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES &&
    cuda::kPreferAlignmentA + 2 == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES &&
    cuda::kPreferAlignmentA + 3 == CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
#endif

#ifdef DS_HAS_NVML
namespace nvml = ds::rt::nvml;
namespace nvml_functions {
struct Table {
#define DS_MEMBER(name, symbol, parameters) nvml::Status(*name) parameters;
  DS_NVML(DS_MEMBER)
};
DS_NVML(DS_SAME)
} // namespace nvml_functions
static_assert(nvml::kOk == NVML_SUCCESS);
static_assert(sizeof(nvml::Memory) == sizeof(nvmlMemory_t));
DS_SAME_FIELD(nvml::Memory, total, nvmlMemory_t, total);
DS_SAME_FIELD(nvml::Memory, free, nvmlMemory_t, free);
#endif

#ifdef DS_HAS_NCCL
namespace nccl_functions {
using Table = nccl::Library;
DS_NCCL(DS_SAME)
DS_SAME(errorString, ncclGetErrorString, )
DS_SAME(lastError, ncclGetLastError, )
#if NCCL_VERSION_CODE >= NCCL_VERSION(2, 19, 1)
DS_SAME(memAlloc, ncclMemAlloc, )
DS_SAME(memFree, ncclMemFree, )
#endif
} // namespace nccl_functions

static_assert(nccl::kOk == ncclSuccess && nccl::kInProgress == ncclInProgress &&
              nccl::kInvalidArgument == ncclInvalidArgument &&
              nccl::kInvalidUsage == ncclInvalidUsage);
static_assert(sizeof(nccl::Id) == sizeof(ncclUniqueId));
// Ours is the beginning of theirs, whose later fields are not for us.
static_assert(sizeof(nccl::Config) <= sizeof(ncclConfig_t));
DS_SAME_FIELD(nccl::Config, size, ncclConfig_t, size);
DS_SAME_FIELD(nccl::Config, magic, ncclConfig_t, magic);
DS_SAME_FIELD(nccl::Config, version, ncclConfig_t, version);
DS_SAME_FIELD(nccl::Config, blocking, ncclConfig_t, blocking);
static_assert(nccl::kBytes == ncclUint8 && nccl::kInt32 == ncclInt32 &&
              nccl::kUint32 == ncclUint32 && nccl::kInt64 == ncclInt64 &&
              nccl::kFloat16 == ncclFloat16 && nccl::kFloat32 == ncclFloat32 &&
              nccl::kFloat64 == ncclFloat64 && nccl::kBfloat16 == ncclBfloat16);
static_assert(nccl::kSum == ncclSum && nccl::kMax == ncclMax &&
              nccl::kMean == ncclAvg);
#endif
