//===- Limits.cpp - How fast this machine could be ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Limits.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"

#include <algorithm>

namespace ds::rt {

double triadBandwidth(const Arena &arena) {
  constexpr uint64_t least = 64 << 10, most = 64 << 20, grain = 1 << 10;
  const uint64_t bytes = std::min(arena.bytes() / 3, most) / 64 * 64;
  if (bytes < least)
    return 0;
  const uint64_t count = bytes / sizeof(float);
  auto *a = reinterpret_cast<float *>(arena.data());
  float *b = a + count, *c = b + count;
  std::fill_n(a, 3 * count, 1.0f); // what is there may be slow to compute with
  double best = 1e300;
  const double start = monotonicSeconds();
  for (double now = start; now < start + 0.1;) {
    parallelRanges(count, grain, [&](uint64_t begin, uint64_t end) {
      for (uint64_t i = begin; i < end; ++i)
        a[i] = b[i] + 0.5f * c[i];
    });
    const double before = now;
    now = monotonicSeconds();
    best = std::min(best, now - before);
  }
  return 3.0 * double(bytes) / best;
}

Limits setLimits(std::vector<ProfileRow> &rows, double bandwidth) {
  Limits limits{0, bandwidth * 1e-9};
  for (const ProfileRow &row : rows)
    if (row.product && row.ms > 0)
      limits.gflops = std::max(limits.gflops, row.flops / row.ms * 1e-6);
  for (ProfileRow &row : rows) {
    if (limits.gflops > 0)
      row.limitMs = row.flops / limits.gflops * 1e-6;
    if (limits.gbps > 0)
      row.limitMs = std::max(row.limitMs, row.bytes / limits.gbps * 1e-6);
  }
  return limits;
}

} // namespace ds::rt
