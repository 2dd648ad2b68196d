//===- Driver.h - The functions of NVIDIA's driver ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The few types, constants and functions of cuda.h that are used, declared
// here: no toolkit is needed to build, and every build is the same.  Where
// there is a toolkit, test/Runtime/cuda_headers_test.cpp compares each of them
// with NVIDIA's own.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CUDA_DRIVER_H
#define DS_RUNTIME_BACKENDS_CUDA_DRIVER_H

#include "base/Status.h"

#include <cstddef>
#include <cstdint>

namespace ds::rt::cuda {

using Result = int;                 // CUresult
using Ordinal = int;                // CUdevice
using Address = unsigned long long; // CUdeviceptr
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using Graph = struct GraphTag *;
using GraphExec = struct GraphExecTag *;

inline Address addressOf(const void *at) {
  return reinterpret_cast<uintptr_t>(at);
}

inline constexpr Result kSuccess = 0, kInvalidValue = 1, kOutOfMemory = 2,
                        kNoDevice = 100, kInvalidImage = 200, kNoBinary = 209,
                        kEccUncorrectable = 214, kInvalidPtx = 218,
                        kNvlinkUncorrectable = 220, kUnsupportedPtx = 222,
                        kContained = 226, kNotReady = 600,
                        kIllegalAddress = 700, kOutOfResources = 701,
                        kLaunchTimeout = 702, kContextDestroyed = 709,
                        kAssert = 710, kExternalDevice = 911, kUnknown = 999,
                        kHardwareStackError = 714, kLaunchFailed = 719,
                        kTensorMemoryLeak = 721, kNotSupported = 801,
                        kCaptureUnsupported = 900;

// CUdevice_attribute
inline constexpr int kMaxSharedBytesOptin = 97, kMajor = 75, kMinor = 76,
                     kMaxPitch = 11, kMultiprocessors = 16, kL2Bytes = 38;
// CUfunction_attribute
inline constexpr int kFunctionMaxThreads = 0, kFunctionMaxSharedBytes = 8;
// CUjit_option
inline constexpr int kJitErrorLog = 5, kJitErrorLogBytes = 6;
inline constexpr unsigned kStreamNonBlocking = 1; // CUstream_flags
inline constexpr unsigned kHostPortable = 1;      // cuMemHostAlloc's
inline constexpr unsigned kEventNoTiming = 2;     // CUevent_flags
inline constexpr int kCaptureRelaxed = 2;         // CUstreamCaptureMode
inline constexpr unsigned kMemoryUnified = 4;     // CUmemorytype
inline constexpr unsigned kIpcLazyPeerAccess = 1; // CUipcMem_flags

/// CUipcMemHandle
struct IpcHandle {
  char bytes[64];
};

/// CUDA_MEMCPY2D
struct Copy2D {
  size_t srcX = 0, srcY = 0;
  unsigned srcType = kMemoryUnified;
  const void *srcHost = nullptr;
  Address src = 0;
  void *srcArray = nullptr;
  size_t srcPitch = 0;
  size_t dstX = 0, dstY = 0;
  unsigned dstType = kMemoryUnified;
  void *dstHost = nullptr;
  Address dst = 0;
  void *dstArray = nullptr;
  size_t dstPitch = 0;
  size_t width = 0, height = 0;
};

// Each function: the name here, the symbol, its parameters.  All of CUDA 12.0
// and later have them.
#define DS_CUDA_DRIVER(X)                                                      \
  X(init, cuInit, (unsigned flags))                                            \
  X(driverGetVersion, cuDriverGetVersion, (int *version))                      \
  X(getErrorName, cuGetErrorName, (Result error, const char **text))           \
  X(getErrorString, cuGetErrorString, (Result error, const char **text))       \
  X(deviceGetCount, cuDeviceGetCount, (int *count))                            \
  X(deviceGet, cuDeviceGet, (Ordinal * device, int ordinal))                   \
  X(deviceGetName, cuDeviceGetName, (char *name, int bytes, Ordinal device))   \
  X(deviceGetBusId, cuDeviceGetPCIBusId,                                       \
    (char *text, int bytes, Ordinal device))                                   \
  X(deviceGetAttribute, cuDeviceGetAttribute,                                  \
    (int *value, int attribute, Ordinal device))                               \
  X(primaryContextRetain, cuDevicePrimaryCtxRetain,                            \
    (Context * context, Ordinal device))                                       \
  X(primaryContextRelease, cuDevicePrimaryCtxRelease_v2, (Ordinal device))     \
  X(contextSetCurrent, cuCtxSetCurrent, (Context context))                     \
  X(memGetInfo, cuMemGetInfo_v2, (size_t *free, size_t *total))                \
  X(memAlloc, cuMemAlloc_v2, (Address * at, size_t bytes))                     \
  X(memFree, cuMemFree_v2, (Address at))                                       \
  X(ipcGetHandle, cuIpcGetMemHandle, (IpcHandle * handle, Address at))         \
  X(ipcOpen, cuIpcOpenMemHandle_v2,                                            \
    (Address * at, IpcHandle handle, unsigned flags))                          \
  X(ipcClose, cuIpcCloseMemHandle, (Address at))                               \
  X(hostAlloc, cuMemHostAlloc, (void **at, size_t bytes, unsigned flags))      \
  X(hostFree, cuMemFreeHost, (void *at))                                       \
  X(hostRegister, cuMemHostRegister_v2,                                        \
    (void *at, size_t bytes, unsigned flags))                                  \
  X(hostUnregister, cuMemHostUnregister, (void *at))                           \
  X(copy, cuMemcpyAsync,                                                       \
    (Address dst, Address src, size_t bytes, Stream stream))                   \
  X(copyToDevice, cuMemcpyHtoDAsync_v2,                                        \
    (Address dst, const void *src, size_t bytes, Stream stream))               \
  X(copyToHost, cuMemcpyDtoHAsync_v2,                                          \
    (void *dst, Address src, size_t bytes, Stream stream))                     \
  X(copy2D, cuMemcpy2DAsync_v2, (const Copy2D *copy, Stream stream))           \
  X(setBytes, cuMemsetD8Async,                                                 \
    (Address dst, unsigned char value, size_t count, Stream stream))           \
  X(setHalves, cuMemsetD16Async,                                               \
    (Address dst, unsigned short value, size_t count, Stream stream))          \
  X(setWords, cuMemsetD32Async,                                                \
    (Address dst, unsigned value, size_t count, Stream stream))                \
  X(writeValue, cuStreamWriteValue32_v2,                                       \
    (Stream stream, Address at, uint32_t value, unsigned flags))               \
  X(moduleLoad, cuModuleLoadDataEx,                                            \
    (Module * module, const void *image, unsigned count, int *options,         \
     void **values))                                                           \
  X(moduleUnload, cuModuleUnload, (Module module))                             \
  X(moduleGetFunction, cuModuleGetFunction,                                    \
    (Function * function, Module module, const char *name))                    \
  X(functionGet, cuFuncGetAttribute,                                           \
    (int *value, int attribute, Function function))                            \
  X(functionSet, cuFuncSetAttribute,                                           \
    (Function function, int attribute, int value))                             \
  X(launch, cuLaunchKernel,                                                    \
    (Function function, unsigned gridX, unsigned gridY, unsigned gridZ,        \
     unsigned blockX, unsigned blockY, unsigned blockZ, unsigned sharedBytes,  \
     Stream stream, void **parameters, void **extra))                          \
  X(streamCreate, cuStreamCreate, (Stream * stream, unsigned flags))           \
  X(streamDestroy, cuStreamDestroy_v2, (Stream stream))                        \
  X(streamQuery, cuStreamQuery, (Stream stream))                               \
  X(streamWait, cuStreamWaitEvent,                                             \
    (Stream stream, Event event, unsigned flags))                              \
  X(eventCreate, cuEventCreate, (Event * event, unsigned flags))               \
  X(eventDestroy, cuEventDestroy_v2, (Event event))                            \
  X(eventRecord, cuEventRecord, (Event event, Stream stream))                  \
  X(eventElapsedTime, cuEventElapsedTime,                                      \
    (float *milliseconds, Event start, Event end))                             \
  X(beginCapture, cuStreamBeginCapture_v2, (Stream stream, int mode))          \
  X(endCapture, cuStreamEndCapture, (Stream stream, Graph * graph))            \
  X(graphInstantiate, cuGraphInstantiateWithFlags,                             \
    (GraphExec * exec, Graph graph, unsigned long long flags))                 \
  X(graphUpload, cuGraphUpload, (GraphExec exec, Stream stream))               \
  X(graphLaunch, cuGraphLaunch, (GraphExec exec, Stream stream))               \
  X(graphExecDestroy, cuGraphExecDestroy, (GraphExec exec))                    \
  X(graphDestroy, cuGraphDestroy, (Graph graph))

/// libcuda.so.1.
struct Driver {
#define DS_CUDA_MEMBER(name, symbol, parameters) Result(*name) parameters;
  DS_CUDA_DRIVER(DS_CUDA_MEMBER)
#undef DS_CUDA_MEMBER
  int version = 0; ///< 12040 is CUDA 12.4.

  /// Opens and initializes it.  Input when there is none, when it is too old,
  /// or when there is no GPU.  Never before a fork: a child could not use it.
  static StatusOr<const Driver *> open();

  /// "CUDA_ERROR_OUT_OF_MEMORY (2: out of memory)".
  std::string text(Result error) const;
};

/// Whether the context is lost with this error: no call works afterwards.
bool isFatal(Result error);
/// 12040 -> "12.4".
std::string versionText(int version);

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_DRIVER_H
