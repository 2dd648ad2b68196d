//===- HostComm.cpp - Between GPUs through the host's memory ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/HostComm.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

HostComm::~HostComm() {
  if (registered_ && !device_.isAbandoned())
    (void)device_.driver().hostUnregister(brought_);
}

Status HostComm::open() {
  const Result result =
      device_.driver().hostRegister(brought_, 2 * half_, kHostPortable);
  registered_ = result == kSuccess;
  return registered_
             ? Status()
             : device_.error(result, "cannot use memory that ranks share on " +
                                         device_.title());
}

std::string HostComm::cannotBeCaptured() const {
  return shares() + " and exchange data through the host's memory, as " + why_;
}

void HostComm::bring(const std::byte *data, uint64_t at, uint64_t bytes,
                     size_t stream) {
  then([&] {
    return device_.driver().copyToHost(brought_ + at, addressOf(data), bytes,
                                       device_.stream(stream));
  });
}

void HostComm::take(std::byte *data, uint64_t at, uint64_t bytes,
                    size_t stream) {
  then([&] {
    return device_.driver().copyToDevice(addressOf(data), got_ + at, bytes,
                                         device_.stream(stream));
  });
}

/// `count` elements from `first` on, of each shard.
Status HostComm::part(const CollectiveOp &op, uint64_t first, uint64_t count,
                      size_t stream, const std::string &what) {
  using Kind = plan::CollectiveKind;
  const uint64_t size = bytesOf(op.dtype), bytes = count * size;
  const uint64_t members = local_.control().group(op.group).size();
  const bool all = op.kind == Kind::all_to_all;
  const uint64_t from = all || op.kind == Kind::reduce_scatter ? members : 1;
  const uint64_t to = all || op.kind == Kind::all_gather ? members : 1;
  for (uint64_t m = 0; m < from; ++m)
    bring(op.src + (m * op.count + first) * size, m * bytes, bytes, stream);
  DS_RT_RETURN_IF_ERROR(settle(what));
  CollectiveOp host = op;
  host.count = count;
  host.src = brought_;
  host.dst = got_;
  DS_RT_RETURN_IF_ERROR(local_.run(host));
  for (uint64_t m = 0; m < to; ++m)
    take(op.dst + (m * op.count + first) * size, m * bytes, bytes, stream);
  return settle(what);
}

Status HostComm::run(const CollectiveOp &op, size_t stream,
                     const std::string &what) {
  const uint64_t members = local_.control().group(op.group).size();
  const uint64_t most = half_ / members / bytesOf(op.dtype);
  for (uint64_t first = 0; first < op.count; first += most)
    DS_RT_RETURN_IF_ERROR(
        part(op, first, std::min(most, op.count - first), stream, what));
  return {};
}

Status HostComm::send(int peer, const std::byte *data, uint64_t bytes,
                      size_t stream, const std::string &what) {
  for (uint64_t at = 0; at < bytes; at += half_) {
    const uint64_t count = std::min(half_, bytes - at);
    bring(data + at, 0, count, stream);
    DS_RT_RETURN_IF_ERROR(settle(what));
    DS_RT_RETURN_IF_ERROR(local_.send(peer, brought_, count));
  }
  return {};
}

Status HostComm::receive(int peer, std::byte *data, uint64_t bytes,
                         size_t stream, const std::string &what) {
  for (uint64_t at = 0; at < bytes; at += half_) {
    const uint64_t count = std::min(half_, bytes - at);
    DS_RT_RETURN_IF_ERROR(local_.receive(peer, got_, count));
    take(data + at, 0, count, stream);
    DS_RT_RETURN_IF_ERROR(settle(what));
  }
  return {};
}

} // namespace ds::rt
