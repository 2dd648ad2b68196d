//===- Machine.cpp - What this machine can do ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "profile/Machine.h"
#include "backends/cpu/CpuInfo.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "comm/local/LocalComm.h"
#include "exec/Arena.h"
#include "profile/Products.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace ds::rt {
namespace {

constexpr double kProductSeconds = 4;

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

double measureMemory() {
  constexpr uint64_t bytes = 128 << 20;
  auto arena = Arena::map(2 * bytes, /*shared=*/false);
  if (!arena.ok() || !arena->prefault(0, 2 * bytes).ok())
    return 0;
  std::byte *from = arena->data(), *to = from + bytes;
  double seconds = bestTime(0.2, [&] {
    parallelRanges(bytes, 1 << 20, [&](uint64_t begin, uint64_t end) {
      std::memcpy(to + begin, from + begin, end - begin);
    });
  });
  return 2.0 * bytes / seconds * 1e-9;
}

double measureShared() {
  constexpr uint64_t bytes = 64 << 20;
  auto from = Arena::map(bytes, /*shared=*/true);
  auto to = Arena::map(bytes, /*shared=*/true);
  if (!from.ok() || !to.ok() || !from->prefault(0, bytes).ok() ||
      !to->prefault(0, bytes).ok())
    return 0;
  double seconds =
      bestTime(0.15, [&] { std::memcpy(to->data(), from->data(), bytes); });
  return bytes / seconds * 1e-9;
}

/// Two processes meet a thousand times.
double measureBarrier() {
  constexpr int rounds = 1000;
  auto control = Control::create({}, 2);
  if (!control.ok())
    return 0;
  auto meet = [&](int rank) {
    LocalComm comm(*control, rank, 2.0, LocalComm::spinRounds(2, 1));
    for (int i = 0; i < rounds; ++i)
      if (!comm.barrier().ok())
        return;
  };
  pid_t pid = fork();
  if (pid < 0)
    return 0;
  if (pid == 0) {
    meet(1);
    _exit(0);
  }
  double start = monotonicSeconds();
  meet(0);
  double seconds = monotonicSeconds() - start;
  waitpid(pid, nullptr, 0);
  return seconds / rounds * 1e6;
}

} // namespace

MachineProfile measureMachine() {
  CpuInfo cpu = readCpuInfo();
  MachineProfile profile{
      cpu.name, cpu.flags, availableCores(), availableMemory(), {}, {}, 0,
      0,        0};
  // Before the pool has threads: a fork keeps only the calling one.
  profile.barrierUs = measureBarrier();
  for (int threads = 1;; threads = std::min(2 * threads, profile.cores)) {
    profile.gemm.push_back({threads, measureGemm(threads)});
    if (threads >= profile.cores || profile.gemm.size() > 6)
      break;
  }
  profile.products = measureProducts(kProductSeconds);
  profile.memoryGBps = measureMemory();
  profile.sharedMemoryGBps = measureShared();
  setThreads(defaultThreads(1));
  return profile;
}

std::string profileJson(const MachineProfile &profile) {
  nlohmann::ordered_json json = {
      {"cpu", profile.cpu},
      {"cores", profile.cores},
      {"memory_bytes", profile.memoryBytes},
      {"gemm_gflops", nlohmann::ordered_json::array()},
      {"memory_gbps", profile.memoryGBps},
      {"shared_memory_gbps", profile.sharedMemoryGBps},
      {"barrier_us", profile.barrierUs},
      {"features", profile.flags}};
  json["products"] = productsJson(profile.products);
  for (const GemmRate &rate : profile.gemm)
    json["gemm_gflops"].push_back(
        {{"threads", rate.threads}, {"gflops", rate.gflops}});
  return json.dump(2) + "\n";
}

} // namespace ds::rt
