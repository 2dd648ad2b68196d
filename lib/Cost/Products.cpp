//===- Products.cpp - Which library computes a product ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The nearest measured shape decides: rates of one library change little from
// one size to the next, but much with the transposes.
//===--------------------------------------------------------------------===//

#include "ds/Cost/Products.h"

#include <algorithm>
#include <cmath>
#include <limits>
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

/// So is a step after which a row begins amid a cache line.
bool unaligned(const Leading &leading) {
  constexpr int64_t kLine = 64 / sizeof(float);
  return leading.a % kLine || leading.b % kLine || leading.c % kLine;
}

/// How far `rate` is from `gemm`; threads first, then sizes.
std::pair<double, double> distance(const ProductRate &rate,
                                   const plan::GemmT &gemm, int threads) {
  double sizes = square(logRatio(double(rate.m), double(gemm.m))) +
                 square(logRatio(double(rate.n), double(gemm.n))) +
                 square(logRatio(double(rate.k), double(gemm.k)));
  const Leading measured = leadingOf(rate), wanted = leadingOf(gemm);
  if (gemm.transpose_a && aliases(measured.a) != aliases(wanted.a))
    sizes += square(4);
  if (unaligned(measured) != unaligned(wanted))
    sizes += square(4);
  return {std::abs(logRatio(rate.threads, threads)), sizes};
}

/// Of the rows that `accept` lets pass, those nearest to `gemm`.
template <typename Accept>
ProductChoice nearest(const std::vector<ProductRate> &rates,
                      const plan::GemmT &gemm, int threads,
                      const Accept &accept) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::pair<double, double> best{kFar, kFar};
  ProductChoice choice;
  for (const ProductRate &rate : rates) {
    if (rate.transposeA != gemm.transpose_a ||
        rate.transposeB != gemm.transpose_b ||
        (rate.batch > 1) != inParallel(gemm) || !accept(rate))
      continue;
    auto far = distance(rate, gemm, threads);
    // Among equally near rows the fastest, whatever their order.
    if (far > best ||
        (far == best && std::tuple(-rate.gflops, rate.library) >
                            std::tuple(-choice.gflops, choice.library)))
      continue;
    best = far;
    choice = {rate.library, rate.gflops};
  }
  return choice;
}

} // namespace

ProductChoice pickProduct(const std::vector<ProductRate> &rates,
                          const plan::GemmT &gemm, int threads) {
  return nearest(rates, gemm, threads,
                 [](const ProductRate &) { return true; });
}

double productRate(const std::vector<ProductRate> &rates,
                   const plan::GemmT &gemm, int threads) {
  return nearest(rates, gemm, threads,
                 [&](const ProductRate &rate) {
                   return rate.library == gemm.library;
                 })
      .gflops;
}

} // namespace ds
