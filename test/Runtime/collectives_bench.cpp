//===- collectives_bench.cpp - How fast collectives are -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Prints the bytes of whole buffers per second and rank, best of eight, for
// worlds of 2 and 4, and the time of a barrier.
//===--------------------------------------------------------------------===//
#include "Ranks.h"
#include "backends/cpu/Threads.h"
#include "comm/local/Launcher.h"
#include "comm/local/LocalComm.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace ds::rt;
using ds::plan::CollectiveKind;
using ds::plan::DType;
using ds::plan::ReduceOp;

namespace {

constexpr uint64_t kCount = 8 << 20; // elements of a shard

template <typename Body> double secondsOf(const Body &body) {
  auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

/// The best time of one collective, printed by rank 0.
Status time(LocalComm &comm, const char *name, const CollectiveOp &op) {
  double best = 1e9;
  Status status;
  for (int i = 0; i < 8 && status.ok(); ++i)
    best = std::min(best, secondsOf([&] { status = comm.run(op); }));
  int world = comm.control().world();
  if (comm.rank() == 0)
    std::printf("world %d %-15s %7.2f GB/s per rank\n", world, name,
                double(world) * kCount * 4 / best * 1e-9);
  return status;
}

Status timeAll(const Ranks &ranks, int rank) {
  setThreads(defaultThreads(ranks.world));
  LocalComm comm(ranks.control, rank, 30,
                 LocalComm::spinRounds(ranks.world, threads()));
  const Arena &arena = ranks.arenas[rank];
  DS_RT_RETURN_IF_ERROR(arena.prefault(0, arena.bytes()));
  std::byte *whole = arena.data();
  std::byte *shard = whole + uint64_t(ranks.world) * kCount * 4;
  DS_RT_RETURN_IF_ERROR(time(comm, "all_gather",
                             {CollectiveKind::all_gather, ReduceOp::sum,
                              DType::f32, kCount, shard, whole, 0, 0}));
  DS_RT_RETURN_IF_ERROR(time(comm, "reduce_scatter",
                             {CollectiveKind::reduce_scatter, ReduceOp::mean,
                              DType::f32, kCount, whole, shard, 0, 0}));
  DS_RT_RETURN_IF_ERROR(
      time(comm, "all_reduce",
           {CollectiveKind::all_reduce, ReduceOp::mean, DType::f32,
            kCount * uint64_t(ranks.world), whole, whole, 0, 0}));
  Status status;
  double seconds = secondsOf([&] {
    for (int i = 0; i < 2000 && status.ok(); ++i)
      status = comm.barrier();
  });
  if (rank == 0)
    std::printf("world %d barrier         %7.2f us\n", ranks.world,
                seconds / 2000 * 1e6);
  return status;
}

} // namespace

int main() {
  for (int world : {2, 4}) {
    Ranks ranks = Ranks::make(world, (uint64_t(world) + 1) * kCount * 4);
    Status status = runRanks(
        ranks.control, 60, [&](int rank) { return timeAll(ranks, rank); },
        [](int) { return std::string("at work"); });
    if (!status.ok()) {
      std::fprintf(stderr, "error: %s\n", status.message().c_str());
      return 1;
    }
  }
}
