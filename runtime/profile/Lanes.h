//===- Lanes.h - Loops compiled for what the CPU has --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime is built for any x86-64; what is measured must use the vectors
// that generated kernels use.  A loop is written once, as a class with
// `static void run(...)` over 64-byte vectors, and compiled three times.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_LANES_H
#define DS_RUNTIME_PROFILE_LANES_H

#include <cstdint>

namespace ds::rt {

constexpr int kLanes = 16;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float)),
                                   aligned(64), may_alias));
using IntLanes = int32_t __attribute__((vector_size(kLanes * sizeof(int32_t)),
                                        aligned(64), may_alias));

/// Of a class's `run`: it becomes a part of each of the three.
#define DSRT_INLINE inline __attribute__((always_inline))

template <typename Loop, typename... Args> void runDefault(Args... args) {
  Loop::run(args...);
}
#ifdef __x86_64__
template <typename Loop, typename... Args>
__attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,fma"))) void
runAvx512(Args... args) {
  Loop::run(args...);
}
template <typename Loop, typename... Args>
__attribute__((target("avx2,fma"))) void runAvx2(Args... args) {
  Loop::run(args...);
}
#endif

/// Runs `Loop` in the best version that this CPU has.
template <typename Loop, typename... Args> void runLanes(Args... args) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    return runAvx512<Loop>(args...);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return runAvx2<Loop>(args...);
#endif
  runDefault<Loop>(args...);
}

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_LANES_H
