//===- Philox.h - Counter-based random numbers and normal quantiles -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The values of a parameter are a function of (seed, name, element): word
// i mod 4 of Philox4x32-10 at counter i / 4, u = (word + 0.5) * 2^-32, and
// for normals AS241's PPND16 in float64.  The .cpp is compiled without
// contraction, so that every machine (and numpy) makes the same bits.
// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011;
// Wichura, "Algorithm AS 241", Applied Statistics 37 (1988).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_PHILOX_H
#define DS_RUNTIME_EXEC_PHILOX_H

#include "ds-rt/Philox.h"

namespace ds::rt {

/// One stream: the key of a name and the seed of a run.
struct RandomStream {
  uint32_t key0, key1;
  uint64_t seed;
};

/// The stream of `seed` under `name`: key = the first 8 bytes of SHA-256(name).
RandomStream streamOf(const char *name, uint64_t seed);

/// Elements per call below, at most.
inline constexpr uint64_t kRandomBlock = 1024;

/// Writes u of the elements [first, first + count) of the stream;
/// count <= kRandomBlock.
void uniforms(const RandomStream &stream, uint64_t first, uint64_t count,
              double *out);

/// Writes standard normals likewise.
void normals(const RandomStream &stream, uint64_t first, uint64_t count,
             double *out);

/// The standard normal quantile of u in (0, 1), by AS241 (PPND16).
double normalQuantile(double u);

/// float32(mean + std * z) for `count` values, not contracted.
void scaleNormals(const double *z, uint64_t count, double mean, double std,
                  float *out);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_PHILOX_H
