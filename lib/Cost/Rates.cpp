//===- Rates.cpp - Between what was measured ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Cost/Cost.h"
#include "ds/Cost/Products.h"

#include <algorithm>
#include <cmath>

namespace ds {

/// The value at `x` of a curve through points of growing `bytes`: straight
/// lines over the logarithm of bytes, constant outside.
template <typename Point, typename Value>
static double interpolate(const std::vector<Point> &points, double x,
                          Value value) {
  auto above = std::lower_bound(
      points.begin(), points.end(), x,
      [](const Point &point, double bytes) { return point.bytes < bytes; });
  if (above == points.begin())
    return value(points.front());
  if (above == points.end())
    return value(points.back());
  const Point &low = above[-1], &high = *above;
  double share = std::log(x / low.bytes) / std::log(high.bytes / low.bytes);
  return value(low) + share * (value(high) - value(low));
}

double Rates::productFlops(const plan::GemmT &gemm) const {
  const double gflops = productRate(products, gemm, threads);
  if (gflops > 0)
    return gflops * 1e9 * share;
  // Of which an instruction sums two.
  return gemm.dtype == plan::DType::bf16 ? 2 * gemmFlops : gemmFlops;
}

double Rates::memorySeconds(double bytes, double distance, MemoryUse use,
                            bool wholeTeam) const {
  const std::vector<Bandwidth> &curve = wholeTeam ? team : single;
  if (curve.empty() || bytes <= 0)
    return 0;
  // Between two rates their reciprocals are mixed: some bytes come from here,
  // the others from there.
  return bytes * interpolate(curve, distance, [&](const Bandwidth &point) {
           return 1 / (use == MemoryUse::Update    ? point.update
                       : use == MemoryUse::Strided ? point.strided
                                                   : point.read);
         });
}

double Rates::collectiveSeconds(plan::CollectiveKind kind, double bytes) const {
  auto found = collectives.find(kind);
  if (found == collectives.end() || found->second.empty())
    return 0;
  const std::vector<CollectiveTime> &curve = found->second;
  // Beyond the largest, time grows with the bytes.
  double beyond = std::max(1.0, bytes / curve.back().bytes);
  return beyond * interpolate(curve, bytes / beyond,
                              [](auto &point) { return point.seconds; });
}

} // namespace ds
