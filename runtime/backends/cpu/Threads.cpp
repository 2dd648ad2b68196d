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
#include <unistd.h>
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

// ThreadSanitizer does not see how libgomp, which is not built with it, starts
// and joins a team: this says so, and no more than that.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define DSRT_TSAN 1
#endif
#endif
#ifdef DSRT_TSAN
#include <sanitizer/tsan_interface.h>
#define DSRT_RELEASE(address) __tsan_release(address)
#define DSRT_ACQUIRE(address) __tsan_acquire(address)
// BLIS starts teams of its own, which nobody can announce; of its
// uninstrumented code only memcpy and memset would be seen.
extern "C" const char *__tsan_default_suppressions() {
  return "called_from_lib:libblis.so\n";
}
#else
#define DSRT_RELEASE(address) (void)(address)
#define DSRT_ACQUIRE(address) (void)(address)
#endif

namespace ds::rt {
namespace {
int teamThreads = 1;

/// A parallel region: what came before it happens before each thread's part,
/// and each part before what comes after.
struct Region {
  void (*body)(void *);
  void *context;
  char started = 0, done = 0;
};

void runRegion(void *opaque) {
  auto &region = *static_cast<Region *>(opaque);
  DSRT_ACQUIRE(&region.started);
  region.body(region.context);
  DSRT_RELEASE(&region.done);
}
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

void restartWithShortSpin(char **argv) {
  if (std::getenv("GOMP_SPINCOUNT") || std::getenv("OMP_WAIT_POLICY"))
    return;
  // What libgomp itself takes when there are more threads than cores: some
  // microseconds, as long as one thread waits for another's last rows.
  if (setenv("GOMP_SPINCOUNT", "1000", /*overwrite=*/1) == 0)
    execv("/proc/self/exe", argv);
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
  Region region{body, context};
  DSRT_RELEASE(&region.started);
  GOMP_parallel(runRegion, &region, teamThreads, /*flags=*/0);
  DSRT_ACQUIRE(&region.done);
}

int teamIndex() { return omp_get_thread_num(); }
int teamSize() { return omp_get_num_threads(); }

} // namespace ds::rt
