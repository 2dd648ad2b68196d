//===- Reduce.cpp - Sums over ranks -------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tiles small enough for the nearest cache are accumulated over all sources
// before the next tile, so each source is read once and the sum is written
// once.  The inner loops are plain, for the compiler to vectorize.  Numbers of
// 16 bits add up in float32 and are rounded once.
//===--------------------------------------------------------------------===//
#include "comm/local/Reduce.h"
#include "backends/cpu/Threads.h"
#include "comm/local/Narrow.h"

#include <algorithm>
#include <cstring>

namespace ds::rt {
namespace {

constexpr uint64_t kTile = 2048;   // elements
constexpr uint64_t kGrain = 16384; // elements per thread, at least

struct Sum {
  template <typename T> static T apply(T a, T b) { return a + b; }
};
struct Max {
  /// A NaN on either side stays.
  template <typename T> static T apply(T a, T b) {
    return a > b || a != a ? a : b;
  }
};

template <typename Op, typename T>
void combine(T *out, const T *a, const T *b, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i)
    out[i] = Op::apply(a[i], b[i]);
}

template <typename T> void divide(T *out, uint64_t count, T divisor) {
  for (uint64_t i = 0; i < count; ++i)
    out[i] /= divisor;
}

template <typename Op, typename T>
void reduceTile(std::span<const std::byte *const> sources, std::byte *dst,
                uint64_t first, uint64_t count, bool mean) {
  T tile[kTile];
  T *out = reinterpret_cast<T *>(dst) + first;
  auto source = [&](size_t i) {
    return reinterpret_cast<const T *>(sources[i]) + first;
  };
  size_t n = sources.size();
  if (n == 1) {
    std::memmove(out, source(0), count * sizeof(T));
    return;
  }
  const T *sum = source(0);
  for (size_t i = 1; i < n; ++i) {
    T *to = i + 1 == n ? out : tile;
    combine<Op>(to, sum, source(i), count);
    sum = to;
  }
  if (mean)
    divide(out, count, static_cast<T>(n));
}

template <typename T>
void reduceTyped(plan::ReduceOp op, std::span<const std::byte *const> sources,
                 std::byte *dst, uint64_t count) {
  bool mean = op == plan::ReduceOp::mean;
  parallelRanges(count, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t at = begin; at < end; at += kTile) {
      uint64_t span = std::min(kTile, end - at);
      if (op == plan::ReduceOp::max)
        reduceTile<Max, T>(sources, dst, at, span, false);
      else
        reduceTile<Sum, T>(sources, dst, at, span, mean);
    }
  });
}

template <typename Op>
void reduceNarrow(const Narrow &type, std::span<const std::byte *const> sources,
                  std::byte *dst, uint64_t first, uint64_t count, bool mean) {
  float sum[kTile], next[kTile];
  auto *out = reinterpret_cast<uint16_t *>(dst) + first;
  auto source = [&](size_t i) {
    return reinterpret_cast<const uint16_t *>(sources[i]) + first;
  };
  size_t n = sources.size();
  if (n == 1) {
    std::memmove(out, source(0), count * sizeof(*out));
    return;
  }
  type.widen(source(0), sum, count);
  for (size_t i = 1; i < n; ++i) {
    type.widen(source(i), next, count);
    combine<Op>(sum, sum, next, count);
  }
  if (mean)
    divide(sum, count, static_cast<float>(n));
  type.round(sum, out, count);
}

void reduceNarrow(plan::DType dtype, plan::ReduceOp op,
                  std::span<const std::byte *const> sources, std::byte *dst,
                  uint64_t count) {
  const Narrow type = narrowOf(dtype);
  const bool mean = op == plan::ReduceOp::mean;
  parallelRanges(count, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t at = begin; at < end; at += kTile) {
      uint64_t span = std::min(kTile, end - at);
      if (op == plan::ReduceOp::max)
        reduceNarrow<Max>(type, sources, dst, at, span, false);
      else
        reduceNarrow<Sum>(type, sources, dst, at, span, mean);
    }
  });
}

} // namespace

void reduceArrays(plan::DType dtype, plan::ReduceOp op,
                  std::span<const std::byte *const> sources, std::byte *dst,
                  uint64_t count) {
  switch (dtype) {
  case plan::DType::f32:
    return reduceTyped<float>(op, sources, dst, count);
  case plan::DType::f64:
    return reduceTyped<double>(op, sources, dst, count);
  case plan::DType::bf16:
  case plan::DType::f16:
    return reduceNarrow(dtype, op, sources, dst, count);
  case plan::DType::i32:
    return reduceTyped<int32_t>(op, sources, dst, count);
  case plan::DType::i64:
    return reduceTyped<int64_t>(op, sources, dst, count);
  default:
    return; // canReduce() was asked when the plan was loaded
  }
}

} // namespace ds::rt
