//===- FakeCudaNccl.cpp - The fake NCCL ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The members of a communicator share a file: what each calls, in which order,
// and how far each has come.  A call that is not the one that another member
// made at the same place is a mistake; a call is done when all members have
// come to it.  Moves nothing.  In a graph NCCL uses memory that it gave itself
// in place: then all members must have theirs at the same offset of such
// memory.
//===--------------------------------------------------------------------===//
#include "FakeCuda.h"
#include "comm/nccl/Nccl.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

using namespace fake;
FAKE_EXPORT Result cuMemAlloc_v2(Address *at, size_t bytes);
FAKE_EXPORT Result cuMemFree_v2(Address at);
namespace nccl = ds::rt::nccl;

namespace {

constexpr nccl::Status kUnhandledCudaError = 1, kRemoteError = 6;
constexpr int kMostRanks = 8, kMostCalls = 1 << 14, kNameBytes = 48;

/// Of source and target: 0 unless they are in memory of NCCL's own that it uses
/// in place, else one more than the offset there, as far as that matters.
using Places = std::array<uint64_t, 2>;

/// A call as its place in the order of all; the first member to come writes.
struct Call {
  std::atomic<uint32_t> state{0}; ///< 0 empty, 1 being written, 2 written.
  char name[kNameBytes];
  uint64_t count;
  int type, op;
  Places places;
};

struct Shared {
  std::atomic<uint32_t> joined{0}, left{0};
  std::atomic<uint64_t> done[kMostRanks]; ///< Calls that ran, by member.
  Call calls[kMostCalls];
};

struct Comm {
  Shared *shared;
  int ranks, rank;
  uint64_t ran = 0; ///< Calls that began to run.
  bool finalized = false;
  Stream stream = nullptr; ///< Of the calls so far.
};

std::set<void *> comms;
int depth = 0;       ///< Of ncclGroupStart.
bool broken = false; ///< A peer is lost.

Comm &commOf(const char *function, nccl::Handle comm) {
  if (!comms.count(comm))
    violation("%s: no such communicator", function);
  return *reinterpret_cast<Comm *>(comm);
}

Shared *openShared(const char *path) {
  const int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, sizeof(Shared)) != 0)
    violation("ncclCommInitRankConfig: cannot share '%s'", path);
  void *at = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED,
                  file, 0);
  close(file);
  if (at == MAP_FAILED)
    violation("ncclCommInitRankConfig: cannot map '%s'", path);
  return static_cast<Shared *>(at);
}

/// The member's next call is this one; so must be that of all others.
void compare(Comm &comm, const char *name, uint64_t number, int type, int op,
             const Places &places) {
  if (comm.ran == kMostCalls)
    violation("the fake has no room for more than %d calls", kMostCalls);
  Call &call = comm.shared->calls[comm.ran];
  uint32_t empty = 0;
  if (call.state.compare_exchange_strong(empty, 1)) {
    std::snprintf(call.name, sizeof(call.name), "%s", name);
    call.count = number, call.type = type, call.op = op;
    call.places = places;
    call.state = 2;
    return;
  }
  while (call.state != 2) {
  }
  if (std::strcmp(call.name, name) != 0 || call.count != number ||
      call.type != type || call.op != op)
    violation("call %llu of member %d is %s of %llu x type %d (%d), but "
              "another member's is %s of %llu x type %d (%d)",
              (unsigned long long)comm.ran, comm.rank, name,
              (unsigned long long)number, type, op, call.name,
              (unsigned long long)call.count, call.type, call.op);
  if (call.places != places)
    violation("call %llu of member %d, %s, has its operands at other offsets "
              "of NCCL's memory than another member",
              (unsigned long long)comm.ran, comm.rank, name);
}

/// Shards may lie anywhere: those gathered in place do, in what they become.
Places placesOf(const std::string &name, const std::vector<Range> &ranges,
                Stream stream) {
  Places places{};
  for (size_t i = 0; i < ranges.size() && isCapturing(stream); ++i) {
    const auto &[begin, block] =
        *std::prev(allocations().upper_bound(ranges[i].at));
    const bool anywhere =
        name == (i == 0 ? "ncclAllGather" : "ncclReduceScatter");
    if (block.kind == Block::OfNccl)
      places[i] = anywhere ? 1 : ranges[i].at - begin + 1;
  }
  return places;
}

/// Without an order between them, members may disagree which of two calls on
/// different streams is the first.
void keepTo(const char *name, Comm &comm, Stream stream) {
  if (comm.stream && comm.stream != stream)
    violation("%s: a communicator on two streams", name);
  comm.stream = stream;
}

/// Puts a call on the stream: it meets those of the other members.
nccl::Status meet(const char *name, uint64_t number, int type, int op,
                  nccl::Handle handle, Stream stream,
                  const std::vector<Range> &ranges) {
  enter(name);
  Comm &comm = commOf(name, handle);
  keepTo(name, comm, stream);
  if (comm.finalized)
    violation("%s behind ncclCommFinalize", name);
  const Places places = placesOf(name, ranges, stream);
  submit(name, stream, ranges, [=, &comm, begun = false]() mutable -> Result {
    if (!begun) {
      compare(comm, name, number, type, op, places);
      begun = true;
      broken = broken || strikes("lost");
      comm.shared->done[comm.rank] = ++comm.ran;
    }
    for (int member = 0; member < comm.ranks; ++member)
      if (broken || comm.shared->done[member] < comm.ran)
        return kNotReady;
    begun = false; // the graph may run it again
    return kSuccess;
  });
  count("collectives");
  return depth > 0 ? nccl::kOk : nccl::kInProgress;
}

std::vector<Range> checkMemory(const char *function, const void *src,
                               uint64_t srcBytes, const void *dst,
                               uint64_t dstBytes) {
  (void)memory(function, "the source", addressOf(src), srcBytes);
  (void)memory(function, "the target", addressOf(dst), dstBytes);
  return {{"the source", addressOf(src), srcBytes, false},
          {"the target", addressOf(dst), dstBytes, true}};
}

uint64_t sizeOf(int type) {
  switch (type) {
  case nccl::kBytes:
    return 1;
  case nccl::kFloat16:
  case nccl::kBfloat16:
    return 2;
  case nccl::kInt64:
  case nccl::kFloat64:
    return 8;
  default:
    return 4;
  }
}

} // namespace

FAKE_EXPORT nccl::Status ncclGetVersion(int *version) {
  *version = int(option("nccl", 22703));
  return nccl::kOk;
}

FAKE_EXPORT const char *ncclGetErrorString(nccl::Status status) {
  return status == nccl::kOk             ? "no error"
         : status == kUnhandledCudaError ? "unhandled cuda error"
         : status == kRemoteError ? "remote process exited or there was a "
                                    "network error"
                                  : "invalid usage";
}

FAKE_EXPORT const char *ncclGetLastError(nccl::Handle) { return ""; }

/// Other calls than the driver's: who takes here must give back here.
FAKE_EXPORT nccl::Status ncclMemAlloc(void **at, size_t bytes) {
  Address begin = 0;
  if (cuMemAlloc_v2(&begin, bytes) != kSuccess)
    return kUnhandledCudaError;
  allocations()[begin].kind = Block::OfNccl;
  count("allocations of NCCL");
  *at = reinterpret_cast<void *>(uintptr_t(begin));
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclMemFree(void *at) {
  auto found = allocations().find(addressOf(at));
  if (found == allocations().end() || found->second.kind != Block::OfNccl)
    violation("ncclMemFree: %p is no allocation of NCCL", at);
  found->second.kind = Block::Device;
  (void)cuMemFree_v2(addressOf(at));
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclGetUniqueId(nccl::Id *id) {
  enter("ncclGetUniqueId");
  static int made = 0;
  const char *folder = std::getenv("TMPDIR");
  *id = {};
  const int length =
      std::snprintf(id->bytes, sizeof(id->bytes), "%s/fake-nccl-%d-%d",
                    folder ? folder : "/tmp", int(getpid()), made++);
  if (length >= int(sizeof(id->bytes)))
    violation("ncclGetUniqueId: TMPDIR is too long");
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclCommInitRankConfig(nccl::Handle *handle, int ranks,
                                                nccl::Id id, int rank,
                                                nccl::Config *config) {
  enter("ncclCommInitRankConfig");
  if (ranks < 2 || ranks > kMostRanks || rank < 0 || rank >= ranks)
    violation("ncclCommInitRankConfig: member %d of %d", rank, ranks);
  if (config->size != 24 || config->magic != 0xcafebeef ||
      config->version != 21400 || config->blocking != 0)
    violation("ncclCommInitRankConfig: a config of %zu bytes, version %u",
              config->size, config->version);
  auto *comm = new Comm{openShared(id.bytes), ranks, rank};
  comms.insert(comm);
  account("communicator", 1);
  takeLibraryBytes(64 << 20);
  // The file has done its work once all have it.
  if (int(++comm->shared->joined) == ranks)
    unlink(id.bytes);
  *handle = reinterpret_cast<nccl::Handle>(comm);
  return nccl::kInProgress;
}

FAKE_EXPORT nccl::Status ncclCommGetAsyncError(nccl::Handle handle,
                                               nccl::Status *error) {
  const Comm &comm = commOf("ncclCommGetAsyncError", handle);
  // Members wait for each other at the beginning and at the end.
  const int come = comm.finalized ? comm.shared->left : comm.shared->joined;
  *error = broken              ? kRemoteError
           : come < comm.ranks ? nccl::kInProgress
                               : nccl::kOk;
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclCommFinalize(nccl::Handle handle) {
  Comm &comm = commOf("ncclCommFinalize", handle);
  if (isPending())
    violation("ncclCommFinalize while the stream still has work");
  comm.finalized = true;
  ++comm.shared->left;
  return nccl::kInProgress;
}

FAKE_EXPORT nccl::Status ncclCommDestroy(nccl::Handle handle) {
  Comm *comm = &commOf("ncclCommDestroy", handle);
  if (!comm->finalized)
    violation("ncclCommDestroy before ncclCommFinalize");
  munmap(comm->shared, sizeof(Shared));
  comms.erase(comm);
  delete comm;
  account("communicator", -1);
  takeLibraryBytes(-(64 << 20));
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclAllReduce(const void *src, void *dst,
                                       size_t number, int type, int op,
                                       nccl::Handle comm, Stream stream) {
  const auto ranges = checkMemory("ncclAllReduce", src, number * sizeOf(type),
                                  dst, number * sizeOf(type));
  return meet("ncclAllReduce", number, type, op, comm, stream, ranges);
}

FAKE_EXPORT nccl::Status ncclReduceScatter(const void *src, void *dst,
                                           size_t number, int type, int op,
                                           nccl::Handle comm, Stream stream) {
  const auto ranks = uint64_t(commOf("ncclReduceScatter", comm).ranks);
  const auto ranges =
      checkMemory("ncclReduceScatter", src, ranks * number * sizeOf(type), dst,
                  number * sizeOf(type));
  return meet("ncclReduceScatter", number, type, op, comm, stream, ranges);
}

FAKE_EXPORT nccl::Status ncclAllGather(const void *src, void *dst,
                                       size_t number, int type,
                                       nccl::Handle comm, Stream stream) {
  const auto ranks = uint64_t(commOf("ncclAllGather", comm).ranks);
  const auto ranges = checkMemory("ncclAllGather", src, number * sizeOf(type),
                                  dst, ranks * number * sizeOf(type));
  return meet("ncclAllGather", number, type, 0, comm, stream, ranges);
}

FAKE_EXPORT nccl::Status ncclBroadcast(const void *src, void *dst,
                                       size_t number, int type, int root,
                                       nccl::Handle comm, Stream stream) {
  if (root < 0 || root >= commOf("ncclBroadcast", comm).ranks)
    violation("ncclBroadcast: root %d", root);
  const auto ranges = checkMemory("ncclBroadcast", src, number * sizeOf(type),
                                  dst, number * sizeOf(type));
  return meet("ncclBroadcast", number, type, root, comm, stream, ranges);
}

/// Pairs meet, in any order within a group; checked as far as that goes.
static nccl::Status transfer(const char *name, const void *data, uint64_t bytes,
                             int peer, nccl::Handle handle, Stream stream,
                             bool writes) {
  enter(name);
  Comm &comm = commOf(name, handle);
  keepTo(name, comm, stream);
  if (peer < 0 || peer >= comm.ranks || (peer == comm.rank && depth == 0))
    violation("%s: peer %d of member %d", name, peer, comm.rank);
  (void)memory(name, "the data", addressOf(data), bytes);
  const Range touched = {"the data", addressOf(data), bytes, writes};
  submit(name, stream, {touched}, [=] {
    (void)memory(name, "the data", addressOf(data), bytes);
    return kSuccess;
  });
  count("transfers");
  return depth > 0 ? nccl::kOk : nccl::kInProgress;
}

FAKE_EXPORT nccl::Status ncclSend(const void *src, size_t number, int type,
                                  int peer, nccl::Handle comm, Stream stream) {
  return transfer("ncclSend", src, number * sizeOf(type), peer, comm, stream,
                  /*writes=*/false);
}

FAKE_EXPORT nccl::Status ncclRecv(void *dst, size_t number, int type, int peer,
                                  nccl::Handle comm, Stream stream) {
  return transfer("ncclRecv", dst, number * sizeOf(type), peer, comm, stream,
                  /*writes=*/true);
}

FAKE_EXPORT nccl::Status ncclGroupStart() {
  ++depth;
  return nccl::kOk;
}

FAKE_EXPORT nccl::Status ncclGroupEnd() {
  if (--depth < 0)
    violation("ncclGroupEnd without ncclGroupStart");
  return nccl::kInProgress;
}
