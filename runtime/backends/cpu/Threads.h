//===- Threads.h - The one thread pool of a process ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All loops run on the OpenMP pool that the vendor library itself links
// (libgomp), entered through its C ABI: so there is one pool whatever compiler
// builds the runtime.  Work is cut by position, never by who comes first, so
// results do not depend on timing.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_THREADS_H
#define DS_RUNTIME_BACKENDS_CPU_THREADS_H

#include <cstdint>

namespace ds::rt {

/// Cores this process may run on (its affinity mask).
int availableCores();

/// Threads of one of `localRanks` processes: OMP_NUM_THREADS if set, else an
/// even share of the cores, at least 1.
int defaultThreads(int localRanks);

/// How long idle threads spin before they sleep is libgomp's own setting, read
/// when it is loaded, and milliseconds long: a team of which one core is busy
/// with other work then takes twice as long and more.  So this starts the
/// program once more with a short spin, unless GOMP_SPINCOUNT or
/// OMP_WAIT_POLICY say what the user wants.  Call first in main; returns when
/// nothing is to be done, or when the restart fails.
void restartWithShortSpin(char **argv);

/// Sets the size of the team for this process, library calls included.
/// Call after fork and before the first parallel loop.
void setThreads(int count);
int threads();

/// Makes this thread, and the team it starts later, treat denormal numbers as
/// zero: activations that fade out cost up to 1.7 times otherwise, on values
/// below 1.2e-38.  NaN and infinity are not touched.
void flushDenormals();

/// Runs `body(context)` once on every thread of the team; sequential when the
/// caller is already inside a team.
void runTeam(void (*body)(void *), void *context);
int teamIndex();
int teamSize();

/// Calls `body(begin, end)` for disjoint ranges that cover [0, items), each
/// beginning at a multiple of `grain`, at most one per thread.
template <typename Body>
void parallelRanges(uint64_t items, uint64_t grain, const Body &body) {
  if (items == 0)
    return;
  uint64_t chunks = (items + grain - 1) / grain;
  if (chunks <= 1 || threads() == 1)
    return body(uint64_t{0}, items);
  struct Context {
    const Body *body;
    uint64_t items, grain, chunks;
  } context{&body, items, grain, chunks};
  runTeam(
      [](void *opaque) {
        auto &c = *static_cast<Context *>(opaque);
        uint64_t index = teamIndex(), size = teamSize();
        uint64_t begin = c.chunks * index / size * c.grain;
        uint64_t end = c.chunks * (index + 1) / size * c.grain;
        end = end < c.items ? end : c.items;
        if (begin < end)
          (*c.body)(begin, end);
      },
      &context);
}

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_THREADS_H
