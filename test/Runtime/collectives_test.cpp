//===- collectives_test.cpp - Collectives against the obvious way -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Forks 2 to 4 ranks (more than the machine's cores, on purpose), runs every
// collective on every type and some sizes, and compares with plain loops.  Then
// the same with ranks as threads of one process, which is how ThreadSanitizer
// can see them: it knows nothing of what two processes share.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "Ranks.h"
#include "backends/cpu/Threads.h"
#include "base/Float16.h"
#include "comm/local/Launcher.h"
#include "comm/local/LocalComm.h"

#include <csignal>
#include <thread>
#include <unistd.h>

using namespace ds::rt;
using ds::plan::CollectiveKind;
using ds::plan::DType;
using ds::plan::ReduceOp;

namespace {

Status expect(bool good, const std::string &what) {
  return good ? Status() : inputError("wrong result: %s", what.c_str());
}

/// A number of 16 bits, as memory holds it.
template <float from(uint16_t), uint16_t to(double)> struct Narrow {
  uint16_t bits;
  Narrow(double value) : bits(to(value)) {}
  operator float() const { return from(bits); }
};
float halfToFloat(uint16_t bits) { return float(fromHalf(bits)); }
using Brain = Narrow<fromBrain, toBrain>;
using Half = Narrow<halfToFloat, toHalf>;

/// What numbers of a type add up in, before they are rounded once.
template <typename T> using Wide = std::conditional_t<sizeof(T) == 2, float, T>;

/// The element i that rank r contributes.
template <typename T> T value(int rank, uint64_t i) {
  return static_cast<Wide<T>>((i * 7 + uint64_t(rank) * 13) % 101) /
         Wide<T>(rank + 1);
}

template <typename T> constexpr DType dtypeOf() {
  if constexpr (std::is_same_v<T, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<T, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<T, int32_t>)
    return DType::i32;
  else if constexpr (std::is_same_v<T, Brain>)
    return DType::bf16;
  else if constexpr (std::is_same_v<T, Half>)
    return DType::f16;
  else
    return DType::i64;
}

template <typename T>
T reduced(const std::vector<uint32_t> &members, ReduceOp op, uint64_t i) {
  Wide<T> sum = value<T>(members[0], i);
  for (size_t m = 1; m < members.size(); ++m) {
    Wide<T> next = value<T>(members[m], i);
    sum = op == ReduceOp::max ? std::max(sum, next) : sum + next;
  }
  bool mean = op == ReduceOp::mean && members.size() > 1;
  return mean ? sum / static_cast<Wide<T>>(members.size()) : sum;
}

/// One rank's part of the tests of one type, size and group.
template <typename T> class Cases {
public:
  Cases(const Ranks &ranks, LocalComm &comm, uint32_t group, uint64_t count)
      : ranks_(ranks), comm_(comm), group_(group), count_(count),
        members_(ranks.control.group(group)) {
    while (members_[mine_] != uint32_t(comm.rank()))
      ++mine_;
    src_ = ranks.at<T>(comm.rank(), 0);
    dst_ = ranks.at<T>(comm.rank(), ranks.arenas[0].bytes() / 2);
  }

  Status run() {
    DS_RT_RETURN_IF_ERROR(gather());
    for (ReduceOp op : {ReduceOp::sum, ReduceOp::mean, ReduceOp::max}) {
      DS_RT_RETURN_IF_ERROR(scatter(op, false));
      DS_RT_RETURN_IF_ERROR(scatter(op, true));
      DS_RT_RETURN_IF_ERROR(reduce(op, false));
      DS_RT_RETURN_IF_ERROR(reduce(op, true));
    }
    DS_RT_RETURN_IF_ERROR(broadcast());
    return exchange();
  }

private:
  Status call(CollectiveKind kind, ReduceOp op, T *src, T *dst,
              uint32_t root = 0) {
    return comm_.run({kind, op, dtypeOf<T>(), count_,
                      reinterpret_cast<std::byte *>(src),
                      reinterpret_cast<std::byte *>(dst), group_, root});
  }
  void fill(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i)
      src_[i] = value<T>(comm_.rank(), i);
  }

  Status gather() {
    // The shard lies in the whole at its own place.
    T *own = dst_ + mine_ * count_;
    for (uint64_t i = 0; i < count_; ++i)
      own[i] = value<T>(comm_.rank(), i);
    DS_RT_RETURN_IF_ERROR(
        call(CollectiveKind::all_gather, ReduceOp::sum, own, dst_));
    for (size_t m = 0; m < members_.size(); ++m)
      for (uint64_t i = 0; i < count_; ++i)
        DS_RT_RETURN_IF_ERROR(expect(
            dst_[m * count_ + i] == value<T>(members_[m], i), "all_gather"));
    return comm_.barrier(group_);
  }

  Status scatter(ReduceOp op, bool inside) {
    fill(count_ * members_.size());
    T *dst = inside ? src_ + mine_ * count_ : dst_;
    DS_RT_RETURN_IF_ERROR(call(CollectiveKind::reduce_scatter, op, src_, dst));
    for (uint64_t i = 0; i < count_; ++i)
      DS_RT_RETURN_IF_ERROR(
          expect(dst[i] == reduced<T>(members_, op, mine_ * count_ + i),
                 "reduce_scatter"));
    return comm_.barrier(group_);
  }

  Status reduce(ReduceOp op, bool inPlace) {
    fill(count_);
    T *dst = inPlace ? src_ : dst_;
    DS_RT_RETURN_IF_ERROR(call(CollectiveKind::all_reduce, op, src_, dst));
    for (uint64_t i = 0; i < count_; ++i)
      DS_RT_RETURN_IF_ERROR(
          expect(dst[i] == reduced<T>(members_, op, i), "all_reduce"));
    return comm_.barrier(group_);
  }

  Status broadcast() {
    fill(count_);
    uint32_t root = uint32_t(members_.size()) - 1;
    DS_RT_RETURN_IF_ERROR(
        call(CollectiveKind::broadcast, ReduceOp::sum, src_, dst_, root));
    for (uint64_t i = 0; i < count_; ++i)
      DS_RT_RETURN_IF_ERROR(
          expect(dst_[i] == value<T>(members_[root], i), "broadcast"));
    return comm_.barrier(group_);
  }

  Status exchange() {
    fill(count_ * members_.size());
    DS_RT_RETURN_IF_ERROR(
        call(CollectiveKind::all_to_all, ReduceOp::sum, src_, dst_));
    for (size_t m = 0; m < members_.size(); ++m)
      for (uint64_t i = 0; i < count_; ++i)
        DS_RT_RETURN_IF_ERROR(expect(
            dst_[m * count_ + i] == value<T>(members_[m], mine_ * count_ + i),
            "all_to_all"));
    return comm_.barrier(group_);
  }

  const Ranks &ranks_;
  LocalComm &comm_;
  uint32_t group_;
  uint64_t count_;
  const std::vector<uint32_t> &members_;
  size_t mine_ = 0;
  T *src_, *dst_;
};

template <typename T>
Status allSizes(const Ranks &ranks, LocalComm &comm, uint32_t group) {
  for (uint64_t count : {1, 3, 64, 1000, 8193, 40000})
    DS_RT_RETURN_IF_ERROR(Cases<T>(ranks, comm, group, count).run());
  return {};
}

Status allTypes(const Ranks &ranks, int rank, uint32_t group) {
  LocalComm comm(ranks.control, rank, 30, 100);
  DS_RT_RETURN_IF_ERROR(allSizes<float>(ranks, comm, group));
  DS_RT_RETURN_IF_ERROR(allSizes<double>(ranks, comm, group));
  DS_RT_RETURN_IF_ERROR(allSizes<Brain>(ranks, comm, group));
  DS_RT_RETURN_IF_ERROR(allSizes<Half>(ranks, comm, group));
  DS_RT_RETURN_IF_ERROR(allSizes<int32_t>(ranks, comm, group));
  return allSizes<int64_t>(ranks, comm, group);
}

Status allTypesOnTwoThreads(const Ranks &ranks, int rank, uint32_t group) {
  setThreads(2);
  return allTypes(ranks, rank, group);
}

std::string nowhere(int) { return "somewhere"; }

void collectivesMatch() {
  for (int world : {2, 3, 4}) {
    Ranks ranks = Ranks::make(world, 4 << 20);
    Status status = runRanks(
        ranks.control, 60,
        [&](int rank) { return allTypesOnTwoThreads(ranks, rank, 0); },
        nowhere);
    ds::test::check(status.ok(), "equal results", __FILE__, __LINE__,
                    status.message());
  }
}

/// Two groups at work at once, neither of them in the order of all ranks.
void groupsAreApart() {
  Ranks ranks = Ranks::make(4, 4 << 20, {{2, 0}, {1, 3}});
  Status status = runRanks(
      ranks.control, 60,
      [&](int rank) { return allTypesOnTwoThreads(ranks, rank, rank % 2); },
      nowhere);
  ds::test::check(status.ok(), "equal results", __FILE__, __LINE__,
                  status.message());
}

/// A token goes round three ranks.
Status passToken(const Ranks &ranks, int rank) {
  LocalComm comm(ranks.control, rank, 30, 100);
  uint64_t *token = ranks.at<uint64_t>(rank, 0);
  for (uint64_t round = 0; round < 2000; ++round) {
    *token = round * 3 + uint64_t(rank);
    uint64_t got = 0;
    int next = (rank + 1) % 3, before = (rank + 2) % 3;
    if (rank != 0)
      DS_RT_RETURN_IF_ERROR(comm.receive(before, &got, 8));
    DS_RT_RETURN_IF_ERROR(comm.send(next, token, 8));
    if (rank == 0)
      DS_RT_RETURN_IF_ERROR(comm.receive(before, &got, 8));
    DS_RT_RETURN_IF_ERROR(expect(got == round * 3 + uint64_t(before), "send"));
  }
  return {};
}

void transfersMeet() {
  Ranks ranks = Ranks::make(3, 1 << 20);
  Status status = runRanks(
      ranks.control, 60, [&](int rank) { return passToken(ranks, rank); },
      nowhere);
  ds::test::check(status.ok(), "equal results", __FILE__, __LINE__,
                  status.message());
}

template <typename Body> void runAsThreads(int world, const Body &body) {
  std::vector<Status> results(world);
  std::vector<std::thread> threads;
  for (int rank = 0; rank < world; ++rank)
    threads.emplace_back([&, rank] { results[rank] = body(rank); });
  for (std::thread &thread : threads)
    thread.join();
  for (const Status &status : results)
    ds::test::check(status.ok(), "equal results", __FILE__, __LINE__,
                    status.message());
}

/// After all forks: a fork keeps one thread only.
void ranksAsThreadsMatch() {
  setThreads(1);
  for (int world : {2, 3}) {
    Ranks ranks = Ranks::make(world, 4 << 20);
    runAsThreads(world, [&](int rank) { return allTypes(ranks, rank, 0); });
  }
  Ranks groups = Ranks::make(4, 4 << 20, {{2, 0}, {1, 3}});
  runAsThreads(4, [&](int rank) { return allTypes(groups, rank, rank % 2); });
  Ranks ring = Ranks::make(3, 1 << 20);
  runAsThreads(3, [&](int rank) { return passToken(ring, rank); });
}

void lostRanksAreNamed() {
  Ranks ranks = Ranks::make(3, 4096);
  Status late = runRanks(
      ranks.control, 60,
      [&](int rank) -> Status {
        LocalComm comm(ranks.control, rank, 0.3, 100);
        if (rank == 1)
          sleep(20);
        return comm.barrier();
      },
      nowhere);
  CHECK(late.code() == Code::RankLost);
  CHECK_CONTAINS(late.message(), "for rank 1 (while loading the plan), which "
                                 "did not arrive");
  Ranks other = Ranks::make(3, 4096);
  Status died = runRanks(
      other.control, 60,
      [&](int rank) -> Status {
        LocalComm comm(other.control, rank, 60, 100);
        if (rank == 2)
          std::raise(SIGKILL);
        return comm.barrier();
      },
      nowhere);
  CHECK(died.code() == Code::RankLost);
  CHECK_CONTAINS(died.message(),
                 "rank 2 was ended by signal 9 (Killed) somewhere");
}

} // namespace

int main() {
  collectivesMatch();
  groupsAreApart();
  transfersMeet();
  lostRanksAreNamed();
  ranksAsThreadsMatch();
  return ds::test::finish("collectives");
}
