//===- Threads.cpp - The one thread pool of a process -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// libgomp's entry points are declared by hand: clang has no omp.h for them,
// and -fopenmp under clang would bring a second OpenMP runtime in.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Threads.h"

#include <algorithm>
#include <cstdlib>
#include <sched.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

extern "C" {
void GOMP_parallel(void (*body)(void *), void *context, unsigned threads,
                   unsigned flags);
int omp_get_thread_num(void);
int omp_get_num_threads(void);
void omp_set_num_threads(int);
}

namespace ds::rt {
namespace {
int teamThreads = 1;
} // namespace

int availableCores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return 1;
  return std::max(1, CPU_COUNT(&set));
}

int defaultThreads(int localRanks) {
  if (const char *text = std::getenv("OMP_NUM_THREADS"))
    if (int count = std::atoi(text); count > 0)
      return std::min(count, 1024);
  return std::max(1, availableCores() / std::max(1, localRanks));
}

void setThreads(int count) {
  teamThreads = std::max(1, count);
  omp_set_num_threads(teamThreads);
}

void flushDenormals() {
#ifdef __x86_64__
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#endif
}

int threads() { return teamThreads; }

void runTeam(void (*body)(void *), void *context) {
  GOMP_parallel(body, context, teamThreads, /*flags=*/0);
}

int teamIndex() { return omp_get_thread_num(); }
int teamSize() { return omp_get_num_threads(); }

} // namespace ds::rt
