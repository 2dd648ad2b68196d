//===- Arithmetic.cpp - How fast a core computes ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// On few numbers, which stay in the first-level cache, in the mix that kernels
// have.  What a loop of exponentials or divisions takes beyond its loads and
// stores is what they take.
//===--------------------------------------------------------------------===//
#include "base/Clock.h"
#include "profile/Lanes.h"
#include "profile/Parts.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace ds::rt {
namespace {

constexpr uint64_t kCount = 128;   ///< Vectors of each operand: 8 KiB.
constexpr uint64_t kRounds = 1000; ///< Some 100 us.

/// Six operations, two loads and a store.
struct Simple {
  static constexpr double kSimple = 9;
  static DSRT_INLINE void run(const Lanes *x, const Lanes *w, Lanes *y) {
    const Lanes shift = x[0];
    for (uint64_t i = 0; i < kCount; ++i) {
      const Lanes centred = x[i] - shift;
      const Lanes scaled = centred * 0.5f + shift;
      y[i] = (scaled > centred ? scaled : centred) * w[i] + centred;
    }
  }
};

/// Like lib/Codegen/ExpandMath.cpp; a subtraction, a load and a store more.
struct Exponential {
  static constexpr double kSimple = 3, kCounted = 1;
  static DSRT_INLINE void run(const Lanes *x, const Lanes *, Lanes *y) {
    const Lanes shift = x[0];
    for (uint64_t i = 0; i < kCount; ++i) {
      Lanes v = x[i] - shift;
      v = v > 89.0f ? Lanes{} + 89.0f : v;
      v = v < -87.3365f ? Lanes{} - 87.3365f : v;
      const Lanes shifted = v * 1.44269504f + 12583038.0f;
      const Lanes n = shifted - 12583038.0f;
      Lanes r = n * -0.693359375f + v;
      r = n * 2.1219444e-4f + r;
      Lanes p = r * 2.7673586e-3f + 1.6749714e-2f;
      p = p * r + 8.3336457e-2f;
      p = p * r + 3.3332839e-1f;
      p = p * r + 1.0f;
      p = p * r + 2.0f;
      p = p * r + 2.0f;
      y[i] = p * (Lanes)((IntLanes)shifted << 23);
    }
  }
};

/// Two quotients; two loads and a store more.
struct Division {
  static constexpr double kSimple = 4, kCounted = 2;
  static DSRT_INLINE void run(const Lanes *x, const Lanes *w, Lanes *y) {
    for (uint64_t i = 0; i < kCount; ++i)
      y[i] = w[i] / x[i] + x[i] / w[i];
  }
};

/// Rows of four vectors: a load and a sum for each element, and a row's sum.
struct Rows {
  static constexpr double kSimple = 2;
  static constexpr uint64_t kRow = 4;
  static DSRT_INLINE void run(const Lanes *x, const Lanes *, Lanes *y) {
    for (uint64_t row = 0; row < kCount; row += kRow) {
      Lanes sum{};
      for (uint64_t i = row; i < row + kRow; ++i)
        sum += x[i];
      float whole = 0;
      for (int lane = 0; lane < kLanes; ++lane)
        whole += sum[lane];
      y[row / kRow] = Lanes{} + 1.0f / whole;
    }
  }
};

template <typename Loop> struct Repeated {
  static DSRT_INLINE void run(const Lanes *x, const Lanes *w, Lanes *y) {
    for (uint64_t round = 0; round < kRounds; ++round) {
      Loop::run(x, w, y);
      asm volatile("" : : : "memory");
    }
  }
};

} // namespace

ArithmeticRate measureArithmetic(double seconds) {
  std::vector<Lanes> x(kCount), w(kCount), y(kCount);
  for (uint64_t i = 0; i < kCount; ++i)
    for (int lane = 0; lane < kLanes; ++lane) {
      x[i][lane] = 1.0f + 0.01f * float(i);
      w[i][lane] = 2.0f - 0.01f * float(lane);
    }
  double simple = 1e9, exponential = 1e9, division = 1e9, rows = 1e9;
  auto time = [&](double &best, auto loop) {
    const double before = monotonicSeconds();
    runLanes<Repeated<decltype(loop)>>(x.data(), w.data(), y.data());
    best = std::min(best, monotonicSeconds() - before);
  };
  const double end = monotonicSeconds() + seconds;
  for (int round = 0; round < 3 || monotonicSeconds() < end; ++round) {
    time(simple, Simple());
    time(exponential, Exponential());
    time(division, Division());
    time(rows, Rows());
  }
  constexpr double kElements = double(kCount) * kLanes * kRounds;
  const double one = simple / (kElements * Simple::kSimple); // seconds
  auto beyond = [&](double time, auto loop) {
    const double rest = time / kElements - loop.kSimple * one;
    // Out of order, loads may hide behind the rest.
    return loop.kCounted / std::max(rest, 0.5 * time / kElements) * 1e-9;
  };
  const double row = rows * Rows::kRow * kLanes / kElements -
                     Rows::kSimple * Rows::kRow * kLanes * one;
  return {1e-9 / one, beyond(exponential, Exponential()),
          beyond(division, Division()), std::max(row, 1e-10) * 1e9};
}

} // namespace ds::rt
