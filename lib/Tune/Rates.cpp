//===- Rates.cpp - What a rank gets of a machine ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ranks do the same at the same time: each has its part of the cores, of the
// caches and of the memory's rate.
//===--------------------------------------------------------------------===//

#include "ds/Tune/Machine.h"

#include <algorithm>
#include <cmath>

namespace ds {

using Kind = plan::CollectiveKind;

/// The curve of `threads` threads, or of the nearest number that there is,
/// each of `world` ranks having a part of it.
static std::vector<Bandwidth> bandwidthOf(const rt::MachineProfile &profile,
                                          int threads, double world) {
  int nearest = 0;
  for (const rt::BandwidthRate &rate : profile.bandwidth)
    if (!nearest ||
        std::abs(rate.threads - threads) < std::abs(nearest - threads))
      nearest = rate.threads;
  std::vector<Bandwidth> curve;
  for (const rt::BandwidthRate &rate : profile.bandwidth)
    if (rate.threads == nearest)
      curve.push_back({double(rate.bytes) / world, rate.readGBps * 1e9 / world,
                       rate.updateGBps * 1e9 / world,
                       rate.updateGBps * 1e9 / world, // lines are read, too
                       rate.stridedGBps * 1e9 / world});
  return curve;
}

/// The times of the nearest number of ranks; more ranks take longer in
/// proportion.
static std::vector<CollectiveTime>
collectivesOf(const rt::MachineProfile &profile, const char *kind,
              double world) {
  auto distance = [&](const rt::CollectiveRate &rate) {
    return std::abs(std::log(world / rate.ranks));
  };
  int nearest = 0;
  double least = 1e300;
  for (const rt::CollectiveRate &rate : profile.collectives)
    if (rate.kind == kind && distance(rate) < least) {
      nearest = rate.ranks;
      least = distance(rate);
    }
  std::vector<CollectiveTime> times;
  for (const rt::CollectiveRate &rate : profile.collectives)
    if (rate.kind == kind && rate.ranks == nearest &&
        (times.empty() || double(rate.bytes) > times.back().bytes))
      times.push_back({double(rate.bytes), rate.us * 1e-6 * world / nearest});
  if (times.empty()) // not measured: 30 us and 5 GB/s
    times = {{1, 30e-6}, {1 << 20, 240e-6}};
  return times;
}

/// All GPUs send and receive at once, each its part of the whole.  Where there
/// is one GPU, ranks share it to try out what they do, and the rate of the
/// host's memory is a guess.  Between points times are read off by the
/// logarithm of bytes: so these lie close together.
static std::vector<CollectiveTime> ringTimes(const rt::GpuProfile &gpu,
                                             double world, double rounds) {
  constexpr double kLatency = 15e-6, kLarge = 1 << 30;
  const double share = rounds * (world - 1) / world;
  const double gbps = gpu.linkGBps > 0 ? gpu.linkGBps : gpu.hostGBps;
  std::vector<CollectiveTime> times;
  for (double bytes = 1; bytes <= kLarge; bytes *= 2)
    times.push_back({bytes, kLatency + share * bytes / (gbps * 1e9)});
  return times;
}

/// Each rank has a GPU of its own.
static Rates ratesOf(const rt::MachineProfile &profile, double world) {
  const rt::GpuProfile &gpu = *profile.gpu;
  // What generated code needs for one of them, in operations.
  constexpr double kExponential = 9, kDivision = 8;
  // Of a library's products, what attention by mma instructions reaches: 35 to
  // 40 % of the peak of an H100 (Shah et al., FlashAttention-3, 2024), whose
  // products reach 80 %.
  constexpr double kWarpShare = 0.45;
  Rates rates;
  rates.gpu = true;
  rates.reserveBytes = gpu.reserveBytes;
  rates.threads = gpu.multiprocessors;
  rates.gemmFlops = gpu.f32Tflops * 1e12;
  rates.narrowFlops = gpu.narrowTflops * 1e12;
  rates.tf32Flops = gpu.tf32Tflops * 1e12;
  rates.products = profile.products;
  rates.warpFlops = kWarpShare * rates.narrowFlops;
  // Product and sum are one operation of generated code, too.
  rates.simple = gpu.vectorTflops * 1e12 / 2 / gpu.multiprocessors;
  rates.exponentials = rates.simple / kExponential;
  rates.divisions = rates.simple / kDivision;
  rates.loopSeconds = 1e-9; // hidden behind other warps
  const double cache = gpu.cacheGBps * 1e9, memory = gpu.memoryGBps * 1e9;
  // Copies of lines in both halves of the cache: half of it is worth counting.
  rates.team = {
      {double(gpu.cacheBytes) / 2, cache, cache / 2, cache, cache},
      {double(gpu.cacheBytes) * 2, memory, memory / 2, memory, memory}};
  rates.single = rates.team;
  rates.launchSeconds = rates.scalarSeconds = gpu.launchUs * 1e-6;
  for (Kind kind : {Kind::all_gather, Kind::broadcast, Kind::all_to_all,
                    Kind::reduce_scatter})
    rates.collectives[kind] = ringTimes(gpu, world, 1);
  rates.collectives[Kind::all_reduce] = ringTimes(gpu, world, 2);
  return rates;
}

Rates Machine::rates(int64_t world) const {
  if (profile.gpu)
    return ratesOf(profile, double(world));
  const double ranks = double(world), cores = double(profile.cores);
  const double share = std::min(1.0, cores / ranks); // of one core
  Rates rates;
  rates.threads = std::max(1, int(profile.cores / world));
  double flops = 0; // more threads are never slower, but for noise
  for (const rt::GemmRate &rate : profile.gemm)
    if (rate.threads <= rates.threads || flops == 0)
      flops = std::max(flops, rate.gflops * 1e9 * share);
  rates.gemmFlops = flops;
  rates.products = profile.products;
  rates.share = share;
  rates.simple = profile.arithmetic.simpleGops * 1e9 * share;
  rates.exponentials = profile.arithmetic.exponentialGops * 1e9 * share;
  rates.divisions = profile.arithmetic.divisionGops * 1e9 * share;
  rates.loopSeconds = profile.arithmetic.loopNs * 1e-9 / share;
  rates.team = bandwidthOf(profile, profile.cores, ranks);
  rates.single = rates.threads == 1 ? rates.team : bandwidthOf(profile, 1, 1);
  rates.launchSeconds = profile.teamUs * 1e-6 + 1e-7;
  for (auto [kind, measured] :
       {std::pair{Kind::all_gather, "all_gather"},
        std::pair{Kind::broadcast, "all_gather"},
        std::pair{Kind::all_to_all, "all_gather"},
        std::pair{Kind::reduce_scatter, "reduce_scatter"},
        std::pair{Kind::all_reduce, "all_reduce"}})
    rates.collectives[kind] = collectivesOf(profile, measured, ranks);
  return rates;
}

} // namespace ds
