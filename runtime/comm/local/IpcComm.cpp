//===- IpcComm.cpp - Between processes that share GPUs ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each exchange: every rank sees its GPU done with what came before, and tells
// where its operands are; then all copy; and when each has seen its copies
// done, all go on.
//===--------------------------------------------------------------------===//
#include "comm/local/IpcComm.h"

#include <algorithm>
#include <cstring>

namespace ds::rt {

using namespace cuda;

/// What a rank leaves for the others when they start.
struct IpcComm::Exports {
  struct Arena {
    IpcHandle handle;
    const std::byte *begin;
    uint64_t bytes;
  };
  uint32_t count;
  Arena arenas[kMaxArenas];
  char problem[512]; ///< Why it cannot, or nothing.
};

IpcComm::Exports &IpcComm::exports(int rank) const {
  return *reinterpret_cast<Exports *>(shared_[size_t(rank)]);
}

IpcComm::~IpcComm() {
  if (!isOpen_ || device_.isAbandoned())
    return;
  close();
  if (!local_.barrier().ok())
    device_.abandon();
}

void IpcComm::close() {
  for (int rank = 0; rank < int(arenas_.size()); ++rank)
    if (rank != local_.rank())
      for (const Imported &arena : arenas_[size_t(rank)])
        (void)device_.driver().ipcClose(arena.here);
  arenas_.clear();
}

/// Whatever the driver says of it, there is another way: a GPU that is lost
/// says so there, too.
Status IpcComm::refused(Result result, const std::string &what) const {
  return inputError("%s", device_.error(result, what).message().c_str());
}

/// Offers this rank's arenas to the others.
Status IpcComm::offer() {
  Exports &mine = exports(local_.rank());
  mine.count = uint32_t(own_.size());
  mine.problem[0] = '\0';
  for (size_t i = 0; i < own_.size(); ++i) {
    Exports::Arena &arena = mine.arenas[i];
    arena.begin = own_[i].data();
    arena.bytes = own_[i].size();
    const Result result =
        device_.driver().ipcGetHandle(&arena.handle, addressOf(own_[i].data()));
    if (result != kSuccess)
      return refused(result, format("rank %d cannot share memory of %s",
                                    local_.rank(), device_.title().c_str()));
  }
  return {};
}

Status IpcComm::openPeer(int rank) {
  std::vector<Imported> &arenas = arenas_[size_t(rank)];
  const Exports &theirs = exports(rank);
  for (uint32_t i = 0; i < theirs.count; ++i) {
    const Exports::Arena &arena = theirs.arenas[i];
    Imported opened{arena.begin, arena.bytes, addressOf(arena.begin)};
    Result result = kSuccess;
    if (rank != local_.rank())
      result = device_.driver().ipcOpen(&opened.here, arena.handle,
                                        kIpcLazyPeerAccess);
    if (result != kSuccess)
      return refused(result,
                     format("rank %d cannot open rank %d's memory on %s",
                            local_.rank(), rank, device_.title().c_str()));
    arenas.push_back(opened);
  }
  return {};
}

/// Nothing when somebody has offered nothing: then there will be none of it.
Status IpcComm::openPeers() {
  const int world = local_.control().world();
  arenas_.resize(size_t(world));
  for (int rank = 0; rank < world; ++rank)
    if (exports(rank).problem[0])
      return {};
  for (int rank = 0; rank < world; ++rank)
    DS_RT_RETURN_IF_ERROR(openPeer(rank));
  return {};
}

StatusOr<std::string> IpcComm::open(const Reductions &reductions) {
  // All ranks come to all barriers, whatever becomes of their own attempts.
  auto attempt = [&](const Status &status) -> Status {
    if (status.code() == Code::RankLost)
      return status;
    if (!status.ok())
      std::snprintf(exports(local_.rank()).problem, sizeof(Exports::problem),
                    "%s", status.message().c_str());
    return local_.barrier();
  };
  Status prepared = offer();
  if (prepared.ok() && !reductions.empty())
    prepared = reduce_.open(size_t(local_.control().world()));
  for (auto [dtype, op] : reductions)
    if (prepared.ok())
      prepared = reduce_.load(dtype, op);
  if (prepared.ok())
    prepared = settle("the start of the exchange");
  DS_RT_RETURN_IF_ERROR(attempt(prepared));
  DS_RT_RETURN_IF_ERROR(attempt(openPeers()));
  std::string why;
  for (int rank = local_.control().world(); rank-- > 0;)
    if (exports(rank).problem[0])
      why = exports(rank).problem;
  isOpen_ = why.empty();
  if (!isOpen_)
    close();
  // Nobody's memory goes, and nothing shared is written, before all are here.
  DS_RT_RETURN_IF_ERROR(local_.barrier());
  return why;
}

std::string IpcComm::cannotBeCaptured() const {
  return shares() + " and copy from each other's memory, which the host waits "
                    "for";
}

/// Where this rank sees `bytes` at an address of another's.
StatusOr<Address> IpcComm::find(int rank, const std::byte *at, uint64_t bytes,
                                const std::string &what) const {
  for (const Imported &arena : arenas_[size_t(rank)])
    if (at >= arena.there && at <= arena.there + arena.bytes &&
        bytes <= uint64_t(arena.there + arena.bytes - at))
      return arena.here + uint64_t(at - arena.there);
  return inputError("%s: rank %d exchanges %llu bytes that are in none of its "
                    "arenas on a GPU: compile the model anew",
                    what.c_str(), rank, (unsigned long long)bytes);
}

int IpcComm::rankOf(const CollectiveOp &op, size_t member) const {
  return int(local_.control().group(op.group)[member]);
}

/// `to` is this rank's own.
Status IpcComm::copyFrom(int rank, const std::byte *from, std::byte *to,
                         uint64_t bytes, size_t stream,
                         const std::string &what) {
  auto src = find(rank, from, bytes, what);
  if (!src.ok())
    return src.status();
  auto dst = find(local_.rank(), to, bytes, what);
  if (!dst.ok())
    return dst.status();
  if (*src != *dst && bytes > 0)
    then([&] {
      return device_.driver().copy(*dst, *src, bytes, device_.stream(stream));
    });
  return {};
}

/// `count` elements from `first` on of what all members brought.
Status IpcComm::reduce(const CollectiveOp &op, uint64_t first, std::byte *to,
                       uint64_t count, size_t stream, const std::string &what) {
  const uint64_t size = bytesOf(op.dtype);
  std::vector<Address> sources;
  for (size_t m = 0; m < local_.control().group(op.group).size(); ++m) {
    auto source = find(rankOf(op, m), local_.source(op.group, m) + first * size,
                       count * size, what);
    if (!source.ok())
      return source.status();
    sources.push_back(*source);
  }
  auto dst = find(local_.rank(), to, count * size, what);
  if (!dst.ok())
    return dst.status();
  then([&] {
    return reduce_.run(op.dtype, op.reduce, sources, *dst, count,
                       device_.stream(stream));
  });
  return {};
}

/// Each member reduces a part, which the others then copy.
Status IpcComm::allReduce(const CollectiveOp &op, size_t stream,
                          const std::string &what) {
  const uint64_t size = bytesOf(op.dtype);
  const size_t members = local_.control().group(op.group).size();
  const size_t mine = local_.memberIndex(op.group);
  auto [begin, end] = LocalComm::sliceOf(op.count, mine, members);
  DS_RT_RETURN_IF_ERROR(
      reduce(op, begin, op.dst + begin * size, end - begin, stream, what));
  DS_RT_RETURN_IF_ERROR(settle(what));
  DS_RT_RETURN_IF_ERROR(local_.barrier(op.group));
  for (size_t i = 1; i < members; ++i) {
    const size_t m = (mine + i) % members;
    auto [first, last] = LocalComm::sliceOf(op.count, m, members);
    DS_RT_RETURN_IF_ERROR(
        copyFrom(rankOf(op, m), local_.result(op.group, m) + first * size,
                 op.dst + first * size, (last - first) * size, stream, what));
  }
  return {};
}

/// Puts this rank's part of a collective on its stream.
Status IpcComm::enqueue(const CollectiveOp &op, size_t stream,
                        const std::string &what) {
  using Kind = plan::CollectiveKind;
  const uint64_t bytes = op.count * bytesOf(op.dtype);
  const size_t members = local_.control().group(op.group).size();
  const size_t mine = local_.memberIndex(op.group);
  switch (op.kind) {
  case Kind::all_reduce:
    return allReduce(op, stream, what);
  case Kind::reduce_scatter:
    return reduce(op, mine * op.count, op.dst, op.count, stream, what);
  case Kind::broadcast:
    return copyFrom(rankOf(op, op.root), local_.source(op.group, op.root),
                    op.dst, bytes, stream, what);
  case Kind::all_gather:
  case Kind::all_to_all:
    break;
  }
  const uint64_t from = op.kind == Kind::all_to_all ? mine * bytes : 0;
  // Each rank begins at its own shard, so that not all read the same one.
  for (size_t i = 0; i < members; ++i) {
    const size_t m = (mine + i) % members;
    DS_RT_RETURN_IF_ERROR(copyFrom(rankOf(op, m),
                                   local_.source(op.group, m) + from,
                                   op.dst + m * bytes, bytes, stream, what));
  }
  return {};
}

Status IpcComm::run(const CollectiveOp &op, size_t stream,
                    const std::string &what) {
  DS_RT_RETURN_IF_ERROR(settle(what));
  DS_RT_RETURN_IF_ERROR(local_.publish(op));
  DS_RT_RETURN_IF_ERROR(enqueue(op, stream, what));
  DS_RT_RETURN_IF_ERROR(settle(what));
  return local_.barrier(op.group);
}

Status IpcComm::send(int peer, const std::byte *data, uint64_t bytes, size_t,
                     const std::string &what) {
  DS_RT_RETURN_IF_ERROR(settle(what));
  return local_.send(peer, data, bytes);
}

Status IpcComm::receive(int peer, std::byte *data, uint64_t bytes,
                        size_t stream, const std::string &what) {
  auto offered = local_.offered(peer, bytes);
  if (!offered.ok())
    return offered.status();
  DS_RT_RETURN_IF_ERROR(copyFrom(peer, *offered, data, bytes, stream, what));
  DS_RT_RETURN_IF_ERROR(settle(what));
  local_.taken(peer);
  return {};
}

} // namespace ds::rt
