//===- Collectives.cpp - How long ranks of one machine exchange ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Processes as ds-run makes them: each with its part of the cores, its arena
// mapped by all.  Small sizes show what meeting costs, large ones the rate.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "comm/local/LocalComm.h"
#include "exec/Arena.h"
#include "profile/Parts.h"

#include <algorithm>
#include <atomic>
#include <sys/wait.h>
#include <unistd.h>

namespace ds::rt {
namespace {

using plan::CollectiveKind;

constexpr CollectiveKind kKinds[] = {CollectiveKind::all_gather,
                                     CollectiveKind::reduce_scatter,
                                     CollectiveKind::all_reduce};
constexpr uint64_t kSizes[] = {16 << 10, 256 << 10, 4 << 20, 64 << 20};
constexpr uint64_t kAllRanks = 256 << 20; ///< Memory of all together.

/// What the ranks share with the process that asks.
struct Board {
  std::atomic<int> goesOn;
  double seconds[std::size(kKinds)][std::size(kSizes)];
};

struct Setup {
  int ranks;
  std::vector<uint64_t> sizes;
  std::vector<Arena> arenas;
  Board *board;
};

/// One collective of `whole` bytes, repeated while that is short.
double secondsOf(LocalComm &comm, CollectiveKind kind, std::byte *data,
                 uint64_t whole, Status &status) {
  const uint64_t ranks = uint64_t(comm.control().world());
  const uint64_t shard = whole / sizeof(float) / ranks;
  std::byte *first = data, *second = data + shard * ranks * sizeof(float);
  CollectiveOp op{kind,
                  plan::ReduceOp::sum,
                  plan::DType::f32,
                  shard,
                  first,
                  second,
                  comm.control().everyone(),
                  0};
  if (kind == CollectiveKind::all_gather)
    op.src = second, op.dst = first;
  if (kind == CollectiveKind::all_reduce)
    op.count = shard * ranks, op.dst = first;
  const int times = whole < (1 << 20) ? 20 : 1;
  status = comm.barrier();
  const double before = monotonicSeconds();
  for (int i = 0; i < times && status.ok(); ++i)
    status = comm.run(op);
  return (monotonicSeconds() - before) / times;
}

/// What one of the processes does.
bool runRank(const Setup &setup, const Control &control, int rank, double end) {
  setThreads(defaultThreads(setup.ranks));
  LocalComm comm(control, rank, /*timeoutSeconds=*/5,
                 LocalComm::spinRounds(setup.ranks, threads()));
  const Arena &arena = setup.arenas[size_t(rank)];
  Status status = arena.prefault(0, arena.bytes());
  for (int round = 0; status.ok(); ++round) {
    if (rank == 0)
      setup.board->goesOn = round < 2 || monotonicSeconds() < end;
    status = comm.barrier();
    if (!status.ok() || !setup.board->goesOn)
      break;
    for (size_t k = 0; k < std::size(kKinds); ++k)
      for (size_t s = 0; s < setup.sizes.size() && status.ok(); ++s) {
        const double seconds =
            secondsOf(comm, kKinds[k], arena.data(), setup.sizes[s], status);
        double &best = setup.board->seconds[k][s];
        if (rank == 0 && (best == 0 || seconds < best))
          best = seconds;
      }
    if (status.ok())
      status = comm.barrier(); // before rank 0 decides anew
  }
  return status.ok();
}

/// All ranks in processes of their own; whether all did their part.
bool runProcesses(const Setup &setup, const Control &control, double end) {
  std::vector<pid_t> children;
  for (int rank = 0; rank < setup.ranks; ++rank) {
    const pid_t pid = fork();
    if (pid == 0)
      _exit(runRank(setup, control, rank, end) ? 0 : 1);
    if (pid > 0)
      children.push_back(pid);
  }
  bool good = children.size() == size_t(setup.ranks);
  for (pid_t pid : children) {
    int ended = 0;
    good &= waitpid(pid, &ended, 0) == pid && ended == 0;
  }
  return good;
}

void measureWorld(int ranks, double seconds,
                  std::vector<CollectiveRate> &rates) {
  const double end = monotonicSeconds() + seconds;
  Setup setup{ranks, {}, {}, nullptr};
  const uint64_t most = kAllRanks / uint64_t(ranks);
  for (uint64_t size : kSizes)
    if (size == kSizes[0] || 2 * size <= most)
      setup.sizes.push_back(size);
  auto board = Arena::map(sizeof(Board), /*shared=*/true);
  auto control = Control::create({}, ranks);
  if (!board.ok() || !control.ok())
    return;
  setup.board = reinterpret_cast<Board *>(board->data());
  for (int rank = 0; rank < ranks; ++rank) {
    auto arena = Arena::map(2 * setup.sizes.back(), /*shared=*/true);
    if (!arena.ok())
      return;
    setup.arenas.push_back(std::move(*arena));
  }
  if (!runProcesses(setup, *control, end))
    return;
  for (size_t k = 0; k < std::size(kKinds); ++k)
    for (size_t s = 0; s < setup.sizes.size(); ++s)
      rates.push_back({plan::EnumNameCollectiveKind(kKinds[k]), ranks,
                       setup.sizes[s], setup.board->seconds[k][s] * 1e6});
}

} // namespace

std::vector<CollectiveRate> measureCollectives(int cores, double seconds) {
  std::vector<int> worlds{2}; // also where they have to share one core
  while (2 * worlds.back() <= cores)
    worlds.push_back(2 * worlds.back());
  std::vector<CollectiveRate> rates;
  for (int world : worlds)
    measureWorld(world, seconds / double(worlds.size()), rates);
  return rates;
}

} // namespace ds::rt
