//===- Products.cpp - Which library computes a product ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rates of one library change little from one size to the next, but much with
// the transposes.  So measured shapes have a say the nearer they are; one of
// them alone is too noisy to choose by.
//===--------------------------------------------------------------------===//

#include "ds/Cost/Products.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

namespace ds {
namespace {

using plan::ProductRate;

/// Products that run at once, one thread each, are measured as a batch.
bool inParallel(const plan::GemmT &gemm) {
  return gemm.threading == plan::GemmThreading::batch && !gemm.batch.empty();
}

double square(double value) { return value * value; }

double logRatio(double a, double b) { return std::log2(a / b); }

/// The steps between the rows of the three matrices.
struct Leading {
  int64_t a, b, c;
};

Leading leadingOf(const ProductRate &rate) {
  return {rate.transposeA ? rate.m : rate.k, rate.transposeB ? rate.k : rate.n,
          rate.n};
}

Leading leadingOf(const plan::GemmT &gemm) {
  return {int64_t(gemm.lda), int64_t(gemm.ldb), int64_t(gemm.ldc)};
}

/// A power of two as the step between rows is slow where caches alias: a
/// measurement of one says something of its like only.
bool aliases(int64_t leading) {
  return leading >= 1024 && (leading & (leading - 1)) == 0;
}

bool isOnGpu(const plan::GemmT &gemm) {
  return gemm.library == plan::GemmLibrary::cublaslt;
}

/// So is a step after which a row begins amid a cache line; and on a GPU one
/// after which it is not at a multiple of the 16 bytes that a thread loads at
/// once.
bool unaligned(const Leading &leading, const plan::GemmT &gemm) {
  const bool isNarrow =
      gemm.dtype == plan::DType::bf16 || gemm.dtype == plan::DType::f16;
  const int64_t bytes = isOnGpu(gemm) ? 16 : 64,
                width = isOnGpu(gemm) && isNarrow ? 2 : sizeof(float),
                result = gemm.f32_result ? sizeof(float) : width;
  return leading.a * width % bytes || leading.b * width % bytes ||
         leading.c * result % bytes;
}

double batchOf(const plan::GemmT &gemm) {
  double count = 1;
  for (const plan::BatchDim &dim : gemm.batch)
    count *= double(dim.size());
  return count;
}

bool isOfType(const ProductRate &rate, const plan::GemmT &gemm) {
  if (isOnGpu(gemm) && gemm.dtype == plan::DType::f16)
    return rate.dtype == plan::DType::bf16;
  return rate.dtype == gemm.dtype && rate.tf32 == gemm.tf32;
}

/// A product that says something of `gemm`.
bool isLike(const ProductRate &rate, const plan::GemmT &gemm) {
  const bool isBatch = isOnGpu(gemm) ? batchOf(gemm) > 1 : inParallel(gemm);
  return isOfType(rate, gemm) && rate.transposeA == gemm.transpose_a &&
         rate.transposeB == gemm.transpose_b && (rate.batch > 1) == isBatch;
}

double threadDistance(const ProductRate &rate, int threads) {
  return std::abs(logRatio(rate.threads, threads));
}

/// How far the shape of `rate` is from that of `gemm`.
double distance(const ProductRate &rate, const plan::GemmT &gemm) {
  double sizes = square(logRatio(double(rate.m), double(gemm.m))) +
                 square(logRatio(double(rate.n), double(gemm.n))) +
                 square(logRatio(double(rate.k), double(gemm.k)));
  if (isOnGpu(gemm)) // whose multiprocessors share a batch's products
    sizes += square(logRatio(double(rate.batch), batchOf(gemm)));
  const Leading measured = leadingOf(rate), wanted = leadingOf(gemm);
  if (!isOnGpu(gemm) && gemm.transpose_a &&
      aliases(measured.a) != aliases(wanted.a))
    sizes += square(8);
  if (unaligned(measured, gemm) != unaligned(wanted, gemm))
    sizes += square(8);
  return sizes;
}

/// The rows like `gemm` of the number of threads nearest to `threads`.
std::vector<ProductRate> likeRates(const std::vector<ProductRate> &rates,
                                   const plan::GemmT &gemm, int threads) {
  std::vector<ProductRate> like;
  double least = std::numeric_limits<double>::infinity();
  for (const ProductRate &rate : rates)
    if (isLike(rate, gemm))
      least = std::min(least, threadDistance(rate, threads));
  for (const ProductRate &rate : rates)
    if (isLike(rate, gemm) && threadDistance(rate, threads) == least)
      like.push_back(rate);
  return like;
}

auto shapeOf(const ProductRate &rate) {
  return std::tuple(rate.m, rate.n, rate.k, rate.batch, rate.threads);
}

} // namespace

plan::GemmLibrary pickLibrary(const std::vector<ProductRate> &rates,
                              const plan::GemmT &gemm, int threads) {
  const std::vector<ProductRate> like = likeRates(rates, gemm, threads);
  std::map<decltype(shapeOf(like.front())), double> best;
  for (const ProductRate &rate : like) {
    double &most = best[shapeOf(rate)];
    most = std::max(most, rate.gflops);
  }
  // A quarter is a size off by half: nearer shapes are as good as the same.
  constexpr double kNear = 0.25;
  std::map<plan::GemmLibrary, double> votes;
  for (const ProductRate &rate : like)
    votes[rate.library] +=
        rate.gflops / best[shapeOf(rate)] / (distance(rate, gemm) + kNear);
  plan::GemmLibrary library = plan::GemmLibrary::onednn_gemm;
  constexpr double kSame = 1e-9; // the order of `rates` does not matter
  double most = 0;
  for (auto [candidate, vote] : votes)
    if (vote > most * (1 + kSame)) {
      most = vote;
      library = candidate;
    }
  return library;
}

std::optional<ProductRate> nearestProduct(const std::vector<ProductRate> &rates,
                                          const plan::GemmT &gemm,
                                          int threads) {
  std::optional<ProductRate> nearest;
  auto rank = [&](const ProductRate &rate) {
    return std::pair(distance(rate, gemm), -rate.gflops);
  };
  for (const ProductRate &rate : likeRates(rates, gemm, threads))
    if (rate.library == gemm.library &&
        (!nearest || rank(rate) < rank(*nearest)))
      nearest = rate;
  return nearest;
}

double flopsOf(const plan::ConvolutionT &op) {
  double flops = 2.0 * double(op.batch) * double(op.groups) *
                 double(op.inputs) * double(op.outputs);
  for (const plan::ConvolutionDim &dim : op.dims)
    flops *= double(dim.kernel()) * double(dim.output());
  return flops;
}

} // namespace ds
