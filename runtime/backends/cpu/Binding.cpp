//===- Binding.cpp - Which core each thread of a rank runs on -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cpu/Binding.h"
#include "backends/cpu/Threads.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sched.h>
#include <tuple>

namespace ds::rt {
namespace {

int topology(int cpu, const char *name) {
  std::ifstream file("/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                     "/topology/" + name);
  int value = -1;
  return file >> value ? value : -1;
}

/// The variable by which the user has bound OpenMP's threads, or null.
const char *boundByUser() {
  for (const char *name : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY"})
    if (const char *value = std::getenv(name); value && *value)
      return name;
  return nullptr;
}

/// How many processors of its physical core come before `cpu`.
size_t siblingIndex(const std::vector<Cpu> &cpus, const Cpu &cpu) {
  return size_t(std::ranges::count_if(cpus, [&](const Cpu &other) {
    return other.package == cpu.package && other.core == cpu.core &&
           other.number < cpu.number;
  }));
}

} // namespace

std::vector<Cpu> allowedCpus() {
  std::vector<Cpu> cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &set)) {
      const int core = topology(cpu, "core_id");
      // Where nothing is known each is a core of its own.
      cpus.push_back(
          {cpu, topology(cpu, "physical_package_id"), core >= 0 ? core : cpu});
    }
  return cpus;
}

std::vector<int> chooseCpus(const std::vector<Cpu> &cpus, int rank, int ranks,
                            int threads) {
  std::vector<Cpu> all = cpus;
  std::ranges::sort(all, {}, [](const Cpu &cpu) {
    return std::tuple(cpu.package, cpu.core, cpu.number);
  });
  std::vector<Cpu> firsts;
  for (const Cpu &cpu : all)
    if (siblingIndex(all, cpu) == 0)
      firsts.push_back(cpu);
  if (size_t(ranks) * size_t(threads) <= firsts.size())
    all = std::move(firsts); // a physical core for each thread
  const size_t begin = all.size() * size_t(rank) / size_t(ranks);
  const size_t end = all.size() * size_t(rank + 1) / size_t(ranks);
  const std::vector<Cpu> share(all.begin() + std::ptrdiff_t(begin),
                               all.begin() + std::ptrdiff_t(end));
  if (size_t(threads) > share.size())
    return {};
  std::vector<Cpu> own = share; // all cores before their second hyperthreads
  std::ranges::sort(own, {}, [&](const Cpu &cpu) {
    return std::tuple(siblingIndex(share, cpu), cpu.package, cpu.core);
  });
  std::vector<int> chosen;
  for (int thread = 0; thread < threads; ++thread)
    chosen.push_back(own[size_t(thread)].number);
  return chosen;
}

StatusOr<Binding> bindToCores(int ranks, int threads) {
  if (const char *name = boundByUser())
    return usageError("--bind=cores, but %s is set: use one of both", name);
  const std::vector<Cpu> cpus = allowedCpus();
  Binding binding;
  for (int rank = 0; rank < ranks; ++rank) {
    binding.push_back(chooseCpus(cpus, rank, ranks, threads));
    if (binding.back().empty())
      return usageError("--bind=cores needs a core for each of %d threads (%d "
                        "rank%s of %d), but this process may use %zu: set "
                        "OMP_NUM_THREADS",
                        ranks * threads, ranks, ranks == 1 ? "" : "s", threads,
                        cpus.size());
  }
  return binding;
}

Status bindTeam(const std::vector<int> &cpus) {
  struct Context {
    const std::vector<int> &cpus;
    std::atomic<int> error{0};
  } context{cpus};
  runTeam(
      [](void *opaque) {
        auto &c = *static_cast<Context *>(opaque);
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(c.cpus[size_t(teamIndex()) % c.cpus.size()], &set);
        if (sched_setaffinity(0, sizeof(set), &set) != 0)
          c.error.store(errno);
      },
      &context);
  if (const int error = context.error.load())
    return inputError("cannot bind threads to cores: %s; run with --bind=none",
                      std::strerror(error));
  return {};
}

std::string cpuList(std::vector<int> cpus) {
  std::ranges::sort(cpus);
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i + 1;
    while (end < cpus.size() && cpus[end] == cpus[end - 1] + 1)
      ++end;
    text += (text.empty() ? "" : ",") + std::to_string(cpus[i]);
    if (end - i > 1)
      text += "-" + std::to_string(cpus[end - 1]);
    i = end;
  }
  return text;
}

} // namespace ds::rt
