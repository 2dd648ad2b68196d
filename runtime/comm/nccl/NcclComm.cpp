//===- NcclComm.cpp - Collectives between GPUs --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/nccl/NcclComm.h"
#include "backends/cuda/Library.h"
#include "base/Clock.h"

#include <algorithm>
#include <cstring>
#include <ctime>

namespace ds::rt {

namespace nccl {

static StatusOr<Library> openNccl() {
  constexpr int kOldest = 21400;
  constexpr const char *kRemedy =
      "install NCCL 2.14 or later (pip install nvidia-nccl-cu13) and name its "
      "folder in LD_LIBRARY_PATH";
  Library library;
#define DS_NCCL_SYMBOL(name, symbol, parameters)                               \
  {#symbol, reinterpret_cast<void **>(&library.name)},
  DS_RT_RETURN_IF_ERROR(cuda::openLibrary(
      {"NCCL", {"libnccl.so.2", "libnccl.so"}, kRemedy},
      {DS_NCCL(DS_NCCL_SYMBOL){"ncclGetErrorString",
                               reinterpret_cast<void **>(&library.errorString)},
       {"ncclGetLastError", reinterpret_cast<void **>(&library.lastError)},
       {"ncclMemAlloc", reinterpret_cast<void **>(&library.memAlloc),
        /*optional=*/true},
       {"ncclMemFree", reinterpret_cast<void **>(&library.memFree),
        /*optional=*/true}}));
#undef DS_NCCL_SYMBOL
  int version = 0;
  if (library.getVersion(&version) != kOk || version < kOldest)
    return inputError("NCCL is too old: expected 2.14 or later, but got %d.%d: "
                      "%s",
                      version / (version < 10000 ? 1000 : 10000),
                      version % (version < 10000 ? 1000 : 10000) / 100,
                      kRemedy);
  library.version = version;
  return library;
}

StatusOr<const Library *> Library::open() {
  static const StatusOr<Library> library = openNccl();
  if (!library.ok())
    return library.status();
  return &*library;
}

static int typeOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::f32:
    return kFloat32;
  case plan::DType::f64:
    return kFloat64;
  case plan::DType::bf16:
    return kBfloat16;
  case plan::DType::f16:
    return kFloat16;
  case plan::DType::i32:
    return kInt32;
  case plan::DType::i64:
    return kInt64;
  case plan::DType::u32:
    return kUint32;
  default:
    return kBytes;
  }
}

static int opOf(plan::ReduceOp op) {
  switch (op) {
  case plan::ReduceOp::mean:
    return kMean;
  case plan::ReduceOp::max:
    return kMax;
  default:
    return kSum;
  }
}

static bool isUsersFault(Status status) {
  return status == kInvalidArgument || status == kInvalidUsage;
}

} // namespace nccl

NcclComm::~NcclComm() {
  for (auto &[channel, comm] : comms_)
    if (!device_.isAbandoned() &&
        settle(comm, library_->commFinalize(comm), "the end").ok())
      (void)library_->commDestroy(comm);
}

StatusOr<std::byte *> NcclComm::allocate(cuda::Device &device, uint64_t bytes) {
  // Older ones round up to what NVLink SHARP likes best, which may be much.
  constexpr int kOldest = 22700;
  const auto opened = nccl::Library::open();
  if (!opened.ok() || (*opened)->version < kOldest || !(*opened)->memAlloc ||
      !(*opened)->memFree)
    return device.allocate(bytes);
  const nccl::Library &library = **opened;
  void *at = nullptr;
  const nccl::Status status = library.memAlloc(&at, bytes);
  if (status != nccl::kOk)
    return inputError("NCCL cannot take %llu bytes of %s: %s: free memory of "
                      "the GPU, or compile with a smaller --memory-limit",
                      (unsigned long long)bytes, device.title().c_str(),
                      library.errorString(status));
  return device.keep(cuda::addressOf(at), bytes,
                     [&library, at] { (void)library.memFree(at); });
}

Status NcclComm::error(nccl::Handle comm, nccl::Status status,
                       const std::string &what) {
  device_.abandon();
  const char *more = comm ? library_->lastError(comm) : nullptr;
  std::string said = more && *more ? format(" (%s)", more) : "";
  std::replace(said.begin(), said.end(), '\n', ' ');
  return Status(nccl::isUsersFault(status) ? Code::Input : Code::RankLost,
                format("rank %d: NCCL failed at %s: %s%s", local_.rank(),
                       what.c_str(), library_->errorString(status),
                       said.c_str()));
}

/// Waits until what `status` came from has been enqueued: it waits for other
/// ranks at most to find them.
Status NcclComm::settle(nccl::Handle comm, nccl::Status status,
                        const std::string &what) {
  const double start = monotonicSeconds();
  while (status == nccl::kInProgress) {
    const nccl::Status asked = library_->asyncError(comm, &status);
    if (asked != nccl::kOk)
      status = asked;
    if (status == nccl::kInProgress && monotonicSeconds() - start > timeout_) {
      device_.abandon();
      return rankLost("rank %d waited %g s for other ranks at %s: raise "
                      "--timeout if they were only slow",
                      local_.rank(), timeout_, what.c_str());
    }
    timespec nap = {0, 20000};
    nanosleep(&nap, nullptr);
  }
  return status == nccl::kOk ? Status() : error(comm, status, what);
}

Status NcclComm::connect(const Channel &channel) {
  const uint32_t group = channel.first;
  const Control &control = local_.control();
  const std::vector<uint32_t> &members = control.group(group);
  const auto self =
      std::find(members.begin(), members.end(), uint32_t(local_.rank()));
  if (members.size() < 2 || self == members.end())
    return {};
  auto library = nccl::Library::open();
  if (!library.ok())
    return library.status();
  library_ = *library;
  const std::string what = format("the start of group %u", group);
  nccl::Id id{};
  static_assert(sizeof(id) == Control::kGroupIdBytes);
  if (self == members.begin()) {
    if (const nccl::Status status = library_->getUniqueId(&id);
        status != nccl::kOk)
      return error(nullptr, status, what);
    std::memcpy(control.groupId(group), &id, sizeof(id));
  }
  DS_RT_RETURN_IF_ERROR(local_.barrier(group));
  std::memcpy(&id, control.groupId(group), sizeof(id));
  nccl::Config config;
  nccl::Handle comm = nullptr;
  const nccl::Status status = library_->commInit(
      &comm, int(members.size()), id, int(self - members.begin()), &config);
  if (comm)
    comms_[channel] = comm;
  return settle(comm, status, what);
}

Status NcclComm::connect(const std::set<Channel> &channels) {
  for (const Channel &channel : channels)
    DS_RT_RETURN_IF_ERROR(connect(channel));
  return {};
}

nccl::Status NcclComm::allToAll(const CollectiveOp &op, nccl::Handle comm,
                                cuda::Stream stream) {
  const uint64_t bytes = op.count * bytesOf(op.dtype);
  const size_t members = local_.control().group(op.group).size();
  nccl::Status status = library_->groupStart();
  for (size_t peer = 0; peer < members && status == nccl::kOk; ++peer) {
    status = library_->send(op.src + peer * bytes, bytes, nccl::kBytes,
                            int(peer), comm, stream);
    if (status == nccl::kOk)
      status = library_->receive(op.dst + peer * bytes, bytes, nccl::kBytes,
                                 int(peer), comm, stream);
  }
  const nccl::Status ended = library_->groupEnd();
  return status == nccl::kOk ? ended : status;
}

Status NcclComm::run(const CollectiveOp &op, size_t stream,
                     const std::string &what) {
  const nccl::Handle comm = comms_.at({op.group, stream});
  const cuda::Stream on = device_.stream(stream);
  // What is only moved is moved as bytes: those have no type that is unknown.
  const uint64_t bytes = op.count * bytesOf(op.dtype);
  const int type = nccl::typeOf(op.dtype), reduce = nccl::opOf(op.reduce);
  nccl::Status status = nccl::kOk;
  switch (op.kind) {
  case plan::CollectiveKind::all_reduce:
    status =
        library_->allReduce(op.src, op.dst, op.count, type, reduce, comm, on);
    break;
  case plan::CollectiveKind::reduce_scatter:
    status = library_->reduceScatter(op.src, op.dst, op.count, type, reduce,
                                     comm, on);
    break;
  case plan::CollectiveKind::all_gather:
    status = library_->allGather(op.src, op.dst, bytes, nccl::kBytes, comm, on);
    break;
  case plan::CollectiveKind::broadcast:
    status = library_->broadcast(op.src, op.dst, bytes, nccl::kBytes,
                                 int(op.root), comm, on);
    break;
  case plan::CollectiveKind::all_to_all:
    status = allToAll(op, comm, on);
    break;
  }
  return settle(comm, status, what);
}

/// That of all ranks.
nccl::Handle NcclComm::world(size_t stream) const {
  return comms_.at({local_.control().everyone(), stream});
}

Status NcclComm::send(int peer, const std::byte *data, uint64_t bytes,
                      size_t stream, const std::string &what) {
  const nccl::Handle comm = world(stream);
  return settle(comm,
                library_->send(data, bytes, nccl::kBytes, peer, comm,
                               device_.stream(stream)),
                what);
}

Status NcclComm::receive(int peer, std::byte *data, uint64_t bytes,
                         size_t stream, const std::string &what) {
  const nccl::Handle comm = world(stream);
  return settle(comm,
                library_->receive(data, bytes, nccl::kBytes, peer, comm,
                                  device_.stream(stream)),
                what);
}

Status NcclComm::health() {
  for (auto &[channel, comm] : comms_) {
    nccl::Status status = nccl::kOk;
    const nccl::Status asked = library_->asyncError(comm, &status);
    if (asked != nccl::kOk)
      status = asked;
    if (status != nccl::kOk && status != nccl::kInProgress)
      return error(comm, status, format("group %u", channel.first));
  }
  return {};
}

} // namespace ds::rt
