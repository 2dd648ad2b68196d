//===- Machine.cpp - What this machine can do ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "profile/Machine.h"
#include "backends/cpu/CpuInfo.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/Arena.h"
#include "profile/Parts.h"
#include "profile/Products.h"

#include <algorithm>

namespace ds::rt {
namespace {

/// Of the ten seconds that a profile may take.
constexpr double kProductSeconds = 6.0;

/// The shortest of the runs of `body` that fit into `seconds`, at least two.
template <typename Body> double bestTime(double seconds, const Body &body) {
  double best = 1e300, start = monotonicSeconds();
  for (int i = 0; i < 2 || monotonicSeconds() - start < seconds; ++i) {
    double before = monotonicSeconds();
    body();
    best = std::min(best, monotonicSeconds() - before);
  }
  return best;
}

double measureGemm(int threadCount) {
  constexpr int64_t m = 512, n = 768, k = 768;
  setThreads(threadCount);
  std::vector<float> a(m * k, 0.5f), b(k * n, 0.25f), c(m * n);
  GemmShape shape{m, n, k, k, n, n, false, false, 0};
  auto kernel = makeDnnlGemm(shape);
  auto product = [&] { (void)kernel->run(a.data(), b.data(), c.data()); };
  product(); // makes the library's code
  return 2.0 * m * n * k / bestTime(0.3, product) * 1e-9;
}

} // namespace

MachineProfile measureMachine() {
  const OtherWork others;
  const CpuInfo cpu = readCpuInfo();
  MachineProfile profile;
  profile.cpu = cpu.name;
  profile.flags = cpu.flags;
  profile.cores = availableCores();
  profile.memoryBytes = availableMemory();
  // Before the pool has threads: a fork keeps only the calling one.
  profile.collectives = measureCollectives(profile.cores, 0.8);
  for (int threads = 1;; threads = std::min(2 * threads, profile.cores)) {
    profile.gemm.push_back({threads, measureGemm(threads)});
    if (threads >= profile.cores || profile.gemm.size() > 6)
      break;
  }
  profile.products = measureProducts(kProductSeconds);
  profile.bandwidth = measureBandwidth(profile.cores, 1.0);
  profile.arithmetic = measureArithmetic(0.05);
  profile.teamUs = measureTeam(profile.cores);
  setThreads(defaultThreads(1));
  profile.busy = others.share();
  return profile;
}

std::string busyNote(const MachineProfile &profile) {
  constexpr double kMuch = 0.1;
  if (profile.busy < kMuch)
    return "";
  return "the machine was busy while it was measured (others had " +
         std::to_string(int(profile.busy * 100 + 0.5)) +
         " % of its cores): what is predicted will be too slow";
}

} // namespace ds::rt
