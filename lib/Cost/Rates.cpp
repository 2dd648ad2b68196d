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

/// The share of a GPU that a product keeps busy.  Each multiprocessor computes
/// a tile of the result after the other; of the last round of tiles some have
/// none, and at the edges parts of tiles are in vain.
static double tileShare(double m, double n, double batch, int multiprocessors) {
  constexpr double kTile = 128;
  const double tiles = batch * std::ceil(m / kTile) * std::ceil(n / kTile);
  const double rounds = std::ceil(tiles / multiprocessors);
  return batch * m * n / (rounds * multiprocessors * kTile * kTile);
}

static double tileShare(const plan::GemmT &gemm, int multiprocessors) {
  double batch = 1;
  for (const plan::BatchDim &dim : gemm.batch)
    batch *= double(dim.size());
  return tileShare(double(gemm.m), double(gemm.n), batch, multiprocessors);
}

double Rates::productFlops(const plan::GemmT &gemm) const {
  if (const auto near = nearestProduct(products, gemm, threads)) {
    const double flops = near->gflops * 1e9 * share;
    if (!gpu)
      return flops;
    // One that leaves more of the GPU idle is slower than what was measured.
    const double measured = tileShare(double(near->m), double(near->n),
                                      double(near->batch), threads);
    return flops * std::min(1.0, tileShare(gemm, threads) / measured);
  }
  const bool narrow =
      gemm.dtype == plan::DType::bf16 || gemm.dtype == plan::DType::f16;
  // Of which an instruction sums two.
  const double flops = gemm.tf32         ? tf32Flops
                       : !narrow         ? gemmFlops
                       : narrowFlops > 0 ? narrowFlops
                                         : 2 * gemmFlops;
  return gpu ? flops * tileShare(gemm, threads) : flops;
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
                       : use == MemoryUse::Write   ? point.write
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
