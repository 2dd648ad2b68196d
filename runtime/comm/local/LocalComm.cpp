//===- LocalComm.cpp - Collectives of the ranks of one machine ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/LocalComm.h"
#include "backends/cpu/Threads.h"
#include "comm/local/Reduce.h"

#include <algorithm>
#include <cstring>

namespace ds::rt {
namespace {

constexpr uint64_t kCopyGrain = 256 << 10;  // bytes per thread, at least
constexpr uint64_t kSmallReduce = 32 << 10; // bytes reduced by every rank

void copyParallel(std::byte *dst, const std::byte *src, uint64_t bytes) {
  if (dst == src)
    return;
  parallelRanges(bytes, kCopyGrain, [&](uint64_t begin, uint64_t end) {
    std::memcpy(dst + begin, src + begin, end - begin);
  });
}

} // namespace

std::pair<uint64_t, uint64_t> LocalComm::sliceOf(uint64_t count, size_t index,
                                                 size_t members) {
  auto cut = [&](size_t i) {
    return i == members ? count : count * i / members / 64 * 64;
  };
  return {cut(index), cut(index + 1)};
}

uint64_t bytesOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::f64:
  case plan::DType::i64:
    return 8;
  case plan::DType::f32:
  case plan::DType::i32:
  case plan::DType::u32:
    return 4;
  case plan::DType::u8:
    return 1;
  default:
    return 2;
  }
}

bool canReduce(plan::DType dtype) {
  return dtype == plan::DType::f32 || dtype == plan::DType::f64 ||
         dtype == plan::DType::bf16 || dtype == plan::DType::f16 ||
         dtype == plan::DType::i32 || dtype == plan::DType::i64;
}

uint32_t LocalComm::spinRounds(int world, int threadsPerRank) {
  return world * threadsPerRank <= availableCores() ? 4000 : 50;
}

Status LocalComm::lost(uint32_t group) const {
  uint32_t mine = control_.arrivals(group, rank_).load();
  std::string missing;
  for (uint32_t member : control_.group(group)) {
    if (int32_t(control_.arrivals(group, member).load() - mine) >= 0)
      continue;
    missing += missing.empty() ? "" : ", ";
    missing += "rank " + std::to_string(member) + " (" +
               control_.whereabouts(int(member)) + ")";
  }
  return rankLost("rank %d waited %g s for %s, which did not arrive: raise "
                  "--timeout if it was only slow",
                  rank_, timeout_, missing.c_str());
}

/// Who waits is not at fault when nothing happens; who gave up stays marked.
bool LocalComm::wait(WaitWord &word, uint32_t value) const {
  RankSlot &own = control_.slot(rank_);
  own.waiting.store(1, std::memory_order_relaxed);
  if (!waitWhile(word, value, spins_, timeout_))
    return false;
  own.waiting.store(0, std::memory_order_relaxed);
  own.advance();
  return true;
}

Status LocalComm::barrier(uint32_t group) {
  const auto &members = control_.group(group);
  if (members.size() <= 1)
    return {};
  GroupBarrier &barrier = control_.barrier(group);
  uint32_t generation = barrier.generation.value.load();
  control_.arrivals(group, rank_).fetch_add(1);
  if (barrier.arrived.fetch_add(1) + 1 == members.size()) {
    barrier.arrived.store(0);
    storeAndWake(barrier.generation, generation + 1);
    return {};
  }
  if (wait(barrier.generation, generation))
    return {};
  return lost(group);
}

Status LocalComm::publish(const CollectiveOp &op) {
  RankSlot &slot = control_.slot(rank_);
  slot.source.store(op.src, std::memory_order_release);
  slot.result.store(op.dst, std::memory_order_release);
  return barrier(op.group);
}

const std::byte *LocalComm::source(uint32_t group, size_t member) const {
  return static_cast<const std::byte *>(
      control_.slot(control_.group(group)[member])
          .source.load(std::memory_order_acquire));
}

const std::byte *LocalComm::result(uint32_t group, size_t member) const {
  return static_cast<const std::byte *>(
      control_.slot(control_.group(group)[member])
          .result.load(std::memory_order_acquire));
}

size_t LocalComm::memberIndex(uint32_t group) const {
  const auto &members = control_.group(group);
  return std::find(members.begin(), members.end(), uint32_t(rank_)) -
         members.begin();
}

void LocalComm::reduceRange(const CollectiveOp &op, uint64_t srcFirst,
                            std::byte *dst, uint64_t count) const {
  constexpr size_t kInline = 64;
  const std::byte *few[kInline];
  std::vector<const std::byte *> many;
  size_t n = control_.group(op.group).size();
  const std::byte **sources = few;
  if (n > kInline) {
    many.resize(n);
    sources = many.data();
  }
  for (size_t i = 0; i < n; ++i)
    sources[i] = source(op.group, i) + srcFirst * bytesOf(op.dtype);
  reduceArrays(op.dtype, op.reduce, {sources, n}, dst, count);
}

Status LocalComm::allGather(const CollectiveOp &op) {
  DS_RT_RETURN_IF_ERROR(publish(op));
  uint64_t bytes = op.count * bytesOf(op.dtype);
  size_t n = control_.group(op.group).size(), mine = memberIndex(op.group);
  // Each rank begins at its own shard, so that not all read the same one.
  for (size_t i = 0; i < n; ++i) {
    size_t member = (mine + i) % n;
    copyParallel(op.dst + member * bytes, source(op.group, member), bytes);
  }
  return barrier(op.group);
}

Status LocalComm::reduceScatter(const CollectiveOp &op) {
  DS_RT_RETURN_IF_ERROR(publish(op));
  reduceRange(op, memberIndex(op.group) * op.count, op.dst, op.count);
  return barrier(op.group);
}

Status LocalComm::allReduceSmall(const CollectiveOp &op) {
  alignas(64) std::byte result[kSmallReduce];
  DS_RT_RETURN_IF_ERROR(publish(op));
  reduceRange(op, 0, result, op.count);
  DS_RT_RETURN_IF_ERROR(barrier(op.group));
  std::memcpy(op.dst, result, op.count * bytesOf(op.dtype));
  return {};
}

Status LocalComm::allReduce(const CollectiveOp &op) {
  uint64_t size = bytesOf(op.dtype);
  if (op.count * size <= kSmallReduce)
    return allReduceSmall(op);
  size_t n = control_.group(op.group).size(), mine = memberIndex(op.group);
  DS_RT_RETURN_IF_ERROR(publish(op));
  auto [begin, end] = sliceOf(op.count, mine, n);
  reduceRange(op, begin, op.dst + begin * size, end - begin);
  DS_RT_RETURN_IF_ERROR(barrier(op.group));
  for (size_t i = 1; i < n; ++i) {
    size_t member = (mine + i) % n;
    auto [first, last] = sliceOf(op.count, member, n);
    copyParallel(op.dst + first * size, result(op.group, member) + first * size,
                 (last - first) * size);
  }
  return barrier(op.group);
}

Status LocalComm::broadcast(const CollectiveOp &op) {
  DS_RT_RETURN_IF_ERROR(publish(op));
  copyParallel(op.dst, source(op.group, op.root), op.count * bytesOf(op.dtype));
  return barrier(op.group);
}

Status LocalComm::allToAll(const CollectiveOp &op) {
  DS_RT_RETURN_IF_ERROR(publish(op));
  uint64_t bytes = op.count * bytesOf(op.dtype);
  size_t n = control_.group(op.group).size(), mine = memberIndex(op.group);
  for (size_t i = 0; i < n; ++i) {
    size_t member = (mine + i) % n;
    copyParallel(op.dst + member * bytes,
                 source(op.group, member) + mine * bytes, bytes);
  }
  return barrier(op.group);
}

Status LocalComm::run(const CollectiveOp &op) {
  switch (op.kind) {
  case plan::CollectiveKind::all_gather:
    return allGather(op);
  case plan::CollectiveKind::reduce_scatter:
    return reduceScatter(op);
  case plan::CollectiveKind::all_reduce:
    return allReduce(op);
  case plan::CollectiveKind::broadcast:
    return broadcast(op);
  case plan::CollectiveKind::all_to_all:
    return allToAll(op);
  }
  return internalError("collective of kind %d", int(op.kind));
}

Status LocalComm::send(int peer, const void *data, uint64_t bytes) {
  Channel &channel = control_.channel(rank_, peer);
  channel.data = data;
  channel.bytes = bytes;
  storeAndWake(channel.offered, 1);
  if (wait(channel.offered, 1))
    return {};
  return rankLost("rank %d waited %g s for rank %d (%s) to receive %llu bytes: "
                  "raise --timeout if it was only slow",
                  rank_, timeout_, peer, control_.whereabouts(peer).c_str(),
                  (unsigned long long)bytes);
}

StatusOr<const std::byte *> LocalComm::offered(int peer, uint64_t bytes) {
  Channel &channel = control_.channel(peer, rank_);
  if (!wait(channel.offered, 0))
    return rankLost("rank %d waited %g s for rank %d (%s) to send %llu bytes: "
                    "raise --timeout if it was only slow",
                    rank_, timeout_, peer, control_.whereabouts(peer).c_str(),
                    (unsigned long long)bytes);
  if (channel.bytes != bytes)
    return inputError("rank %d receives %llu bytes from rank %d, which sends "
                      "%llu",
                      rank_, (unsigned long long)bytes, peer,
                      (unsigned long long)channel.bytes);
  return static_cast<const std::byte *>(channel.data);
}

void LocalComm::taken(int peer) {
  storeAndWake(control_.channel(peer, rank_).offered, 0);
}

Status LocalComm::receive(int peer, void *data, uint64_t bytes) {
  auto from = offered(peer, bytes);
  if (!from.ok())
    return from.status();
  copyParallel(static_cast<std::byte *>(data), *from, bytes);
  taken(peer);
  return {};
}

} // namespace ds::rt
