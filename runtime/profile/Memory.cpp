//===- Memory.cpp - How fast bytes come, by how many there are ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Few bytes stay in a cache, many come from memory: the curve shows the size
// and the rate of each level, as a team that shares them sees it.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/Arena.h"
#include "profile/Lanes.h"
#include "profile/Parts.h"

#include <algorithm>

namespace ds::rt {
namespace {

constexpr uint64_t kSmallest = 64 << 10, kLargest = 256 << 20;
/// What one run goes through, in as many rounds as that takes.
constexpr uint64_t kRunBytes = 64 << 20;

struct Read {
  static DSRT_INLINE void run(Lanes *data, uint64_t count, uint64_t rounds) {
    Lanes a{}, b{}, c{}, d{};
    for (uint64_t round = 0; round < rounds; ++round) {
      for (uint64_t i = 0; i + 4 <= count; i += 4) {
        a += data[i], b += data[i + 1];
        c += data[i + 2], d += data[i + 3];
      }
      asm volatile("" : : : "memory"); // each round reads anew
    }
    a += b + c + d;
    asm volatile("" : : "m"(a));
  }
};

struct Update {
  static DSRT_INLINE void run(Lanes *data, uint64_t count, uint64_t rounds) {
    for (uint64_t round = 0; round < rounds; ++round) {
      for (uint64_t i = 0; i < count; ++i)
        data[i] = data[i] * 0.5f;
      asm volatile("" : : : "memory");
    }
  }
};

/// As a tile of columns lies in a tensor of many: each part of the rows after
/// the other.
struct Strided {
  static DSRT_INLINE void run(Lanes *data, uint64_t count, uint64_t rounds) {
    constexpr uint64_t kRun = 2048 / sizeof(Lanes), kRow = 4 * kRun;
    Lanes sums[4] = {};
    for (uint64_t round = 0; round < rounds; ++round) {
      for (uint64_t tile = 0; tile < kRow; tile += kRun)
        for (uint64_t row = 0; row + kRow <= count; row += kRow)
          for (uint64_t i = row + tile; i < row + tile + kRun; i += 4)
            for (uint64_t j = 0; j < 4; ++j)
              sums[j] += data[i + j];
      asm volatile("" : : : "memory");
    }
    sums[0] += sums[1] + sums[2] + sums[3];
    asm volatile("" : : "m"(sums[0]));
  }
};

/// Seconds for one round of `Loop` through `bytes`, a part for each thread.
template <typename Loop>
double roundSeconds(std::byte *data, uint64_t bytes, int teamThreads) {
  const uint64_t count = bytes / uint64_t(teamThreads) / sizeof(Lanes);
  const uint64_t rounds = std::max<uint64_t>(1, kRunBytes / bytes);
  auto run = [&](uint64_t times) {
    parallelRanges(uint64_t(teamThreads), 1, [&](uint64_t begin, uint64_t end) {
      for (uint64_t part = begin; part < end; ++part)
        runLanes<Loop>(reinterpret_cast<Lanes *>(data) + part * count, count,
                       times);
    });
  };
  if (rounds > 1)
    run(1); // brings it into the caches
  const double before = monotonicSeconds();
  run(rounds);
  return (monotonicSeconds() - before) / double(rounds);
}

} // namespace

std::vector<BandwidthRate> measureBandwidth(int cores, double seconds) {
  const double end = monotonicSeconds() + seconds;
  uint64_t largest = kLargest;
  while (largest > kSmallest && largest > availableMemory() / 4)
    largest /= 2;
  auto arena = Arena::map(largest, /*shared=*/false);
  setThreads(cores);
  if (!arena.ok() || !arena->prefault(0, largest).ok())
    return {};
  std::vector<BandwidthRate> rates;
  for (int threads : {1, cores}) {
    for (uint64_t bytes = kSmallest * uint64_t(threads); bytes <= largest;
         bytes *= 2)
      rates.push_back({threads, bytes, 0, 0, 0});
    if (cores == 1)
      break;
  }
  for (int round = 0; round < 2 || monotonicSeconds() < end; ++round)
    for (BandwidthRate &rate : rates) {
      setThreads(rate.threads);
      auto measure = [&](double &best, double seconds) {
        best = std::max(best, double(rate.bytes) * 1e-9 / seconds);
      };
      std::byte *data = arena->data();
      measure(rate.readGBps,
              roundSeconds<Read>(data, rate.bytes, rate.threads));
      measure(rate.updateGBps,
              roundSeconds<Update>(data, rate.bytes, rate.threads));
      measure(rate.stridedGBps,
              roundSeconds<Strided>(data, rate.bytes, rate.threads));
    }
  return rates;
}

double measureTeam(int cores) {
  constexpr int kRegions = 20;
  setThreads(cores);
  double best = 1e9;
  const double end = monotonicSeconds() + 0.05;
  for (int round = 0; round < 2 || monotonicSeconds() < end; ++round) {
    const double before = monotonicSeconds();
    for (int i = 0; i < kRegions; ++i)
      parallelRanges(uint64_t(cores), 1, [](uint64_t, uint64_t) {});
    best = std::min(best, (monotonicSeconds() - before) / kRegions);
  }
  return best * 1e6;
}

} // namespace ds::rt
