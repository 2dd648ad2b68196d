//===- FastestProducts.cpp - Which algorithm is the fastest -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's first choice is a guess from shapes.  Which one is right is
// found out once and written into the plan, never at load: bits would depend
// on a clock.
//===--------------------------------------------------------------------===//
#include "backends/cuda/Products.h"
#include "backends/cuda/StopWatch.h"

#include <algorithm>
#include <limits>

namespace ds::rt::cuda {
namespace {

/// What is timed of each algorithm, after a run that is not.
constexpr int kMost = 8, kRounds = 3, kRuns = 4;

} // namespace

StatusOr<LtAlgorithm> Products::fastest(size_t index, const plan::Gemm &gemm,
                                        const std::string &what) const {
  Product product = products_[index];
  auto offered = offers(gemm, product, what, kMost);
  if (!offered.ok())
    return offered.status();
  StopWatch watch(device_);
  LtAlgorithm best = offered->front().algorithm;
  constexpr float kNever = std::numeric_limits<float>::infinity();
  float least = kNever;
  Status refused;
  for (const LtChoice &choice : *offered) {
    product.algorithm = choice.algorithm;
    // Not all that are offered run.
    refused = run(product, device_.stream(), what);
    if (refused.code() == Code::RankLost)
      return refused;
    if (!refused.ok())
      continue;
    for (int round = 0; round < kRounds; ++round) {
      float time = 0;
      Result result = watch.mark(0);
      for (int i = 0; i < kRuns && result == kSuccess; ++i)
        DS_RT_RETURN_IF_ERROR(run(product, device_.stream(), what));
      if (result == kSuccess)
        result = watch.mark(1);
      if (result == kSuccess)
        result = watch.read(time);
      if (result != kSuccess)
        return device_.error(result,
                             "cannot time " + what + " on " + device_.title());
      if (time < least) {
        least = time;
        best = choice.algorithm;
      }
    }
  }
  if (least == kNever)
    return refused;
  return best;
}

} // namespace ds::rt::cuda
