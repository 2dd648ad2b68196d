//===- Nccl.h - The functions of NCCL -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As backends/cuda/Driver.h: what is used of nccl.h, declared here and compared
// with NVIDIA's own by test/Runtime/cuda_headers_test.cpp.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_NCCL_NCCL_H
#define DS_RUNTIME_COMM_NCCL_NCCL_H

#include "backends/cuda/Driver.h"

namespace ds::rt::nccl {

using cuda::Stream;
using Status = int;                // ncclResult_t
using Handle = struct HandleTag *; // ncclComm_t

inline constexpr Status kOk = 0, kInvalidArgument = 4, kInvalidUsage = 5,
                        kInProgress = 7;
// ncclDataType_t
inline constexpr int kBytes = 1, kInt32 = 2, kUint32 = 3, kInt64 = 4,
                     kFloat16 = 6, kFloat32 = 7, kFloat64 = 8, kBfloat16 = 9;
inline constexpr int kSum = 0, kMax = 2, kMean = 4; // ncclRedOp_t

/// ncclUniqueId
struct Id {
  char bytes[128];
};

/// The beginning of ncclConfig_t, as NCCL 2.14 had it: later ones take it, and
/// choose for themselves what it does not say.
struct Config {
  size_t size = sizeof(Config);
  unsigned magic = 0xcafebeef;
  unsigned version = 21400;
  int blocking = 0; ///< Nothing waits in the library: we do, with a limit.
};

#define DS_NCCL(X)                                                             \
  X(getVersion, ncclGetVersion, (int *version))                                \
  X(getUniqueId, ncclGetUniqueId, (Id * id))                                   \
  X(commInit, ncclCommInitRankConfig,                                          \
    (Handle * comm, int ranks, Id id, int rank, Config *config))               \
  X(commFinalize, ncclCommFinalize, (Handle comm))                             \
  X(commDestroy, ncclCommDestroy, (Handle comm))                               \
  X(asyncError, ncclCommGetAsyncError, (Handle comm, Status * error))          \
  X(allReduce, ncclAllReduce,                                                  \
    (const void *src, void *dst, size_t count, int type, int op, Handle comm,  \
     Stream stream))                                                           \
  X(reduceScatter, ncclReduceScatter,                                          \
    (const void *src, void *dst, size_t count, int type, int op, Handle comm,  \
     Stream stream))                                                           \
  X(allGather, ncclAllGather,                                                  \
    (const void *src, void *dst, size_t count, int type, Handle comm,          \
     Stream stream))                                                           \
  X(broadcast, ncclBroadcast,                                                  \
    (const void *src, void *dst, size_t count, int type, int root,             \
     Handle comm, Stream stream))                                              \
  X(send, ncclSend,                                                            \
    (const void *src, size_t count, int type, int peer, Handle comm,           \
     Stream stream))                                                           \
  X(receive, ncclRecv,                                                         \
    (void *dst, size_t count, int type, int peer, Handle comm, Stream stream)) \
  X(groupStart, ncclGroupStart, ())                                            \
  X(groupEnd, ncclGroupEnd, ())

/// libnccl.so.2.
struct Library {
#define DS_NCCL_MEMBER(name, symbol, parameters) Status(*name) parameters;
  DS_NCCL(DS_NCCL_MEMBER)
#undef DS_NCCL_MEMBER
  // Null where it is older than 2.19.
  Status (*memAlloc)(void **at, size_t bytes);
  Status (*memFree)(void *at);
  const char *(*errorString)(Status status);
  const char *(*lastError)(Handle comm);
  int version; ///< 22703 is 2.27.3.

  static StatusOr<const Library *> open();
};

} // namespace ds::rt::nccl

#endif // DS_RUNTIME_COMM_NCCL_NCCL_H
