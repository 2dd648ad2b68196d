//===- Products.h - Which library computes a product --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_COST_PRODUCTS_H
#define DS_COST_PRODUCTS_H

#include "ds-rt/ProductRate.h"

#include <optional>
#include <vector>

namespace ds {

/// The library for `gemm`: the one with the largest share of the fastest
/// library's rate, over the measured shapes with its transposes, with a batch
/// or without, and of the nearest number of threads; nearer shapes, by the
/// logarithms of m, n and k, weigh more.  oneDNN's sgemm when nothing is known.
/// Only `gemm`'s type, sizes, steps between rows, transposes, batch and
/// threading count.  A pure function; the order of `rates` does not matter.
plan::GemmLibrary pickLibrary(const std::vector<plan::ProductRate> &rates,
                              const plan::GemmT &gemm, int threads);

/// What was measured of the library that `gemm` names at the nearest shape;
/// nothing when nothing is known of such products.  On a GPU, products of
/// float16 are as fast as those of bfloat16.
std::optional<plan::ProductRate>
nearestProduct(const std::vector<plan::ProductRate> &rates,
               const plan::GemmT &gemm, int threads);

/// Of a convolution, padding counted as if it were multiplied.
double flopsOf(const plan::ConvolutionT &convolution);

} // namespace ds

#endif // DS_COST_PRODUCTS_H
